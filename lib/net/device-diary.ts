import type { MacAddress } from './mac-address.ts';

/** One thing that a device did, and the rule by which it was answered so. */
export interface DiaryLine {
  /** Wall time, epoch ms. */
  readonly atMs: number;
  /** Stable name of the rule that decided. */
  readonly rule: string;
}

const DEVICES_MOST = 512;
const LINES_MOST = 16;

/** What the devices that were heard last did last, for `engawa why MAC`; and how often each rule decided. */
export class DeviceDiary<Line extends DiaryLine> {
  readonly #lines = new Map<MacAddress, Line[]>();
  readonly #counts = new Map<string, number>();

  /** Notes a line. Without a device only its rule is counted. When there are too many devices the longest silent one is let go. */
  add(mac: MacAddress | undefined, line: Line): void {
    this.count(line.rule);
    if (mac === undefined) return;
    const lines = this.#lines.get(mac) ?? [];
    this.#lines.delete(mac);
    if (this.#lines.size >= DEVICES_MOST) {
      const [oldest] = this.#lines.keys();
      if (oldest !== undefined) this.#lines.delete(oldest);
    }
    lines.push(line);
    if (lines.length > LINES_MOST) lines.shift();
    this.#lines.set(mac, lines);
  }

  /** Counts what has no sender: bytes that are no message. Rules are a fixed set, so the table has an end. */
  count(rule: string): void {
    this.#counts.set(rule, (this.#counts.get(rule) ?? 0) + 1);
  }

  /** Oldest first. */
  of(mac: MacAddress): readonly Line[] {
    return this.#lines.get(mac) ?? [];
  }

  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
}
