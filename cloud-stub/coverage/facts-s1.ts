import { CATALOGUE, CONTRACTS, RATING, ROUTING } from './rooms.ts';
import { type FactRow, implemented } from './row.ts';

/** Forwarding from ring groups. */
export const GROUP_FORWARDING: readonly FactRow[] = [
  implemented('S1-001', 'the fee differs by kind of number; amounts not printed', CATALOGUE),
  implemented('S1-002', 'charged apart because it takes an external channel', CONTRACTS),
  implemented('S1-003', 'a flat fee and the calls by use', CATALOGUE),
  implemented('S1-004', 'the initial fee is one month', CATALOGUE),
  implemented('S1-005', 'forwarded calls cost as ordinary ones', RATING),
  implemented('S1-006', 'prices are ex-tax, as of 2024-10-21', CATALOGUE),
  implemented('S1-007', 'three ways of answering carry forwarding', ROUTING),
  implemented('S1-008', 'standard, representative-only and IVR numbers', CONTRACTS),
  implemented('S1-009', 'groups mix members inside and outside', ROUTING),
  implemented('S1-010', 'example: a relay in four steps', ROUTING),
  implemented('S1-011', 'a relay outside reaches somebody without the service', ROUTING),
  implemented('S1-012', 'internal calls go out by a relay too', ROUTING),
  implemented('S1-013', 'the target outside sees the called number', ROUTING),
  implemented('S1-014', 'which number a forwarded call shows', ROUTING),
  implemented('S1-015', 'one target, or two for a representative-only number', CONTRACTS),
  implemented('S1-016', 'more targets need an option each', CONTRACTS),
  implemented('S1-017', 'bought for the whole company', CONTRACTS),
  implemented('S1-018', 'example: ten terminals and three representatives', CONTRACTS),
  implemented('S1-019', 'for representatives alone', CONTRACTS),
];
