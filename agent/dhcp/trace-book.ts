import type { MacAddress } from '../../lib/net/mac-address.ts';
import type { MessageType } from './packet.ts';
import type { Verdict } from './verdict.ts';

/** One packet of a device and what was done with it. */
export interface TraceLine extends Verdict {
  /** Wall time, epoch ms. */
  readonly atMs: number;
  readonly message: MessageType;
}

const DEVICES_MOST = 512;
const LINES_MOST = 16;

/** The last packets of the devices that were heard last, for `engawa why MAC`; and how often each rule decided. */
export class TraceBook {
  readonly #lines = new Map<MacAddress, TraceLine[]>();
  readonly #counts = new Map<string, number>();

  add(mac: MacAddress | undefined, line: TraceLine): void {
    this.#counts.set(line.rule, (this.#counts.get(line.rule) ?? 0) + 1);
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

  /** Counts what has no sender: bytes that are no DHCP message. */
  count(rule: string): void {
    this.#counts.set(rule, (this.#counts.get(rule) ?? 0) + 1);
  }

  of(mac: MacAddress): readonly TraceLine[] {
    return this.#lines.get(mac) ?? [];
  }

  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
}
