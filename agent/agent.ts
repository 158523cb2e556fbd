import type { Timer } from '../lib/base/clock.ts';
import type { Running } from '../lib/base/lifecycle.ts';
import type { AgentOptions } from './agent-options.ts';
import { whoseBox } from './identity-side.ts';
import { Rooms } from './rooms.ts';

export type { AgentOptions } from './agent-options.ts';

/** How often a box that nobody has claimed looks whether somebody has. */
const LOOK_EVERY_MS = 2_000;
/** After rooms that did not start under a new identity. */
const AGAIN_MS = 5_000;

/**
 * Puts the rooms of the agent together and starts them. The last good configuration is applied before any network, so
 * that the phones have dial tone whether the service is there or not. A box without an identity works without one, and takes up
 * the one that it is given.
 */
export async function startAgent(options: AgentOptions): Promise<Running> {
  const box = new Box(options);
  await box.start();
  return { stop: () => box.stop() };
}

/** The rooms of the box, under the identity that it has now. */
class Box {
  readonly #options: AgentOptions;
  #rooms: Running | undefined;
  #timer: Timer | undefined;
  #stopped = false;
  /** Nobody has claimed it as far as its rooms know. */
  #nameless = true;
  /** What is being put together or taken apart; one after the other. */
  #work: Promise<void> = Promise.resolve();

  constructor(options: AgentOptions) {
    this.#options = options;
  }

  /** Throws `StartupError` when the rooms cannot start. */
  async start(): Promise<void> {
    const whose = whoseBox(this.#options.state);
    this.#rooms = await new Rooms(this.#options, whose, () => this.#look()).start();
    this.#nameless = whose.identity.at !== 'claimed';
    if (this.#nameless && !this.#stopped) this.#later(LOOK_EVERY_MS, () => this.#look());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#work;
    await this.#rooms?.stop();
  }

  #look(): void {
    if (this.#stopped || !this.#nameless) return;
    if (whoseBox(this.#options.state).identity.at !== 'claimed') {
      this.#later(LOOK_EVERY_MS, () => this.#look());
      return;
    }
    this.#timer?.cancel();
    this.#nameless = false;
    this.#work = this.#work.then(() => this.#anew());
  }

  /** As at a restart of the program, without its end: calls inside the office keep their sound. */
  async #anew(): Promise<void> {
    if (this.#stopped) return;
    const { log, restart } = this.#options;
    log.warn({}, 'the box has an identity: its rooms start again under it');
    try {
      const before = this.#rooms;
      this.#rooms = undefined;
      await before?.stop();
      await this.start();
    } catch (error) {
      log.error({ err: error }, 'the rooms do not start under it');
      this.#nameless = true;
      // What has half begun is gone with the program.
      if (restart !== undefined) restart();
      else if (!this.#stopped) this.#later(AGAIN_MS, () => this.#look());
    }
  }

  #later(delayMs: number, run: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#options.clock.after(delayMs, 'identity', run);
  }
}
