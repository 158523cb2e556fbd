import type { BoardIdentity } from '../hal/board.ts';
import type { Clock, Timer } from '../lib/base/clock.ts';
import { type CodedError, unreachable } from '../lib/base/errors.ts';
import type { MediaClient, MediaEvent, MediaFigures, MediaSnapshot } from './media/index.ts';
import type { Health } from './ports.ts';
import type { AgentStatus } from './status.ts';

/** How often the media process is asked for its figures. */
const FIGURES_EVERY_MS = 5_000;

/** What a board that is up is no longer. `board.restarted` stays: the calls that it cost are not undone. */
const CLEARED_BY_UP = ['board.absent', 'board.silent', 'board.protocol', 'board.closed'] as const;

/** What is known of the board and of the media process, for status and health. Decides nothing. */
export class MediaView {
  readonly #health: Health;
  readonly #clock: Clock;
  #board: BoardIdentity | undefined;
  #say = 'the media process has not been reached yet';
  #figures: MediaFigures | undefined;
  #timer: Timer | undefined;

  constructor(health: Health, clock: Clock) {
    this.#health = health;
    this.#clock = clock;
  }

  connected(snapshot: MediaSnapshot): void {
    this.#health.clear('media.away');
    if (snapshot.board !== null) this.#up(snapshot.board);
    else this.#down(snapshot.boardDown?.code ?? 'board.absent', snapshot.boardDown?.say ?? 'no board yet');
  }

  lost(why: CodedError): void {
    this.#health.raise('media.away', why.say);
    this.#board = undefined;
    this.#figures = undefined;
    this.#say = why.say;
  }

  event(event: MediaEvent): void {
    switch (event.event) {
      case 'board':
        if (event.up) this.#up(event.board);
        else this.#down(event.code, event.say);
        break;
      case 'fault': {
        const code = `line.fault/${event.port}`;
        if (event.present) this.#health.raise(code, `Port ${event.port} reports ${event.fault}.`);
        else this.#health.clear(code);
        break;
      }
      case 'warning':
        this.#health.raise(event.code, event.say);
        break;
      case 'hook':
      case 'flash':
      case 'digit':
      case 'measured':
      case 'captured':
      case 'rtpSilent':
      case 'faxTone':
      case 'fax':
      case 'faxSilent':
      case 'traced':
        break;
      default:
        unreachable(event);
    }
  }

  /** Asks for figures now and every 5 s. */
  watch(client: MediaClient): void {
    const ask = async (): Promise<void> => {
      const answer = await client.request({ type: 'figures' });
      if (answer.ok) this.#figures = answer.value;
    };
    void ask();
    this.#timer = this.#clock.after(FIGURES_EVERY_MS, 'media figures', () => this.watch(client));
  }

  stop(): void {
    this.#timer?.cancel();
  }

  get board(): AgentStatus['board'] {
    return { up: this.#board !== undefined, identity: this.#board ?? null, say: this.#say };
  }

  get sessions(): number {
    return this.#figures?.sessions ?? 0;
  }

  get rssBytes(): number {
    return this.#figures?.rssBytes ?? 0;
  }

  #up(board: BoardIdentity): void {
    this.#board = board;
    this.#say = `${board.model}, firmware ${board.firmware}, ${board.ports} ports`;
    for (const code of CLEARED_BY_UP) this.#health.clear(code);
  }

  #down(code: string, say: string): void {
    this.#board = undefined;
    this.#say = say;
    this.#health.raise(code, say);
  }
}
