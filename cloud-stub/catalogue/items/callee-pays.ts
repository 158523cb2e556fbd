import { japanMidnight } from '../../../lib/base/japan-time.ts';
import { priceList, UNDATED_LIST_FROM } from '../entry.ts';
import type { CatalogueItem, FarEnd } from '../types.ts';

/** Every amount of the list is ex-tax. [S2-001] */
const entry = priceList('calleePays', UNDATED_LIST_FROM);

const functions: readonly CatalogueItem[] = [
  entry(
    'calleePays.construction',
    ['工事費', 'Construction fee'],
    ['S2-002', 'A-28'],
    'initial',
    1_000,
    'order',
  ),
  entry('calleePays.basic', ['基本機能', 'Basic function'], ['S2-002'], 'recurring', 1_000, 'number'),
  entry(
    'calleePays.multiLine',
    ['複数回線管理', 'Multi-line management'],
    ['S2-003'],
    'recurring',
    1_000,
    'number',
  ),
  entry(
    'calleePays.region',
    ['発信地域振分', 'Origin-region distribution'],
    ['S2-004'],
    'recurring',
    350,
    'number',
  ),
  entry('calleePays.busyDetour', ['話中時迂回', 'Busy detour'], ['S2-005'], 'recurring', 800, 'number'),
  entry(
    'calleePays.percentage',
    ['着信振分', 'Percentage distribution'],
    ['S2-006'],
    'recurring',
    700,
    'number',
  ),
  entry(
    'calleePays.destinationChange',
    ['受付先変更', 'Destination change'],
    ['S2-007'],
    'recurring',
    1_000,
    'number',
  ),
  entry(
    'calleePays.afterHours',
    ['時間外案内', 'After-hours guidance'],
    ['S2-008'],
    'recurring',
    650,
    'number',
  ),
  entry(
    'calleePays.control',
    ['カスタマコントロール', 'Customer control'],
    ['S2-009'],
    'recurring',
    0,
    'number',
  ),
  entry(
    'calleePays.presentNumber',
    ['特定番号通知', 'Specific number notification'],
    ['S2-010'],
    'recurring',
    100,
    'number',
  ),
  entry(
    'calleePays.unlock',
    ['カスタマコントロール ロック解除', 'Unlocking customer control'],
    ['S2-011'],
    'initial',
    2_000,
    'order',
  ),
  // Printed directories ended with directory enquiry; the price is kept for the issues before.
  entry(
    'calleePays.listing',
    ['電話帳 追加掲載', 'Further directory listing'],
    ['S2-012', 'A-11'],
    'usage',
    500,
    'listing',
    {
      unit: { of: 'issue' },
      usage: 'tollFreeIn',
      use: 'listing',
      validUntil: japanMidnight(2026, 4, 1),
      included: { count: 1, of: 'listings' },
    },
  ),
];

/** The list has no call prices: those of the cloud phone's toll-free numbers are taken. [S0-051] */
function callIn(
  id: string,
  names: readonly [string, string],
  priceYen: number,
  farEnd: FarEnd,
): CatalogueItem {
  return entry(id, names, ['S2-013', 'S0-051'], 'usage', priceYen, 'call', {
    basis: 'chosen',
    unit: { of: 'time', ms: 60_000 },
    call: {
      direction: 'tollFreeIn',
      farEnds: [farEnd],
      categories: { any: 'tollFreeIn' },
      tenMinutes: false,
    },
  });
}

/** Toll-free numbers with their optional functions. Callers from 050 are not accepted and have no price. [S2-026] */
export const calleePaysItems: readonly CatalogueItem[] = [
  ...functions,
  callIn('calleePays.call.fixed', ['固定電話からの着信', 'Call from a fixed line'], 7, 'geographic'),
  callIn('calleePays.call.mobile', ['携帯電話・PHSからの着信', 'Call from a mobile or PHS'], 20, 'mobile'),
  callIn('calleePays.call.payphone', ['公衆電話からの着信', 'Call from a payphone'], 30, 'payphone'),
];
