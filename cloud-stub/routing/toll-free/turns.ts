import type { Distribution } from '../../contracts/index.ts';
import type { Turn } from '../types.ts';

type Share = Extract<Distribution, { by: 'percentage' }>['shares'][number];

/** One cycle of a distribution. */
interface Cycle {
  readonly shares: string;
  /** The number for each call of the cycle. */
  readonly order: readonly string[];
}

/** More calls than these are in no cycle: percentages are whole and add up to 100. */
const LONGEST = 100;

const cycles = new WeakMap<readonly Share[], Map<string, Cycle>>();

/**
 * Whose turn it is, and where the distribution stands afterwards. Weighted round robin without any chance: each cycle has
 * every number exactly as often as its share says, spread over the cycle, and a cycle is as short as the ratio allows
 * (60 to 40: five calls). With other numbers open than before, a new cycle begins. Undefined without any share. [S2-033]
 */
export function takeTurn(
  key: string,
  shares: readonly Share[],
  open: readonly string[],
  turn: Turn | undefined,
): { readonly number: string; readonly next: Turn } | undefined {
  const cycle = cycleOf(shares, open);
  const { length } = cycle.order;
  if (length === 0) return undefined;
  const runs = turn !== undefined && turn.key === key && turn.shares === cycle.shares;
  const at = runs && turn.given > 0 && turn.given < length ? Math.floor(turn.given) : 0;
  const number = cycle.order[at];
  if (number === undefined) return undefined;
  const calls = (turn?.key === key ? (turn.calls ?? 0) : 0) + 1;
  return { number, next: { key, shares: cycle.shares, given: (at + 1) % length, calls } };
}

function cycleOf(shares: readonly Share[], open: readonly string[]): Cycle {
  let pattern = '';
  for (const share of shares) pattern += open.includes(share.number) ? '1' : '0';
  let known = cycles.get(shares);
  if (known === undefined) {
    known = new Map();
    cycles.set(shares, known);
  }
  const found = known.get(pattern);
  if (found !== undefined) return found;
  const kept = shares.filter((share, at) => pattern[at] === '1' && share.percent >= 1);
  const made: Cycle = {
    shares: kept.map((share) => `${share.number}:${share.percent}`).join(','),
    order: spread(kept),
  };
  known.set(pattern, made);
  return made;
}

/** Smooth weighted round robin: the one that is furthest behind its share is next; the first one of equals. */
function spread(shares: readonly Share[]): readonly string[] {
  const whole = shares.reduce((sum, share) => sum + share.percent, 0);
  const divisor = shares.reduce((common, share) => greatestCommon(common, share.percent), 0);
  const length = divisor === 0 ? 0 : Math.min(whole / divisor, LONGEST);
  const owed = shares.map(() => 0);
  const order: string[] = [];
  for (let call = 0; call < length; call += 1) {
    let best = 0;
    for (const [at, share] of shares.entries()) {
      owed[at] = (owed[at] ?? 0) + share.percent;
      if ((owed[at] ?? 0) > (owed[best] ?? 0)) best = at;
    }
    owed[best] = (owed[best] ?? 0) - whole;
    order.push(shares[best]?.number ?? '');
  }
  return order;
}

function greatestCommon(one: number, other: number): number {
  return other === 0 ? one : greatestCommon(other, one % other);
}
