import { japanMidnight } from '../../../lib/base/japan-time.ts';
import { priceList } from '../entry.ts';
import type { CatalogueItem } from '../types.ts';

/** The date that the list bears. [S1-006] */
const entry = priceList('groupForwarding', japanMidnight(2024, 10, 21));

const chosen = { basis: 'chosen' } as const;
const category = { any: 'groupForwarding' } as const;

/**
 * External members in ring groups. The list says that the fee differs by kind of number, but its amounts are lost
 * [S1-001]: ours stand here, from the cloud phone's forwarding [S0-018]. The first month is paid once more as the
 * initial fee [S1-004]; a forwarded call costs what a call to that destination costs [S1-005].
 */
export const groupForwardingItems: readonly CatalogueItem[] = [
  entry(
    'groupForwarding.standard.initial',
    ['外線転送 標準番号 初期費用', 'Group forwarding, standard number, initial fee'],
    ['S1-004', 'S0-018'],
    'initial',
    500,
    'number',
    chosen,
  ),
  entry(
    'groupForwarding.standard',
    ['外線転送 標準番号', 'Group forwarding, standard number'],
    ['S1-001', 'S1-002', 'S1-003', 'S0-018'],
    'recurring',
    500,
    'number',
    { ...chosen, included: { count: 1, of: 'targets' } },
  ),
  entry(
    'groupForwarding.representative.initial',
    ['外線転送 代表・IVR番号 初期費用', 'Group forwarding, representative or IVR number, initial fee'],
    ['S1-004', 'S0-018'],
    'initial',
    1_000,
    'number',
    chosen,
  ),
  entry(
    'groupForwarding.representative',
    ['外線転送 代表・IVR番号', 'Group forwarding, representative or IVR number'],
    ['S1-001', 'S1-002', 'S1-003', 'S0-018'],
    'recurring',
    1_000,
    'number',
    { ...chosen, included: { count: 2, of: 'targets' } },
  ),
  entry(
    'groupForwarding.target',
    ['転送先追加', 'Additional forwarding target'],
    ['S1-016', 'S0-018'],
    'recurring',
    500,
    'target',
    chosen,
  ),
  entry(
    'groupForwarding.call.fixed',
    ['固定電話への外線転送', 'Group-forwarded to a fixed line'],
    ['S1-005', 'S0-046'],
    'usage',
    8,
    'call',
    {
      ...chosen,
      unit: { of: 'time', ms: 180_000 },
      call: { direction: 'forwarded', farEnds: ['geographic'], categories: category, tenMinutes: false },
    },
  ),
  entry(
    'groupForwarding.call.mobile',
    ['携帯電話・050番号への外線転送', 'Group-forwarded to a mobile or 050 number'],
    ['S1-005', 'S0-046', 'S0-047'],
    'usage',
    17.5,
    'call',
    {
      ...chosen,
      unit: { of: 'time', ms: 60_000 },
      call: { direction: 'forwarded', farEnds: ['mobile', 'ip050'], categories: category, tenMinutes: false },
    },
  ),
];
