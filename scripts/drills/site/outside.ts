import type { Session } from '../../../lib/voice/sip/api.ts';
import type { Net, Place } from './network.ts';
import { Party, type PartyCall } from './party.ts';
import type { World } from './world.ts';

/** The telephone network, and what answers there. */
export const CARRIER: Place = { host: '203.0.113.20', port: 5_060 };

/** Numbers outside, by how they behave. */
export const NUMBERS = {
  answers: '0355550150',
  answersLate: '0355550123',
  busy: '0355550199',
  ringsForEver: '0355550180',
} as const;

/** Everybody outside of the office, at the end of the trunk. */
export class Outside {
  readonly #party: Party;
  readonly #switch: Place;

  constructor(world: World, net: Net, cloud: Place) {
    this.#switch = cloud;
    this.#party = new Party(world, net, {
      ...{ who: 'outside', product: 'network', place: CARRIER, firstSoundPort: 30_000 },
      onInvite: (session) => this.#invited(session),
    });
  }

  get calls(): readonly PartyCall[] {
    return this.#party.calls;
  }

  start(): Promise<void> {
    return this.#party.agent.start();
  }

  stop(): Promise<void> {
    return this.#party.agent.stop();
  }

  get timers(): readonly string[] {
    return this.#party.program.timers;
  }

  /** Somebody is calling the office and has no answer yet. */
  get calling(): boolean {
    return this.calls.some(
      ({ direction, upMs, overMs }) => direction === 'in' && upMs === undefined && overMs === undefined,
    );
  }

  /** Somebody calls the office. */
  call(from: string, to: string): PartyCall {
    const there = `sip:${to}@${this.#switch.host}`;
    const caller = { uri: `sip:${from}@${CARRIER.host}` };
    const next = { transport: 'udp', ...this.#switch } as const;
    const options = { to: next, requestUri: there, toUri: there, from: caller, noAnswerMs: 60_000 };
    return this.#party.invite(options, 'in', to);
  }

  #invited(session: Session): void {
    const call = this.#party.take(session, 'out');
    switch (call.number) {
      case NUMBERS.busy:
        session.reject(486);
        call.close('is busy');
        return;
      case NUMBERS.answers:
        call.answer();
        return;
      case NUMBERS.answersLate:
        session.progress(180);
        this.#party.program.after(1_000, 'answer', call.answer);
        return;
      default:
        session.progress(180);
    }
  }
}
