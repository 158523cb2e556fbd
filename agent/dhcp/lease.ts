import type { Brand } from '../../lib/base/brand.ts';
import type { Ipv4 } from '../../lib/net/ipv4.ts';
import type { MacAddress } from '../../lib/net/mac-address.ts';
import { OPTION } from './option-codes.ts';
import type { DhcpPacket } from './packet.ts';

/**
 * Who holds a lease: the client identifier where the client sends one, else hardware type and address (RFC 2131 §4.2).
 * `id:01c074ad2bd859`, `hw:01c074ad2bd859`. Bytes as they came: a client identifier is not text.
 */
export type ClientKey = Brand<string, 'ClientKey'>;

/** The longest client identifier that is kept. RFC 4361 needs 19 bytes at most; longer ones are cut, and still differ. */
const CLIENT_ID_LIMIT = 64;

/** The key of a packet's sender. */
export function clientKeyOf(packet: DhcpPacket): ClientKey {
  const id = packet.options.get(OPTION.clientId);
  if (id !== undefined && id.length >= 2) {
    return `id:${Buffer.from(id.subarray(0, CLIENT_ID_LIMIT)).toString('hex')}` as ClientKey;
  }
  const type = packet.hardwareType.toString(16).padStart(2, '0');
  return `hw:${type}${Buffer.from(packet.hardwareAddress).toString('hex')}` as ClientKey;
}

/** What a client said of itself, for people. */
export interface ClientTraits {
  readonly mac: MacAddress | null;
  readonly hostName: string | null;
  readonly vendorClass: string | null;
}

/** A device that asked something, by what it says of itself. */
export interface DhcpSighting extends ClientTraits {
  readonly mac: MacAddress;
}

/** One address of the pool, or a static one. Times are monotonic ms. */
export type Lease =
  /** Held for a client that has not asked for it yet; in memory only. */
  | {
      readonly at: 'offered';
      readonly client: ClientKey;
      readonly traits: ClientTraits;
      readonly untilMs: number;
    }
  | {
      readonly at: 'bound';
      readonly client: ClientKey;
      readonly traits: ClientTraits;
      readonly sinceMs: number;
      readonly untilMs: number;
    }
  /** Nobody's, and `client` gets it again if it comes back first. */
  | {
      readonly at: 'free';
      readonly client: ClientKey;
      readonly traits: ClientTraits;
      readonly sinceMs: number;
    }
  /** Somebody uses it who had it not from us. */
  | { readonly at: 'quarantined'; readonly untilMs: number; readonly because: 'probe' | 'declined' };

/** A lease with its address, as it is listed. */
export type AddressedLease = Lease & { readonly address: Ipv4 };

/** What a packet tells of its sender; control characters are taken out, lengths limited. */
export function traitsOf(packet: DhcpPacket, mac: MacAddress | undefined): ClientTraits {
  return {
    mac: mac ?? null,
    hostName: textOption(packet, OPTION.hostName, 64),
    vendorClass: textOption(packet, OPTION.vendorClass, 128),
  };
}

function textOption(packet: DhcpPacket, code: number, limit: number): string | null {
  const bytes = packet.options.get(code);
  if (bytes === undefined) return null;
  const text = Buffer.from(bytes.subarray(0, limit))
    .toString('utf8')
    .replace(/\p{Cc}/gu, '')
    .trim();
  return text === '' ? null : text;
}
