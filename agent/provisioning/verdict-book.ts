import type { MacAddress } from '../../lib/net/mac-address.ts';
import type { FetchVerdict } from './phone-record.ts';

/** One thing a device asked, and what became of it. */
export interface VerdictLine extends FetchVerdict {
  /** Epoch ms. */
  readonly atMs: number;
  /** The file, or `pnp`. */
  readonly asked: string;
}

const DEVICES_MOST = 256;
const LINES_MOST = 16;

/** The last requests of the devices that asked last, for `engawa why MAC`; and how often each rule decided. */
export class VerdictBook {
  readonly #lines = new Map<MacAddress, VerdictLine[]>();
  readonly #counts = new Map<string, number>();

  add(mac: MacAddress | undefined, line: VerdictLine): void {
    this.#counts.set(line.rule, (this.#counts.get(line.rule) ?? 0) + 1);
    if (mac === undefined) return;
    const lines = this.#lines.get(mac) ?? [];
    this.#lines.delete(mac);
    if (this.#lines.size >= DEVICES_MOST) {
      const [oldest] = this.#lines.keys();
      if (oldest !== undefined) this.#lines.delete(oldest);
    }
    lines.push({ ...line, asked: line.asked.slice(0, 80) });
    if (lines.length > LINES_MOST) lines.shift();
    this.#lines.set(mac, lines);
  }

  /** Oldest first. */
  of(mac: MacAddress): readonly VerdictLine[] {
    return this.#lines.get(mac) ?? [];
  }

  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
}
