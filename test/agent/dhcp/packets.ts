import { OPTION } from '../../../agent/dhcp/option-codes.ts';
import type { DhcpPacket, MessageType } from '../../../agent/dhcp/packet.ts';
import { DEFAULT_TIMES, OFFICE_LIMITS, type ServerSettings } from '../../../agent/dhcp/settings.ts';
import { type Ipv4, parseIpv4 } from '../../../lib/net/ipv4.ts';

/** An address that the test writes by hand. */
export function ip(text: string): Ipv4 {
  const address = parseIpv4(text);
  if (address === undefined) throw new Error(`not an address: ${text}`);
  return address;
}

export function ipBytes(text: string): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(ip(text));
  return bytes;
}

/** The office of these tests: 192.168.20.0/24, the box at .2, ten addresses from .100. */
export function settings(changed: Partial<ServerSettings> = {}): ServerSettings {
  return {
    mode: 'serve',
    lan: { address: ip('192.168.20.2'), prefixBits: 24 },
    pool: { first: ip('192.168.20.100'), last: ip('192.168.20.109') },
    statics: [],
    ...DEFAULT_TIMES,
    common: new Map([
      [OPTION.router, ipBytes('192.168.20.1')],
      [OPTION.dns, ipBytes('192.168.20.1')],
    ]),
    rules: [],
    phones: [],
    limits: OFFICE_LIMITS,
    ...changed,
  };
}

/** A packet of a client; `device` is the last byte of its address. */
export function packet(
  type: MessageType,
  device: number,
  changed: Partial<DhcpPacket> & { readonly with?: readonly (readonly [number, Uint8Array])[] } = {},
): DhcpPacket {
  const { with: options, ...rest } = changed;
  return {
    op: 'request',
    type,
    hops: 0,
    transaction: 0x1000 + device,
    seconds: 0,
    broadcast: false,
    clientAddress: ip('0.0.0.0'),
    yourAddress: ip('0.0.0.0'),
    serverAddress: ip('0.0.0.0'),
    relayAddress: ip('0.0.0.0'),
    hardwareType: 1,
    hardwareAddress: Uint8Array.of(0xc0, 0x74, 0xad, 0, 0, device),
    options: new Map(options ?? []),
    ...rest,
  };
}

export const SERVER_ID: readonly [number, Uint8Array] = [OPTION.serverId, ipBytes('192.168.20.2')];

export function requested(address: string): readonly [number, Uint8Array] {
  return [OPTION.requestedAddress, ipBytes(address)];
}
