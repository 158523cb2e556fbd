import { priceList, UNDATED_LIST_FROM } from '../entry.ts';
import type { CallScope, CatalogueItem, PriceUnit } from '../types.ts';

const entry = priceList('ip050', UNDATED_LIST_FROM);

const chosen = { basis: 'chosen' } as const;
const per60s: PriceUnit = { of: 'time', ms: 60_000 };
const per3min: PriceUnit = { of: 'time', ms: 180_000 };

/** No call of this service is covered by an allowance. [S3-037] */
function scope(direction: CallScope['direction'], ...farEnds: CallScope['farEnds']): CallScope {
  return { direction, farEnds, categories: { any: 'ip050Calls' }, tenMinutes: false };
}

/**
 * The 050 business service. Its call tariff is in no list of ours: a call costs what one from a desk phone of the cloud
 * phone costs, on the service's own tariff whatever prefix is dialled [S3-015], and the forwarded leg is the
 * contractor's [S3-047].
 */
export const ip050Items: readonly CatalogueItem[] = [
  entry('ip050.number', ['050番号', '050 number'], ['S0-001'], 'recurring', 280, 'number', chosen),
  entry('ip050.app', ['アプリ', 'App download'], ['S3-001'], 'initial', 0, 'id'),
  // How much is asked is the operator's word for each contract.
  entry('ip050.deposit', ['預り金', 'Deposit'], ['S3-031', 'A-40'], 'deposit', 0, 'contract', chosen),
  entry(
    'ip050.billingStation',
    ['Web料金明細', 'Web billing'],
    ['S3-002', 'S3-029'],
    'recurring',
    0,
    'contract',
  ),
  entry(
    'ip050.call.partner',
    ['無料提携050への発信', "Call to a free partner's 050 number"],
    ['S3-033'],
    'usage',
    0,
    'call',
    { unit: { of: 'call' }, call: { ...scope('out', 'ip050'), only: 'freePartner' } },
  ),
  entry(
    'ip050.call.fixed',
    ['固定電話への発信', 'Call to a fixed line'],
    ['S3-015', 'S0-046'],
    'usage',
    8,
    'call',
    {
      ...chosen,
      unit: per3min,
      call: scope('out', 'geographic'),
    },
  ),
  entry(
    'ip050.call.mobile',
    ['携帯電話・050番号への発信', 'Call to a mobile or paid 050 number'],
    ['S3-015', 'S0-046', 'S0-047'],
    'usage',
    17.5,
    'call',
    { ...chosen, unit: per60s, call: scope('out', 'mobile', 'ip050') },
  ),
  entry(
    'ip050.forwarded.fixed',
    ['固定電話への転送', 'Forwarded to a fixed line'],
    ['S3-047', 'S0-047'],
    'usage',
    8,
    'call',
    { ...chosen, unit: per3min, call: scope('forwarded', 'geographic') },
  ),
  entry(
    'ip050.forwarded.mobile',
    ['携帯電話・050番号への転送', 'Forwarded to a mobile or 050 number'],
    ['S3-047', 'S0-047'],
    'usage',
    17.5,
    'call',
    { ...chosen, unit: per60s, call: scope('forwarded', 'mobile', 'ip050') },
  ),
];
