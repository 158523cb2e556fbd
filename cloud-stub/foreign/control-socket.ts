import { rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import type { z } from 'zod';
import { StartupError } from '../../lib/base/errors.ts';
import { JsonLineReader, jsonLine } from '../../lib/base/json-lines.ts';
import type { Logger } from '../../lib/base/log.ts';

/** What a simulator says to one request, without its id. */
export type ControlReply =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: string; readonly say: string };

/** The simulator behind a control socket. */
export interface Controlled<Request = unknown> {
  /** First part of its codes: `carrier`, `app`. */
  readonly name: string;
  /** What can be asked; anything else is `<name>.badRequest`. */
  readonly requests: z.ZodType<Request>;
  /** A request, id included; a rejection becomes `<name>.failed`. */
  answer(request: Request): Promise<ControlReply>;
  /** Events for every client, until the answer is called. */
  onEvent(listener: (event: unknown) => void): () => void;
}

/** A request that is refused. */
export function failed(code: string, say: string): ControlReply {
  return { ok: false, code, say };
}

const CONNECTION_LIMIT = 16;
/** A client that does not read is cut off at this much unsent answer. */
const UNSENT_LIMIT_BYTES = 4_194_304;

/** The control socket of a simulator: JSON lines over a unix socket, for the demo, the tests and a person with `socat`. */
export class ControlSocket {
  readonly #what: Controlled;
  readonly #log: Logger;
  readonly #connections = new Set<Socket>();
  #server: Server | undefined;

  constructor(what: Controlled, log: Logger) {
    this.#what = what;
    this.#log = log;
  }

  /** Listens at `path`; a socket file that a dead run left behind is replaced. */
  async start(path: string): Promise<void> {
    await rm(path, { force: true });
    const server = createServer((socket) => this.#accept(socket));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) =>
        reject(
          new StartupError({
            code: `${this.#what.name}.control`,
            fault: 'environment',
            say: `The ${this.#what.name} cannot open its control socket ${path} (${error.message}).`,
          }),
        ),
      );
      server.listen(path, resolve);
    });
    server.on('error', (error) => this.#log.warn({ err: error }, 'control socket'));
  }

  async stop(): Promise<void> {
    for (const socket of this.#connections) socket.destroy();
    const server = this.#server;
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    if (this.#connections.size >= CONNECTION_LIMIT) {
      socket.destroy();
      return;
    }
    this.#connections.add(socket);
    const reader = new JsonLineReader();
    const send = (value: unknown): void => {
      if (socket.destroyed) return;
      if (socket.writableLength > UNSENT_LIMIT_BYTES) socket.destroy();
      else socket.write(jsonLine(value));
    };
    const { name } = this.#what;
    const silence = this.#what.onEvent(send);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      silence();
      this.#connections.delete(socket);
    });
    socket.on('data', (chunk) => {
      for (const line of reader.push(chunk)) {
        if (line.kind === 'value') this.#serve(line.value, send);
        else
          send({ id: -1, ok: false, code: `${name}.badLine`, say: `A line was not taken: ${line.reason}.` });
      }
    });
  }

  #serve(value: unknown, send: (answer: unknown) => void): void {
    const id = idOf(value);
    const { name, requests } = this.#what;
    const request = requests.safeParse(value);
    if (!request.success) {
      const say = request.error.issues[0]?.message ?? 'not a request';
      send({ id, ...failed(`${name}.badRequest`, say) });
      return;
    }
    this.#what.answer(request.data).then(
      (answer) => send({ id, ...answer }),
      (error: unknown) => send({ id, ...failed(`${name}.failed`, String(error)) }),
    );
  }
}

function idOf(value: unknown): number {
  if (typeof value !== 'object' || value === null || !('id' in value)) return -1;
  return typeof value.id === 'number' ? value.id : -1;
}
