import { skimDhcp } from './skim-dhcp.ts';
import { skimSip } from './skim-sip.ts';
import type { Place, TraceKind, Whose } from './traced.ts';

/** Who is who on the box, now. Asked only while somebody traces. */
export interface Subjects {
  /** The line or phone that a name in a SIP address stands for: a service id, an extension. */
  userIs(user: string): Whose | undefined;
  /** The phone at an address of the LAN. */
  hostIs(host: string): Whose | undefined;
  /** Whose sound a session of the media process carries. */
  sessionIs(session: string): Whose | undefined;
}

/** Calls whose names are remembered: an INVITE tells whose call it is, a BYE hardly. */
const REMEMBERED = 512;

/** Finds out whom messages belong to. Remembers calls by their Call-ID, as many as fit. */
export class Attribution {
  readonly #subjects: Subjects;
  readonly #calls = new Map<string, Whose>();

  constructor(subjects: Subjects) {
    this.#subjects = subjects;
  }

  of(kind: Exclude<TraceKind, 'rtp'>, bytes: Uint8Array, remote: Place): Whose {
    switch (kind) {
      case 'sip':
        return this.#sip(bytes, remote);
      case 'dhcp': {
        const found = skimDhcp(bytes);
        return found === undefined ? {} : { phone: found.mac };
      }
      case 'mqtt':
        return {};
    }
  }

  ofSession(session: string): Whose {
    return this.#subjects.sessionIs(session) ?? {};
  }

  #sip(bytes: Uint8Array, remote: Place): Whose {
    const skim = skimSip(bytes);
    if (skim === undefined) return {};
    const users = [skim.requestUser, skim.fromUser, skim.toUser];
    const named = users.map((user) => (user === undefined ? undefined : this.#subjects.userIs(user)));
    const { callId } = skim;
    const known = callId === undefined ? undefined : this.#calls.get(callId);
    // The phone at the address is surer than a name in the message, which may be the other party's.
    const whose: Whose = {
      ...(this.#subjects.hostIs(remote.host) ?? named.find((each) => each !== undefined)),
      ...known,
      ...(skim.call === undefined ? {} : { call: skim.call }),
      ...(callId === undefined ? {} : { callId }),
    };
    if (callId !== undefined) this.#remember(callId, whose);
    return whose;
  }

  #remember(callId: string, whose: Whose): void {
    this.#calls.delete(callId);
    this.#calls.set(callId, whose);
    const [oldest] = this.#calls.keys();
    if (this.#calls.size > REMEMBERED && oldest !== undefined) this.#calls.delete(oldest);
  }
}
