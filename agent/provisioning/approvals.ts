import type { MacAddress } from '../../lib/net/mac-address.ts';

interface Approval {
  readonly untilMs: number;
  /** Files that went out with their secrets in this approval: each once. */
  readonly given: ReadonlySet<string>;
}

/**
 * The moments in which a phone may be given its password. Kept in memory only: a restart closes all of them. No clock;
 * times are monotonic ms.
 */
export class Approvals {
  readonly #open = new Map<MacAddress, Approval>();

  open(mac: MacAddress, untilMs: number): void {
    this.#open.set(mac, { untilMs, given: new Set() });
  }

  /** When the window of a phone closes; undefined when it is not open. */
  untilMs(mac: MacAddress, nowMs: number): number | undefined {
    return this.#of(mac, nowMs)?.untilMs;
  }

  /** Whether this file may carry its secrets now. */
  mayGive(mac: MacAddress, file: string, nowMs: number): boolean {
    const approval = this.#of(mac, nowMs);
    return approval !== undefined && !approval.given.has(file);
  }

  /** A file with secrets goes out. */
  give(mac: MacAddress, file: string, nowMs: number): void {
    const approval = this.#of(mac, nowMs);
    if (approval !== undefined)
      this.#open.set(mac, { ...approval, given: new Set([...approval.given, file]) });
  }

  /** It did not arrive: the connection broke before its end. */
  takeBack(mac: MacAddress, file: string): void {
    const approval = this.#open.get(mac);
    if (approval === undefined) return;
    this.#open.set(mac, { ...approval, given: new Set([...approval.given].filter((each) => each !== file)) });
  }

  /** Whether anything was given in the window that is open. */
  isUsed(mac: MacAddress, nowMs: number): boolean {
    return (this.#of(mac, nowMs)?.given.size ?? 0) > 0;
  }

  close(mac: MacAddress): void {
    this.#open.delete(mac);
  }

  #of(mac: MacAddress, nowMs: number): Approval | undefined {
    const approval = this.#open.get(mac);
    if (approval === undefined || approval.untilMs > nowMs) return approval;
    this.#open.delete(mac);
    return undefined;
  }
}
