import type { RINGS } from '../../lib/contract/site-config.ts';
import type { Cadence } from '../lines/index.ts';

/**
 * Ringing of Japan: 1 s on, 2 s off (事業用電気通信設備規則); the others tell numbers apart, each by its rhythm within the
 * first three seconds. [S0-056]
 */
export const CADENCES: Readonly<Record<(typeof RINGS)[number], Cadence>> = {
  normal: [1_000, 2_000],
  double: [500, 500, 500, 1_500],
  triple: [300, 300, 300, 300, 300, 1_500],
  long: [2_000, 2_000],
  short: [400, 1_100],
};
