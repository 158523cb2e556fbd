import type { Clock, Timer } from '../../lib/base/clock.ts';
import { unreachable } from '../../lib/base/errors.ts';
import type { ServiceId } from '../../lib/base/ids.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { Random } from '../../lib/base/random.ts';
import { WHY_HEADER } from '../../lib/contract/sip-headers.ts';
import type { Session, SessionEvent, SipReason } from '../../lib/voice/sip/api.ts';
import type { Relay } from '../media/index.ts';
import type { DeviceClass } from '../routing/types.ts';
import { within, writeEnd } from './book-writes.ts';
import { newCall, step } from './call-machine.ts';
import { CallMedia } from './call-media.ts';
import type { Call, CallEffect, CallInput, CallSetup, DropReason, Refusal } from './call-types.ts';
import type { CallBook, SwitchCallEnd, SwitchCallStart } from './ports.ts';
import { causeText } from './refusals.ts';
import { type AudioDescription, readAudio } from './session-description.ts';

/** What a call needs of the switch that it belongs to. */
export interface CallContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly book: CallBook;
  readonly mediaHost: string;
  openRelay(): Promise<
    { readonly ok: true; readonly value: Relay } | { readonly ok: false; readonly say: string }
  >;
  /** Sends the INVITE of one leg; `member` is null for the telephone network. */
  invite(call: ActiveCall, member: ServiceId | null, sdp: string): Session;
  device(id: ServiceId): DeviceClass | undefined;
  /** The channel is free again, the parties are gone; the record may still be on its way. */
  finished(call: ActiveCall): void;
}

/** A book that takes longer fails the call: nobody waits that long with a receiver in hand. */
const BOOK_LIMIT_MS = 8_000;

const REASONS: Readonly<Record<DropReason, SipReason>> = {
  elsewhere: { protocol: 'SIP', cause: 200, text: 'Call completed elsewhere' },
  callerGaveUp: { cause: 16, text: 'The caller hung up' },
  noAnswer: { cause: 19, text: 'No answer' },
  normal: { cause: 16, text: 'Normal call clearing' },
  lost: { cause: 41, text: 'The call was lost' },
};

/**
 * One call: feeds what happens into the pure machine and carries out what it says. The order of the machine's effects
 * is the order of writing (decision 10): nobody rings before `begin` is on disk, no 200 goes to the caller before
 * `answered` is.
 */
export class ActiveCall {
  readonly start: SwitchCallStart;
  readonly #context: CallContext;
  readonly #caller: Session;
  readonly #sessions = new Map<number, Session>();
  readonly #media: CallMedia;
  #call: Call;
  #timer: Timer | undefined;
  #recorded = false;
  #begun: Promise<void> = Promise.resolve();
  #settled: Promise<void> = Promise.resolve();

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
    this.#media = new CallMedia(context.mediaHost, context.random, context.clock, offer);
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
    this.#caller.listen((event) => this.#onCaller(event));
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

  /**
   * Ends a call from which no audio comes any more, or whose box is gone: silent and no longer registered. The far end
   * of such a call may play for ever, and the office would pay for it. Looked at about once a second.
   */
  checkAudio(limitMs: number, reachable: (id: ServiceId) => boolean): void {
    const call = this.#call;
    if (call.at !== 'talking') return;
    const sinceAnswerMs = this.#context.clock.monotonicMs() - call.answeredMs;
    const boxes = [
      ['a', this.start.id],
      ['b', call.legs[call.winner]?.member ?? null],
    ] as const;
    const gone = boxes.some(
      ([side, id]) => id !== null && !reachable(id) && this.#media.silentMsOf(side) > limitMs,
    );
    const silent = gone || this.#media.silentMs() > limitMs;
    if (silent && sinceAnswerMs > limitMs) this.#take({ type: 'silent' });
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
    const { call, effects } = step(this.#call, input, this.#context.clock.monotonicMs());
    this.#call = call;
    for (const effect of effects) this.#run(effect);
  }

  #run(effect: CallEffect): void {
    switch (effect.do) {
      case 'invite':
        this.#invite(effect.leg, effect.member);
        return;
      case 'progress':
        this.#progress(effect.earlyMediaOf);
        return;
      case 'drop':
        this.#sessions.get(effect.leg)?.hangUp(REASONS[effect.why]);
        return;
      case 'write':
        this.#write(effect.leg);
        return;
      case 'answer':
        this.#answer(effect.leg);
        return;
      case 'refuse':
        refuseCaller(this.#caller, this.start.direction, effect.refusal);
        return;
      case 'dropCaller':
        this.#caller.hangUp(REASONS[effect.why]);
        return;
      case 'arm':
        this.#timer?.cancel();
        this.#timer = this.#context.clock.after(effect.afterMs, `call ${effect.timer}`, () =>
          this.#take({ type: effect.timer }),
        );
        return;
      case 'disarm':
        this.#timer?.cancel();
        return;
      case 'finish':
        this.#finish(effect);
        return;
      default:
        unreachable(effect);
    }
  }

  #invite(leg: number, member: ServiceId | null): void {
    const session = this.#context.invite(this, member, this.#media.offerToCallee());
    this.#sessions.set(leg, session);
    session.listen((event) => this.#onLeg(leg, event));
  }

  #progress(leg: number | null): void {
    const early = leg === null ? undefined : this.#media.answerToCaller(leg);
    if (early === undefined) this.#caller.progress(180);
    else this.#caller.progress(183, early);
  }

  #write(leg: number): void {
    const { book, clock, device, log } = this.#context;
    const member = this.#call.at === 'answering' ? (this.#call.legs[leg]?.member ?? null) : null;
    // The record of a call out belongs to the ID that calls, also when it rings a device of the same office.
    const inward = this.start.direction === 'in' && member !== null;
    const by = inward ? { id: member, device: device(member) ?? 'adapter' } : null;
    const written = book.answered(this.start.call, clock.now(), by);
    this.#settled = within(clock, BOOK_LIMIT_MS, written).then(
      () => this.#take({ type: 'written' }),
      (error: unknown) => {
        log.error({ err: error, call: this.start.call }, 'cannot write an answer');
        this.#take({ type: 'writeFailed', say: 'the book refused' });
      },
    );
  }

  #answer(leg: number): void {
    const sdp = this.#media.answerToCaller(leg);
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
        this.#reoffer('a', event);
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
        else this.#reoffer('b', event);
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

  #reoffer(side: 'a' | 'b', event: SessionEvent & { type: 'offer' }): void {
    if (this.#call.at !== 'talking') {
      event.refuse(491);
      return;
    }
    const answer = this.#media.reoffer(side, event.sdp);
    if (answer === undefined) event.refuse(488);
    else event.answer(answer);
  }

  #finish(effect: CallEffect & { do: 'finish' }): void {
    const { clock, log } = this.#context;
    const { end, because, talkMs } = effect;
    const { call, direction } = this.start;
    const audio = this.#media.relay?.figures();
    this.#media.close();
    log.info({ event: 'call.ended', call, direction, end, because, talkMs, audio }, 'call ended');
    this.#context.finished(this);
    const ending = { endedAt: clock.now(), talkMs, end, because };
    this.#settled = this.#settled.then(() => this.#close(ending));
  }

  /** What was asked of the book before may still be on its way; the end comes after it, if there was a beginning. */
  async #close(ending: SwitchCallEnd): Promise<void> {
    await this.#begun.catch(() => undefined);
    if (!this.#recorded) return;
    await writeEnd(this.#context, this.start.call, ending);
    this.#recorded = false;
  }
}

/**
 * Refuses the caller. Only a gateway is told why in words; the telephone network gets status and cause, since our rules
 * are no business of strangers.
 */
export function refuseCaller(caller: Session, direction: 'in' | 'out', refusal: Omit<Refusal, 'end'>): void {
  const { status, cause, rule, say } = refusal;
  const text = causeText(cause);
  caller.reject(status, { cause, text }, direction === 'out' ? [[WHY_HEADER, `${rule}; ${say}`]] : []);
}
