import type { Clock, Timer } from '../lib/base/clock.ts';
import { BOX_FACT_LIMITS, type BoxWarning } from '../lib/contract/box-facts.ts';
import { type Around, type HealthRegistry, wholeWarning } from './health/index.ts';
import type { DeskPhone } from './ports.ts';
import type { AgentStatus, CallStatus, Warning } from './status.ts';
import type { FactBox, Outbox } from './store/index.ts';

/** A change is told after this long: what comes and goes with it is told in one. */
const GATHER_MS = 2_000;
/** Figures are told so often; a box that does nothing else sends less than 200 kB of them in a day. */
const FIGURES_EVERY_MS = 300_000;
const FIRST_FIGURES_MS = 10_000;

/** Where the facts are seen. */
export interface BoxFactsSources {
  readonly status: () => AgentStatus;
  readonly calls: () => readonly CallStatus[];
  readonly deskPhones: () => readonly DeskPhone[];
  /** Ports that stand for desk phones in calls and warnings. */
  readonly phonePorts: () => readonly number[];
  readonly onChange: (listener: () => void) => void;
  readonly health: Pick<HealthRegistry, 'list' | 'onChange' | 'dropped'>;
  readonly outbox: Pick<Outbox, 'counters' | 'reserve'>;
  readonly facts: FactBox;
  readonly clock: Clock;
}

/** Writes down for the service how the box is: every warning that comes or goes, its state, its figures. Decides nothing. */
export class BoxFacts {
  readonly #sources: BoxFactsSources;
  readonly #timers = new Map<'state' | 'figures', Timer>();
  #raised = new Map<string, Warning>();
  #told = '';
  #stopped = false;

  constructor(sources: BoxFactsSources) {
    this.#sources = sources;
  }

  start(): void {
    this.#sources.health.onChange(() => this.#warnings());
    this.#sources.onChange(() => this.#gather());
    this.#warnings();
    this.#gather();
    this.#arm('figures', FIRST_FIGURES_MS, () => this.#figures());
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }

  #warnings(): void {
    if (this.#stopped) return;
    const now = new Map(this.#sources.health.list().map((warning) => [warning.code, warning]));
    for (const [code, warning] of now) if (!this.#raised.has(code)) this.#warning(warning, true);
    for (const [code, warning] of this.#raised) if (!now.has(code)) this.#warning(warning, false);
    this.#raised = now;
    this.#gather();
  }

  #warning(warning: Warning, raised: boolean): void {
    const { clock, facts } = this.#sources;
    const told = boxWarning(warning, this.#around());
    facts.write({ kind: 'warning', at: clock.now(), raised, warning: told });
  }

  #gather(): void {
    if (!this.#stopped && !this.#timers.has('state')) this.#arm('state', GATHER_MS, () => this.#state());
  }

  #state(): void {
    const { clock, deskPhones, facts, status } = this.#sources;
    const { board, lines, media, version, warnings } = status();
    const around = this.#around();
    const state = {
      version: version.slice(0, 40),
      board: board.up,
      media: media.connected,
      lines: lines.slice(0, BOX_FACT_LIMITS.lines).map(({ port, serviceId, state: at, registration }) => ({
        ...{ port, serviceId, state: at.slice(0, 40), registered: registration.at === 'registered' },
      })),
      phones: deskPhones()
        .slice(0, BOX_FACT_LIMITS.phones)
        .map(({ mac, source }) => ({ mac, registered: source !== null })),
      warnings: warnings.slice(0, BOX_FACT_LIMITS.warnings).map((each) => boxWarning(each, around)),
    };
    const text = JSON.stringify(state);
    if (text === this.#told) return;
    this.#told = text;
    facts.write({ kind: 'state', at: clock.now(), ...state });
  }

  #figures(): void {
    const { clock, facts } = this.#sources;
    facts.write({ kind: 'counters', at: clock.now(), figures: this.#read() });
    this.#arm('figures', FIGURES_EVERY_MS, () => this.#figures());
  }

  #read(): Record<string, number> {
    const { calls, deskPhones, health, outbox, status } = this.#sources;
    const { calls: running, cloud, lines, media, memory, upMs, warnings } = status();
    const counted = outbox.counters();
    const count = (severity: Warning['severity']): number =>
      warnings.filter((each) => each.severity === severity).length;
    return {
      engawa_box_uptime_seconds: Math.round(upMs / 1_000),
      engawa_box_calls: running.now,
      engawa_box_calls_limit: running.limit,
      engawa_box_calls_talking: calls().filter(({ state }) => state === 'talking').length,
      engawa_box_lines: lines.length,
      engawa_box_lines_registered: lines.filter(({ registration }) => registration.at === 'registered')
        .length,
      engawa_box_phones_registered: deskPhones().filter(({ source }) => source !== null).length,
      engawa_box_media_sessions: media.sessions,
      engawa_box_outbox_records: cloud.outbox,
      engawa_box_outbox_oldest_seconds: Math.round(cloud.oldestMs / 1_000),
      engawa_box_outbox_reserved_bytes: outbox.reserve().heldBytes,
      engawa_box_facts_acknowledged_total: counted.acknowledged,
      engawa_box_facts_dropped_total: counted.dropped,
      engawa_box_records_damaged_total: counted.damaged,
      engawa_box_warnings_dropped_total: health.dropped,
      engawa_box_errors: count('error'),
      engawa_box_warnings: count('warning'),
      engawa_box_agent_bytes: memory.agentBytes,
      engawa_box_media_bytes: memory.mediaBytes,
    };
  }

  #around(): Around {
    const { calls, phonePorts, status } = this.#sources;
    return { lines: status().lines, phones: phonePorts(), calls: calls() };
  }

  #arm(name: 'state' | 'figures', delayMs: number, run: () => void): void {
    this.#timers.get(name)?.cancel();
    this.#timers.set(
      name,
      this.#sources.clock.after(delayMs, `facts.${name}`, () => {
        this.#timers.delete(name);
        run();
      }),
    );
  }
}

/** A warning as the service is told of it. */
function boxWarning(warning: Warning, around: Around): BoxWarning {
  const { code, severity, say, means, remedy, sinceMs, hurts } = wholeWarning(warning, around);
  return {
    ...{ code, severity, say: say.slice(0, 300), since: Math.max(0, Math.round(sinceMs)) },
    ...{ means: means.slice(0, 300), remedy: remedy.slice(0, 300) },
    lines: hurts.lines.slice(0, 40),
    calls: hurts.calls.slice(0, BOX_FACT_LIMITS.hurtCalls),
  };
}
