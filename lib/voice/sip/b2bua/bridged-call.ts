import type { IncomingRefer, ReinviteOutcome, Session, SessionEvent, SipHeaders, SipReason } from '../api.ts';
import { parseReplaces, type ReferTarget } from '../dialog/replaces.ts';
import { type Heir, heirOffer, takeHeir } from './heir.ts';
import { type Bridge, type BridgeEffect, type BridgeInput, stepBridge } from './machine.ts';
import { hopsAfter, passOn } from './pass-on.ts';
import type { BridgeEnd } from './types.ts';
import {
  type BridgeFacts,
  type BridgeMedia,
  type BridgePlan,
  otherSide,
  type Refusal,
  type Side,
} from './types.ts';

type Offer = Extract<SessionEvent, { type: 'offer' }>;

/** An offer that crosses one of the peer's is made again so often. */
const RETRIES = 4;

/** What a call needs of the B2BUA that keeps it. */
export interface BridgeKeeper {
  /** From now on this leg is this call's. */
  keep(session: Session, call: BridgedCall): void;
  forget(session: Session): void;
  /** The call that a dialog of ours belongs to, and its side there. */
  find(replaces: string): { readonly call: BridgedCall; readonly side: Side } | undefined;
  transfer(call: BridgeFacts, side: Side, uri: string, referredBy: string | undefined): BridgePlan | Refusal;
  ended(call: BridgedCall, end: BridgeEnd): void;
}

/** Two legs as one call: feeds what they say into the machine and does what it answers. */
export class BridgedCall implements BridgeFacts {
  readonly #keeper: BridgeKeeper;
  readonly #media: BridgeMedia;
  readonly #sessions: { a: Session; b: Session | undefined };
  /** What each party has said of its audio last. */
  readonly #said: { a: string | undefined; b: string | undefined };
  #state: Bridge = { at: 'calling', shown: undefined };
  #heir: Heir<BridgedCall> | undefined;
  #refer: IncomingRefer | undefined;
  #offer: { readonly side: Side; readonly event: Offer; answer: string | undefined } | undefined;
  #early: string | undefined;
  /** Early media that the caller was shown; where it came reliably, the caller took it for the answer. */
  #shown: string | undefined;
  #realigned = false;
  /** What ended the first leg, for the other one. */
  #reason: SipReason | undefined;
  readonly #queue: BridgeInput[] = [];
  #busy = false;

  constructor(keeper: BridgeKeeper, media: BridgeMedia, caller: Session) {
    this.#keeper = keeper;
    this.#media = media;
    this.#sessions = { a: caller, b: undefined };
    this.#said = { a: caller.invite.sdp, b: undefined };
  }

  get a(): Session {
    return this.#sessions.a;
  }

  get b(): Session | undefined {
    return this.#sessions.b;
  }

  get state(): Bridge['at'] {
    return this.#state.at;
  }

  /** Calls the second leg, or refuses the first. */
  start(plan: BridgePlan): void {
    const { a } = this;
    const hops = hopsAfter(a.invite);
    const offer = a.invite.sdp === undefined ? undefined : this.#media.show('a', a.invite.sdp, 'offer');
    this.#keeper.keep(a, this);
    if (hops === undefined || (offer === undefined && a.invite.sdp !== undefined)) {
      this.#listen(a);
      this.#take({ type: 'failed', status: hops === undefined ? 483 : 488 });
      return;
    }
    const headers: SipHeaders = [...(plan.invite.headers ?? []), ...passOn(a.invite, plan.pass ?? [])];
    const sdp = offer === undefined ? {} : { sdp: offer };
    const b = plan.agent.invite({ ...plan.invite, headers, maxForwards: hops, ...sdp });
    this.#sessions.b = b;
    this.#keeper.keep(b, this);
    this.#listen(b);
    // What the caller may have said already (a CANCEL) comes now.
    this.#listen(a);
  }

  stop(): void {
    this.#take({ type: 'stop' });
  }

  sideOf(session: Session): Side | undefined {
    if (session === this.#sessions.a) return 'a';
    return session === this.#sessions.b ? 'b' : undefined;
  }

  /** The party at `side` sent a REFER. */
  referred(side: Side, refer: IncomingRefer, target: ReferTarget): void {
    const other = target.replaces === undefined ? undefined : this.#keeper.find(target.replaces);
    const plan =
      other === undefined ? this.#keeper.transfer(this, side, target.uri, refer.referredBy) : undefined;
    if (this.#refer !== undefined || this.#heir !== undefined || this.#state.at !== 'talking') {
      refer.refuse(491);
      return;
    }
    if (plan !== undefined && 'status' in plan) {
      refer.refuse(plan.status);
      return;
    }
    if (other !== undefined && (other.call === this || other.call.state !== 'talking')) {
      refer.refuse(481);
      return;
    }
    this.#refer = refer;
    refer.accept();
    refer.tell(100, false);
    if (plan !== undefined) {
      const replaces = target.replaces === undefined ? [] : [['Replaces', target.replaces] as const];
      this.#heir = { kind: 'called', plan, session: undefined, offer: undefined, headers: replaces };
      this.#take({ type: 'handOver', side, heir: 'called' });
    } else if (other !== undefined) {
      this.#heir = { kind: 'taken', from: other.call, leaver: other.side };
      this.#take({ type: 'handOver', side, heir: 'present' });
    }
  }

  /** Somebody came with a Replaces that names the leg at `side` (RFC 3891). */
  replacedBy(side: Side, session: Session): void {
    if (this.#heir !== undefined || session.invite.sdp === undefined) {
      session.reject(this.#heir === undefined ? 488 : 491);
      return;
    }
    this.#heir = { kind: 'came', session };
    this.#listen(session);
    this.#take({ type: 'handOver', side, heir: 'present' });
  }

  /** What the party at `side` says of its audio. */
  saidBy(side: Side): string | undefined {
    return this.#said[side];
  }

  /** Gives the party opposite to `leaver` away: the leaver is hung up on, and the call is over. */
  surrender(leaver: Side): Session | undefined {
    const given = this.#sessions[otherSide(leaver)];
    if (this.#state.at === 'over' || given === undefined) return undefined;
    this.#keeper.forget(given);
    this.#sessions[leaver]?.hangUp(this.#reason);
    this.#state = { at: 'over' };
    this.#finish({ answered: true, by: leaver, how: 'hungUp' });
    return given;
  }

  // --- what the legs say ---

  #listen(session: Session): void {
    session.listen((event) => this.#heard(session, event));
  }

  #heard(session: Session, event: SessionEvent): void {
    const side = this.sideOf(session);
    if (side !== undefined) this.#leg(side, event);
    else if (this.#heir?.kind !== 'taken' && this.#heir?.session === session) this.#heirSays(event);
    else if (event.type === 'offer') event.refuse(481);
  }

  #leg(side: Side, event: SessionEvent): void {
    switch (event.type) {
      case 'progress': {
        if (event.sdp !== undefined) this.#early = event.sdp;
        const early = event.sdp !== undefined && this.a.invite.sdp !== undefined;
        this.#take({ type: 'progress', status: event.status, early, branch: event.branch ?? '' });
        return;
      }
      case 'answered':
        this.#answered(side, event.sdp);
        return;
      case 'failed':
        this.#reason = event.reason;
        if (side === 'b' && this.#state.at === 'calling')
          this.#take({ type: 'failed', status: shownStatus(event.status) });
        else this.#take({ type: 'gone', side, how: 'lost' });
        return;
      case 'cancelled':
        this.#reason = event.reason;
        this.#take({ type: 'gone', side, how: 'cancelled' });
        return;
      case 'ended':
        this.#reason = event.reason;
        this.#take({ type: 'gone', side, how: event.by === 'lost' ? 'lost' : 'hungUp' });
        return;
      case 'offer':
        if (this.#offer === undefined) this.#offer = { side, event, answer: undefined };
        else if (this.#offer.event !== event) {
          event.refuse(491);
          return;
        }
        this.#take({ type: 'offer', side });
        return;
    }
  }

  #answered(side: Side, sdp: string | undefined): void {
    this.#said[side] = sdp ?? this.#said[side] ?? this.#early;
    const said = this.#said[side];
    if (side === 'a') {
      // The ACK brought the caller's answer to the callee's offer.
      const answer = said === undefined ? undefined : this.#media.show('a', said, 'answer');
      this.b?.acknowledge?.(answer ?? '');
      return;
    }
    const kind = this.a.invite.sdp === undefined ? 'offer' : 'answer';
    if (said === undefined || this.#media.show('b', said, kind) === undefined) {
      this.b?.hangUp({ cause: 65, text: 'No audio in common' });
      this.#take({ type: 'failed', status: 488 });
      return;
    }
    this.#take({ type: 'answered', branch: this.b?.dialogId?.()?.remoteTag ?? '' });
  }

  #heirSays(event: SessionEvent): void {
    const heir = this.#heir;
    switch (event.type) {
      case 'progress':
        this.#take({ type: 'heirProgress', status: event.status });
        return;
      case 'answered':
        if (heir?.kind === 'called') heir.offer = event.sdp;
        this.#take({ type: 'heirAnswered' });
        return;
      case 'failed':
        this.#take({ type: 'heirFailed', status: event.status });
        return;
      case 'cancelled':
      case 'ended':
        this.#take({ type: 'heirFailed', status: 487 });
        return;
      case 'offer':
        event.refuse(491);
        return;
    }
  }

  // --- the machine ---

  /** One at a time: what an effect brings about at once waits until the step is done. */
  #take(input: BridgeInput): void {
    this.#queue.push(input);
    if (this.#busy) return;
    this.#busy = true;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      const { state, effects } = stepBridge(this.#state, next);
      this.#state = state;
      for (const effect of effects) this.#do(effect);
    }
    this.#busy = false;
  }

  #do(effect: BridgeEffect): void {
    switch (effect.do) {
      case 'progress':
        this.#progress(effect.status, effect.early);
        return;
      case 'answer':
        this.#answer();
        return;
      case 'realign':
        this.#realign();
        return;
      case 'reject':
        this.a.reject(effect.status, this.#reason);
        return;
      case 'hangUp':
        this.#sessions[effect.side]?.hangUp(this.#reason);
        return;
      case 'passOffer':
        this.#passOffer(effect.side);
        return;
      case 'answerOffer':
      case 'refuseOffer':
        this.#settleOffer(effect);
        return;
      case 'callHeir':
        this.#callHeir();
        return;
      case 'join':
        this.#join();
        return;
      case 'seat':
        this.#seat(effect.side);
        return;
      case 'dropHeir':
        this.#dropHeir(effect.status);
        return;
      case 'tell':
        this.#refer?.tell(effect.status, effect.final);
        if (effect.final) this.#refer = undefined;
        return;
      case 'finish':
        this.#finish(effect.end);
        return;
    }
  }

  #progress(status: number, early: boolean): void {
    const sdp = early && this.#early !== undefined ? this.#media.show('b', this.#early, 'answer') : undefined;
    // Other provisional statuses (181, 182) say no more to the caller than that it rings.
    if (sdp !== undefined) this.#shown = this.#early;
    if (sdp === undefined) this.a.progress(status === 183 ? 183 : 180);
    else this.a.progress(status === 180 ? 180 : 183, sdp);
  }

  #answer(): void {
    const said = this.#said.b;
    const offered = this.a.invite.sdp;
    const sdp =
      said === undefined
        ? undefined
        : this.#media.show('b', said, offered === undefined ? 'offer' : 'answer');
    if (sdp === undefined) return;
    this.a.answer(sdp);
    if (this.#shown !== undefined && this.#shown !== said) this.#realign();
    // Somebody who took the ringing call has an INVITE of its own, which the caller's offer answers.
    const { b } = this;
    if (b?.direction === 'in' && offered !== undefined)
      b.answer(this.#media.show('a', offered, 'answer') ?? '');
  }

  /** The caller is offered what the callee has said last; once, whatever the reason. */
  #realign(): void {
    if (this.#realigned) return;
    this.#realigned = true;
    const offer = this.#said.b === undefined ? undefined : this.#media.show('b', this.#said.b, 'offer');
    if (offer !== undefined) this.a.reinvite(offer, () => undefined, { retries: RETRIES });
  }

  // --- offers ---

  #passOffer(side: Side): void {
    const other = this.#sessions[otherSide(side)];
    const pending = this.#offer;
    const offer = pending === undefined ? undefined : this.#media.show(side, pending.event.sdp, 'offer');
    if (other === undefined || pending === undefined || offer === undefined) {
      this.#take({ type: 'offerSettled', ok: false, status: 488 });
      return;
    }
    other.reinvite(offer, (outcome) => this.#passed(side, outcome));
  }

  #passed(side: Side, outcome: ReinviteOutcome): void {
    const pending = this.#offer;
    if (pending === undefined || pending.side !== side) return;
    const other = otherSide(side);
    const said = outcome.ok ? outcome.sdp : undefined;
    pending.answer = said === undefined ? undefined : this.#media.show(other, said, 'answer');
    const ok = pending.answer !== undefined;
    if (ok) {
      this.#said[side] = pending.event.sdp;
      this.#said[other] = said;
    }
    const glare = !outcome.ok && outcome.status === 491;
    this.#take({ type: 'offerSettled', ok, status: glare ? 491 : 488 });
  }

  #settleOffer(effect: Extract<BridgeEffect, { do: 'answerOffer' | 'refuseOffer' }>): void {
    const pending = this.#offer;
    if (pending === undefined) return;
    this.#offer = undefined;
    if (effect.do === 'answerOffer' && pending.answer !== undefined) pending.event.answer(pending.answer);
    else pending.event.refuse(effect.do === 'refuseOffer' ? effect.status : 488);
  }

  // --- handing over ---

  #callHeir(): void {
    const heir = this.#heir;
    if (heir?.kind !== 'called') return;
    const { agent, invite } = heir.plan;
    const by = this.#refer?.referredBy;
    const referred: SipHeaders = by === undefined ? [] : [['Referred-By', by]];
    // Without a description: the heir offers, whoever stays answers, and nothing has to be said twice (RFC 3725 §4.1).
    const session = agent.invite({
      ...invite,
      headers: [...(invite.headers ?? []), ...heir.headers, ...referred],
    });
    heir.session = session;
    this.#keeper.keep(session, this);
    this.#listen(session);
  }

  /** The one that stays is offered what the heir says. */
  #join(): void {
    const { leaver } = this.#state.at === 'handing' ? this.#state : { leaver: undefined };
    const heir = this.#heir;
    const said = heir === undefined ? undefined : heirOffer(heir);
    const offer =
      leaver === undefined || said === undefined ? undefined : this.#media.show(leaver, said, 'offer');
    const stays = leaver === undefined ? undefined : this.#sessions[otherSide(leaver)];
    if (heir === undefined || leaver === undefined || offer === undefined || stays === undefined) {
      this.#take({ type: 'joined', ok: false, status: 488 });
      return;
    }
    stays.reinvite(
      offer,
      (outcome) => {
        const answered = outcome.ok ? outcome.sdp : undefined;
        const answer =
          answered === undefined ? undefined : this.#media.show(otherSide(leaver), answered, 'answer');
        if (answer !== undefined) {
          this.#said[otherSide(leaver)] = answered;
          takeHeir(heir, answer, RETRIES);
        }
        const status = outcome.ok ? 488 : outcome.status;
        this.#take({ type: 'joined', ok: answer !== undefined, status });
      },
      { retries: RETRIES },
    );
  }

  #seat(side: Side): void {
    const heir = this.#heir;
    if (heir === undefined) return;
    this.#heir = undefined;
    const old = this.#sessions[side];
    if (old !== undefined) this.#keeper.forget(old);
    this.#said[side] = heirOffer(heir);
    const session = heir.kind === 'taken' ? heir.from.surrender(heir.leaver) : heir.session;
    if (session === undefined) {
      this.#take({ type: 'gone', side, how: 'lost' });
      return;
    }
    this.#sessions[side] = session;
    this.#keeper.keep(session, this);
    this.#listen(session);
  }

  #dropHeir(status: number): void {
    const heir = this.#heir;
    this.#heir = undefined;
    this.#refer?.tell(status, true);
    this.#refer = undefined;
    if (heir?.kind === 'came') heir.session.reject(status);
    else if (heir?.kind === 'called' && heir.session !== undefined) {
      this.#keeper.forget(heir.session);
      heir.session.hangUp();
    }
  }

  #finish(end: BridgeEnd): void {
    this.#settleOffer({ do: 'refuseOffer', side: 'a', status: 487 });
    this.#keeper.forget(this.a);
    if (this.b !== undefined) this.#keeper.forget(this.b);
    this.#media.close();
    this.#keeper.ended(this, end);
  }
}

/** What the caller is told of the callee's refusal: challenges and redirections of the other leg are no business of its. */
function shownStatus(status: number): number {
  if (status === 401 || status === 407) return 500;
  return status < 400 ? 480 : status;
}

/** Whether a Replaces names this leg, from our side. */
export function isNamedBy(session: Session, replaces: string): boolean {
  const named = parseReplaces(replaces);
  const own = session.dialogId?.();
  return (
    named !== undefined &&
    own !== undefined &&
    named.callId === own.callId &&
    named.localTag === own.localTag &&
    named.remoteTag === own.remoteTag
  );
}
