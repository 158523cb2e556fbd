import type { Clock } from '../../lib/base/clock.ts';
import { ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { Running } from '../../lib/base/lifecycle.ts';
import { serveControlSocket } from '../control-socket.ts';
import { type PhoneRequest, phoneRequest, type WaitRequest } from './control-protocol.ts';
import type { SimulatedPhone } from './phone.ts';
import type { PhoneState } from './phone-state.ts';

/** Serves the control socket of a phone; its events go to everybody. */
export async function serveControl(phone: SimulatedPhone, clock: Clock, path: string): Promise<Running> {
  const control = await serveControlSocket({
    name: 'phone',
    path,
    answer: async (value) => {
      const request = phoneRequest.safeParse(value);
      if (request.success) return await carryOut(phone, clock, request.data);
      const say = request.error.issues[0]?.message ?? 'not a request';
      return refuse({ code: 'control.badRequest', fault: 'caller', say });
    },
  });
  const silence = phone.onEvent((event) => control.tell(event));
  return {
    stop: async () => {
      silence();
      await control.stop();
    },
  };
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
