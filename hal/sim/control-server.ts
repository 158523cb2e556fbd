import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { ok, type Result, StartupError, unreachable } from '../../lib/base/errors.ts';
import { JsonLineReader, jsonLine } from '../../lib/base/json-lines.ts';
import type { Running } from '../../lib/base/lifecycle.ts';
import { type ControlRequest, parseControlRequest } from './control-protocol.ts';
import type { FaxDevice } from './fax-device.ts';
import type { FaxRequest } from './fax-requests.ts';
import type { LineRequest } from './line-requests.ts';
import type { Phone } from './phone.ts';
import type { SimulatedBoard } from './simulated-board.ts';

/** Connections at once. */
const CONNECTIONS_LIMIT = 16;

/**
 * Serves the control socket: JSON lines, requests `{id, op, …}` answered by `{id, ok:true, value}` or
 * `{id, ok:false, code, say}` in the order in which they finish, and `{event:'ring', port, on, atMs}` to everybody.
 */
export async function serveControl(board: SimulatedBoard, ports: number, path: string): Promise<Running> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const reader = new JsonLineReader();
    socket.on('data', (chunk: Buffer) => {
      for (const line of reader.push(chunk)) {
        if (line.kind === 'value') void serve(board, ports, socket, line.value);
        else answer(socket, { id: null, ok: false, code: 'control.badRequest', say: 'A line was not JSON.' });
      }
    });
  });
  server.maxConnections = CONNECTIONS_LIMIT;
  board.onRing((port, on, atMs) => {
    for (const socket of sockets) answer(socket, { event: 'ring', port, on, atMs });
  });
  rmSync(path, { force: true });
  await listen(server, path);
  return {
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const say = `The control socket ${path} cannot be made (${error.message}). Check that its folder exists and may be written.`;
      reject(new StartupError({ code: 'sim.control', fault: 'environment', say }));
    });
    server.listen(path, resolve);
  });
}

async function serve(board: SimulatedBoard, ports: number, socket: Socket, value: unknown): Promise<void> {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : null;
  const request = parseControlRequest(value, ports);
  if (!request.ok) {
    answer(socket, { id, ok: false, code: request.error.code, say: request.error.say });
    return;
  }
  const done = await carryOut(board, request.value);
  if (done.ok) answer(socket, { id, ok: true, value: done.value });
  else answer(socket, { id, ok: false, code: done.error.code, say: done.error.say });
}

function answer(socket: Socket, message: unknown): void {
  if (socket.writable) socket.write(jsonLine(message));
}

async function carryOut(board: SimulatedBoard, request: ControlRequest): Promise<Result<unknown>> {
  switch (request.op) {
    case 'state':
      return ok(board.state());
    case 'restart':
      board.restart();
      return ok(null);
    case 'vanish':
      board.vanish(request.ms);
      return ok(null);
    case 'garbage':
      board.garbage(request.bytes);
      return ok(null);
    case 'faxSend':
    case 'faxReceive':
    case 'faxResult':
    case 'faxStop': {
      const fax = board.fax(request.port);
      return fax === undefined ? ok(null) : await withFax(fax, request);
    }
    case 'display':
      return ok(board.display(request.port)?.state ?? null);
    case 'numberDisplay':
      board.display(request.port)?.switch(request.on);
      return ok(null);
    case 'lineFault':
      board.setFault(request.port, request.fault ?? undefined);
      return ok(null);
    default: {
      const phone = board.phone(request.port);
      return ok(phone === undefined ? null : await withPhone(phone, request));
    }
  }
}

async function withFax(fax: FaxDevice, request: FaxRequest): Promise<Result<unknown>> {
  switch (request.op) {
    case 'faxSend':
      return fax.send(request.order);
    case 'faxReceive':
      return fax.receive(request.order);
    case 'faxResult':
      return ok(await fax.whenOver(request.waitMs));
    case 'faxStop':
      fax.stop();
      return ok(null);
    default:
      return unreachable(request);
  }
}

type PhoneRequest = Exclude<Extract<ControlRequest, { port: number }>, FaxRequest | LineRequest>;

async function withPhone(phone: Phone, request: PhoneRequest): Promise<unknown> {
  switch (request.op) {
    case 'lift':
      phone.lift();
      return null;
    case 'hangUp':
      phone.hangUp();
      return null;
    case 'flash':
      await phone.flash(request.ms);
      return null;
    case 'dial':
      await phone.dial(request.digits, request.by);
      return null;
    case 'speak':
      phone.speak(request.hz === null ? undefined : { hz: request.hz, levelDbm0: request.levelDbm0 });
      return null;
    case 'hear': {
      const { levelDbm0, tones, windows } = await phone.hear(request.ms);
      return { levelDbm0, tones, windows };
    }
    case 'ringing':
      return { ringing: phone.ringing, history: phone.bellHistory };
    default:
      return unreachable(request);
  }
}
