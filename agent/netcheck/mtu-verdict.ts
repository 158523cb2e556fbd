import { badRow, goodRow, type NetRow, skippedRow } from './net-row.ts';

/** Heads of IPv4 and UDP. */
export const IP_UDP_BYTES = 28;
/** What every way carries that carries calls with SRTP; RFC 8200 wants 1280 of IPv6. */
export const MTU_LEAST = 576;

/** Sizes of packets that ways have: Ethernet, PPPoE and its likes in Japan (transix, MAP-E, DS-Lite), tunnels, mobile networks. */
const USUAL = [
  1500,
  1492,
  1480,
  1472,
  1460,
  1454,
  1448,
  1438,
  1430,
  1420,
  1412,
  1400,
  1380,
  1360,
  1340,
  1300,
  1280,
  1200,
  1000,
  800,
  MTU_LEAST,
];

/** Sizes to try first, largest first, none above the interface's own. */
export function firstSizes(interfaceMtu: number): readonly number[] {
  const sizes = new Set([Math.min(interfaceMtu, 9_000), ...USUAL.filter((size) => size <= interfaceMtu)]);
  return [...sizes].sort((one, other) => other - one);
}

/**
 * Sizes to try next, when `passed` is the largest that came through and `failed` the smallest above it that did not; none
 * when there is nothing between them.
 */
export function nextSizes(passed: number, failed: number, most = 16): readonly number[] {
  const between = failed - passed - 1;
  if (between <= 0) return [];
  const step = Math.max(1, Math.ceil(between / most));
  const sizes: number[] = [];
  for (let size = passed + step; size < failed; size += step) sizes.push(size);
  return sizes;
}

/** What was found: the largest packet that came through whole, each way. */
export interface MtuFound {
  readonly interfaceMtu: number;
  readonly up: number | undefined;
  readonly down: number | undefined;
  /** A router said that a packet was too large; else larger ones vanish without a word. */
  readonly told: boolean;
}

/** The row about sizes. */
export function mtuRow({ interfaceMtu, up, down, told }: MtuFound): NetRow {
  const name = 'mtu';
  if (up === undefined) return skippedRow(name, 'not measured: no answer');
  const way = Math.min(up, down ?? up);
  const figures = { interfaceMtu, up, down: down ?? null, told };
  if (way >= interfaceMtu) return goodRow(name, `${way} both ways`, figures);
  const asymmetric = down !== undefined && down !== up ? ` up, ${down} down` : '';
  if (!told) {
    const say = `The way carries ${up}${asymmetric}, the interface ${interfaceMtu}, and no router says so.`;
    return badRow(name, 'WARN', 'E-NET-432', say, figures);
  }
  const say = `The way carries ${up}${asymmetric}, the interface ${interfaceMtu}; routers say so.`;
  // 1454 and more is what an access line by PPPoE has; it hurts nobody.
  if (way >= 1_400) return goodRow(name, say, figures);
  return badRow(name, 'WARN', 'E-NET-431', say, figures);
}
