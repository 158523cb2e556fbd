import type { Clock, Timer } from '../../lib/base/clock.ts';
import type { ServiceId } from '../../lib/base/ids.ts';
import type { Session, SessionEvent } from '../../lib/voice/sip/api.ts';
import type { CallMedia } from './call-media.ts';
import { REASONS } from './call-reasons.ts';
import type { Call, CallInput } from './call-types.ts';
import { RECALL_FOR_MS } from './parking.ts';

/** Somebody who takes a parked call: what he offers, and whom to tell when he is gone. */
export interface Guest {
  readonly id: ServiceId;
  readonly session: Session;
  readonly sdp: string;
  left(): void;
}

/** What the parking of a call needs of it. */
export interface CallParkingNeeds {
  readonly media: CallMedia;
  readonly clock: Clock;
  readonly call: () => Call;
  readonly reachable: (id: ServiceId) => boolean;
  /** Rings an ID that is to come back, and offers it that audio. */
  readonly ring: (id: ServiceId, sdp: string) => Session;
  /** A session takes the free place of the call. */
  readonly sit: (session: Session, id: ServiceId) => void;
  readonly feed: (input: CallInput) => void;
}

/** The free place of a parked call: who sits down in it, and who is rung to come back. [S0-081] */
export class CallParking {
  readonly #needs: CallParkingNeeds;
  /** Those who took the call from a slot, while they are here. */
  readonly #guests = new Map<Session, () => void>();
  #recall: Session | undefined;
  #limit: Timer | undefined;

  constructor(needs: CallParkingNeeds) {
    this.#needs = needs;
  }

  /** Gives a guest the free place; the answer for him, or undefined when nobody waits or they have no codec in common. */
  seat(guest: Guest): string | undefined {
    const { call, media, sit } = this.#needs;
    const side = freePlace(call());
    const answer = side === undefined ? undefined : media.seat(side, guest.sdp);
    if (answer === undefined) return undefined;
    this.#guests.set(guest.session, guest.left);
    this.callOff();
    sit(guest.session, guest.id);
    return answer;
  }

  /** Rings whoever parked the call. */
  ringBack(by: ServiceId): void {
    const { call, clock, media, reachable, ring } = this.#needs;
    const side = freePlace(call());
    if (side === undefined) return;
    if (!reachable(by)) {
      this.#failed();
      return;
    }
    const session = ring(by, media.again(side));
    this.#recall = session;
    this.#limit = clock.after(RECALL_FOR_MS, 'call recall', () => this.#failed());
    session.listen((event) => this.#onRecall(session, side, by, event));
  }

  /** Nobody needs to come back any more. */
  callOff(): void {
    this.#limit?.cancel();
    const session = this.#recall;
    this.#recall = undefined;
    session?.hangUp(REASONS.elsewhere);
  }

  /** A guest is gone, whoever hung up. */
  leaves(session: Session): void {
    const left = this.#guests.get(session);
    this.#guests.delete(session);
    left?.();
  }

  everybodyLeaves(): void {
    for (const guest of [...this.#guests.keys()]) this.leaves(guest);
  }

  #onRecall(session: Session, side: 'a' | 'b', by: ServiceId, event: SessionEvent): void {
    if (this.#recall !== session) {
      // His answer has crossed our word that nobody needs him any more.
      if (event.type === 'answered') session.hangUp(REASONS.elsewhere);
      return;
    }
    if (event.type === 'failed' || event.type === 'ended') this.#failed();
    if (event.type !== 'answered') return;
    if (!this.#needs.media.seated(side, event.sdp)) {
      this.#failed();
      return;
    }
    this.#recall = undefined;
    this.#limit?.cancel();
    this.#needs.sit(session, by);
  }

  #failed(): void {
    this.callOff();
    this.#needs.feed({ type: 'recallFailed' });
  }
}

/** The place that whoever parked the call has left. */
function freePlace(call: Call): 'a' | 'b' | undefined {
  if (call.at !== 'parked') return undefined;
  return call.waits === 'caller' ? 'b' : 'a';
}
