import type { Clock, Timer } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { Logger } from '../../lib/base/log.ts';
import { checkSiteConfig } from '../../lib/contract/check-site-config.ts';
import { firstIssue } from '../../lib/contract/config-refusal.ts';
import { type SiteConfig, siteConfig } from '../../lib/contract/site-config.ts';
import type { Health } from '../ports.ts';
import { type LocalChange, merged, sayChange, withChanges } from './change.ts';
import type { ChangeStore, KeptChanges } from './local-file.ts';

/** A session that is not heard of for so long is dead: what it tried is undone. */
export const SESSION_LIMIT_MS = 15_000;
/** How often a trial is looked at. */
const LOOK_EVERY_MS = 1_000;

/** A change that is tried. */
export interface TrialView {
  readonly id: number;
  readonly changes: readonly LocalChange[];
  /** The same in words. */
  readonly say: readonly string[];
  readonly by: string;
  readonly leftMs: number;
  /** It is undone when the session that began it is no longer heard of. */
  readonly session: boolean;
}

/** How the last trial ended. */
export interface TrialEnd {
  readonly id: number;
  readonly outcome: 'kept' | 'undone';
  readonly because: 'asked' | 'time' | 'session' | 'refused';
  readonly say: readonly string[];
  readonly by: string;
}

/** What is otherwise here than the service's configuration says. */
export interface TrialState {
  readonly trial: TrialView | null;
  readonly last: TrialEnd | null;
  readonly kept: (KeptChanges & { readonly say: readonly string[] }) | null;
}

interface Trial {
  readonly id: number;
  readonly changes: readonly LocalChange[];
  readonly by: string;
  readonly endsMs: number;
  readonly session: boolean;
  heardMs: number;
}

export interface TrialOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly health: Health;
  readonly store: ChangeStore;
  /** All of a configuration or none. */
  readonly apply: (config: SiteConfig) => Result<void>;
  /** True while nothing may be reconfigured, as under an emergency call. */
  readonly holdOff: () => boolean;
}

/**
 * Changes of the configuration that are made on the spot: tried for a while, and undone by themselves unless somebody keeps
 * them. Nothing of a trial is on disk, so a restart and a power cut undo it too. Kept ones lie over the service's
 * configuration until that says the same.
 */
export class TrialRoom {
  readonly #options: TrialOptions;
  /** The service's configuration, as it came. */
  #base: SiteConfig | undefined;
  #kept: KeptChanges | undefined;
  #trial: Trial | undefined;
  #last: TrialEnd | null = null;
  #timer: Timer | undefined;
  #count = 0;

  constructor(options: TrialOptions) {
    this.#options = options;
    this.#kept = options.store.load();
  }

  /** Takes a configuration of the service: with what was changed here, as long as that fits; else as it is. */
  take(config: SiteConfig): Result<void> {
    const { apply, health } = this.#options;
    const changes = merged(this.#kept?.changes ?? [], this.#trial?.changes ?? []);
    const changed = this.#changed(config, changes);
    const applied = changed.ok ? apply(changed.value) : changed;
    if (applied.ok) {
      this.#base = config;
      health.clear('config.localRefused');
      this.#forgetWhatIsSaid();
      return applied;
    }
    if (changes.length === 0) return applied;
    const plain = apply(config);
    if (!plain.ok) return plain;
    this.#base = config;
    if (this.#trial !== undefined) this.#ended('undone', 'refused');
    if (this.#kept !== undefined) health.raise('config.localRefused', applied.error.say);
    return plain;
  }

  /** Tries changes for `forMs`. */
  begin(
    changes: readonly LocalChange[],
    options: { readonly forMs: number; readonly by: string; readonly session: boolean },
  ): Result<TrialState> {
    const { clock, log, apply, holdOff } = this.#options;
    const held = this.#refusal(holdOff);
    if (held !== undefined) return refuse(held);
    const base = this.#base;
    if (base === undefined)
      return no('trial.noConfig', 'This box has no configuration yet that could be changed.');
    const changed = this.#changed(base, merged(this.#kept?.changes ?? [], changes), options.by);
    const applied = changed.ok ? apply(changed.value) : changed;
    if (!applied.ok) return no('trial.refused', applied.error.say);
    const nowMs = clock.monotonicMs();
    const { by, session, forMs } = options;
    this.#trial = { id: ++this.#count, changes, by, session, endsMs: nowMs + forMs, heardMs: nowMs };
    log.info({ by, changes: changes.map(sayChange), forS: Math.round(forMs / 1_000) }, 'a change is tried');
    this.#arm();
    this.#tell();
    return ok(this.state);
  }

  /** The session that began the trial is still there. */
  alive(): TrialState {
    if (this.#trial !== undefined) this.#trial.heardMs = this.#options.clock.monotonicMs();
    return this.state;
  }

  /** The change stays. */
  keep(): Result<TrialState> {
    const { clock, store, log } = this.#options;
    const trial = this.#trial;
    if (trial === undefined) return no('trial.none', 'Nothing is on trial.');
    const changes = merged(this.#kept?.changes ?? [], trial.changes);
    const kept: KeptChanges = { changes, by: trial.by, at: clock.now() };
    try {
      store.save(kept);
    } catch (error) {
      return no('trial.disk', `It cannot be written to disk: ${String(error)}. It stays on trial.`);
    }
    this.#kept = kept;
    log.info({ by: trial.by }, 'a change is kept');
    this.#ended('kept', 'asked');
    this.#forgetWhatIsSaid();
    return ok(this.state);
  }

  /** Undoes the trial; with `kept`, what was kept before as well. */
  undo(all: boolean): Result<TrialState> {
    const { store, holdOff } = this.#options;
    if (this.#trial === undefined && !(all && this.#kept !== undefined)) {
      return no('trial.none', all ? 'Nothing was changed here.' : 'Nothing is on trial.');
    }
    if (holdOff()) return no('trial.emergency', EMERGENCY);
    if (all && this.#kept !== undefined) {
      try {
        store.save(undefined);
      } catch (error) {
        return no('trial.disk', `It cannot be written to disk: ${String(error)}.`);
      }
      this.#kept = undefined;
    }
    this.#back('asked');
    return ok(this.state);
  }

  get state(): TrialState {
    const trial = this.#trial;
    const kept = this.#kept;
    return {
      trial:
        trial === undefined
          ? null
          : {
              ...{ id: trial.id, changes: trial.changes, say: trial.changes.map(sayChange) },
              ...{ by: trial.by, session: trial.session },
              leftMs: Math.max(0, Math.round(trial.endsMs - this.#options.clock.monotonicMs())),
            },
      last: this.#last,
      kept: kept === undefined ? null : { ...kept, say: kept.changes.map(sayChange) },
    };
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #refusal(holdOff: () => boolean): CodedError | undefined {
    if (holdOff()) return { code: 'trial.emergency', fault: 'caller', say: EMERGENCY };
    const trial = this.#trial;
    if (trial === undefined) return undefined;
    const say = `${trial.by} tries something else already (${trial.changes.map(sayChange).join('; ')}): engawa keep or engawa undo first.`;
    return { code: 'trial.running', fault: 'caller', say };
  }

  #changed(config: SiteConfig, changes: readonly LocalChange[], by?: string): Result<SiteConfig> {
    if (changes.length === 0) return ok(config);
    const changed = withChanges(config, changes, by ?? this.#trial?.by ?? this.#kept?.by ?? 'technician');
    if (!changed.ok) return changed;
    const read = siteConfig.safeParse(changed.value);
    if (!read.success) return no('trial.refused', firstIssue(read.error.issues));
    const sound = checkSiteConfig(read.data);
    return sound.ok ? ok(read.data) : sound;
  }

  #arm(): void {
    this.#timer?.cancel();
    this.#timer = this.#options.clock.after(LOOK_EVERY_MS, 'trial', () => this.#look());
  }

  #look(): void {
    const trial = this.#trial;
    if (trial === undefined) return;
    const nowMs = this.#options.clock.monotonicMs();
    const because =
      nowMs >= trial.endsMs
        ? 'time'
        : trial.session && nowMs - trial.heardMs > SESSION_LIMIT_MS
          ? 'session'
          : undefined;
    // Under an emergency call nothing is reconfigured: it is undone after it.
    if (because !== undefined && !this.#options.holdOff()) this.#back(because);
    else this.#arm();
  }

  /** To what ran before the trial. */
  #back(because: TrialEnd['because']): void {
    const { log } = this.#options;
    if (this.#trial !== undefined) this.#ended('undone', because);
    if (this.#base === undefined) return;
    const applied = this.take(this.#base);
    if (applied.ok) log.info({ because }, 'a change is undone');
    else log.error({ code: applied.error.code, say: applied.error.say }, 'what ran before is refused');
    this.#tell();
  }

  #ended(outcome: TrialEnd['outcome'], because: TrialEnd['because']): void {
    const trial = this.#trial;
    this.#timer?.cancel();
    this.#trial = undefined;
    if (trial === undefined) return;
    this.#last = { id: trial.id, outcome, because, say: trial.changes.map(sayChange), by: trial.by };
    this.#tell();
  }

  /** Changes that the service's configuration has by now are nothing of this box any more. */
  #forgetWhatIsSaid(): void {
    const base = this.#base;
    const kept = this.#kept;
    if (base !== undefined && kept !== undefined) {
      const still = kept.changes.filter((change) => {
        const changed = withChanges(base, [change], kept.by);
        return !changed.ok || JSON.stringify(changed.value) !== JSON.stringify(base);
      });
      if (still.length < kept.changes.length)
        this.#keepOnly(still.length === 0 ? undefined : { ...kept, changes: still });
    }
    this.#tell();
  }

  #keepOnly(kept: KeptChanges | undefined): void {
    this.#kept = kept;
    try {
      this.#options.store.save(kept);
    } catch (error) {
      this.#options.log.warn({ err: error }, 'kept changes cannot be written');
    }
  }

  #tell(): void {
    const { health } = this.#options;
    const trial = this.#trial;
    const kept = this.#kept;
    if (trial === undefined) health.clear('config.trial');
    else health.raise('config.trial', `${trial.by} tries: ${trial.changes.map(sayChange).join('; ')}.`);
    if (kept === undefined) {
      health.clear('config.local');
      health.clear('config.localRefused');
    } else
      health.raise('config.local', `${kept.by} changed here: ${kept.changes.map(sayChange).join('; ')}.`);
  }
}

const EMERGENCY = 'An emergency call is up: nothing is changed under it.';

function no(code: string, say: string) {
  return refuse<CodedError>({ code, fault: 'caller', say });
}
