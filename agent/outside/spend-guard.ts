import { costOf, type SpendReport } from '../../lib/contract/spend.ts';

/** A call with the outside that the service has not reckoned yet, as far as the box knows. */
export interface UnreckonedCall {
  readonly number: string;
  readonly startedAt: number;
  readonly talkMs: number;
}

/** Why a call may not begin. */
export interface SpendBar {
  readonly because: string;
}

type Line = SpendReport['ids'][number];

/** Whether a report holds anybody to a ceiling. */
export function hasCeiling(report: SpendReport | undefined): boolean {
  return report?.ids.some(({ remainingMicroYen }) => remainingMicroYen !== null) ?? false;
}

/**
 * Pure: whether a call may begin while the service is away. As the service does it: what costs nothing always may, what costs
 * something may while anything is left, and what runs is not asked again.
 *
 * `unreckoned` are the calls whose records wait, those that the service has got since it wrote the report, and those that run.
 */
export function spendBar(
  report: SpendReport | undefined,
  call: { readonly serviceId: string; readonly number: string },
  unreckoned: Iterable<UnreckonedCall>,
  now: number,
): SpendBar | undefined {
  const own = report && lineOf(report, call.serviceId);
  if (report === undefined || own === undefined) return undefined;
  const { remainingMicroYen, limitMicroYen } = own;
  if (remainingMicroYen === null || limitMicroYen === null) return undefined;
  if (costOf(report.rates, call.number, 1) === 0) return undefined;
  const next = now >= report.periodEndsAt;
  // In a period of which the service has told nothing yet the whole limit holds, for what has begun in it.
  const from = next ? report.periodEndsAt : 0;
  let left = next ? limitMicroYen : remainingMicroYen;
  for (const each of unreckoned) {
    if (each.startedAt >= from) left -= costOf(report.rates, each.number, each.talkMs);
  }
  if (left > 0) return undefined;
  return { because: 'spend.ceiling: the ceiling of spending is reached, as far as this box knows' };
}

/**
 * What the report says of a line. One that is not in it came to this box since: it shares the ceiling of the contract with its
 * neighbours.
 */
function lineOf({ ids }: SpendReport, serviceId: string): Line | undefined {
  return (
    ids.find((line) => line.serviceId === serviceId) ??
    ids.find(({ remainingMicroYen }) => remainingMicroYen !== null)
  );
}
