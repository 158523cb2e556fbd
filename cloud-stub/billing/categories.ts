import type { BilingualName } from '../catalogue/index.ts';
import type { UsageCategory } from '../rating/types.ts';

/** Name of a category on an invoice and what it counts. */
interface CategoryWords {
  readonly name: BilingualName;
  /** What is counted: calls, jobs, pieces. */
  readonly counted: BilingualName;
}

const calls: BilingualName = { ja: '通話', en: 'calls' };

/** Names, counting words and order of the usage categories on an invoice. */
export const CATEGORIES: Readonly<Record<UsageCategory, CategoryWords>> = {
  deviceCalls: {
    name: { ja: '通話料(IP電話機・アダプタ)', en: 'Calls from desk phones and adapters' },
    counted: calls,
  },
  appCalls: { name: { ja: '通話料(アプリ)', en: 'Calls from the app' }, counted: calls },
  forwardedLegs: { name: { ja: '転送通話料', en: 'Forwarded calls' }, counted: calls },
  groupForwarding: {
    name: { ja: '外線転送通話料', en: 'Calls forwarded by ring groups' },
    counted: calls,
  },
  ip050Calls: { name: { ja: '050通話料', en: 'Calls of the 050 service' }, counted: calls },
  cloudFax: {
    name: { ja: 'クラウドFAX送信料', en: 'Cloud fax' },
    counted: { ja: '通信', en: 'faxes' },
  },
  botBlocks: {
    name: { ja: '応答ボット超過料', en: 'Answer bot overage' },
    counted: { ja: '件', en: 'items' },
  },
  answeringCalls: {
    name: { ja: '電話秘書超過料', en: 'Answering overage' },
    counted: { ja: '件', en: 'calls' },
  },
  tollFreeIn: { name: { ja: '着信課金通話料', en: 'Toll-free calls' }, counted: calls },
  free: { name: { ja: '無料通話', en: 'Calls free of charge' }, counted: calls },
};

const ORDER = Object.keys(CATEGORIES) as UsageCategory[];

/** Sorts lines by category as invoices list them. */
export function byCategory(a: UsageCategory, b: UsageCategory): number {
  return ORDER.indexOf(a) - ORDER.indexOf(b);
}
