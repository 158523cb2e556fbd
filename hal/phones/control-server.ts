import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '../../lib/base/clock.ts';
import { ok, type Result, refuse, StartupError } from '../../lib/base/errors.ts';
import { JsonLineReader, jsonLine } from '../../lib/base/json-lines.ts';
import type { Running } from '../../lib/base/lifecycle.ts';
import { type PhoneRequest, phoneRequest, type WaitRequest } from './control-protocol.ts';
import type { SimulatedPhone } from './phone.ts';
import type { PhoneState } from './phone-state.ts';

const CONNECTIONS_LIMIT = 16;
/** A client that does not read is cut off at this much unsent answer. */
const UNSENT_LIMIT_BYTES = 4_194_304;

/** Serves the control socket: JSON lines, answered in the order in which they finish; events to everybody. */
export async function serveControl(phone: SimulatedPhone, clock: Clock, path: string): Promise<Running> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const reader = new JsonLineReader();
    socket.on('data', (chunk: Buffer) => {
      for (const line of reader.push(chunk)) {
        if (line.kind === 'value') void serve(phone, clock, socket, line.value);
        else say(socket, { id: null, ok: false, code: 'control.badRequest', say: 'A line was not JSON.' });
      }
    });
  });
  server.maxConnections = CONNECTIONS_LIMIT;
  const silence = phone.onEvent((event) => {
    for (const socket of sockets) say(socket, event);
  });
  rmSync(path, { force: true });
  await listen(server, path);
  return {
    stop: async () => {
      silence();
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const text = `The control socket ${path} cannot be made (${error.message}). Check that its folder exists and may be written.`;
      reject(new StartupError({ code: 'phone.control', fault: 'environment', say: text }));
    });
    server.listen(path, resolve);
  });
}

async function serve(phone: SimulatedPhone, clock: Clock, socket: Socket, value: unknown): Promise<void> {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : null;
  const request = phoneRequest.safeParse(value);
  if (!request.success) {
    const text = request.error.issues[0]?.message ?? 'not a request';
    say(socket, { id, ok: false, code: 'control.badRequest', say: text });
    return;
  }
  try {
    const done = await carryOut(phone, clock, request.data);
    if (done.ok) say(socket, { id, ok: true, value: done.value });
    else say(socket, { id, ok: false, code: done.error.code, say: done.error.say });
  } catch (error) {
    say(socket, { id, ok: false, code: 'phone.failed', say: String(error) });
  }
}

function say(socket: Socket, message: unknown): void {
  if (!socket.writable) return;
  if (socket.writableLength > UNSENT_LIMIT_BYTES) socket.destroy();
  else socket.write(jsonLine(message));
}

async function carryOut(
  phone: SimulatedPhone,
  clock: Clock,
  request: PhoneRequest,
): Promise<Result<unknown>> {
  const { handset } = phone;
  switch (request.op) {
    case 'state':
      return ok(phone.state());
    case 'lift':
      return await handset.lift();
    case 'dial':
      return await handset.dial(request.to, request.account);
    case 'answer':
      return await handset.answer(request.call);
    case 'reject':
      return handset.reject(request.call);
    case 'hangUp':
      return handset.hangUp(request.call);
    case 'hold':
      return await handset.hold(request.call);
    case 'resume':
      return await handset.resume(request.call);
    case 'transfer':
      return await handset.transfer(request.to, request.call);
    case 'attend':
      return await handset.attend(request.to, request.call);
    case 'complete':
      return await handset.complete();
    case 'key':
      return await handset.key(request.n);
    case 'messages':
      return await handset.messages();
    case 'speak':
      phone.microphone.speak(request.hz, request.levelDbm0);
      return ok(null);
    case 'hear':
      return ok(await phone.receiver.hear(request.ms));
    case 'dtmf':
      return await handset.dtmf(request.digits);
    case 'heardDigits':
      return ok(handset.calls.findLast(({ over }) => !over)?.voice.digits.join('') ?? '');
    case 'phoneBook':
      return ok(phone.book.find(request.find));
    case 'reboot':
      phone.reboot();
      return ok(null);
    case 'factoryReset':
      phone.factoryReset();
      return ok(null);
    case 'wait':
      return await wait(phone, clock, request);
  }
}

/** Resolves with the state in which it is so; refuses, with what is, when it takes too long. */
function wait(phone: SimulatedPhone, clock: Clock, request: WaitRequest): Promise<Result<PhoneState>> {
  return new Promise((resolve) => {
    const limit = clock.after(request.timeoutMs, 'phone wait', () => {
      silence();
      const { stage, display } = phone.state();
      const text = `It was not ${request.until} within ${request.timeoutMs} ms; the phone is ${stage}: ${display.join(' / ')}`;
      resolve(refuse({ code: 'phone.timeout', fault: 'environment', say: text }));
    });
    const look = (): void => {
      const state = phone.state();
      if (!isSo(state, request)) return;
      limit.cancel();
      silence();
      resolve(ok(state));
    };
    const silence = phone.onEvent(() => queueMicrotask(look));
    look();
  });
}

/** Whether what is waited for is so. Pure. */
export function isSo(
  state: PhoneState,
  { until, key, lamp }: Pick<WaitRequest, 'until' | 'key' | 'lamp'>,
): boolean {
  const there = state.calls.filter((call) => call.state !== 'ended');
  switch (until) {
    case 'addressed':
      return state.address !== null;
    case 'fetched':
      return state.fetches.some(({ taken }) => taken);
    case 'registered':
      return state.accounts.some(({ registered }) => registered);
    case 'unregistered':
      return !state.accounts.some(({ registered }) => registered);
    case 'ringing':
    case 'ringback':
    case 'talking':
    case 'held':
      return there.some((call) => call.state === until);
    case 'heldByOther':
      return there.some(({ heldByOther }) => heldByOther);
    case 'idle':
      return there.length === 0;
    case 'messageWaiting':
      return state.messageWaiting;
    case 'noMessage':
      return !state.messageWaiting;
    case 'lamp':
      return state.keys.some((each) => each.key === key && each.lamp === lamp);
    case 'noLink':
      return !state.link;
  }
}
