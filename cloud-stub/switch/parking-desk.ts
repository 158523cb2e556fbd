import type { Clock } from '../../lib/base/clock.ts';
import type { CallId, ServiceId } from '../../lib/base/ids.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { Random } from '../../lib/base/random.ts';
import type { Session } from '../../lib/voice/sip/api.ts';
import type { ParkPlan, TakePlan } from '../routing/types.ts';
import type { ActiveCall } from './active-call.ts';
import { writeEnd } from './book-writes.ts';
import { refuseCaller } from './call-reasons.ts';
import type { Refusal } from './call-types.ts';
import type { Parking } from './parking.ts';
import type { CallBook, SwitchCallStart } from './ports.ts';
import { type AudioDescription, writeAudio } from './session-description.ts';

/** What the desk needs of the switch. */
export interface ParkingDeskNeeds {
  readonly parking: Parking;
  call(id: CallId): ActiveCall | undefined;
  readonly book: CallBook;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly mediaHost: string;
  /** Work that is waited for before the switch stops. */
  follow(work: Promise<void>): void;
}

const GONE: Refusal = {
  status: 404,
  cause: 1,
  rule: 'switch.parkGone',
  say: 'somebody else was faster, or the call is over',
  end: 'refused',
};
const NO_CODEC: Refusal = {
  status: 488,
  cause: 65,
  rule: 'switch.noAudio',
  say: 'the parked party speaks no codec that was offered',
  end: 'refused',
};
const CANNOT_WRITE: Refusal = {
  status: 503,
  cause: 41,
  rule: 'switch.cannotOpen',
  say: 'the call could not be written down',
  end: 'interrupted',
};

/** Where nothing is sent. */
const DISCARD_PORT = 9;
/** Time for the answer and its ACK to pass each other before the farewell. */
const CONFIRMED_MS = 200;

/**
 * Calls that only put another one into a slot, or take it out of one [S0-081]. They have a row of their own in the book, which
 * costs nothing, hold no channel and have no relay: who takes a call sits down in the free place of it, and what is said there
 * is charged as the one call that it is.
 */
export class ParkingDesk {
  readonly #needs: ParkingDeskNeeds;
  readonly #open = new Set<CallId>();

  constructor(needs: ParkingDeskNeeds) {
    this.#needs = needs;
  }

  /** Rows of the book that are not closed. */
  open(): readonly CallId[] {
    return [...this.#open];
  }

  serve(
    session: Session,
    start: SwitchCallStart,
    plan: ParkPlan | TakePlan,
    offer: AudioDescription | undefined,
  ): void {
    const { follow, log } = this.#needs;
    const visit: Visit = { session, start, gone: false, answeredMs: null };
    // Until he sits down the session is ours to listen to.
    session.listen((event) => {
      if (event.type === 'cancelled' || event.type === 'ended' || event.type === 'failed') visit.gone = true;
      if (event.type === 'offer') event.refuse(491);
    });
    const work = this.#serve(visit, plan, offer).catch((error: unknown) => {
      log.error({ err: error, call: start.call }, 'cannot write a call to a slot');
      refuseCaller(session, 'out', CANNOT_WRITE);
      return this.#close(visit, CANNOT_WRITE.end, CANNOT_WRITE.say);
    });
    follow(work);
  }

  /** Written down before it is answered, as any call is; judged before, and once more when it is written. */
  async #serve(visit: Visit, plan: ParkPlan | TakePlan, offer: AudioDescription | undefined): Promise<void> {
    const { book, clock } = this.#needs;
    const { session, start } = visit;
    await book.begin(start);
    this.#open.add(start.call);
    let refusal = this.#judge(visit, plan, offer);
    if (refusal === undefined) {
      await book.answered(start.call, clock.now(), null);
      visit.answeredMs = clock.monotonicMs();
      refusal = this.#judge(visit, plan, offer) ?? this.#carryOut(visit, plan, offer);
    }
    if (refusal === undefined) return;
    if (!visit.gone) refuseCaller(session, 'out', refusal);
    await this.#close(visit, refusal.end, `${refusal.rule}; ${refusal.say}`);
  }

  #judge(
    { gone, start }: Visit,
    plan: ParkPlan | TakePlan,
    offer: AudioDescription | undefined,
  ): Refusal | undefined {
    const { call, parking } = this.#needs;
    const { id } = start;
    const active = call(plan.call);
    if (gone || active === undefined || id === null) return GONE;
    if (offer === undefined) return NO_CODEC;
    const parked = parking.at(plan.contract, plan.slot);
    const can =
      plan.verb === 'park' ? parked === undefined && active.isHeldBy(id) : parked?.call === plan.call;
    return can ? undefined : GONE;
  }

  #carryOut(
    visit: Visit,
    plan: ParkPlan | TakePlan,
    offer: AudioDescription | undefined,
  ): Refusal | undefined {
    const call = this.#needs.call(plan.call);
    const { id } = visit.start;
    if (call === undefined || id === null || offer === undefined) return GONE;
    return plan.verb === 'park'
      ? this.#park(visit, plan, { call, id, offer })
      : this.#take(visit, plan, call, id);
  }

  /** The caller is told by an answer without sound, and let go. */
  #park(
    visit: Visit,
    plan: ParkPlan,
    { call, id, offer }: { call: ActiveCall; id: ServiceId; offer: AudioDescription },
  ): Refusal | undefined {
    const { clock, follow, log, mediaHost, parking, random } = this.#needs;
    const { session } = visit;
    if (!call.park(id)) return GONE;
    parking.put(plan.contract, plan.slot, { call: plan.call, by: id });
    log.info({ event: 'call.parked', call: plan.call, slot: plan.slot, by: id }, 'call parked');
    const sessionId = random.bytes(4).readUInt32BE(0);
    const anchor = { host: mediaHost, port: DISCARD_PORT, sessionId, version: 1 };
    session.answer(writeAudio(offer, anchor, 'inactive'));
    clock.after(CONFIRMED_MS, 'call parked', () => {
      const text = `Parked in slot ${plan.slot}`;
      session.hangUp({ cause: 16, text });
      follow(this.#close(visit, 'answeredThenCalleeHungUp', text));
    });
    return undefined;
  }

  #take(visit: Visit, plan: TakePlan, call: ActiveCall, id: ServiceId): Refusal | undefined {
    const { follow, log } = this.#needs;
    const { session } = visit;
    const left = (): void =>
      follow(this.#close(visit, 'answeredThenCalleeHungUp', 'the call that was taken is over'));
    const answer = call.seat({ id, session, sdp: session.invite.sdp ?? '', left });
    if (answer === undefined) return NO_CODEC;
    session.answer(answer);
    log.info({ event: 'call.taken', call: plan.call, slot: plan.slot, by: id }, 'parked call taken');
    return undefined;
  }

  async #close(visit: Visit, end: Refusal['end'], because: string): Promise<void> {
    const { book, clock, log } = this.#needs;
    const { call } = visit.start;
    if (!this.#open.delete(call)) return;
    const talkMs = visit.answeredMs === null ? 0 : Math.round(clock.monotonicMs() - visit.answeredMs);
    await writeEnd({ book, clock, log }, call, { endedAt: clock.now(), talkMs, end, because });
  }
}

interface Visit {
  readonly session: Session;
  readonly start: SwitchCallStart;
  /** He has hung up before anything was done for him. */
  gone: boolean;
  answeredMs: number | null;
}
