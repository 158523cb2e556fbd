import type { Instant } from '../../lib/base/clock.ts';
import type { GatewayId } from '../../lib/base/ids.ts';
import type { SpendRate, SpendReport } from '../../lib/contract/spend.ts';
import { periodOf } from '../billing/index.ts';
import { type Contract, holds } from '../contracts/index.ts';
import { classify } from '../numbering/index.ts';
import type { Rater } from '../rating/index.ts';
import { gatewaysOf } from './compile.ts';

/**
 * Beginnings of numbers that are priced apart, each with a number of the kind. The plan and the prices decide what a kind costs;
 * here stands only how finely a box is told.
 */
const KINDS: readonly (readonly [prefix: string, sample: string])[] = [
  ['', '0355550123'],
  ['0120', '0120555123'],
  ['0800', '08005551234'],
  ['0570', '0570555123'],
  ['0990', '0990555123'],
  ['050', '05055551234'],
  ['020', '02055512345'],
  ['060', '06055551234'],
  ['070', '07055551234'],
  ['080', '08055551234'],
  ['090', '09055551234'],
  ['010', '010155555512345'],
  ['104', '104'],
  ['115', '115'],
  ['117', '117'],
  ['171', '171'],
  ['177', '177'],
  ['188', '188'],
  ['189', '189'],
];
/** Longer units than this are told as one for the whole call. */
const LONGEST_UNIT_MS = 30 * 60_000;

/** What a ceiling is reckoned with. */
export interface Spending {
  /** Null: none. */
  readonly limitMicroYen: number | null;
  readonly spentMicroYen: number;
  readonly rater: Pick<Rater, 'amountOf'>;
}

/**
 * Pure: what one box must know to hold the ceiling of its contract while the service is away. All boxes of a contract share it,
 * and each is told an equal part of what is left: so they hold it together, whichever of them are away, and one that has used
 * its part waits for the service, though another may have some left.
 */
export function spendReportOf(
  contract: Contract,
  gateway: GatewayId,
  { limitMicroYen, spentMicroYen, rater }: Spending,
  now: Instant,
  rates: ReturnType<typeof ratesAt> = ratesAt(now),
): SpendReport {
  const devices = new Set(
    contract.devices.flatMap((device) =>
      device.gateway === gateway && holds(device.held, now) ? [device.id] : [],
    ),
  );
  const here = contract.ids.filter(({ device, held }) => devices.has(device) && holds(held, now));
  const boxes = Math.max(1, gatewaysOf(contract, now).length);
  const part = (whole: number): number => Math.max(0, Math.floor(whole / boxes));
  const money =
    limitMicroYen === null
      ? { remainingMicroYen: null, limitMicroYen: null }
      : { remainingMicroYen: part(limitMicroYen - spentMicroYen), limitMicroYen: part(limitMicroYen) };
  return {
    ...{ v: 1, gateway, at: now, periodEndsAt: periodOf(now).until },
    ids: here.slice(0, IDS_MOST).map(({ id }) => ({ serviceId: id, ...money })),
    // Without a ceiling nothing is reckoned there.
    rates: limitMicroYen === null ? [] : [...rates(rater)],
  };
}

const IDS_MOST = 40;

/** The prices of a moment, made once for each rater: every box of a product has the same, and making them takes a while. */
export function ratesAt(now: Instant): (rater: Spending['rater']) => readonly SpendRate[] {
  const known = new Map<Spending['rater'], readonly SpendRate[]>();
  return (rater) => {
    const rates = known.get(rater) ?? ratesOf(rater, now);
    known.set(rater, rates);
    return rates;
  };
}

/**
 * Prices of calls of adapters and desk phones, which no free minutes are sold for: those are for calls of apps, which no box
 * carries. [S0-016] What has no price costs nothing here: the service looks at it afterwards, as it does when it is
 * there.
 */
function ratesOf(rater: Spending['rater'], now: Instant): readonly SpendRate[] {
  return KINDS.flatMap(([prefix, number]): SpendRate[] => {
    const destination = classify(number, now).class;
    const amount = (talkMs: number): number =>
      rater.amountOf({ kind: 'out', device: 'adapter', destination, number, answeredAt: now, talkMs }) ?? 0;
    const microYen = amount(1);
    return [{ prefix, unitMs: unitOf(amount, microYen), microYen }];
  });
}

/** How long the first unit is: the longest talk that costs no more than the shortest. */
function unitOf(amount: (talkMs: number) => number, first: number): number {
  if (amount(LONGEST_UNIT_MS) === first) return Number.MAX_SAFE_INTEGER;
  let [same, more] = [1, LONGEST_UNIT_MS];
  while (more - same > 1) {
    const middle = Math.floor((same + more) / 2);
    if (amount(middle) === first) same = middle;
    else more = middle;
  }
  return same;
}
