import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** What a phone remembers without power. */
const kept = z.object({
  values: z.record(z.string(), z.string()),
  firmware: z.string(),
  lease: z.object({ address: z.string(), untilMs: z.number() }).nullable(),
});

type Kept = z.infer<typeof kept>;

/** The phone's memory: a file when it was given a folder, else for as long as the program runs. */
export class Nvram {
  readonly #file: string | undefined;
  readonly #factoryFirmware: string;
  #kept: Kept;

  constructor(folder: string | undefined, firmware: string) {
    this.#factoryFirmware = firmware;
    this.#kept = { values: {}, firmware, lease: null };
    if (folder === undefined) return;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#file = join(folder, 'nvram.json');
    try {
      this.#kept = kept.parse(JSON.parse(readFileSync(this.#file, 'utf8')));
    } catch {
      // A phone that cannot read its memory is as new.
    }
  }

  get values(): ReadonlyMap<string, string> {
    return new Map(Object.entries(this.#kept.values));
  }

  get firmware(): string {
    return this.#kept.firmware;
  }

  get lease(): Kept['lease'] {
    return this.#kept.lease;
  }

  /** Takes what a file said; a setting that it does not name stays as it was. */
  merge(values: ReadonlyMap<string, string>): void {
    this.#keep({ ...this.#kept, values: { ...this.#kept.values, ...Object.fromEntries(values) } });
  }

  setFirmware(firmware: string): void {
    this.#keep({ ...this.#kept, firmware });
  }

  setLease(lease: Kept['lease']): void {
    this.#keep({ ...this.#kept, lease });
  }

  /** As from the factory; the firmware stays. */
  reset(): void {
    this.#keep({ values: {}, firmware: this.#kept.firmware || this.#factoryFirmware, lease: null });
  }

  #keep(next: Kept): void {
    this.#kept = next;
    if (this.#file === undefined) return;
    const fresh = `${this.#file}.new`;
    writeFileSync(fresh, JSON.stringify(next), { mode: 0o600 });
    renameSync(fresh, this.#file);
  }
}
