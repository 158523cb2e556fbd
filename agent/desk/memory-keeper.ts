import type { Clock, Timer } from '../../lib/base/clock.ts';
import type { Logger } from '../../lib/base/log.ts';
import { type DeskJournalFile, type DeskMemory, readMemory, writeMemory } from './desk-journal.ts';

/** Changes come in bunches: one write for all of a moment. */
const SOON_MS = 100;
/** Sequence numbers of dialogs move without anybody being told. */
const AGAIN_MS = 5_000;

/** Writes down what a later run must know, soon after it has changed. */
export class MemoryKeeper {
  /** What an earlier run left. */
  readonly left: DeskMemory;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #file: DeskJournalFile | undefined;
  readonly #memory: () => DeskMemory;
  #written = '';
  #soon: Timer | undefined;
  #again: Timer | undefined;
  #stopped = false;

  constructor(clock: Clock, log: Logger, file: DeskJournalFile | undefined, memory: () => DeskMemory) {
    this.#clock = clock;
    this.#log = log;
    this.#file = file;
    this.#memory = memory;
    this.left = readMemory(file?.read());
  }

  changed(): void {
    if (this.#stopped || this.#file === undefined) return;
    this.#soon ??= this.#clock.after(SOON_MS, 'desk journal', () => {
      this.#soon = undefined;
      this.#write();
    });
  }

  /** The last word, for a run that ends as it should. */
  stop(): void {
    this.#soon?.cancel();
    this.#again?.cancel();
    this.#write();
    this.#stopped = true;
  }

  #write(): void {
    if (this.#stopped) return;
    const memory = this.#memory();
    const text = writeMemory(memory);
    this.#again?.cancel();
    this.#again =
      memory.calls.length === 0
        ? undefined
        : this.#clock.after(AGAIN_MS, 'desk journal', () => this.#write());
    if (text === this.#written) return;
    try {
      this.#file?.write(text);
      this.#written = text;
    } catch (error) {
      this.#log.warn({ err: error }, 'the journal of the desk phones cannot be written');
    }
  }
}
