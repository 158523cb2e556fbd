import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { type Result, StartupError } from '../lib/base/errors.ts';
import { JsonLineReader, jsonLine } from '../lib/base/json-lines.ts';
import type { Running } from '../lib/base/lifecycle.ts';

/** Connections at once. */
const CONNECTIONS_LIMIT = 16;
/** A client that does not read is cut off at this much unsent answer. */
const UNSENT_LIMIT_BYTES = 4_194_304;

/** What is served on a control socket. */
export interface ControlSocketOptions {
  /** Begins the codes of what this shell itself refuses: `phone.control`, `phone.failed`. */
  readonly name: 'phone' | 'sim';
  /** Of the unix socket; what an earlier run left there is removed. */
  readonly path: string;
  /** Checks and carries out one request. */
  readonly answer: (value: unknown) => Promise<Result<unknown>>;
}

/** A control socket that is open. */
export interface ControlSocket extends Running {
  /** One event to everybody who is connected. */
  tell(event: unknown): void;
}

/**
 * Serves the control socket of a simulated device: JSON lines, requests `{id, op, …}` answered by `{id, ok:true, value}` or
 * `{id, ok:false, code, say}` in the order in which they finish. Throws a {@link StartupError} `<name>.control` where the
 * socket cannot be made.
 */
export async function serveControlSocket(options: ControlSocketOptions): Promise<ControlSocket> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const reader = new JsonLineReader();
    socket.on('data', (chunk: Buffer) => {
      for (const line of reader.push(chunk)) {
        if (line.kind === 'value') void serve(options, socket, line.value);
        else say(socket, { id: null, ok: false, code: 'control.badRequest', say: 'A line was not JSON.' });
      }
    });
  });
  server.maxConnections = CONNECTIONS_LIMIT;
  rmSync(options.path, { force: true });
  await listen(server, options);
  return {
    tell: (event) => {
      for (const socket of sockets) say(socket, event);
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function listen(server: Server, { name, path }: ControlSocketOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const text = `The control socket ${path} cannot be made (${error.message}). Check that its folder exists and may be written.`;
      reject(new StartupError({ code: `${name}.control`, fault: 'environment', say: text }));
    });
    server.listen(path, resolve);
  });
}

async function serve({ name, answer }: ControlSocketOptions, socket: Socket, value: unknown): Promise<void> {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : null;
  try {
    const done = await answer(value);
    if (done.ok) say(socket, { id, ok: true, value: done.value });
    else say(socket, { id, ok: false, code: done.error.code, say: done.error.say });
  } catch (error) {
    say(socket, { id, ok: false, code: `${name}.failed`, say: String(error) });
  }
}

function say(socket: Socket, message: unknown): void {
  if (!socket.writable) return;
  if (socket.writableLength > UNSENT_LIMIT_BYTES) socket.destroy();
  else socket.write(jsonLine(message));
}
