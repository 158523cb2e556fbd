import type { Instant } from '../../lib/base/clock.ts';
import type { Contract, Held } from './types.ts';

/** A stretch of time in which nothing of a contract begins or ends; `until` is exclusive. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

const edges = new WeakMap<Contract, readonly number[]>();

/** The stretch around a moment: what was seen of the contract at one time in it holds at every time in it. */
export function spanAt(contract: Contract, at: Instant): Span {
  const known = edges.get(contract) ?? edgesOf(contract);
  edges.set(contract, known);
  let from = Number.NEGATIVE_INFINITY;
  for (const edge of known) {
    if (edge > at) return { from, until: edge };
    from = edge;
  }
  return { from, until: Number.POSITIVE_INFINITY };
}

function edgesOf(contract: Contract): readonly number[] {
  const held: readonly Held[] = [
    ...contract.numbers,
    ...contract.ids,
    ...contract.options,
    ...(contract.tollFree ?? []),
    ...(contract.answering?.loanNumbers ?? []),
    ...[contract.mobileMode, contract.groupForwarding].filter((one) => one !== undefined),
  ].map((one) => one.held);
  const all = held.flatMap(({ from, until }) => (until === null ? [from] : [from, until]));
  return [...new Set(all)].toSorted((one, other) => one - other);
}
