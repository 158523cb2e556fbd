import { unreachable } from '../../lib/base/errors.ts';
import type { EndReason } from '../../lib/contract/facts.ts';
import type { LineConfig } from '../../lib/contract/site-config.ts';
import { type DialledNumber, hasCall, type LineInput, type LinePlan, step } from '../lines/index.ts';
import type { RtpFigures } from '../media/protocol.ts';
import { collect } from './dial-plan.ts';
import type { LegEnd } from './journal.ts';
import type { Closing, Env, Leg, LegId, OfficeEffect, OfficeState, PortState } from './model.ts';
import { endedStatus } from './status.ts';

/** How long busy and congestion tone play before the howler. */
export const TONE_MS = 30_000;
/** Ended legs that are kept for people to look at. */
const HISTORY_LIMIT = 100;
/** Longest texts of a record. */
const NUMBER_LIMIT = 40;
const BECAUSE_LIMIT = 300;

/** What a line asks of the calls room. */
export type Wish =
  | { readonly type: 'place'; readonly port: number; readonly called: DialledNumber }
  | { readonly type: 'answer'; readonly port: number }
  | { readonly type: 'release'; readonly port: number; readonly why: 'hungUp' | 'lost' };

/**
 * The next state of the office while one input is worked through, and the effects so far. Lives inside one call of
 * `officeStep`: seen from outside nothing is ever changed in place.
 */
export class Draft {
  readonly env: Env;
  readonly effects: OfficeEffect[] = [];
  readonly wishes: Wish[] = [];
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
    const { line, effects } = step(before.line, input, this.#plan());
    this.setPort(port, line.at === 'onHook' && before.leaving ? undefined : { ...before, line });
    for (const effect of effects) {
      switch (effect.type) {
        case 'hear':
          this.push({ type: 'hear', port, sound: effect.sound });
          break;
        case 'ring':
          this.push({ type: 'ring', port, cadence: effect.cadence });
          break;
        case 'ringStop':
          this.push({ type: 'ringStop', port });
          break;
        case 'arm':
          this.push({ type: 'lineTimer', port, timer: effect.timer, ms: effect.ms });
          break;
        case 'disarm':
          this.push({ type: 'lineTimerOff', port });
          break;
        case 'place':
          this.wishes.push({ type: 'place', port, called: effect.called });
          break;
        case 'answer':
          this.wishes.push({ type: 'answer', port });
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
  }

  /** The line of a leg hears that the call is over, if it still has a call. */
  tell(port: number, tone: 'busy' | 'congestion', because: string): void {
    const line = this.#state.ports.get(port)?.line;
    if (line !== undefined && hasCall(line)) this.feed(port, { type: 'callEnded', tone, because });
  }

  #plan(): LinePlan {
    const config = this.#state.config;
    const dial = {
      extensions: config?.lines.map((line) => line.extension) ?? [],
      emergency: config?.dialPlan.emergency ?? 'refused',
    } as const;
    return {
      firstDigitMs: config?.dialPlan.firstDigitMs ?? 20_000,
      interDigitMs: config?.dialPlan.interDigitMs ?? 4_000,
      toneMs: TONE_MS,
      collect: (digits) => collect(digits, dial),
    };
  }

  // --- legs ---

  legOn(port: number): Leg | undefined {
    for (const leg of this.#state.legs.values()) {
      if (leg.port === port || leg.peerPort === port) return leg;
    }
    return undefined;
  }

  /** A new leg with its record begun: the first effect of every call, before anything is sent or rung. */
  begin(
    config: LineConfig,
    leg: Pick<Leg, 'id' | 'call' | 'direction' | 'stage' | 'from' | 'to'> & Partial<Leg>,
  ): Leg {
    const begun: Leg = {
      port: config.port,
      peerPort: null,
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
      ...leg,
      from: leg.from.slice(0, NUMBER_LIMIT),
      to: leg.to.slice(0, NUMBER_LIMIT),
    };
    this.set({ nextOrder: this.#state.nextOrder + 1 });
    this.update(begun);
    const { call, direction, port: line, serviceId, from, to, startedAt } = begun;
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
    legs.delete(leg.id);
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
    const hasSocket = leg.localPort !== null || leg.stage === 'opening' || leg.stage === 'answering';
    if (leg.direction === 'internal' || !hasSocket) {
      this.push({ type: 'journalEnd', leg: leg.id, end: { ...closing.end, media: null } });
      return;
    }
    this.set({ closing: new Map(this.#state.closing).set(leg.id, closing) });
    this.push({ type: 'rtpClose', leg: leg.id });
  }

  /** The audio of an ended leg is closed: its record ends. */
  closed(id: LegId, figures: RtpFigures | undefined): void {
    const closing = this.#state.closing.get(id);
    if (closing === undefined) return;
    const rest = new Map(this.#state.closing);
    rest.delete(id);
    this.set({ closing: rest });
    this.push({ type: 'journalEnd', leg: id, end: { ...closing.end, media: mediaOf(figures) } });
  }
}

function mediaOf(figures: RtpFigures | undefined): LegEnd['media'] {
  if (figures === undefined) return null;
  const { packetsSent, packetsReceived, packetsLost, jitterMs, concealedMs } = figures;
  return { packetsSent, packetsReceived, packetsLost, jitterMs, concealedMs };
}
