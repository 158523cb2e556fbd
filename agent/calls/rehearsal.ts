import type { BoardIdentity } from '../../hal/board.ts';
import { type Instant, instant } from '../../lib/base/clock.ts';
import type { CallId } from '../../lib/base/ids.ts';
import type { SiteConfig } from '../../lib/contract/site-config.ts';
import type { LineInput, Sound } from '../lines/index.ts';
import type { MediaSnapshot } from '../media/protocol.ts';
import type { AudioSdp } from './audio-sdp.ts';
import { EMPTY_OFFICE, type OfficeEffect, type OfficeInput, type OfficeState } from './model.ts';
import { officeStep } from './office-step.ts';

/** Rounds of what one input causes; more is a loop of ours. */
const ROUNDS = 200;

const REMOTE = { host: '192.0.2.1', port: 9, payloadType: 0, dtmfPayloadType: null };
const SDP: AudioSdp = {
  offer: () => 'offer',
  reoffer: () => 'offer',
  readAnswer: () => REMOTE,
  answer: () => ({ sdp: 'answer', remote: REMOTE, held: false }),
};

const BOARD: BoardIdentity = {
  protocol: { major: 1, minor: 0 },
  ...{ model: 'paper', serial: '', firmware: '', ports: 8, bootReason: 'powerOn' },
  capabilities: ['pcm'],
  limits: { receiveBytes: 1, frameBytes: 1 },
};

/** What the machine believes of trunks and phones, carried over from the office that is rehearsed. */
export type Standing = Pick<OfficeState, 'trunks' | 'reachable' | 'boardPorts'>;

/**
 * An office with the same configuration and the same trunks as the one that runs, and nobody in it: its phones are lifted and dialled
 * on paper. The machine is the one that carries the real calls; nothing outside hears of it.
 */
export class Rehearsal {
  #state: OfficeState = EMPTY_OFFICE;
  #nowMs: number;
  #calls = 0;
  readonly #waiting: { readonly name: string; readonly atMs: number; readonly input: OfficeInput }[] = [];
  readonly #heard = new Map<number, Sound>();
  readonly #ringing = new Set<number>();
  readonly #sessions = new Set<string>();
  readonly #begun = new Set<string>();
  readonly #ended = new Map<string, number>();
  /** The trunks that calls were offered to, in order. */
  readonly asked: { readonly leg: string; readonly trunk: number; readonly number: string }[] = [];

  constructor(config: SiteConfig, standing: Standing, nowMs: number) {
    this.#nowMs = nowMs;
    const { trunks, reachable, boardPorts } = standing;
    const ports = boardPorts ?? config.lines.length;
    this.#state = { ...EMPTY_OFFICE, trunks, boardPorts: ports };
    this.#input({ type: 'config', config });
    const snapshot: MediaSnapshot = {
      ...{ protocol: 2, startedAt: nowMs, boardDown: null, lines: [], sessions: [] },
      board: { ...BOARD, ports },
    };
    this.#input({ type: 'resume', unfinished: [], snapshot });
    for (const phone of reachable) this.#input({ type: 'phone', phone, reachable: true });
  }

  get state(): OfficeState {
    return this.#state;
  }

  /** One port of each line and of each desk phone that is registered, with its extension. */
  parties(): readonly { readonly port: number; readonly extension: string }[] {
    const seen = new Map<string, number>();
    for (const [port, { config, phone }] of this.#state.ports) {
      const there = phone === undefined || this.#state.reachable.has(port % 100);
      if (there && !seen.has(config.extension)) seen.set(config.extension, port);
    }
    return [...seen].map(([extension, port]) => ({ port, extension }));
  }

  lift(port: number): void {
    this.#line(port, { type: 'offHook' });
  }

  hangUp(port: number): void {
    this.#line(port, { type: 'onHook' });
  }

  flash(port: number): void {
    this.#line(port, { type: 'flash', durationMs: this.#state.ports.get(port)?.config.flash.leastMs ?? 300 });
  }

  /** Dials, and waits as long as the dial plan does for more. */
  dial(port: number, digits: string): void {
    for (const digit of digits) this.#line(port, { type: 'digit', digit, by: 'dtmf' });
    this.pass((this.#state.config?.dialPlan.interDigitMs ?? 4_000) + 100);
  }

  /** Lifts and dials. */
  call(port: number, digits: string): void {
    this.lift(port);
    this.dial(port, digits);
  }

  /** A call from outside for the account of a port. */
  calledFromOutside(port: number): void {
    const user = this.#state.ports.get(port)?.config.sip.user ?? '';
    const leg = `rehearsal-in-${++this.#calls}`;
    this.#input({ type: 'invite', leg, call: undefined, user, from: '0312345678', to: '', sdp: 'offer' });
  }

  /** The trunk that was asked last does not take the call. */
  trunkFails(status: number): void {
    const last = this.asked.at(-1);
    if (last === undefined) return;
    const news = { type: 'failed', status, reason: undefined, why: undefined } as const;
    this.#input({ type: 'sip', leg: last.leg, news });
  }

  rings(port: number): boolean {
    return this.#ringing.has(port) || this.#state.ports.get(port)?.line.at === 'ringing';
  }

  /** What the ear of a port has: a tone's name, or what it is joined to. */
  hears(port: number): string {
    const sound = this.#heard.get(port) ?? { to: 'silence' };
    if (sound.to === 'tone') return sound.tone;
    return sound.to === 'line' ? `line ${sound.port}` : sound.to;
  }

  /** Every record that was begun has been ended once, and nobody is in a call. */
  settled(): boolean {
    for (const port of this.#state.ports.keys()) this.hangUp(port);
    this.pass(1_000);
    const once = [...this.#begun].every((leg) => this.#ended.get(leg) === 1);
    return once && this.#state.legs.size === 0 && this.#state.closing.size === 0;
  }

  get records(): number {
    return this.#ended.size;
  }

  pass(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (let round = 0; round < ROUNDS; round++) {
      const due = this.#waiting.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (due === undefined) break;
      this.#waiting.splice(this.#waiting.indexOf(due), 1);
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      this.#input(due.input);
    }
    this.#nowMs = untilMs;
  }

  #line(port: number, input: LineInput): void {
    this.#input({ type: 'line', port, input });
    this.pass(10);
  }

  #input(input: OfficeInput): void {
    const now: Instant = instant(this.#nowMs);
    const fresh = `rehearsal-${++this.#calls}` as CallId;
    const env = { now, monoMs: this.#nowMs, fresh, host: '192.0.2.1', sdp: SDP };
    const next = officeStep(this.#state, input, env);
    this.#state = next.state;
    for (const effect of next.effects) this.#carryOut(effect);
  }

  #later(name: string, ms: number, input: OfficeInput): void {
    this.#drop(name);
    this.#waiting.push({ name, atMs: this.#nowMs + ms, input });
  }

  #drop(name: string): void {
    const at = this.#waiting.findIndex((each) => each.name === name);
    if (at >= 0) this.#waiting.splice(at, 1);
  }

  #carryOut(effect: OfficeEffect): void {
    switch (effect.type) {
      case 'hear':
        this.#heard.set(effect.port, effect.sound);
        break;
      case 'ring':
        this.#ringing.add(effect.port);
        break;
      case 'ringStop':
        this.#ringing.delete(effect.port);
        break;
      case 'lineTimer': {
        const { port, timer } = effect;
        this.#later(`line ${port}`, effect.ms, { type: 'line', port, input: { type: 'timer', timer } });
        break;
      }
      case 'lineTimerOff':
        this.#drop(`line ${effect.port}`);
        break;
      case 'ringTimer':
        this.#later(`ring ${effect.leg}`, effect.ms, { type: 'ringTimer', leg: effect.leg });
        break;
      case 'ringTimerOff':
        this.#drop(`ring ${effect.leg}`);
        break;
      case 'huntTimer':
        this.#later(`hunt ${effect.leg}`, effect.ms, { type: 'huntTimer', leg: effect.leg });
        break;
      case 'huntTimerOff':
        this.#drop(`hunt ${effect.leg}`);
        break;
      case 'rtpOpen':
        this.#sessions.add(effect.leg);
        this.#later(`open ${effect.leg}`, 1, { type: 'rtpOpened', leg: effect.leg, localPort: 9 });
        break;
      case 'rtpClose':
        this.#later(`close ${effect.leg}`, 1, { type: 'rtpClosed', leg: effect.leg, figures: undefined });
        break;
      case 'journalBegin':
        this.#begun.add(effect.leg);
        break;
      case 'journalEnd':
        this.#ended.set(effect.leg, (this.#ended.get(effect.leg) ?? 0) + 1);
        break;
      case 'sipInvite':
        this.asked.push({ leg: effect.leg, trunk: effect.trunk, number: effect.number });
        break;
      default:
        break;
    }
  }
}
