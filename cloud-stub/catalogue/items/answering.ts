import { priceList, UNDATED_LIST_FROM } from '../entry.ts';
import type { CatalogueItem } from '../types.ts';

const entry = priceList('answering', UNDATED_LIST_FROM);

/** The telephone answering service. The only list of ours whose price has its tax inside. */
export const answeringItems: readonly CatalogueItem[] = [
  entry(
    'answering.loanNumber',
    ['貸出番号 追加', 'Additional loan number'],
    ['S4-001', 'S4-002', 'A-30'],
    'recurring',
    1_100,
    'number',
    { taxBasis: 'inclusive' },
  ),
  entry(
    'answering.trial',
    ['無料トライアル 10日間', 'Free trial, 10 days'],
    ['S4-003', 'S4-018'],
    'initial',
    0,
    'contract',
  ),
];
