import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import { readPages, writePages } from '../../lib/dsp/fax/page-file.ts';
import { drawTestPage, type TestPageKind, type TestPageResolution } from '../../lib/dsp/fax/test-page.ts';
import { type FaxHabits, USUAL_FAX_HABITS } from './fax-habits.ts';

/** A fax to send: a TIFF, or pages that are drawn. What is left out of the habits is as usual. */
export interface FaxToSend {
  readonly file?: string | undefined;
  readonly pages?: readonly TestPageKind[] | undefined;
  readonly resolution?: TestPageResolution | undefined;
  readonly habits?: FaxHabitsGiven | undefined;
}

/** Some of the habits. */
export type FaxHabitsGiven = { readonly [Name in keyof FaxHabits]?: FaxHabits[Name] | undefined };

/** The network's fax machines: their habits, and the folder with what they send and receive. */
export class FaxRoom {
  readonly #folder: string;
  readonly #habits = new Map<string, FaxHabits>();
  #number = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** How the machine at `number` behaves from its next call on. */
  set(number: string, given: FaxHabitsGiven): void {
    this.#habits.set(number, withUsual(given));
  }

  /** The machine at a number of ours that was called, and the file for what it receives. */
  at(number: string): { readonly habits: FaxHabits; readonly file: string } {
    this.#makeFolder();
    const habits = this.#habits.get(number) ?? { ...USUAL_FAX_HABITS, ident: number };
    return { habits, file: join(this.#folder, `carrier-received-${++this.#number}.tif`) };
  }

  habitsOf(fax: FaxToSend): FaxHabits {
    return withUsual(fax.habits ?? {});
  }

  /** The TIFF to send, or why there is none. */
  pagesOf(fax: FaxToSend): Result<{ readonly file: string; readonly pages: number }> {
    if (fax.file !== undefined) {
      if (!existsSync(fax.file)) return refuse(badFile(`There is no file ${fax.file}.`));
      const read = readPages(fax.file);
      return read.ok ? ok({ file: fax.file, pages: read.value.length }) : read;
    }
    const drawn = (fax.pages ?? []).map((kind, index) =>
      drawTestPage(kind, fax.resolution ?? 'standard', index + 1),
    );
    if (drawn.length === 0) return refuse(badFile('Say "file", or "pages" that are to be drawn.'));
    const file = join(this.#folder, `carrier-sent-${++this.#number}.tif`);
    try {
      this.#makeFolder();
    } catch (error) {
      return refuse(badFile(`${this.#folder} cannot be made (${String(error)}).`));
    }
    const written = writePages(file, drawn);
    return written.ok ? ok({ file, pages: drawn.length }) : written;
  }

  #makeFolder(): void {
    mkdirSync(this.#folder, { recursive: true });
  }
}

function withUsual(given: FaxHabitsGiven): FaxHabits {
  const named = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...USUAL_FAX_HABITS, ...Object.fromEntries(named) };
}

function badFile(say: string): CodedError {
  return { code: 'carrier.faxFile', fault: 'caller', say };
}
