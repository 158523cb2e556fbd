import type { Instant } from '../../lib/base/clock.ts';
import type { ServiceId } from '../../lib/base/ids.ts';
import { type Contract, holds } from '../contracts/index.ts';

/** The numbers that ring an ID, in the order of their digits. [S0-056] */
export function numbersThatRing(contract: Contract, id: ServiceId, now: Instant): string[] {
  return contract.numbers
    .filter((number) => holds(number.held, now) && number.rings.includes(id))
    .map(({ number }) => number)
    .sort();
}
