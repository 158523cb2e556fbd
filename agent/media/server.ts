import { chmodSync, existsSync, unlinkSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { ToldLamps } from '../../hal/gpio/lamps.ts';
import type { Clock } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result, refuse, StartupError } from '../../lib/base/errors.ts';
import { JsonLineReader, jsonLine } from '../../lib/base/json-lines.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { LogLevel, LogLevelKeeper, LogLevelState } from '../../lib/base/log-level.ts';
import { parseRequest, requestId } from './command.ts';
import type { MediaEngine } from './engine.ts';
import { MEDIA_PROTOCOL, type MediaEvent, type MediaReply, type MediaRequest } from './protocol.ts';
import { sharedMode } from './shared-mode.ts';

/** Connections that may wait to say hello at once, and for how long. */
const CONNECTION_LIMIT = 8;
const HELLO_LIMIT_MS = 5_000;
/** An agent that does not read is let go at this point: it would have lost events, and finds the state in a snapshot. */
const OUTPUT_LIMIT_BYTES = 1_048_576;
/** An agent that is so far behind is told nothing that is only watched. */
const WATCHED_LIMIT_BYTES = 131_072;
/** Requests of one connection that wait for their turn. */
const REQUEST_LIMIT = 256;
/** Longest path of a unix socket on Linux. */
const PATH_LIMIT_BYTES = 107;

/** One agent's connection: a unix socket, or a simulated one. */
export interface AgentSocket {
  readonly destroyed: boolean;
  readonly writableLength: number;
  on(event: 'close', listener: () => void): unknown;
  on(event: 'data', listener: (chunk: Buffer) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  write(text: string | Uint8Array): unknown;
  end(): unknown;
  destroy(): unknown;
  destroySoon(): void;
}

/** Listens at `path` until what comes back is called. */
type Listen = (path: string, accept: (socket: AgentSocket) => void) => Promise<() => Promise<void>>;

export interface MediaServerOptions {
  readonly path: string;
  readonly engine: MediaEngine;
  readonly clock: Clock;
  readonly log: Logger;
  /** The level of the program's log, which the agent may change. */
  readonly logLevel?: LogLevelKeeper;
  /** Default: a unix socket. A {@link StartupError} says why that cannot be. */
  readonly listen?: Listen;
  /** Told when an agent has come, and when the last one has gone. */
  onAgent?(there: boolean): void;
  /** Told what the agent wants to be shown on the front. */
  onLamps?(told: ToldLamps): void;
}

/** The unix socket on which the agent commands. One agent at a time: a newer hello replaces the older agent. */
export class MediaServer {
  readonly #options: MediaServerOptions;
  readonly #connections = new Set<Connection>();
  #unlisten: (() => Promise<void>) | undefined;
  #agent: Connection | undefined;

  constructor(options: MediaServerOptions) {
    this.#options = options;
  }

  /** Listens. A {@link StartupError} says why that cannot be. */
  async start(): Promise<void> {
    const { path, listen = listenAt } = this.#options;
    this.#unlisten = await listen(path, (socket) => this.#accept(socket));
  }

  async stop(): Promise<void> {
    for (const connection of this.#connections) connection.end();
    const unlisten = this.#unlisten;
    this.#unlisten = undefined;
    await unlisten?.();
  }

  #accept(socket: AgentSocket): void {
    if (this.#connections.size >= CONNECTION_LIMIT) {
      socket.destroy();
      return;
    }
    const connection = new Connection(socket, this.#options.log, (request) =>
      this.#answer(connection, request),
    );
    this.#connections.add(connection);
    const hello = this.#options.clock.after(HELLO_LIMIT_MS, 'media hello', () => {
      if (this.#agent !== connection) connection.end();
    });
    socket.on('close', () => {
      hello.cancel();
      this.#connections.delete(connection);
      if (this.#agent !== connection) return;
      this.#agent = undefined;
      this.#options.engine.orphan();
      this.#options.onAgent?.(false);
      this.#options.log.warn({ code: 'media.agentLost' }, 'the agent is gone; calls go on');
    });
  }

  async #answer(connection: Connection, request: MediaRequest): Promise<Result<unknown>> {
    if (request.type === 'hello') return this.#hello(connection, request.protocol);
    if (this.#agent !== connection) {
      return refuse({ code: 'media.helloFirst', fault: 'caller', say: 'Say hello before anything else.' });
    }
    const { engine, logLevel } = this.#options;
    if (request.type === 'logLevel' && logLevel !== undefined) return ok(setLevel(logLevel, request.set));
    if (request.type === 'lamps') {
      this.#options.onLamps?.({ service: request.service, worst: request.worst });
      return ok(null);
    }
    return engine.execute(request);
  }

  #hello(connection: Connection, protocol: number): Result<unknown> {
    if (protocol !== MEDIA_PROTOCOL) {
      return refuse({
        code: 'media.protocol',
        fault: 'caller',
        say: `This media process speaks protocol ${MEDIA_PROTOCOL}, the agent ${protocol}: update both.`,
      });
    }
    const older = this.#agent;
    this.#agent = connection;
    if (older !== undefined && older !== connection) {
      older.tell({ event: 'warning', code: 'media.replaced', say: 'Another agent took over.' });
      older.end();
    }
    this.#options.log.info({ code: 'media.agent' }, 'an agent is there');
    this.#options.onAgent?.(true);
    return {
      ok: true,
      value: this.#options.engine.adopt(
        (event) => {
          if (this.#agent === connection) connection.tell(event);
        },
        () => connection.waitingBytes < WATCHED_LIMIT_BYTES,
      ),
    };
  }
}

/** One connection: requests in, one after the other, answers and events out, with limits both ways. */
class Connection {
  readonly #socket: AgentSocket;
  readonly #log: Logger;
  readonly #answer: (request: MediaRequest) => Promise<Result<unknown>>;
  #turn: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(socket: AgentSocket, log: Logger, answer: (request: MediaRequest) => Promise<Result<unknown>>) {
    this.#socket = socket;
    this.#log = log;
    this.#answer = answer;
    const reader = new JsonLineReader();
    socket.on('error', (error) => log.debug({ err: error }, 'media socket'));
    socket.on('data', (chunk) => {
      for (const line of reader.push(chunk)) {
        if (line.kind === 'value') this.#take(line.value);
        else this.#refuse(-1, notUnderstood(line.reason));
      }
    });
  }

  get waitingBytes(): number {
    return this.#socket.writableLength;
  }

  tell(value: MediaReply | MediaEvent): void {
    if (this.#socket.destroyed) return;
    if (this.#socket.writableLength > OUTPUT_LIMIT_BYTES) {
      this.#log.warn({ code: 'media.agentStuck' }, 'the agent does not read; it is let go');
      this.#socket.destroy();
      return;
    }
    this.#socket.write(jsonLine(value));
  }

  end(): void {
    this.#socket.end();
    this.#socket.destroySoon();
  }

  #take(value: unknown): void {
    const request = parseRequest(value);
    if (!request.ok) this.#refuse(requestId(value), request.error);
    else if (this.#waiting >= REQUEST_LIMIT) {
      const say = `${REQUEST_LIMIT} requests already wait.`;
      this.#refuse(request.value.id, { code: 'media.busy', fault: 'caller', say });
    } else {
      this.#waiting++;
      this.#turn = this.#turn.then(() => this.#carryOut(request.value));
    }
  }

  async #carryOut(request: MediaRequest): Promise<void> {
    const result = await this.#answer(request);
    this.#waiting--;
    if (result.ok) this.tell({ id: request.id, ok: true, value: result.value ?? null });
    else this.#refuse(request.id, result.error);
  }

  #refuse(id: number, error: CodedError): void {
    this.tell({ id, ok: false, code: error.code, say: error.say });
  }
}

/** Asks for the level, or sets it. */
function setLevel(
  keeper: LogLevelKeeper,
  set: { readonly level: LogLevel | null; readonly forMs: number } | undefined,
): LogLevelState {
  if (set === undefined) return keeper.state;
  return set.level === null ? keeper.reset() : keeper.set(set.level, set.forMs);
}

const listenAt: Listen = async (path, accept) => {
  if (Buffer.byteLength(path) > PATH_LIMIT_BYTES) {
    throw startupError(
      'media.socketPath',
      `The socket path is longer than ${PATH_LIMIT_BYTES} bytes: ${path}`,
    );
  }
  if (existsSync(path)) {
    if (await answers(path)) {
      throw startupError('media.socketInUse', `Another media process already serves ${path}; end it first.`);
    }
    unlinkSync(path);
  }
  const server = createServer(accept);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(startupError('media.socket', `The media socket ${path} cannot be made: ${error.message}`)),
    );
    server.listen(path, resolve);
  });
  chmodSync(path, sharedMode());
  return () => new Promise((resolve) => server.close(() => resolve()));
};

function notUnderstood(reason: 'notJson' | 'tooLong'): CodedError {
  const say = reason === 'notJson' ? 'A line was not JSON.' : 'A line was longer than 1 MiB.';
  return { code: 'media.badRequest', fault: 'caller', say };
}

function startupError(code: string, say: string): StartupError {
  return new StartupError({ code, fault: 'environment', say });
}

/** Whether somebody listens on the socket; a file left over from a crash does not answer. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
