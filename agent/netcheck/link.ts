import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { badRow, goodRow, type NetRow } from './net-row.ts';

/** An interface of this machine, as the kernel describes it. */
export interface LinkSeen {
  readonly device: string;
  readonly address: string;
  readonly mtu: number;
  readonly speedMbps: number | undefined;
}

const USUAL_MTU = 1_500;
/** Loopback carries more than any socket sends. */
const MTU_MOST = 9_000;

/** The interface that has this address. */
export function linkOf(address: string): LinkSeen | undefined {
  for (const [device, addresses] of Object.entries(networkInterfaces())) {
    if (!/^[\w.@:-]{1,15}$/.test(device)) continue;
    const here = addresses?.some((each) => each.address === address || isLoopback(each.address, address));
    if (here !== true) continue;
    const mtu = Number(kernelSays(device, 'mtu') ?? USUAL_MTU);
    const speed = Number(kernelSays(device, 'speed') ?? 0);
    return { device, address, mtu: Math.min(MTU_MOST, mtu), speedMbps: speed > 0 ? speed : undefined };
  }
  return undefined;
}

/** All of 127/8 is there, although only one address is listed. */
function isLoopback(listed: string, address: string): boolean {
  return listed === '127.0.0.1' && address.startsWith('127.');
}

/** The row about the way out. */
export function linkRow(link: LinkSeen | undefined, towards: string): NetRow {
  if (link === undefined) return badRow('link', 'FAIL', 'E-NET-101', `There is no way to ${towards}.`);
  const { device, address, mtu, speedMbps } = link;
  const speed = speedMbps === undefined ? '' : `, ${speedMbps} Mb/s`;
  const figures = { device, address, mtu, speedMbps: speedMbps ?? null };
  return goodRow('link', `${device} ${address}, MTU ${mtu}${speed}`, figures);
}

function kernelSays(device: string, name: string): string | undefined {
  try {
    return readFileSync(`/sys/class/net/${device}/${name}`, 'utf8').trim();
  } catch {
    return undefined;
  }
}
