import { connect } from 'node:net';
import type { Clock, Timer } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import { JsonLineReader, jsonLine } from '../../lib/base/json-lines.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { LogLevelState } from '../../lib/base/log-level.ts';
import {
  type CaptureBegun,
  MEDIA_PROTOCOL,
  type MediaCommand,
  type MediaEvent,
  type MediaFigures,
  type MediaSnapshot,
  type RtpFigures,
  type RtpOpened,
} from './protocol.ts';

/** A connection to the media process: a unix socket, or a simulated one. */
export interface MediaSocket {
  on(event: 'connect' | 'close', listener: () => void): unknown;
  on(event: 'data', listener: (chunk: Buffer) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  write(text: string | Uint8Array): unknown;
  destroy(error?: Error): unknown;
}

/** What a command is answered with. */
interface MediaValues {
  readonly hello: MediaSnapshot;
  readonly ring: null;
  readonly ringStop: null;
  readonly attach: null;
  readonly overlay: null;
  readonly sessionTone: null;
  readonly bridge: null;
  readonly lineSettings: null;
  readonly probe: null;
  readonly capture: CaptureBegun;
  readonly captureStop: null;
  readonly rtpOpen: RtpOpened;
  readonly rtpConnect: null;
  readonly dtmf: null;
  readonly rtpClose: RtpFigures;
  readonly rtpFigures: RtpFigures;
  readonly faxWatch: null;
  readonly faxMute: null;
  readonly faxOpen: null;
  readonly faxPassthrough: null;
  readonly faxClose: null;
  readonly measure: null;
  readonly logLevel: LogLevelState;
  readonly trace: null;
  readonly lamps: null;
  readonly figures: MediaFigures;
}

/** The answer to one command. */
export type MediaValue<Command extends MediaCommand> = MediaValues[Command['type']];

/** What the agent is told. `onConnected` comes first on every connection, `onLost` at most once after it. */
export interface MediaClientOptions {
  readonly socketPath: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Default: the unix socket of that name. */
  readonly connect?: ((path: string) => MediaSocket) | undefined;
  onConnected(snapshot: MediaSnapshot): void;
  onEvent(event: MediaEvent): void;
  /** The media process is gone or refuses us; the client goes on trying. */
  onLost(why: CodedError): void;
}

const REQUEST_TIMEOUT_MS = 5_000;
const PENDING_LIMIT = 256;
/** Asking a unix socket costs nothing, and who lifts a phone waits for it. */
const RETRY_FIRST_MS = 50;
const RETRY_LAST_MS = 200;
/** A media process that does not want us (another protocol, another agent) is asked less often. */
const RETRY_REFUSED_MS = 2_000;

interface Pending {
  readonly resolve: (result: Result<unknown>) => void;
  readonly timer: Timer;
}

type State =
  | { readonly at: 'stopped' }
  | { readonly at: 'waiting'; readonly timer: Timer }
  | { readonly at: 'connecting'; readonly socket: MediaSocket }
  | { readonly at: 'connected'; readonly socket: MediaSocket };

/**
 * The agent's end of the media socket. Connects, and connects again after every loss; a command is answered in any case:
 * by the media process, or by a refusal `media.notConnected`, `media.lost`, `media.timeout` or `media.busy`.
 */
export class MediaClient {
  readonly #options: MediaClientOptions;
  readonly #pending = new Map<number, Pending>();
  #state: State = { at: 'stopped' };
  #retryMs = RETRY_FIRST_MS;
  #nextId = 1;

  constructor(options: MediaClientOptions) {
    this.#options = options;
  }

  get connected(): boolean {
    return this.#state.at === 'connected';
  }

  start(): void {
    if (this.#state.at === 'stopped') this.#open();
  }

  /** Hangs up without a word; the media process keeps what it has. */
  stop(): void {
    const state = this.#state;
    this.#state = { at: 'stopped' };
    if (state.at === 'waiting') state.timer.cancel();
    else if (state.at !== 'stopped') state.socket.destroy();
    this.#refuseAll('media.lost', 'The media client was stopped.');
  }

  /** Sends a command and waits for its answer, at most 5 s. Never rejects. */
  request<Command extends MediaCommand>(command: Command): Promise<Result<MediaValue<Command>>> {
    if (this.#state.at !== 'connected') {
      return Promise.resolve(refused('media.notConnected', 'The media process is not connected.'));
    }
    // The media process is our own, of the same protocol version: its answer to a command has the type of the table.
    return this.#send(this.#state.socket, command) as Promise<Result<MediaValue<Command>>>;
  }

  #open(): void {
    const socket = (this.#options.connect ?? connect)(this.#options.socketPath);
    const reader = new JsonLineReader();
    let why = 'It closed the connection.';
    this.#state = { at: 'connecting', socket };
    socket.on('connect', () => void this.#greet(socket));
    socket.on('data', (chunk) => {
      for (const line of reader.push(chunk)) {
        if (line.kind === 'value') this.#take(line.value);
        else socket.destroy(new Error('It sent a line that is not JSON.'));
      }
    });
    socket.on('error', (error) => {
      why = error.message;
    });
    socket.on('close', () => this.#closed(socket, why));
  }

  async #greet(socket: MediaSocket): Promise<void> {
    const answer = await this.#send(socket, { type: 'hello', protocol: MEDIA_PROTOCOL });
    if (this.#state.at !== 'connecting' || this.#state.socket !== socket) return;
    if (!answer.ok) {
      this.#options.log.warn({ code: answer.error.code }, answer.error.say);
      this.#retryMs = RETRY_REFUSED_MS;
      this.#options.onLost(answer.error);
      socket.destroy();
    }
  }

  #send(socket: MediaSocket, command: MediaCommand): Promise<Result<unknown>> {
    if (this.#pending.size >= PENDING_LIMIT) {
      return Promise.resolve(refused('media.busy', `${PENDING_LIMIT} commands already wait for an answer.`));
    }
    const id = this.#nextId++;
    return new Promise((resolve) => {
      const timer = this.#options.clock.after(REQUEST_TIMEOUT_MS, `media ${command.type}`, () =>
        this.#settle(
          id,
          refused('media.timeout', `The media process did not answer ${command.type} in 5 s.`),
        ),
      );
      this.#pending.set(id, { resolve, timer });
      socket.write(jsonLine({ ...command, id }));
    });
  }

  #take(value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    if ('event' in value) {
      if (this.#state.at === 'connected') this.#options.onEvent(value as MediaEvent);
      return;
    }
    if (!('id' in value) || typeof value.id !== 'number') return;
    if ('ok' in value && value.ok === true && 'value' in value) {
      // The first answer of a connection is the snapshot: told at once, so that no event overtakes it.
      const first = this.#state.at === 'connecting' ? this.#state.socket : undefined;
      this.#settle(value.id, ok(value.value));
      if (first !== undefined) this.#welcome(first, value.value as MediaSnapshot);
      return;
    }
    const { code, say } = value as { code?: unknown; say?: unknown };
    this.#settle(
      value.id,
      refused(String(code ?? 'media.refused'), String(say ?? 'The media process refused.')),
    );
  }

  #welcome(socket: MediaSocket, snapshot: MediaSnapshot): void {
    this.#state = { at: 'connected', socket };
    this.#retryMs = RETRY_FIRST_MS;
    this.#options.onConnected(snapshot);
  }

  #closed(socket: MediaSocket, why: string): void {
    if (this.#state.at === 'stopped' || this.#state.at === 'waiting' || this.#state.socket !== socket) return;
    const wasConnected = this.#state.at === 'connected';
    const timer = this.#options.clock.after(this.#retryMs, 'media reconnect', () => this.#open());
    this.#state = { at: 'waiting', timer };
    this.#retryMs = Math.min(RETRY_LAST_MS, this.#retryMs * 2);
    const say = `The media process at ${this.#options.socketPath} is gone: ${why}`;
    this.#refuseAll('media.lost', say);
    if (wasConnected) this.#options.onLost({ code: 'media.lost', fault: 'environment', say });
  }

  #settle(id: number, result: Result<unknown>): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    pending.timer.cancel();
    pending.resolve(result);
  }

  #refuseAll(code: string, say: string): void {
    for (const id of [...this.#pending.keys()]) this.#settle(id, refused(code, say));
  }
}

function refused(code: string, say: string): Result<never> {
  return refuse({ code, fault: 'environment', say });
}
