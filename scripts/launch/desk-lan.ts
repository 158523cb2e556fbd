import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { Ipv4Subnet } from '../../lib/net/ipv4.ts';
import { createLan, type Lan, whyNoLan } from '../lab/lan.ts';
import { removeLeftSpaces } from '../lab/spaces.ts';
import { freeNet, NETS, readSubnet } from './free-net.ts';
import type { Layout } from './layout.ts';

/** A simulated desk phone of the example office. */
export interface DeskPhone {
  /** Its program, and its host on the LAN. */
  readonly name: 'phone-1' | 'phone-2';
  readonly maker: 'grandstream' | 'panasonic';
  readonly model: string;
  readonly mac: string;
  readonly extension: string;
}

/** The desk phones that the example office has. */
export const DESK_PHONES: readonly DeskPhone[] = [
  { name: 'phone-1', maker: 'grandstream', model: 'GRP2612', mac: 'c074ad000001', extension: '21' },
  { name: 'phone-2', maker: 'panasonic', model: 'KX-HDV230N', mac: '0080f0000002', extension: '22' },
];

/** The office's LAN on this machine: a switch, the box's end in the launcher's own namespace, and a namespace for each phone. */
export interface DeskLan {
  readonly lan: Lan;
  /** The box's interface. */
  readonly device: string;
  /** First three parts of its addresses; the box is `.1`. */
  readonly net: string;
}

const DEVICES_MOST = 16;

/** Makes the LAN, with the phones' hosts where wanted; a sentence when this machine cannot. */
export function makeDeskLan(layout: Layout, withPhones: boolean): DeskLan | string {
  const why = whyNoLan();
  if (why !== undefined) return why;
  removeLeftSpaces();
  const net = chooseNet(layout, usedSubnets());
  const device = freeDevice();
  if (net === undefined || device === undefined) {
    return `no range of addresses from ${NETS[0]}.0 to ${NETS.at(-1)}.255 is free`;
  }
  let lan: Lan | undefined;
  try {
    lan = createLan([], { device, cidr: `${net}.1/24` });
    if (withPhones) for (const { name, mac } of DESK_PHONES) lan.join(name, mac);
    return { lan, device, net };
  } catch (error) {
    lan?.remove();
    return `no network of the phones here: ${(error as Error).message.split('\n').at(-2)}`;
  }
}

/** Where the phone's control socket is. */
export function phoneSocket(layout: Layout, { name }: DeskPhone): string {
  return join(layout.run, `${name}.sock`);
}

/** An office that is started again keeps its range, as long as nobody else uses it. */
function chooseNet(layout: Layout, used: readonly Ipv4Subnet[]): string | undefined {
  const file = join(layout.state, 'lan-range');
  const kept = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  const net = freeNet(kept, used);
  if (net !== undefined && net !== kept) writeFileSync(file, `${net}\n`);
  return net;
}

/** Ranges of every interface and of every route but the default one. */
function usedSubnets(): readonly Ipv4Subnet[] {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const own = addresses.flatMap(({ cidr }) => (cidr === null ? [] : [cidr]));
  return [...own, ...routes()].flatMap((cidr) => readSubnet(cidr) ?? []);
}

function routes(): string[] {
  const asked = spawnSync('ip', ['-4', '-j', 'route', 'show'], { encoding: 'utf8' });
  try {
    return (JSON.parse(asked.stdout) as { dst: string }[]).map(({ dst }) => dst);
  } catch {
    return [];
  }
}

function freeDevice(): string | undefined {
  const taken = spawnSync('ip', ['-br', 'link'], { encoding: 'utf8' }).stdout;
  const names = new Set(taken.split('\n').map((line) => line.split(/[ @]/)[0]));
  return Array.from({ length: DEVICES_MOST }, (_, index) => `engawa${index}`).find(
    (name) => !names.has(name),
  );
}
