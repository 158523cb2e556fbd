import type { Session } from '../../../lib/voice/sip/api.ts';
import { LAN_HOST } from './box.ts';
import type { Net, Place } from './network.ts';
import { DESK } from './office.ts';
import { Party, type PartyCall } from './party.ts';
import type { World } from './world.ts';

const PLACE: Place = { host: '192.168.21.31', port: 5_060 };
const REGISTRAR = { transport: 'udp', host: LAN_HOST, port: 5_060 } as const;
/** Short, so that a box that forgot the phone knows it again soon. */
const EXPIRES_S = 60;

/** A desk phone on the LAN of the box: its own registration, its own tones, one call at a time. */
export class DeskPhone {
  registered = false;
  readonly #party: Party;

  constructor(world: World, net: Net) {
    this.#party = new Party(world, net, {
      ...{ who: 'desk', product: 'Grandstream GRP2612 1.0.5.48', place: PLACE, firstSoundPort: 11_000 },
      onInvite: (session) => this.#invited(session),
    });
  }

  get calls(): readonly PartyCall[] {
    return this.#party.calls;
  }

  async start(): Promise<void> {
    const { agent } = this.#party;
    await agent.start();
    const { extension: user, password } = DESK;
    agent.register({
      ...{ registrar: REGISTRAR, serverName: LAN_HOST, domain: LAN_HOST },
      ...{ credentials: { user, password }, expiresS: EXPIRES_S },
      onState: ({ at }) => {
        this.registered = at === 'registered';
      },
    });
  }

  stop(): Promise<void> {
    return this.#party.agent.stop();
  }

  /** The call that rings it now. */
  get ringing(): PartyCall | undefined {
    return this.calls.find(
      ({ direction, upMs, overMs }) => direction === 'in' && upMs === undefined && overMs === undefined,
    );
  }

  call(number: string): PartyCall {
    const { extension: user, password } = DESK;
    const there = `sip:${number}@${LAN_HOST}`;
    const from = { uri: `sip:${user}@${LAN_HOST}` };
    const credentials = { user, password };
    const options = { to: REGISTRAR, requestUri: there, toUri: there, from, credentials, noAnswerMs: 60_000 };
    return this.#party.invite(options, 'out', number);
  }

  #invited(session: Session): void {
    if (this.calls.some(({ overMs }) => overMs === undefined)) {
      session.reject(486);
      return;
    }
    session.progress(180);
    this.#party.take(session, 'in');
  }
}
