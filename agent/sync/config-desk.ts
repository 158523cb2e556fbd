import { createHash, type KeyObject } from 'node:crypto';
import type { Clock, Timer } from '../../lib/base/clock.ts';
import { type CodedError, type Result, refuse } from '../../lib/base/errors.ts';
import type { GatewayId } from '../../lib/base/ids.ts';
import type { Logger } from '../../lib/base/log.ts';
import { type OpenedDesired, openDesired } from '../../lib/contract/envelope.ts';
import type { ReportedConfig } from '../../lib/contract/facts.ts';
import type { SiteConfig } from '../../lib/contract/site-config.ts';
import type { Health } from '../ports.ts';
import { type ConfigStore, isNamed, type KeptConfig } from '../store/index.ts';
import {
  afterApply,
  afterKept,
  afterRollback,
  afterStart,
  type ConfigState,
  decideDesired,
  NO_CONFIG,
  toReport,
} from './desired-machine.ts';
import {
  beginProbation,
  type HealthSeen,
  healthSeen,
  LOOK_MS,
  type Probation,
  STARTS_MOST,
  stepProbation,
  tooManyStarts,
} from './probation.ts';

/** What the desk needs from the others. */
export interface ConfigDeskOptions {
  readonly gateway: GatewayId;
  readonly configKey: KeyObject;
  readonly config: ConfigStore;
  readonly apply: (config: SiteConfig) => Result<void>;
  /** How well the box works now; without it nothing is ever taken back. */
  readonly healthSeen: (() => HealthSeen) | undefined;
  /** While true, nothing is reconfigured: an emergency call is up. */
  readonly holdOff: (() => boolean) | undefined;
  readonly health: Health;
  readonly clock: Clock;
  readonly log: Logger;
  /** The state has changed. */
  readonly changed: () => void;
  /** The report is another one: it is to be told. */
  readonly report: () => void;
}

/** How often a configuration that waits for the end of an emergency call is looked at. */
const HELD_LOOK_MS = 2_000;

/** Takes desired configurations, watches the new one, and takes it back: carries out what the two machines decide. */
export class ConfigDesk {
  readonly #options: ConfigDeskOptions;
  readonly #keyId: string;
  readonly #timers = new Map<'look' | 'held', Timer>();
  #state: ConfigState = NO_CONFIG;
  #running: SiteConfig | undefined;
  #reported: ReportedConfig;
  /** What a rollback goes back to: the last one that was believed. */
  #believed: KeptConfig | undefined;
  /** Runs, and is not what lies on the disk, which refused it. */
  #unsaved: KeptConfig | undefined;
  #probation: Probation | undefined;

  constructor(options: ConfigDeskOptions) {
    this.#options = options;
    this.#keyId = keyIdOf(options.configKey);
    this.#reported = toReport(NO_CONFIG, options.clock.now());
  }

  get reported(): ReportedConfig {
    return this.#reported;
  }

  get running(): SiteConfig | undefined {
    return this.#running;
  }

  /** Applies the last good configuration, before any network. One whose probation was cut short is watched again. */
  start(): void {
    const { config, health, log } = this.#options;
    const kept = this.#countStart(config.load());
    this.#state = { ...NO_CONFIG, rolledBack: config.rolledBack() ?? null };
    if (kept === undefined) {
      health.raise('config.none', 'No configuration is stored; waiting for the service to send one.');
      return;
    }
    const result = this.#apply(kept.config);
    log.info({ rev: kept.rev, ok: result.ok }, 'last good configuration');
    const foreignKey = kept.keyId !== this.#keyId;
    const before = healthSeen.safeParse(kept.trial?.before);
    const watched = result.ok && kept.trial !== undefined && before.success;
    // Not remembered as tried: the same revision from the wire gets another try.
    const applied = afterApply(this.#state, kept, result, watched);
    this.#take(afterStart({ ...applied, foreignKey, refused: null }));
    this.#believed = watched ? config.previous() : kept;
    if (!watched) return;
    this.#probation = beginProbation(kept, before.data, this.#options.clock.monotonicMs());
    this.#armLook();
  }

  /** Before it is applied: it may be what the agent falls over, and then it is to be taken back without another try. */
  #countStart(kept: KeptConfig | undefined): KeptConfig | undefined {
    if (kept?.trial === undefined) return kept;
    const { config, log } = this.#options;
    const trial = { ...kept.trial, starts: kept.trial.starts + 1 };
    if (trial.starts <= STARTS_MOST) {
      this.#guard(() => config.setTrial(trial));
      return { ...kept, trial };
    }
    const reason = tooManyStarts(kept, trial.starts);
    log.error({ rev: kept.rev, code: reason.code, say: reason.say }, 'configuration taken back');
    this.#guard(() => config.rollBack({ name: kept, reason }));
    return config.load();
  }

  stop(): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }

  /** What came on `down/desired`. */
  received(payload: Buffer): void {
    const { holdOff, clock, log } = this.#options;
    if (holdOff?.() === true) {
      log.warn({}, 'a configuration waits for the end of an emergency call');
      this.#arm('held', clock, HELD_LOOK_MS, () => this.received(payload));
      return;
    }
    this.#timers.get('held')?.cancel();
    const opened = openDesired(payload, {
      gateway: this.#options.gateway,
      publicKey: this.#options.configKey,
    });
    const decision = decideDesired(this.#state, opened);
    if (decision.do === 'report') this.#take(decision.state);
    else this.#try(decision.opened);
    const { refusal, desiredRev } = this.#state;
    if (refusal !== null) log.warn({ rev: desiredRev, code: refusal.code, say: refusal.say }, 'refused');
    else log.info({ rev: desiredRev }, 'configuration runs');
    this.#options.report();
  }

  #try(opened: OpenedDesired): void {
    const { clock } = this.#options;
    // Of an unproven one that is followed by another, what was before it still counts.
    const before = this.#probation?.before ?? this.#options.healthSeen?.();
    const result = this.#apply(opened.config);
    const watched = result.ok && before !== undefined && this.#believed !== undefined;
    if (result.ok) {
      const kept = { ...opened, keyId: this.#keyId };
      const saved = this.#persist(watched ? { ...kept, trial: { starts: 1, before } } : kept);
      this.#unsaved = saved ? undefined : kept;
      if (!watched) this.#believed = kept;
      this.#probation = watched ? beginProbation(opened, before, clock.monotonicMs()) : undefined;
    }
    this.#take(afterApply(this.#state, opened, result, watched));
    if (watched) this.#armLook();
  }

  /** One look at a box with an unproven configuration. */
  #look(): void {
    const { clock, healthSeen: see, holdOff } = this.#options;
    if (this.#probation === undefined || see === undefined) return;
    const step = stepProbation(this.#probation, see(), clock.monotonicMs());
    if (step.at === 'kept') this.#keep();
    // Nothing is reconfigured under an emergency call: it is taken back after it.
    else if (step.at === 'rolledBack' && holdOff?.() !== true) this.#rollBack(step.reason);
    else {
      if (step.at === 'probation') this.#probation = step.probation;
      this.#armLook();
    }
  }

  #keep(): void {
    const { config, log } = this.#options;
    const { running } = this.#state;
    this.#probation = undefined;
    const unsaved = this.#unsaved;
    if (unsaved === undefined) this.#guard(() => config.setTrial(undefined));
    // The disk has had time to get room; what lies on it is another one, whose trial this is not.
    else if (this.#persist(unsaved)) this.#unsaved = undefined;
    this.#believed = unsaved ?? config.load() ?? this.#believed;
    log.info({ rev: running?.rev }, 'configuration kept: the box is well with it');
    this.#take(afterKept(this.#state));
    this.#options.report();
  }

  #rollBack(reason: CodedError): void {
    const { log } = this.#options;
    const failed = this.#probation?.name;
    const back = this.#believed;
    this.#probation = undefined;
    if (failed === undefined || back === undefined) return;
    log.error({ rev: failed.rev, code: reason.code, say: reason.say }, 'configuration taken back');
    this.#takeOffDisk(failed, back, reason);
    const applied = this.#apply(back.config);
    if (!applied.ok) log.error({ rev: back.rev, code: applied.error.code }, 'the one before is refused too');
    this.#take(afterRollback(this.#state, failed, reason, applied.ok ? back : null));
    this.#options.report();
  }

  /** The next start finds what runs from now on, also where the disk once refused to take it. */
  #takeOffDisk(failed: Probation['name'], back: KeptConfig, reason: CodedError): void {
    const { config, health } = this.#options;
    // What was not stored runs no longer: nothing is lost at the next restart.
    if (this.#unsaved !== undefined) health.clear('store.write');
    this.#unsaved = undefined;
    this.#guard(() => config.rollBack({ name: failed, reason }));
    const there = config.load();
    if (there === undefined || !isNamed(there, back)) this.#persist(back);
  }

  #apply(config: SiteConfig): Result<void> {
    try {
      const result = this.#options.apply(config);
      if (result.ok) this.#running = config;
      return result;
    } catch (error) {
      this.#options.log.error({ err: error }, 'applying a configuration threw');
      const say = `The configuration could not be applied: ${String(error)}. Send the log to support.`;
      return refuse({ code: 'config.applyFailed', fault: 'us', say });
    }
  }

  /** False when the disk refuses it. */
  #persist(kept: KeptConfig): boolean {
    const { config, health } = this.#options;
    try {
      config.save(kept);
      health.clear('config.damaged');
      health.clear('store.write');
      return true;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      health.raise(
        'store.write',
        `Revision ${kept.rev} runs but could not be stored: ${why}. It is lost at the next restart.`,
      );
      return false;
    }
  }

  /** A disk that refuses changes nothing of what runs. */
  #guard(body: () => void): void {
    try {
      body();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#options.health.raise('store.write', `The configuration on disk could not be changed: ${why}.`);
    }
  }

  #take(state: ConfigState): void {
    const { health, clock } = this.#options;
    this.#state = state;
    this.#reported = toReport(state, clock.now());
    if (state.running !== null) health.clear('config.none');
    const bad = { rejected: 'config.rejected', rolledBack: 'config.rolledBack' } as const;
    for (const [name, code] of Object.entries(bad)) {
      if (state.refusal === null || this.#reported.state !== name) health.clear(code);
      else health.raise(code, `Revision ${state.desiredRev}: ${state.refusal.say}`);
    }
    this.#options.changed();
  }

  #armLook(): void {
    this.#arm('look', this.#options.clock, LOOK_MS, () => this.#look());
  }

  #arm(name: 'look' | 'held', clock: Clock, delayMs: number, run: () => void): void {
    this.#timers.get(name)?.cancel();
    this.#timers.set(name, clock.after(delayMs, `sync.${name}`, run));
  }
}

/** Short name of a public key: enough to see that it is another one. */
function keyIdOf(key: KeyObject): string {
  const spki = key.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('hex').slice(0, 16);
}
