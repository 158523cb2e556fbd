import { ok, type Result, unreachable } from '../../lib/base/errors.ts';
import type { Running } from '../../lib/base/lifecycle.ts';
import { serveControlSocket } from '../control-socket.ts';
import { type ControlRequest, parseControlRequest } from './control-protocol.ts';
import type { FaxDevice } from './fax-device.ts';
import type { FaxRequest } from './fax-requests.ts';
import type { LineRequest } from './line-requests.ts';
import type { Phone } from './phone.ts';
import type { SimulatedBoard } from './simulated-board.ts';

/** Serves the control socket of a simulated board, and `{event:'ring', port, on, atMs}` to everybody. */
export async function serveControl(board: SimulatedBoard, ports: number, path: string): Promise<Running> {
  const control = await serveControlSocket({
    name: 'sim',
    path,
    answer: async (value) => {
      const request = parseControlRequest(value, ports);
      return request.ok ? await carryOut(board, request.value) : request;
    },
  });
  board.onRing((port, on, atMs) => control.tell({ event: 'ring', port, on, atMs }));
  return control;
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
