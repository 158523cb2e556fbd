/** The next number of a series; a store keeps it and moves it in the transaction that writes the invoice. */
export interface NumberCounter {
  /** `E` for invoices, `C` for credit notes: short, printed as it is. */
  readonly series: string;
  readonly next: number;
}

const DIGITS = 8;

/** A new series begins with 1. */
export function newSeries(series: string): NumberCounter {
  return { series, next: 1 };
}

/** Takes one number: `E-00000042`. Without gaps, because nothing else moves the counter. */
export function takeNumber(counter: NumberCounter): {
  readonly number: string;
  readonly counter: NumberCounter;
} {
  const { series, next } = counter;
  return { number: numberText(series, next), counter: { series, next: next + 1 } };
}

/** Numbers that are missing or there twice among those given out so far; empty is what an auditor wants. */
export function numberFaults(counter: NumberCounter, given: readonly string[]): readonly string[] {
  const times = new Map<string, number>();
  for (const number of given) times.set(number, (times.get(number) ?? 0) + 1);
  const faults = [...times].filter(([, count]) => count > 1).map(([number]) => number);
  for (let n = 1; n < counter.next; n++) {
    const number = numberText(counter.series, n);
    if (!times.delete(number)) faults.push(number);
  }
  return [...new Set([...faults, ...times.keys()])].sort();
}

function numberText(series: string, value: number): string {
  return `${series}-${String(value).padStart(DIGITS, '0')}`;
}
