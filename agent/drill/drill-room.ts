import type { Clock, Timer } from '../../lib/base/clock.ts';
import { ok, type Result, refuse } from '../../lib/base/errors.ts';
import { japanDateTime } from '../../lib/base/japan-time.ts';
import type { Logger } from '../../lib/base/log.ts';
import { hostNow, type OwnHost } from '../../lib/base/own-host.ts';
import type { MediaPort, OfficeState } from '../calls/index.ts';
import type { Health } from '../ports.ts';
import type { CallStatus } from '../status.ts';
import type { DrillKeeper } from './drill-file.ts';
import { rehearse } from './features.ts';
import type { Links } from './links.ts';
import { checkSound } from './sound-check.ts';
import type { DrillCheck, DrillRefusal, DrillReport, DrillStatus } from './types.ts';

/** The links are down for all who use them after this long at most. */
const DOWN_MS = 10_000;
/** How long the way back may take: both links wait up to a minute between two tries, by design. */
const RETURN_MS = 150_000;
const LOOK_MS = 500;
/** An order whose time an emergency call takes up is tried again so often, so many times. */
const AGAIN_MS = 60_000;
const TRIES = 30;
/** An order that was missed by more than this (power cut, clock) is given up. */
const LATE_MS = 600_000;

/** What the drill looks at and asks. */
export interface DrillOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly host: OwnHost;
  readonly links: Links;
  readonly keeper: DrillKeeper;
  readonly health: Health;
  readonly media: MediaPort;
  office(): {
    readonly state: OfficeState;
    calls(): readonly CallStatus[];
    onChange(listener: () => void): void;
  };
  emergencyUp(): boolean;
  cloud(): { readonly connected: boolean; readonly outbox: number };
  /** Desk phones that are registered at the box. */
  phones(): number;
  lampOf(state: OfficeState, watched: string): string | undefined;
}

/** What was so before the links were cut. */
interface Before {
  readonly trunkUp: boolean;
  readonly cloudUp: boolean;
  readonly phones: number;
  readonly outbox: number;
  readonly talking: ReadonlySet<string>;
}

/**
 * Outage drills: cuts the box's own links to the service for a while, plays every feature meanwhile, and tells how the way back went.
 * One at a time, never with an emergency call up, and over at once when one begins.
 */
export class DrillRoom {
  readonly #options: DrillOptions;
  #at: DrillStatus['at'] = 'idle';
  #order: { readonly beginsAt: number; readonly seconds: number } | null = null;
  #reports: readonly DrillReport[] = [];
  #timer: Timer | undefined;
  #stopped = false;
  /** Why the drill gives way, when it does. */
  #givesWay: string | undefined;
  #wake: () => void = () => undefined;

  constructor(options: DrillOptions) {
    this.#options = options;
  }

  /** Takes up an order that waits; a drill that the process did not survive ended with it. */
  start(): void {
    const { keeper, clock, log } = this.#options;
    const { order, reports } = keeper.load();
    this.#reports = reports;
    this.#options.office().onChange(() => this.#looked());
    if (order === null) return;
    const now = clock.now();
    if (order.running || now - order.beginsAt > LATE_MS) {
      const say = order.running
        ? 'The agent was restarted in the drill, which mended the links.'
        : 'The time of the drill had passed when the agent started.';
      log.warn({ event: 'drill.endedEarly', ...order }, say);
      this.#file({
        startedAt: order.beginsAt,
        seconds: order.seconds,
        verdict: 'endedEarly',
        say,
        checks: [],
      });
      return;
    }
    this.#wait(order.beginsAt, order.seconds, TRIES);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#options.links.mend();
    this.#wake();
  }

  status(): DrillStatus {
    const { beginsAt = null, seconds = null } = this.#order ?? {};
    return { at: this.#at, beginsAt, seconds, reports: this.#reports };
  }

  /** Links are away on purpose, or on their way back: nothing else is to be concluded from it. */
  get away(): boolean {
    return this.#at === 'cut' || this.#at === 'returning';
  }

  /** Orders a drill, now or at a time. `by` is written down. */
  begin(seconds: number, beginsAt: number | null, by: string): Result<DrillStatus, DrillRefusal> {
    const { clock, log, emergencyUp, office, cloud } = this.#options;
    if (this.#at !== 'idle') {
      return refuse({
        code: 'drill.running',
        fault: 'caller',
        say: 'Another drill runs or waits; stop it first.',
      });
    }
    if (office().state.config === undefined) {
      return refuse({ code: 'drill.nothing', fault: 'caller', say: 'The box has no configuration to play.' });
    }
    if (beginsAt === null && emergencyUp()) {
      return refuse({
        code: 'drill.emergency',
        fault: 'caller',
        say: 'An emergency call is up; nothing is cut now.',
      });
    }
    if (beginsAt === null && !cloud().connected && !this.#trunkUp()) {
      const say = 'The service is away already; there is nothing to cut.';
      return refuse({ code: 'drill.nothing', fault: 'environment', say });
    }
    const at = beginsAt ?? clock.now();
    log.warn({ event: 'drill.ordered', seconds, beginsAt: at, by }, 'an outage drill was ordered');
    this.#wait(at, seconds, TRIES);
    return ok(this.status());
  }

  /** Ends the drill, or takes back its order. */
  end(by: string): Result<DrillStatus, DrillRefusal> {
    if (this.#at === 'idle' || this.#at === 'returning') {
      return refuse({ code: 'drill.notRunning', fault: 'caller', say: 'No drill runs or waits.' });
    }
    this.#options.log.warn({ event: 'drill.stopped', by }, 'an outage drill was stopped by hand');
    if (this.#at === 'cut') this.#giveWay('The drill was stopped by hand.');
    else {
      this.#timer?.cancel();
      this.#rest();
    }
    return ok(this.status());
  }

  // --- life of one drill ---

  #wait(beginsAt: number, seconds: number, tries: number): void {
    const { clock, keeper } = this.#options;
    this.#at = 'waiting';
    this.#order = { beginsAt, seconds };
    keeper.save({ order: { beginsAt, seconds, running: false }, reports: this.#reports });
    const inMs = Math.max(0, beginsAt - clock.now());
    // A day at most at once: a clock that is put right meanwhile counts.
    this.#timer = clock.after(Math.min(inMs, 3_600_000), 'drill', () => {
      if (clock.now() < beginsAt) this.#wait(beginsAt, seconds, tries);
      else this.#tryNow(beginsAt, seconds, tries);
    });
  }

  #tryNow(beginsAt: number, seconds: number, tries: number): void {
    const { clock, emergencyUp } = this.#options;
    if (!emergencyUp()) {
      void this.#run(seconds);
      return;
    }
    if (tries > 1) {
      this.#timer = clock.after(AGAIN_MS, 'drill', () => this.#tryNow(beginsAt, seconds, tries - 1));
      return;
    }
    const say = 'An emergency call was up at the time of the drill.';
    this.#file({ startedAt: beginsAt, seconds, verdict: 'endedEarly', say, checks: [] });
  }

  async #run(seconds: number): Promise<void> {
    const { clock, links, keeper, log, health } = this.#options;
    const startedAt = clock.now();
    const startedMs = clock.monotonicMs();
    const before = this.#before();
    this.#at = 'cut';
    this.#givesWay = undefined;
    this.#order = { beginsAt: startedAt, seconds };
    keeper.save({ order: { beginsAt: startedAt, seconds, running: true }, reports: this.#reports });
    log.warn({ event: 'drill.cut', seconds }, 'the links to the service are cut for a drill');
    health.raise(
      'drill.running',
      `The links are cut on purpose for ${seconds} s, since ${japanDateTime(startedAt)}.`,
    );
    const checks: DrillCheck[] = [];
    try {
      links.cut();
      checks.push(await this.#downCheck(before));
      if (this.#goesOn()) {
        checks.push(...(await this.#playAll()), this.#phonesCheck(before));
        await this.#pauseUntil(startedMs + seconds * 1_000);
      }
    } catch (error) {
      log.error({ err: error }, 'a drill fell over');
      this.#givesWay ??= `The drill itself failed: ${String(error).slice(0, 200)}`;
    }
    links.mend();
    health.clear('drill.running');
    this.#at = 'returning';
    log.warn({ event: 'drill.mended' }, 'the links are mended after a drill');
    if (!this.#stopped) checks.push(...(await this.#wayBack(before)));
    if (this.#stopped) return;
    const failed = checks.filter(({ verdict }) => verdict === 'FAIL');
    const say =
      this.#givesWay ??
      (failed.length === 0 ? 'Every feature works without the service.' : `${failed.length} failed.`);
    const verdict = this.#givesWay !== undefined ? 'endedEarly' : failed.length === 0 ? 'OK' : 'FAIL';
    this.#file({ startedAt, seconds, verdict, say, checks });
  }

  #file(report: Omit<DrillReport, 'endedAt'>): void {
    const { clock, log } = this.#options;
    const whole = { ...report, endedAt: clock.now() };
    log.warn({ event: 'drill.report', report: whole }, report.say);
    this.#reports = [whole, ...this.#reports].slice(0, 20);
    this.#rest();
  }

  #rest(): void {
    this.#at = 'idle';
    this.#order = null;
    this.#options.keeper.save({ order: null, reports: this.#reports });
  }

  // --- what is looked at ---

  #before(): Before {
    const { cloud, phones, office } = this.#options;
    const { connected, outbox } = cloud();
    const talking = office()
      .calls()
      .filter(({ state }) => state === 'talking');
    return {
      ...{ trunkUp: this.#trunkUp(), cloudUp: connected, phones: phones(), outbox },
      talking: new Set(talking.map(({ call }) => call)),
    };
  }

  /** Whether any account is registered at any trunk. */
  #trunkUp(): boolean {
    return [...this.#options.office().state.trunks.values()].some((standing) => standing === 'up');
  }

  async #downCheck(before: Before): Promise<DrillCheck> {
    const { clock, cloud, office } = this.#options;
    const fromMs = clock.monotonicMs();
    const down = (): boolean => {
      const standings = [...office().state.trunks.values()];
      return !cloud().connected && standings.every((standing) => standing === 'down');
    };
    while (!down() && this.#goesOn() && clock.monotonicMs() - fromMs < DOWN_MS) await this.#pause(LOOK_MS);
    const tookMs = Math.round(clock.monotonicMs() - fromMs);
    if (!down()) return { feature: 'cut', verdict: 'FAIL', say: 'a link was still up after 10 s' };
    const which = `${before.trunkUp ? 'the trunk' : 'no trunk'} and ${before.cloudUp ? 'the service' : 'no service'}`;
    return { feature: 'cut', verdict: 'OK', say: `${which} lost within ${(tookMs / 1_000).toFixed(1)} s` };
  }

  async #playAll(): Promise<readonly DrillCheck[]> {
    const { office, clock, media, host, lampOf } = this.#options;
    const { state } = office();
    const { config } = state;
    if (config === undefined) return [];
    const { trunks, reachable, boardPorts } = state;
    const stage = { config, standing: { trunks, reachable, boardPorts }, nowMs: clock.now(), lampOf };
    return [...rehearse(stage), await checkSound(media, hostNow(host), clock)];
  }

  #phonesCheck(before: Before): DrillCheck {
    const now = this.#options.phones();
    if (before.phones === 0) return { feature: 'phones', verdict: '--', say: 'no desk phone was registered' };
    const verdict = now >= before.phones ? 'OK' : 'FAIL';
    return {
      feature: 'phones',
      verdict,
      say: `${now} of ${before.phones} desk phones are registered at the box`,
    };
  }

  /** Trunk, service and records come back by themselves; nothing is hurried. */
  async #wayBack(before: Before): Promise<readonly DrillCheck[]> {
    const { clock, cloud } = this.#options;
    const fromMs = clock.monotonicMs();
    const took: { trunk?: number; cloud?: number; records?: number } = {};
    const done = (): boolean =>
      (!before.trunkUp || took.trunk !== undefined) && (!before.cloudUp || took.records !== undefined);
    for (;;) {
      const nowMs = clock.monotonicMs() - fromMs;
      if (this.#trunkUp()) took.trunk ??= nowMs;
      const { connected, outbox } = cloud();
      if (connected) took.cloud ??= nowMs;
      if (connected && outbox <= before.outbox) took.records ??= nowMs;
      if (done() || nowMs > RETURN_MS || this.#stopped) break;
      await this.#pause(LOOK_MS);
    }
    const row = (
      feature: DrillCheck['feature'],
      was: boolean,
      ms: number | undefined,
      say: string,
    ): DrillCheck => {
      if (!was) return { feature, verdict: '--', say: 'was away before the drill' };
      if (ms === undefined)
        return { feature, verdict: 'FAIL', say: `${say} not within ${RETURN_MS / 1_000} s` };
      return { feature, verdict: 'OK', say: `${say} after ${(ms / 1_000).toFixed(1)} s` };
    };
    return [
      row('trunkBack', before.trunkUp, took.trunk, 'registered again'),
      row('serviceBack', before.cloudUp, took.cloud, 'connected again'),
      row('recordsBack', before.cloudUp, took.records, 'all records taken'),
      this.#callsCheck(before),
    ];
  }

  #callsCheck({ talking }: Before): DrillCheck {
    if (talking.size === 0) return { feature: 'calls', verdict: '--', say: 'no call was up' };
    const cut = this.#options
      .office()
      .calls()
      .filter(({ call, state, end }) => talking.has(call) && state === 'ended' && end === 'interrupted');
    if (cut.length > 0)
      return { feature: 'calls', verdict: 'FAIL', say: `${cut.length} of ${talking.size} calls were cut` };
    return { feature: 'calls', verdict: 'OK', say: `none of ${talking.size} calls was cut` };
  }

  // --- giving way ---

  /** An emergency call finds its links mended before it has asked for them. */
  #looked(): void {
    if (this.#at === 'cut' && this.#options.emergencyUp())
      this.#giveWay('An emergency call began: the drill gave way.');
  }

  #giveWay(say: string): void {
    this.#givesWay ??= say;
    this.#options.links.mend();
    this.#wake();
  }

  #goesOn(): boolean {
    return !this.#stopped && this.#givesWay === undefined;
  }

  async #pauseUntil(untilMs: number): Promise<void> {
    const { clock } = this.#options;
    while (this.#goesOn() && clock.monotonicMs() < untilMs) await this.#pause(untilMs - clock.monotonicMs());
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        timer.cancel();
        resolve();
      };
      const timer = this.#options.clock.after(ms, 'drill', done);
      this.#wake = done;
    });
  }
}
