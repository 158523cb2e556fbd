import { japanMidnight } from '../../lib/base/japan-time.ts';
import { answeringItems } from './items/answering.ts';
import { calleePaysItems } from './items/callee-pays.ts';
import { cloudPhoneItems } from './items/cloud-phone.ts';
import { cloudPhoneCallItems } from './items/cloud-phone-calls.ts';
import { cloudPhoneSetItems, cloudPhoneSets } from './items/cloud-phone-sets.ts';
import { groupForwardingItems } from './items/group-forwarding.ts';
import { ip050Items } from './items/ip050.ts';
import { products } from './products.ts';
import { relations } from './relations.ts';
import type { Catalogue } from './types.ts';

/** Everything that is sold, with where each figure comes from. */
export const catalogue: Catalogue = {
  products,
  items: [
    ...cloudPhoneItems,
    ...cloudPhoneSetItems,
    ...cloudPhoneCallItems,
    ...groupForwardingItems,
    ...calleePaysItems,
    ...ip050Items,
    ...answeringItems,
  ],
  sets: cloudPhoneSets,
  relations,
  taxRates: [
    { percent: 5, validFrom: japanMidnight(1997, 4, 1) },
    { percent: 8, validFrom: japanMidnight(2014, 4, 1) },
    { percent: 10, validFrom: japanMidnight(2019, 10, 1) },
  ],
};
