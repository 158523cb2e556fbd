/** One thing that had to happen. */
export interface Step {
  readonly name: string;
  readonly ok: boolean;
  /** What was seen, with figures; for a step that failed, what was seen instead. */
  readonly detail: string;
  /** From the start of the story. */
  readonly atMs: number;
}

/** The whole story, as `--json` prints it. */
export interface Story {
  readonly v: 1;
  readonly ok: boolean;
  readonly tookMs: number;
  readonly figures: Readonly<Record<string, number>>;
  readonly steps: readonly Step[];
  /** The faxes, as `faxes.ts` tells them. */
  readonly faxes: unknown;
  /** Call records with their charges and traces, as the operator's API gives them. */
  readonly records: unknown;
  /** Draft invoice of the running period, as the operator's API gives it. */
  readonly invoice: unknown;
  /** The same for people. */
  readonly invoiceText: string;
}

/** What a step found: a sentence, and whether it is what had to happen. */
export interface Finding {
  readonly ok: boolean;
  readonly detail: string;
}

/** Collects steps as they happen. After a step that the rest depends on has failed, the story ends early. */
export class Storyteller {
  readonly steps: Step[] = [];
  readonly figures: Record<string, number> = {};
  readonly #startedMs = performance.now();
  readonly #tell: (sentence: string) => void;

  constructor(tell: (sentence: string) => void) {
    this.#tell = tell;
  }

  elapsedMs(): number {
    return Math.round(performance.now() - this.#startedMs);
  }

  /** Runs one step; whatever it throws is a step that did not happen. Returns whether it happened. */
  async step(name: string, look: () => Promise<Finding>): Promise<boolean> {
    let finding: Finding;
    try {
      finding = await look();
    } catch (error) {
      finding = { ok: false, detail: error instanceof Error ? error.message : String(error) };
    }
    this.steps.push({ name, ...finding, atMs: this.elapsedMs() });
    this.#tell(`${finding.ok ? 'OK  ' : 'FAIL'} ${name}: ${finding.detail}`);
    return finding.ok;
  }
}

/** Waits. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Asks again and again until there is an answer, for at most `limitMs`; undefined when there was none. */
export async function until<Value>(
  limitMs: number,
  ask: () => Promise<Value | undefined>,
): Promise<Value | undefined> {
  const end = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined || performance.now() > end) return answer;
    await pause(50);
  }
}
