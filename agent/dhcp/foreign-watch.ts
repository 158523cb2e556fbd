import { type Ipv4, LIMITED_BROADCAST, NO_ADDRESS } from '../../lib/net/ipv4.ts';
import { macFromBytes } from '../../lib/net/mac-address.ts';
import type { Outgoing } from './effects.ts';
import { encodePacket } from './encode.ts';
import { OPTION } from './option-codes.ts';
import { type DhcpPacket, ETHERNET } from './packet.ts';

/**
 * Who looks around: a locally administered address that is no device's, the same on every box, so that a router's list
 * shows one known name and a full pool is not made fuller.
 */
export const WATCHER_MAC = Uint8Array.of(0x02, 0x45, 0x4e, 0x47, 0x57, 0x41);
const WATCHER_NAME = 'engawa-dhcp-check';

/** One round: three questions, then silence long enough for a router that first looks whether its address is in use (3 s). */
const ASK_AT_MS = [0, 2_000, 4_000] as const;
const ROUND_MS = 8_000;
const SERVER_PORT = 67;

/** Another DHCP server of this LAN, as its offer tells. */
export interface ForeignServer {
  readonly serverId: Ipv4;
  readonly firstHeardMs: number;
  readonly lastHeardMs: number;
  readonly router: Ipv4 | null;
  readonly leaseS: number | null;
  /** Options with which phones find their configuration, as far as the server gives them. */
  readonly provisioning: readonly number[];
}

/** Options that carry a phone's provisioning (66, 67, 43, 150, 159, 160). */
const PROVISIONING = [43, 66, 67, 150, 159, 160];

/** A round of looking, or rest between two. Times are monotonic ms. */
export type Watch =
  | { readonly at: 'resting'; readonly nextMs: number }
  | { readonly at: 'asking'; readonly sinceMs: number; readonly asked: number; readonly heard: boolean };

export type WatchStep = {
  readonly watch: Watch;
  /** Ask now. */
  readonly ask: boolean;
  /** The round is over, and whether anybody was heard in it. */
  readonly ended: 'somebody' | 'nobody' | undefined;
  /** When to be woken again. */
  readonly wakeAtMs: number;
};

/** Pure: what to do at this time. `everyMs` is the rest between two rounds. */
export function stepWatch(watch: Watch, nowMs: number, everyMs: number): WatchStep {
  if (watch.at === 'resting') {
    if (nowMs < watch.nextMs) return { watch, ask: false, ended: undefined, wakeAtMs: watch.nextMs };
    const begun: Watch = { at: 'asking', sinceMs: nowMs, asked: 1, heard: false };
    return { watch: begun, ask: true, ended: undefined, wakeAtMs: nowMs + ASK_AT_MS[1] };
  }
  const sinceMs = nowMs - watch.sinceMs;
  const dueMs = ASK_AT_MS[watch.asked];
  if (dueMs !== undefined) {
    const wakeAtMs = watch.sinceMs + dueMs;
    if (sinceMs < dueMs) return { watch, ask: false, ended: undefined, wakeAtMs };
    const next = ASK_AT_MS[watch.asked + 1] ?? ROUND_MS;
    return {
      watch: { ...watch, asked: watch.asked + 1 },
      ask: true,
      ended: undefined,
      wakeAtMs: watch.sinceMs + next,
    };
  }
  if (sinceMs < ROUND_MS) return { watch, ask: false, ended: undefined, wakeAtMs: watch.sinceMs + ROUND_MS };
  const nextMs = nowMs + everyMs;
  return {
    watch: { at: 'resting', nextMs },
    ask: false,
    ended: watch.heard ? 'somebody' : 'nobody',
    wakeAtMs: nextMs,
  };
}

/** The question: a DISCOVER that is never followed by a REQUEST. The answer comes as a broadcast. */
export function watchQuestion(transaction: number): Outgoing {
  const packet: DhcpPacket = {
    op: 'request',
    type: 'discover',
    hops: 0,
    transaction,
    seconds: 0,
    broadcast: true,
    clientAddress: NO_ADDRESS,
    yourAddress: NO_ADDRESS,
    serverAddress: NO_ADDRESS,
    relayAddress: NO_ADDRESS,
    hardwareType: ETHERNET,
    hardwareAddress: WATCHER_MAC,
    options: new Map<number, Uint8Array>([
      [OPTION.clientId, Uint8Array.of(ETHERNET, ...WATCHER_MAC)],
      [OPTION.hostName, Buffer.from(WATCHER_NAME)],
      [OPTION.parameterList, Uint8Array.of(OPTION.subnetMask, OPTION.router, OPTION.dns, ...PROVISIONING)],
    ]),
  };
  return { bytes: encodePacket(packet).bytes, to: { address: LIMITED_BROADCAST, port: SERVER_PORT } };
}

/** True for a packet of the watcher, ours or another box's: nobody answers it with an address. */
export function isWatcher(packet: DhcpPacket): boolean {
  return (
    packet.hardwareAddress.length === 6 && macFromBytes(packet.hardwareAddress) === macFromBytes(WATCHER_MAC)
  );
}

/** What an OFFER, ACK or NAK tells of its server, or undefined when it is none of another's. */
export function foreignServerOf(packet: DhcpPacket, own: Ipv4, nowMs: number): ForeignServer | undefined {
  if (packet.op !== 'reply') return undefined;
  const serverId = addressOption(packet, OPTION.serverId);
  if (serverId === null || serverId === own) return undefined;
  const lease = packet.options.get(OPTION.leaseTime);
  return {
    serverId,
    firstHeardMs: nowMs,
    lastHeardMs: nowMs,
    router: addressOption(packet, OPTION.router),
    leaseS: lease?.length === 4 ? Buffer.from(lease).readUInt32BE(0) : null,
    provisioning: PROVISIONING.filter((code) => packet.options.has(code)),
  };
}

function addressOption(packet: DhcpPacket, code: number): Ipv4 | null {
  const bytes = packet.options.get(code);
  return bytes !== undefined && bytes.length >= 4 ? (Buffer.from(bytes).readUInt32BE(0) as Ipv4) : null;
}
