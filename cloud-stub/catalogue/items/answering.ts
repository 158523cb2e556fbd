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
    { included: { count: 10, of: 'trialDays' } },
  ),
  // The list shows no price for a call that an operator answers: the cloud phone's package is taken.
  entry(
    'answering.over',
    ['応対 超過分', 'Answered calls beyond the included ones'],
    ['S0-028', 'S0-157', 'A-21'],
    'usage',
    320,
    'call',
    {
      basis: 'chosen',
      unit: { of: 'call' },
      usage: 'answeringCalls',
      use: 'answeredCall',
      included: { count: 20, of: 'answeredCalls' },
    },
  ),
];
