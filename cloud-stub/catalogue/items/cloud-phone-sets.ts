import { yen } from '../../../lib/base/units.ts';
import { CURRENT_MODEL_FROM, priceList } from '../entry.ts';
import type { CatalogueItem, OptionSet } from '../types.ts';

const entry = priceList('cloudPhone', CURRENT_MODEL_FROM);

/** The printed set price counts; a set is a fixed discount on its members. */
export const cloudPhoneSetItems: readonly CatalogueItem[] = [
  entry(
    'set.basic',
    ['ベーシックセット割引', 'Basic set, discount'],
    ['S0-033', 'A-02'],
    'discount',
    -300,
    'set',
  ),
  entry(
    'set.standard',
    ['スタンダードセット割引', 'Standard set, discount'],
    ['S0-035', 'S0-036'],
    'discount',
    -500,
    'set',
  ),
  entry(
    'set.premium',
    ['プレミアムセット割引', 'Premium set, discount'],
    ['S0-037', 'A-02'],
    'discount',
    -580,
    'set',
  ),
];

const shared = {
  product: 'cloudPhone',
  soldFrom: CURRENT_MODEL_FROM,
  // Sale may end without notice [S0-044]: the operator dates it here.
  soldUntil: null,
} as const;

/** The three sets. [S0-033] [S0-035] [S0-037] */
export const cloudPhoneSets: readonly OptionSet[] = [
  {
    ...shared,
    id: 'basic',
    name: { ja: 'ベーシックセット', en: 'Basic set' },
    facts: ['S0-033', 'S0-034', 'S0-041'],
    members: ['option.voicemail', 'option.afterHours'],
    listMicroYen: yen(1_080),
    setMicroYen: yen(780),
    waives: ['option.voicemail'],
    discountItem: 'set.basic',
    atMost: 'onePerNumber',
  },
  {
    ...shared,
    id: 'standard',
    name: { ja: 'スタンダードセット', en: 'Standard set' },
    facts: ['S0-035', 'S0-036', 'S0-040'],
    members: ['option.voicemail', 'option.fax', 'id.additional', 'number.additional'],
    listMicroYen: yen(1_680),
    setMicroYen: yen(1_180),
    waives: ['option.fax'],
    discountItem: 'set.standard',
    atMost: 'one',
  },
  {
    ...shared,
    id: 'premium',
    name: { ja: 'プレミアムセット', en: 'Premium set' },
    facts: ['S0-037', 'S0-038', 'S0-040'],
    members: ['option.voicemail', 'option.afterHours', 'option.fax', 'option.phoneBook', 'option.forwarding'],
    listMicroYen: yen(2_360),
    setMicroYen: yen(1_780),
    waives: ['option.voicemail', 'option.phoneBook'],
    discountItem: 'set.premium',
    atMost: 'one',
  },
];
