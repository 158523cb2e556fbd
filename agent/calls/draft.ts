import { unreachable } from '../../lib/base/errors.ts';
import type { EndReason } from '../../lib/contract/facts.ts';
import type { LineConfig } from '../../lib/contract/site-config.ts';
import { callsOf, type Desk, type DeskInput, type DeskView, deskStep, heardOf } from '../features/index.ts';
import {
  type DialledNumber,
  type FeatureCode,
  hasCall,
  type LineEffect,
  type LineInput,
  step,
} from '../lines/index.ts';
import type { CallerDisplay, GuideName, RtpFigures } from '../media/protocol.ts';
import type { CallStatus } from '../status.ts';
import type { LegEnd } from './journal.ts';
import { planOf } from './line-plan.ts';
import type { Closing, Env, Leg, LegId, OfficeEffect, OfficeState, PortState } from './model.ts';
import { accountOf, isPhonePort } from './phones.ts';
import { endedStatus } from './status.ts';

/** Ended legs that are kept for people to look at. */
const HISTORY_LIMIT = 100;
/** Longest texts of a record. */
const NUMBER_LIMIT = 40;
const BECAUSE_LIMIT = 300;

/** What a line asks of the calls room, or a recovery for it. */
export type Wish =
  | { readonly type: 'place'; readonly port: number; readonly called: DialledNumber }
  | { readonly type: 'withdraw'; readonly port: number }
  | { readonly type: 'code'; readonly port: number; readonly code: FeatureCode }
  | { readonly type: 'flash'; readonly port: number }
  | { readonly type: 'digit'; readonly port: number; readonly digit: string }
  | { readonly type: 'answer'; readonly port: number }
  /** The handset is down, or gone with its board: every call of its desk is to go somewhere. */
  | { readonly type: 'release'; readonly port: number; readonly why: 'hungUp' | 'lost' }
  /** Off hook as before a restart of the media process: dial tone, unless there is a call once all others have been heard. */
  | { readonly type: 'stillLifted'; readonly port: number };

/**
 * The next state of the office while one input is worked through, and the effects so far. Lives inside one call of
 * `officeStep`: seen from outside nothing is ever changed in place.
 */
export class Draft {
  readonly env: Env;
  readonly effects: OfficeEffect[] = [];
  readonly wishes: Wish[] = [];
  /** What the phone that is about to ring displays. */
  display: CallerDisplay | null = null;
  /** Why lines are lost, while a loss is worked through. */
  lostBecause = 'the line was lost';
  #state: OfficeState;

  constructor(state: OfficeState, env: Env) {
    this.#state = state;
    this.env = env;
  }

  get state(): OfficeState {
    return this.#state;
  }

  set(change: Partial<OfficeState>): void {
    this.#state = { ...this.#state, ...change };
  }

  push(...effects: OfficeEffect[]): void {
    this.effects.push(...effects);
  }

  note(say: string, where: { readonly port?: number; readonly leg?: LegId } = {}): void {
    this.push({ type: 'note', port: where.port ?? null, leg: where.leg ?? null, say });
  }

  // --- lines ---

  setPort(port: number, state: PortState | undefined): void {
    const ports = new Map(this.#state.ports);
    if (state === undefined) ports.delete(port);
    else ports.set(port, state);
    this.set({ ports });
  }

  setOffHook(port: number, offHook: boolean): void {
    const next = new Set(this.#state.offHook);
    if (offHook) next.add(port);
    else next.delete(port);
    this.set({ offHook: next });
  }

  /** Feeds one line; what it asks of the calls room waits in `wishes`. */
  feed(port: number, input: LineInput): void {
    const before = this.#state.ports.get(port);
    if (before === undefined) return;
    const { line, effects } = step(before.line, input, planOf(this.#state.config, before.config));
    const gone = line.at === 'onHook' && before.leaving && before.desk.at === 'none';
    this.setPort(port, gone ? undefined : { ...before, line });
    for (const effect of effects) this.#lineEffect(port, effect);
    // A handset that goes down in dial tone may leave somebody on hold.
    const down = input.type === 'onHook' || input.type === 'lost';
    const told = effects.some((effect) => effect.type === 'release');
    if (!down || told || before.line.at === 'onHook' || line.at !== 'onHook') return;
    if (before.desk.at === 'none') return;
    this.wishes.push({ type: 'release', port, why: input.type === 'lost' ? 'lost' : 'hungUp' });
  }

  #lineEffect(port: number, effect: LineEffect): void {
    switch (effect.type) {
      case 'hear':
        this.push({ type: 'hear', port, sound: effect.sound });
        break;
      case 'ring':
        this.push({ type: 'ring', port, cadence: effect.cadence, display: this.display });
        break;
      case 'ringStop':
        this.push({ type: 'ringStop', port });
        break;
      case 'arm':
        // A desk phone has its own tones and its own patience.
        if (!isPhonePort(port)) this.push({ type: 'lineTimer', port, timer: effect.timer, ms: effect.ms });
        break;
      case 'disarm':
        if (!isPhonePort(port)) this.push({ type: 'lineTimerOff', port });
        break;
      case 'place':
        this.wishes.push({ type: 'place', port, called: effect.called });
        break;
      case 'code':
        this.wishes.push({ type: 'code', port, code: effect.code });
        break;
      case 'digit':
        this.wishes.push({ type: 'digit', port, digit: effect.digit });
        break;
      case 'withdraw':
      case 'flash':
      case 'answer':
        this.wishes.push({ type: effect.type, port });
        break;
      case 'release':
        this.wishes.push({ type: 'release', port, why: effect.why });
        break;
      case 'refuseRing':
        this.note('the line cannot ring now', { port });
        break;
      case 'note':
        this.note(effect.say, { port });
        break;
      default:
        unreachable(effect);
    }
  }

  /** Every line whose ear has the leg hears that it is over; where it waits or is held, nothing is heard. */
  tell(leg: Leg, tone: 'busy' | 'congestion', because: string, guide?: GuideName): void {
    for (const port of endsOf(leg)) this.tellAt(port, leg, tone, because, guide);
  }

  /** The same for one line. */
  tellAt(port: number, leg: Leg, tone: 'busy' | 'congestion', because: string, guide?: GuideName): void {
    const line = this.#state.ports.get(port)?.line;
    if (line !== undefined && hasCall(line)) {
      const spoken = guide === undefined ? {} : { guide };
      this.feedEar(leg, port, { type: 'callEnded', tone, because, ...spoken });
    }
  }

  /** News of a leg for the ears that have it: of a line that has another call, none. */
  feedEar(leg: Leg, port: number, input: LineInput): void {
    const desk = this.desk(port);
    if (desk.at === 'three' || !endsOf(leg).includes(port) || !heardOf(desk).includes(leg.id)) return;
    this.feed(port, input);
  }

  // --- desks ---

  desk(port: number): Desk {
    return this.#state.ports.get(port)?.desk ?? { at: 'none' };
  }

  setDesk(port: number, desk: Desk): void {
    const before = this.#state.ports.get(port);
    if (before === undefined) return;
    const gone = desk.at === 'none' && before.leaving && before.line.at === 'onHook';
    this.setPort(port, gone ? undefined : { ...before, desk });
  }

  /** The desk's own decision; its effects are the caller's to carry out. */
  deskStep(port: number, input: DeskInput) {
    const { desk, effects } = deskStep(this.desk(port), input, this.#view());
    this.setDesk(port, desk);
    return effects;
  }

  #view(): DeskView {
    const { legs, faxes } = this.#state;
    return {
      talking: (call) => legs.get(call)?.stage === 'talking',
      emergency: (call) => legs.get(call)?.emergency === true,
      machines: (call) => !['off', 'listening'].includes(faxes.get(call)?.state.at ?? 'off'),
    };
  }

  // --- legs ---

  /** The leg that the ear of a line has, or that rings it. */
  legOn(port: number): Leg | undefined {
    const [first] = heardOf(this.desk(port));
    return first === undefined ? undefined : this.#state.legs.get(first);
  }

  leg(id: LegId): Leg | undefined {
    return this.#state.legs.get(id);
  }

  /** A new leg with its record begun: the first effect of every call, before anything is sent or rung. */
  begin(
    config: LineConfig,
    leg: Pick<Leg, 'id' | 'call' | 'direction' | 'stage' | 'from' | 'to'> & Partial<Leg>,
  ): Leg {
    const begun: Leg = {
      port: config.port,
      account: accountOf(config.port),
      peerPort: null,
      seat: { at: 'line' },
      ...{ rings: [], hunt: null, free: false, parkSlot: null, forwards: 0 },
      passedBy: null,
      farHears: { to: 'line' },
      hold: { told: false, offering: false },
      presents: null,
      serviceId: config.serviceId,
      emergency: false,
      order: this.#state.nextOrder,
      startedAt: this.env.now,
      answeredAt: null,
      answeredMs: null,
      offer: null,
      localPort: null,
      remote: null,
      held: false,
      quietUntilMs: Number.NEGATIVE_INFINITY,
      ...leg,
      from: leg.from.slice(0, NUMBER_LIMIT),
      to: leg.to.slice(0, NUMBER_LIMIT),
    };
    this.set({ nextOrder: this.#state.nextOrder + 1 });
    this.update(begun);
    const { call, direction, account: line, serviceId, from, to, startedAt } = begun;
    this.push({
      type: 'journalBegin',
      leg: begun.id,
      start: { call, direction, line, serviceId, from, to, startedAt },
    });
    return begun;
  }

  update(leg: Leg): Leg {
    this.set({ legs: new Map(this.#state.legs).set(leg.id, leg) });
    return leg;
  }

  /** The leg is answered: written down first, joined to its line by the caller. */
  answered(leg: Leg): Leg {
    const { now, monoMs } = this.env;
    this.push({ type: 'journalAnswered', leg: leg.id, at: now });
    return this.update({ ...leg, stage: 'talking', answeredAt: now, answeredMs: monoMs, offer: null });
  }

  /**
   * The leg is over. Its record ends now, or when the figures of its audio have come. The line, the other line and the
   * far end are told by the caller.
   */
  finish(leg: Leg, end: EndReason, because: string): void {
    const legs = new Map(this.#state.legs);
    if (!legs.delete(leg.id)) return;
    const talkMs = leg.answeredMs === null ? 0 : Math.max(0, Math.round(this.env.monoMs - leg.answeredMs));
    const closing: Closing = {
      leg,
      end: {
        endedAt: this.env.now,
        talkMs,
        end,
        because: because.slice(0, BECAUSE_LIMIT),
        interrupted: false,
      },
    };
    const history = [endedStatus(leg, closing.end), ...this.#state.history].slice(0, HISTORY_LIMIT);
    this.set({ legs, history });
    this.push({ type: 'ringTimerOff', leg: leg.id });
    if (leg.hunt !== null) this.push({ type: 'huntTimerOff', leg: leg.id });
    this.#forget(leg);
    const hasSocket = leg.localPort !== null || leg.stage === 'opening' || leg.stage === 'answering';
    if (leg.direction === 'internal' || !hasSocket) {
      this.push({ type: 'journalEnd', leg: leg.id, end: { ...closing.end, media: null } });
      return;
    }
    this.set({ closing: new Map(this.#state.closing).set(leg.id, closing) });
    this.push({ type: 'rtpClose', leg: leg.id });
  }

  /** No desk has the leg any more. */
  #forget(leg: Leg): void {
    for (const [port, { desk }] of this.#state.ports) {
      if (!callsOf(desk).includes(leg.id)) continue;
      const announced = desk.at === 'announced';
      this.deskStep(port, { type: 'gone', call: leg.id });
      if (announced && this.desk(port).at !== 'announced') this.push({ type: 'overlay', port, tone: null });
    }
  }

  /** The audio of an ended leg is closed: its record ends. */
  closed(id: LegId, figures: RtpFigures | undefined): void {
    const closing = this.#state.closing.get(id);
    if (closing === undefined) return;
    const rest = new Map(this.#state.closing);
    rest.delete(id);
    const history = this.#state.history.map((one) => {
      const its = one.call === closing.leg.call && one.line === closing.leg.port && one.state === 'ended';
      return its && one.endedAt === closing.end.endedAt ? { ...one, ...soundOf(figures) } : one;
    });
    this.set({ closing: rest, history });
    this.push({ type: 'journalEnd', leg: id, end: { ...closing.end, media: mediaOf(figures) } });
  }
}

/** The lines that an end of the leg is at. */
export function endsOf(leg: Leg): readonly number[] {
  if (leg.seat.at === 'bridged') return [];
  const far = leg.rings.length > 0 || leg.peerPort === null ? leg.rings : [leg.peerPort];
  const near = leg.rings.length > 0 && leg.direction !== 'internal' ? [] : [leg.port];
  const all = [...near, ...far];
  const { seat } = leg;
  return seat.at === 'parked' ? all.filter((port) => port !== seat.by) : all;
}

function mediaOf(figures: RtpFigures | undefined): LegEnd['media'] {
  if (figures === undefined) return null;
  const { packetsSent, packetsReceived, packetsLost, jitterMs, concealedMs, quality } = figures;
  return {
    ...{ packetsSent, packetsReceived, packetsLost, jitterMs, concealedMs },
    ...(quality === undefined ? {} : { quality }),
    ...(figures.srtp === undefined ? {} : { encrypted: true }),
  };
}

function soundOf(figures: RtpFigures | undefined): Pick<CallStatus, 'sound'> {
  if (figures?.quality === undefined) return {};
  const { mos, lossPercent, roundTripMs } = figures.quality;
  return { sound: { mos, lossPercent, roundTripMs, encrypted: figures.srtp !== undefined } };
}
