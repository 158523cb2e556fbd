import type { Clock, Timer } from '../../lib/base/clock.ts';
import { LAN_REPORT_EVERY_MS, type LanReport } from '../../lib/contract/lan-facts.ts';

/** How often an unchanged LAN is looked at. */
const LOOK_MS = LAN_REPORT_EVERY_MS;

/** Tells the cloud of the LAN: at once when there is a connection, then whenever something other than a time has changed. */
export class LanReporter {
  readonly #clock: Clock;
  readonly #report: () => LanReport;
  readonly #publish: (report: LanReport) => void;
  #timer: Timer | undefined;
  #told: string | undefined;

  constructor(clock: Clock, report: () => LanReport, publish: (report: LanReport) => void) {
    this.#clock = clock;
    this.#report = report;
    this.#publish = publish;
  }

  /** A connection is there. What was told on another one may be lost with its broker. */
  connected(): void {
    this.#told = undefined;
    this.#look();
  }

  disconnected(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #look(): void {
    this.#timer?.cancel();
    const report = this.#report();
    const mark = markOf(report);
    if (mark !== this.#told) {
      this.#told = mark;
      this.#publish(report);
    }
    this.#timer = this.#clock.after(LOOK_MS, 'sync.lan', () => this.#look());
  }
}

/** The report without moments that pass by themselves. */
function markOf({ at: _at, dhcp, ...rest }: LanReport): string {
  const foreign = dhcp?.foreign.map(({ lastHeardAt: _lastHeardAt, ...server }) => server);
  return JSON.stringify({ ...rest, dhcp: dhcp === null ? null : { ...dhcp, foreign } });
}
