import { CLOUD_PHONE_MEDIA, CLOUD_PHONE_NUMBERS } from './facts-s0-numbers.ts';
import { CLOUD_PHONE_PRICES } from './facts-s0-prices.ts';
import { CLOUD_PHONE_SERVICE } from './facts-s0-service.ts';
import { GROUP_FORWARDING } from './facts-s1.ts';
import { CALLEE_PAYS } from './facts-s2.ts';
import { IP_050 } from './facts-s3.ts';
import { ANSWERING } from './facts-s4.ts';
import { READINGS } from './readings.ts';
import type { FactRow } from './row.ts';

/** Every fact of the five services, in the order of their numbers. */
export const FACTS: readonly FactRow[] = [
  ...CLOUD_PHONE_PRICES,
  ...CLOUD_PHONE_NUMBERS,
  ...CLOUD_PHONE_MEDIA,
  ...CLOUD_PHONE_SERVICE,
  ...GROUP_FORWARDING,
  ...CALLEE_PAYS,
  ...IP_050,
  ...ANSWERING,
];

/** Facts, then the readings that were chosen. */
export const ROWS: readonly FactRow[] = [...FACTS, ...READINGS];
