import { MICRO_YEN_PER_YEN, type MicroYen, microYen } from '../../lib/base/units.ts';
import { type BilingualName, type Catalogue, taxPercentAt } from '../catalogue/index.ts';
import type { UsageCategory } from '../rating/types.ts';
import { inPeriod, type Period } from './period.ts';
import type { RatedCall, UsageDetail, UsageLine } from './types.ts';

/** Names and order of the usage categories on an invoice. */
const CATEGORIES: Readonly<Record<UsageCategory, BilingualName>> = {
  deviceCalls: { ja: '通話料(IP電話機・アダプタ)', en: 'Calls from desk phones and adapters' },
  appCalls: { ja: '通話料(アプリ)', en: 'Calls from the app' },
  forwardedLegs: { ja: '転送通話料', en: 'Forwarded calls' },
  groupForwarding: { ja: '外線転送通話料', en: 'Calls forwarded by ring groups' },
  ip050Calls: { ja: '050通話料', en: 'Calls of the 050 service' },
  cloudFax: { ja: 'クラウドFAX送信料', en: 'Cloud fax' },
  botBlocks: { ja: '応答ボット超過料', en: 'Answer bot overage' },
  answeringCalls: { ja: '電話秘書超過料', en: 'Answering overage' },
  tollFreeIn: { ja: '着信課金通話料', en: 'Toll-free calls' },
  free: { ja: '無料通話', en: 'Calls free of charge' },
};
const ORDER = Object.keys(CATEGORIES) as UsageCategory[];

interface Sum {
  calls: number;
  units: number;
  exact: number;
}

/** Items of one category at one tax rate. */
type Group = Map<string, Sum>;

/**
 * The usage of a period: for each category the exact amounts are added up and floored to yen once. The
 * order of the calls does not matter. Should the tax rate change inside a period, a category has one line for each.
 */
export function usageLines(catalogue: Catalogue, period: Period, calls: readonly RatedCall[]): UsageLine[] {
  const groups = new Map<string, Group>();
  for (const { answeredAt, charge } of calls) {
    if (answeredAt === null || !inPeriod(period, answeredAt)) continue;
    const key = `${charge.category} ${taxPercentAt(catalogue, answeredAt) ?? 0}`;
    const group: Group = groups.get(key) ?? new Map<string, Sum>();
    groups.set(key, group);
    const sum = group.get(charge.item) ?? { calls: 0, units: 0, exact: 0 };
    group.set(charge.item, sum);
    sum.calls++;
    sum.units += charge.units;
    sum.exact += charge.amount;
  }
  return [...groups]
    .map(([key, group]) => usageLine(catalogue, key, group))
    .sort((a, b) => ORDER.indexOf(a.category) - ORDER.indexOf(b.category) || a.taxPercent - b.taxPercent);
}

function usageLine(catalogue: Catalogue, key: string, group: Group): UsageLine {
  const [category, percent] = key.split(' ') as [UsageCategory, string];
  const details = [...group].map(([item, sum]) => detail(catalogue, item, sum)).sort(byItem);
  const exact = microYen(details.reduce((total, one) => total + one.exactMicroYen, 0));
  return {
    kind: 'usage',
    category,
    name: CATEGORIES[category],
    facts: ['A-43', 'A-53'],
    quantity: details.reduce((total, one) => total + one.calls, 0),
    exactMicroYen: exact,
    amountYen: floorToYen(exact),
    taxPercent: Number(percent),
    details,
  };
}

function detail(catalogue: Catalogue, item: string, sum: Sum): UsageDetail {
  const entry = catalogue.items.find((candidate) => candidate.id === item);
  return {
    item,
    name: entry?.name ?? UNPRICED_NAMES[item] ?? { ja: item, en: item },
    facts: entry?.facts ?? [],
    calls: sum.calls,
    units: sum.units,
    exactMicroYen: microYen(sum.exact),
  };
}

/** What rating calls by a name but the catalogue does not price. */
const UNPRICED_NAMES: Readonly<Record<string, BilingualName>> = {
  'call.incoming': { ja: '着信', en: 'Incoming call' },
  'call.unanswered': { ja: '通話なし', en: 'No conversation' },
};

function byItem(a: UsageDetail, b: UsageDetail): number {
  return a.item < b.item ? -1 : 1;
}

/** Whole yen, towards minus infinity. */
export function floorToYen(amount: MicroYen): number {
  return Math.floor(amount / MICRO_YEN_PER_YEN);
}
