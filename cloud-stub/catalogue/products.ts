import { yen } from '../../lib/base/units.ts';
import type { Product } from './types.ts';

/** The five services. All close on the 25th; only the first one's list prints it. [S0-160] */
export const products: readonly Product[] = [
  { id: 'cloudPhone', name: { ja: 'クラウド電話', en: 'Cloud phone' }, closingDay: 25, facts: ['S0-160'] },
  {
    id: 'groupForwarding',
    name: { ja: '外線転送', en: 'External call forwarding' },
    closingDay: 25,
    facts: ['A-60'],
  },
  {
    id: 'calleePays',
    name: { ja: '着信課金サービス', en: 'Toll-free (callee pays)' },
    closingDay: 25,
    facts: ['A-60'],
  },
  {
    id: 'ip050',
    name: { ja: '050ビジネス電話', en: '050 business service' },
    closingDay: 25,
    ceilingMicroYen: yen(1_000_000),
    facts: ['A-60', 'S3-032', 'A-36'],
  },
  { id: 'answering', name: { ja: '電話代行', en: 'Telephone answering' }, closingDay: 25, facts: ['A-60'] },
];
