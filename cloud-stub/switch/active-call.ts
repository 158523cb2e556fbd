import type { Timer } from '../../lib/base/clock.ts';
import { unreachable } from '../../lib/base/errors.ts';
import type { ServiceId } from '../../lib/base/ids.ts';
import type { Session, SessionEvent } from '../../lib/voice/sip/api.ts';
import type { Relay } from '../media/index.ts';
import { type Authorise, ask } from './authorise.ts';
import { within, writeEnd } from './book-writes.ts';
import type { CallContext } from './call-context.ts';
import { newCall, step } from './call-machine.ts';
import { CallMedia } from './call-media.ts';
import { CallOffers } from './call-offers.ts';
import { CallParking, type Guest } from './call-parking.ts';
import { boxesOf, holdsFrom, isSilent } from './call-places.ts';
import { REASONS, reasonFor, refuseCaller } from './call-reasons.ts';
import { CallSounds } from './call-sounds.ts';
import type {
  Call,
  CallEffect,
  CallInput,
  CallSetup,
  CallTimer,
  DropReason,
  LegTarget,
  OfferPlan,
} from './call-types.ts';
import { endOfFailure, LEG_ENDS, legStartOf } from './leg-facts.ts';
import { LegRecords } from './leg-records.ts';
import type { Authorisation, SwitchCallEnd, SwitchCallStart, SwitchLegStart } from './ports.ts';
import { type AudioDescription, readAudio } from './session-description.ts';
import type { SilenceProbe } from './silence-probe.ts';

/** A book that takes longer fails the call: nobody waits that long with a receiver in hand. */
const BOOK_LIMIT_MS = 8_000;

/**
 * One call: feeds what happens into the pure machine and carries out what it says. The order of the machine's effects
 * is the order of writing (decision 10): nobody rings before `begin` is on disk, no 200 goes to the caller before
 * `answered` is.
 */
export class ActiveCall {
  readonly start: SwitchCallStart;
  readonly #context: CallContext;
  /** Who called, or sits in that place now. */
  #caller: Session;
  #callerId: ServiceId | null;
  readonly #sessions = new Map<number, Session>();
  readonly #media: CallMedia;
  readonly #offers: CallOffers;
  readonly #parking: CallParking;
  readonly #sounds: CallSounds;
  readonly #legs: LegRecords;
  readonly #timers = new Map<string, Timer>();
  #call: Call;
  /** The caller has our 200, from a leg or from a prompt. */
  #connected = false;
  #recorded = false;
  #begun: Promise<void> = Promise.resolve();
  #settled: Promise<void> = Promise.resolve();
  #askedForCall: Promise<Authorisation> | undefined;

  constructor(
    context: CallContext,
    start: SwitchCallStart,
    setup: CallSetup,
    caller: Session,
    offer: AudioDescription,
  ) {
    this.#context = context;
    this.start = start;
    this.#call = newCall(setup);
    this.#caller = caller;
    this.#callerId = start.id;
    this.#legs = new LegRecords(context, start.call);
    this.#media = new CallMedia(context.mediaHost, context.random, context.clock, offer);
    this.#offers = new CallOffers({
      media: this.#media,
      session: (side) => (side === 'a' ? this.#caller : this.#winner()),
      talking: () => this.#call.at === 'talking' || this.#call.at === 'parked',
    });
    this.#sounds = new CallSounds({
      call: start.call,
      media: this.#media,
      log: context.log,
      recording: context.recording,
      open: () => {
        if (!this.#connected) this.#caller.progress(183, this.#media.ownAnswer());
      },
      played: () => this.#take({ type: 'played' }),
    });
    this.#parking = new CallParking({
      media: this.#media,
      clock: context.clock,
      call: () => this.#call,
      reachable: (id) => context.reachable(id),
      ring: (id, sdp) => context.recall(this, id, sdp),
      sit: (session, id) => this.#sit(session, id),
      feed: (input) => this.#take(input),
    });
  }

  /** Resolves when the record is closed, or given up. */
  get settled(): Promise<void> {
    return this.#settled;
  }

  /** True while the call has a row in the book that is not closed. */
  get recorded(): boolean {
    return this.#recorded;
  }

  get state(): Call['at'] {
    return this.#call.at;
  }

  get relay(): Relay | undefined {
    return this.#media.relay;
  }

  /** Writes the record and opens the audio ports; goes on by itself. */
  begin(): void {
    this.#listen(this.#caller);
    const opening = this.#open().catch((error: unknown): CallInput => {
      this.#context.log.error({ err: error, call: this.start.call }, 'cannot open a call');
      return { type: 'openFailed', say: 'the call could not be written down' };
    });
    this.#settled = opening.then((input) => this.#take(input));
  }

  /** Ends the call because the switch stops. */
  stop(): void {
    this.#take({ type: 'stop' });
  }

  /** Ends the call because an emergency call needs its channel (decision 11). */
  preempt(): void {
    this.#take({ type: 'preempted' });
  }

  /**
   * Ends a call from which no audio comes any more, or whose box is gone: silent, and no longer registered or without memory
   * of it. The far end of such a call may play for ever, and the office would pay for it. Looked at about once a second.
   */
  checkAudio(limitMs: number, reachable: (id: ServiceId) => boolean, probe: SilenceProbe): void {
    const nowMs = this.#context.clock.monotonicMs();
    const seated = this.#seated();
    const end = (): void => this.#take({ type: 'silent' });
    if (isSilent(seated, { limitMs, nowMs, reachable })) {
      end();
      return;
    }
    const boxes = boxesOf(seated, (side) => this.#sessionAt(side));
    probe.look(boxes, end);
  }

  #sessionAt(side: 'a' | 'b'): Session | undefined {
    if (side === 'a') return this.#caller;
    return 'winner' in this.#call ? this.#sessions.get(this.#call.winner) : undefined;
  }

  #seated() {
    return { call: this.#call, callerId: this.#callerId, media: this.#media };
  }

  /** Whether an ID has this call on hold. */
  isHeldBy(id: ServiceId): boolean {
    return holdsFrom(this.#seated(), id) !== undefined;
  }

  /** Puts the party that an ID holds into a slot, and lets the ID go. False when it holds nobody. [S0-081] */
  park(by: ServiceId): boolean {
    const side = holdsFrom(this.#seated(), by);
    if (side === undefined) return false;
    const session = side === 'a' ? this.#caller : this.#winner();
    this.#take({ type: 'parked', who: side === 'a' ? 'caller' : 'leg', by });
    if (session !== undefined) this.#parking.leaves(session);
    return true;
  }

  /** Gives a guest the free place of this call; the answer for him, where he can have it. */
  seat(guest: Guest): string | undefined {
    return this.#parking.seat(guest);
  }

  #sit(session: Session, id: ServiceId): void {
    const call = this.#call;
    if (call.at !== 'parked') return;
    if (call.waits === 'leg') {
      this.#caller = session;
      this.#callerId = id;
    } else this.#sessions.set(call.legs.length, session);
    this.#listen(session);
    this.#context.unparked(this);
    this.#take({ type: 'taken', by: id });
  }

  /** What a party does counts for the place in which it sits now; one that has left is not heard any more. */
  #listen(session: Session): void {
    session.listen((event) => {
      if (session === this.#caller) return this.#onCaller(event);
      for (const [leg, each] of this.#sessions) if (each === session) return this.#onLeg(leg, event);
    });
  }

  #winner(): Session | undefined {
    return this.#call.at === 'talking' ? this.#sessions.get(this.#call.winner) : undefined;
  }

  async #open(): Promise<CallInput> {
    const { book, clock } = this.#context;
    this.#begun = book.begin(this.start).then(() => {
      this.#recorded = true;
    });
    const [begun, relay] = await Promise.allSettled([
      within(clock, BOOK_LIMIT_MS, this.#begun),
      this.#context.openRelay(),
    ]);
    if (relay.status === 'fulfilled' && relay.value.ok) this.#media.open(relay.value.value);
    if (begun.status === 'rejected') throw begun.reason;
    if (relay.status === 'rejected') throw relay.reason;
    return relay.value.ok ? { type: 'opened' } : { type: 'openFailed', say: relay.value.say };
  }

  #take(input: CallInput): void {
    const { clock, reachable, channelFree } = this.#context;
    const { contract } = this.start;
    const around = { channelFree: contract === null || channelFree(contract), reachable };
    const { call, effects } = step(this.#call, input, clock.monotonicMs(), around);
    this.#call = call;
    this.#noteEnd(input);
    for (const effect of effects) this.#run(effect);
  }

  /** A leg that ended by itself is closed at once, with its own time. */
  #noteEnd(input: CallInput): void {
    if (input.type === 'failed') {
      this.#legs.ended(input.leg + 1, endOfFailure(input.status), `status ${input.status}`);
    } else if (input.type === 'legEnded') {
      const end = input.by === 'peer' ? 'answeredThenCalleeHungUp' : 'interrupted';
      this.#legs.ended(input.leg + 1, end, input.by === 'peer' ? 'the called party hung up' : 'lost');
    }
  }

  #run(effect: CallEffect): void {
    switch (effect.do) {
      case 'invite':
        this.#invite(effect.leg, effect.target);
        return;
      case 'progress':
        this.#progress(effect.earlyMediaOf);
        return;
      case 'drop':
        this.#drop(effect.leg, effect.why);
        return;
      case 'write':
        this.#write(effect.leg);
        return;
      case 'answer':
        this.#answer(effect.leg);
        return;
      case 'play':
        this.#sounds.play(effect.sound);
        return;
      case 'guide':
        this.#sounds.guide(effect.guidance);
        return;
      case 'refuse':
        refuseCaller(this.#caller, this.start.direction, effect.refusal);
        return;
      case 'dropCaller':
        this.#sounds.hush();
        this.#caller.hangUp(reasonFor(effect.why, effect.cause));
        return;
      case 'recall':
        this.#parking.ringBack(effect.by);
        return;
      case 'callOff':
        this.#parking.callOff();
        return;
      case 'channel':
        this.#context.channel(this, effect.take);
        return;
      case 'arm':
        this.#arm(effect.timer, effect.afterMs);
        return;
      case 'disarm':
        for (const timer of this.#timers.values()) timer.cancel();
        this.#timers.clear();
        return;
      case 'finish':
        this.#finish(effect);
        return;
      default:
        unreachable(effect);
    }
  }

  #arm(timer: CallTimer, afterMs: number): void {
    this.#timers.get(timer)?.cancel();
    const armed = this.#context.clock.after(afterMs, `call ${timer}`, () => this.#take({ type: timer }));
    this.#timers.set(timer, armed);
  }

  /** A leg that costs money is asked about first; meanwhile it counts as being tried. */
  #invite(leg: number, target: LegTarget): void {
    const call = this.#call;
    if (call.at !== 'offering') return;
    const { plan } = call;
    const { authorise, clock, device, log } = this.#context;
    const start = legStartOf(this.start, leg, plan, target, clock.now(), device);
    const emergency = plan.verb === 'network' && plan.emergency;
    const free = target.kind === 'member' && this.start.decision.tollFree === undefined;
    if (authorise === undefined || free || emergency) {
      this.#send(leg, plan, target);
      this.#legs.begin(start);
      return;
    }
    this.#ask(authorise, start)
      .then((answer) => this.#judged(leg, plan, target, start, answer))
      .catch((error: unknown) => log.error({ err: error, call: this.start.call }, 'cannot send a leg'));
  }

  /** Legs that cost what the call costs are asked about once for all of them: a ring group is one question. [S2-019] */
  #ask(authorise: Authorise, leg: SwitchLegStart): Promise<Authorisation> {
    const request = { start: this.start, leg };
    if (leg.kind !== 'member') return ask(this.#context, authorise, request);
    this.#askedForCall ??= ask(this.#context, authorise, request);
    return this.#askedForCall;
  }

  #judged(
    leg: number,
    plan: OfferPlan,
    target: LegTarget,
    start: SwitchLegStart,
    answer: Authorisation,
  ): void {
    const now = this.#call;
    if (now.at !== 'offering' || now.legs[leg]?.at !== 'trying') return;
    if (answer.verdict === 'granted') {
      this.#send(leg, plan, target);
      this.#legs.begin(start);
      return;
    }
    const { rule, say } = answer;
    const { log } = this.#context;
    log.info({ event: 'leg.refused', call: this.start.call, leg: leg + 1, rule, say }, 'leg refused');
    this.#take({ type: 'failed', leg, status: 403, cause: 21, refusal: { rule, say } });
  }

  #send(leg: number, plan: OfferPlan, target: LegTarget): void {
    const session = this.#context.invite(
      this,
      plan,
      target,
      this.#media.offerToCallee(target.kind === 'member'),
    );
    this.#sessions.set(leg, session);
    this.#listen(session);
  }

  #drop(leg: number, why: DropReason): void {
    this.#sessions.get(leg)?.hangUp(REASONS[why]);
    const end = LEG_ENDS[why];
    if (end !== undefined) this.#legs.ended(leg + 1, end, REASONS[why].text);
  }

  #progress(leg: number | null): void {
    const early = leg === null ? undefined : this.#media.answerToCaller(leg);
    if (early === undefined) this.#caller.progress(180);
    else this.#caller.progress(183, early);
  }

  #write(leg: number | null): void {
    const { clock, log } = this.#context;
    const written = leg === null ? this.#writeCall(null) : this.#writeLeg(leg);
    this.#settled = within(clock, BOOK_LIMIT_MS, written).then(
      () => this.#take({ type: 'written' }),
      (error: unknown) => {
        log.error({ err: error, call: this.start.call }, 'cannot write an answer');
        this.#take({ type: 'writeFailed', say: 'the book refused' });
      },
    );
  }

  /** The leg first, then the call, unless a prompt has answered it already. */
  async #writeLeg(leg: number): Promise<void> {
    const target = this.#call.at === 'answering' ? this.#call.legs[leg]?.target : undefined;
    await this.#legs.answered(leg + 1);
    if (this.#connected) return;
    // The record of a call out belongs to the ID that calls, also when it rings a device of the same office.
    const inward = this.start.direction === 'in' && target?.kind === 'member';
    await this.#writeCall(inward ? target.id : null);
  }

  #writeCall(id: ServiceId | null): Promise<void> {
    const { book, clock, device } = this.#context;
    const by = id === null ? null : { id, device: device(id) ?? 'adapter' };
    return book.answered(this.start.call, clock.now(), by);
  }

  #answer(leg: number | null): void {
    if (leg !== null && this.#connected) {
      this.#sounds.hush();
      this.#media.choose(leg);
      return;
    }
    const sdp = leg === null ? this.#media.ownAnswer() : this.#media.answerToCaller(leg);
    this.#connected = true;
    this.#sounds.hush();
    if (sdp !== undefined) this.#caller.answer(sdp);
  }

  #onCaller(event: SessionEvent): void {
    switch (event.type) {
      case 'cancelled':
        this.#take({ type: 'callerCancelled' });
        return;
      case 'ended':
        this.#take({ type: 'callerEnded', by: event.by });
        return;
      case 'failed':
        this.#take({ type: 'callerEnded', by: 'lost' });
        return;
      case 'offer':
        this.#offers.take('a', event);
        return;
      case 'progress':
      case 'answered':
        return;
      default:
        unreachable(event);
    }
  }

  #onLeg(leg: number, event: SessionEvent): void {
    switch (event.type) {
      case 'progress': {
        const audio = readAudio(event.sdp);
        if (audio !== undefined) this.#media.heardFrom(leg, audio);
        this.#take({ type: 'progress', leg, status: event.status, earlyMedia: audio !== undefined });
        return;
      }
      case 'answered':
        this.#answered(leg, event.sdp);
        return;
      case 'failed':
        this.#take({ type: 'failed', leg, status: event.status, cause: event.reason?.cause });
        return;
      case 'ended':
        this.#take({ type: 'legEnded', leg, by: event.by });
        return;
      case 'offer':
        if (this.#call.at === 'talking' && this.#call.winner !== leg) event.refuse(481);
        else this.#offers.take('b', event);
        return;
      case 'cancelled':
        return;
      default:
        unreachable(event);
    }
  }

  /** An answer whose audio cannot be relayed is no answer. */
  #answered(leg: number, sdp: string | undefined): void {
    const audio = readAudio(sdp);
    if (audio !== undefined) this.#media.heardFrom(leg, audio);
    if (this.#media.hasAnswerOf(leg)) {
      this.#take({ type: 'answered', leg });
      if (this.#call.at === 'answering' && this.#call.winner === leg) this.#media.choose(leg);
      return;
    }
    this.#sessions.get(leg)?.hangUp({ cause: 65, text: 'No audio that can be relayed' });
    this.#take({ type: 'failed', leg, status: 488, cause: 65 });
  }

  #finish(effect: CallEffect & { do: 'finish' }): void {
    const { clock, log } = this.#context;
    const { end, because, talkMs } = effect;
    const { call, direction } = this.start;
    const audio = this.#media.relay?.figures();
    this.#sounds.hush();
    this.#parking.everybodyLeaves();
    this.#media.close();
    log.info({ event: 'call.ended', call, direction, end, because, talkMs, audio }, 'call ended');
    this.#context.finished(this);
    const ending = { endedAt: clock.now(), talkMs, end, because };
    const legs = this.#legs.settle(end, because);
    this.#settled = this.#settled.then(() => legs).then(() => this.#close(ending));
  }

  /** What was asked of the book before may still be on its way; the end comes after it, if there was a beginning. */
  async #close(ending: SwitchCallEnd): Promise<void> {
    await this.#begun.catch(() => undefined);
    if (!this.#recorded) return;
    await writeEnd(this.#context, this.start.call, ending);
    this.#recorded = false;
  }
}
