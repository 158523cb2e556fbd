import type { Clock } from '../../lib/base/clock.ts';
import { type Controlled, type ControlReply, failed } from '../foreign/index.ts';
import { type CarrierCallState, type CarrierCallView, carrierCallStates } from './call-view.ts';
import type { Carrier } from './carrier.ts';
import { type ControlRequest, controlRequest } from './control-protocol.ts';

/** What the carrier's control socket can be asked. */
export class CarrierControlled implements Controlled<ControlRequest> {
  readonly name = 'carrier';
  readonly requests = controlRequest;
  readonly #carrier: Carrier;
  readonly #clock: Clock;

  constructor(carrier: Carrier, clock: Clock) {
    this.#carrier = carrier;
    this.#clock = clock;
  }

  onEvent(listener: (event: unknown) => void): () => void {
    return this.#carrier.onChange((view) => listener({ event: 'call', call: view }));
  }

  async answer(request: ControlRequest): Promise<ControlReply> {
    if (request.op === 'calls') return { ok: true, value: this.#carrier.calls() };
    if (request.op === 'call') {
      const { from, to, hz, origin } = request;
      const made = await this.#carrier.call({ from, to, hz, ...(origin === undefined ? {} : { origin }) });
      return made.ok
        ? { ok: true, value: { call: made.value.call } }
        : failed(made.error.code, made.error.say);
    }
    if (request.op === 'faxSend') return this.#faxSend(request);
    if (request.op === 'faxHabits') {
      this.#carrier.fax.set(request.number, request.habits);
      return { ok: true, value: null };
    }
    const view = this.#carrier.view(request.call);
    if (view === undefined) return failed('carrier.noCall', `There is no call ${request.call}.`);
    switch (request.op) {
      case 'state':
        return { ok: true, value: view };
      case 'hangUp':
        return { ok: true, value: { running: this.#carrier.hangUp(request.call) } };
      case 'hear': {
        const heard = await this.#carrier.hear(request.call, request.ms);
        return heard === undefined
          ? failed(
              'carrier.noAudio',
              `Call ${request.call} has no audio now: ${howItStands(this.#carrier.view(request.call) ?? view)}.`,
            )
          : { ok: true, value: heard };
      }
      case 'faxResult':
        return this.#faxResult(view, request.waitMs);
      case 'wait':
        return this.#wait(view, request.state, request.timeoutMs);
    }
  }

  async #faxSend(request: Extract<ControlRequest, { op: 'faxSend' }>): Promise<ControlReply> {
    const { from, to, origin, file, pages, resolution, habits } = request;
    const made = await this.#carrier.sendFax({
      from,
      to,
      file,
      pages,
      resolution,
      habits,
      ...(origin === undefined ? {} : { origin }),
    });
    return made.ok ? { ok: true, value: made.value } : failed(made.error.code, made.error.say);
  }

  /** Answers as soon as the call's fax is over, well or not, or the call is without one. */
  #faxResult(view: CarrierCallView, waitMs: number): Promise<ControlReply> {
    return new Promise((resolve) => {
      const settle = (answer: ControlReply): void => {
        timer.cancel();
        silence();
        resolve(answer);
      };
      const look = (now: CarrierCallView): void => {
        if (now.call !== view.call) return;
        if (now.fax !== undefined) settle({ ok: true, value: now.fax });
        else if (now.state === 'ended')
          settle(failed('carrier.noFax', `Call ${now.call} ended without a fax.`));
      };
      const timer = this.#clock.after(waitMs, 'carrier fax result', () =>
        settle(failed('carrier.timeout', `The fax of call ${view.call} was not over within ${waitMs} ms.`)),
      );
      const silence = this.#carrier.onChange(look);
      look(this.#carrier.view(view.call) ?? view);
    });
  }

  /** Answers as soon as the call has passed through `state`, or refuses when it can no longer do so in time. */
  #wait(view: CarrierCallView, state: CarrierCallState, timeoutMs: number): Promise<ControlReply> {
    return new Promise((resolve) => {
      const settle = (answer: ControlReply): void => {
        timer.cancel();
        silence();
        resolve(answer);
      };
      const look = (now: CarrierCallView): void => {
        if (now.call !== view.call) return;
        if (now.history.some((entry) => entry.state === state)) settle({ ok: true, value: now });
        else if (now.state === 'ended' || isPast(now.state, state)) {
          settle(failed('carrier.missed', `Call ${now.call} is ${now.state} and never was ${state}.`));
        }
      };
      const timer = this.#clock.after(timeoutMs, 'carrier wait', () =>
        settle(failed('carrier.timeout', `Call ${view.call} was not ${state} within ${timeoutMs} ms.`)),
      );
      const silence = this.#carrier.onChange(look);
      look(view);
    });
  }
}

/** State of a call in words, for whoever expected another. */
function howItStands({ state, endedBy, status, reason }: CarrierCallView): string {
  const end = [
    ...(endedBy === null ? [] : [`by the ${endedBy}`]),
    ...(status === null ? [] : [`with ${status}`]),
    ...(reason === null ? [] : [`for ${reason}`]),
  ];
  return ['it is', state, ...end].join(' ');
}

function isPast(now: CarrierCallState, wanted: CarrierCallState): boolean {
  return carrierCallStates.indexOf(now) > carrierCallStates.indexOf(wanted);
}
