import type { Ipv4 } from '../../lib/net/ipv4.ts';
import type { MacAddress } from '../../lib/net/mac-address.ts';

/** DHCP message types (RFC 2132 §9.6), by their number on the wire. */
export const MESSAGE_TYPES = [
  'discover',
  'offer',
  'request',
  'decline',
  'ack',
  'nak',
  'release',
  'inform',
] as const;
export type MessageType = (typeof MESSAGE_TYPES)[number];

/** Options by number, each already joined from its parts (RFC 3396). */
export type Options = ReadonlyMap<number, Uint8Array>;

/** One DHCP message (RFC 2131 §2, figure 1). */
export interface DhcpPacket {
  readonly op: 'request' | 'reply';
  readonly type: MessageType;
  readonly hops: number;
  /** Chosen by the client; the answer carries the same (xid). */
  readonly transaction: number;
  /** Since the client began, as it says. */
  readonly seconds: number;
  /** The client cannot take a unicast before it has an address. */
  readonly broadcast: boolean;
  /** The client's own address, if it has one already (ciaddr). */
  readonly clientAddress: Ipv4;
  /** The address that is offered or given (yiaddr). */
  readonly yourAddress: Ipv4;
  /** Next server (siaddr). */
  readonly serverAddress: Ipv4;
  /** The relay agent (giaddr). */
  readonly relayAddress: Ipv4;
  readonly hardwareType: number;
  /** `hlen` bytes of chaddr. */
  readonly hardwareAddress: Uint8Array;
  readonly options: Options;
}

/** Ethernet (RFC 1700, hardware types). */
export const ETHERNET = 1;

/** The client's Ethernet address, or undefined when it is of another kind. */
export function macOf(packet: DhcpPacket): MacAddress | undefined {
  if (packet.hardwareType !== ETHERNET || packet.hardwareAddress.length !== 6) return undefined;
  return Buffer.from(packet.hardwareAddress).toString('hex') as MacAddress;
}
