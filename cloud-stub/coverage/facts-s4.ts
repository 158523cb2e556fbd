import { CATALOGUE, CONTRACTS, NOTICES } from './rooms.ts';
import { data, type FactRow, implemented } from './row.ts';

/** The answering service. */
export const ANSWERING: readonly FactRow[] = [
  implemented('S4-001', 'a further loan number, 1,100 a month with tax', CATALOGUE),
  implemented('S4-002', 'one price for both uses', CATALOGUE),
  implemented('S4-003', 'whoever stops within the trial pays nothing', CONTRACTS),
  data('S4-004', 'answers are as of their day', NOTICES, 'a reserve to the customer'),
  data('S4-005', 'three checks at the start', NOTICES, 'done by the customer'),
  data('S4-006', 'the checks are asked for by mail', NOTICES, 'done by people'),
  data('S4-007', 'operators say the company name at once', NOTICES, 'done by people'),
  implemented('S4-008', 'one contract is one company', CONTRACTS),
  implemented('S4-009', 'another company applies for itself', CONTRACTS),
  implemented('S4-010', 'two companies on one number need approval', CONTRACTS),
  data('S4-011', 'any line that can forward will do', NOTICES, 'nothing is refused for its line'),
  data('S4-012', 'which carriers the loan numbers are with', NOTICES, 'checked by the customer'),
  data('S4-013', 'the customer sets his forwarding himself', NOTICES, 'done by the customer on his line'),
  implemented('S4-014', 'a loan number belongs to one customer', CONTRACTS),
  implemented('S4-015', 'target or published, not both', CONTRACTS),
  implemented('S4-016', 'change the use or add a number', CONTRACTS),
  implemented('S4-017', 'a published number is not answered by the customer', CONTRACTS),
  implemented('S4-018', 'ten days of trial', CONTRACTS),
  implemented('S4-019', 'one trial only', CONTRACTS),
  implemented('S4-020', 'no trial for campaigns', CONTRACTS),
  data('S4-021', 'no penalty for leaving', NOTICES, 'nothing is charged; a text for the customer'),
  data('S4-022', 'three months are intended, not enforced', NOTICES, 'nothing is refused or charged'),
  implemented('S4-023', 'one exact day of start', CONTRACTS),
  implemented('S4-024', '"early August" begins on Monday the 3rd', CONTRACTS),
  data('S4-025', 'reports go to addresses of the customer', NOTICES, 'mail of the operators'),
  data('S4-026', '050 and 03 loan numbers', NOTICES, 'which loan numbers there are'),
];
