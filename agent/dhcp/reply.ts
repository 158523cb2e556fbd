import { type Ipv4, LIMITED_BROADCAST, NO_ADDRESS, netmaskOf } from '../../lib/net/ipv4.ts';
import type { Outgoing } from './effects.ts';
import { encodePacket, MOST_BYTES, SURE_BYTES } from './encode.ts';
import { OPTION, RESERVED_OPTIONS } from './option-codes.ts';
import { ipv4Bytes, numberBytes } from './option-values.ts';
import { type DhcpPacket, type MessageType, macOf } from './packet.ts';
import type { OptionMatch, ServerSettings } from './settings.ts';

const CLIENT_PORT = 68;
const SERVER_PORT = 67;
const HEADERS_OF_IP_AND_UDP = 28;

/** What an answer gives. */
export interface Grant {
  readonly address: Ipv4;
  readonly leaseMs: number;
}

/** OFFER or ACK of an address. T1 and T2 are always told (RFC 2131 §4.4.5: half and seven eighths). */
export function grantReply(
  request: DhcpPacket,
  type: 'offer' | 'ack',
  grant: Grant,
  settings: ServerSettings,
): Outgoing {
  const seconds = Math.floor(grant.leaseMs / 1_000);
  const times: [number, Uint8Array | undefined][] = [
    [OPTION.leaseTime, numberBytes(4, seconds)],
    [OPTION.renewalTime, numberBytes(4, Math.floor(seconds / 2))],
    [OPTION.rebindingTime, numberBytes(4, Math.floor((seconds * 7) / 8))],
  ];
  const options = [...times, ...askedOptions(request, settings)];
  return reply(request, type, settings, { yourAddress: grant.address, options });
}

/** ACK of an INFORM: options without a lease (RFC 2131 §4.3.5). */
export function informReply(request: DhcpPacket, settings: ServerSettings): Outgoing {
  return reply(request, 'ack', settings, {
    yourAddress: NO_ADDRESS,
    options: askedOptions(request, settings),
  });
}

/** NAK, always a broadcast on the client's own link (RFC 2131 §4.3.2). */
export function nakReply(request: DhcpPacket, settings: ServerSettings, message: string): Outgoing {
  const options: [number, Uint8Array][] = [[OPTION.message, Buffer.from(message, 'utf8')]];
  return reply(request, 'nak', settings, { yourAddress: NO_ADDRESS, options });
}

interface Content {
  readonly yourAddress: Ipv4;
  readonly options: readonly (readonly [number, Uint8Array | undefined])[];
}

function reply(request: DhcpPacket, type: MessageType, settings: ServerSettings, content: Content): Outgoing {
  const options = new Map<number, Uint8Array>([[OPTION.serverId, ipv4Bytes([settings.lan.address])]]);
  for (const [code, value] of content.options) if (value !== undefined) options.set(code, value);
  // Echoed so that a client with two identifiers knows which one is meant (RFC 6842), and so that a relay finds its port.
  for (const code of [OPTION.clientId, OPTION.relayInformation]) {
    const value = request.options.get(code);
    if (value !== undefined) options.set(code, value);
  }
  const packet: DhcpPacket = {
    ...request,
    op: 'reply',
    type,
    hops: 0,
    seconds: 0,
    broadcast: request.broadcast || (type === 'nak' && request.relayAddress !== NO_ADDRESS),
    clientAddress: type === 'ack' ? request.clientAddress : NO_ADDRESS,
    yourAddress: content.yourAddress,
    serverAddress: NO_ADDRESS,
    options,
  };
  return { bytes: encodePacket(packet, sizeLimitOf(request)).bytes, to: destination(request, type) };
}

/**
 * Where it goes (RFC 2131 §4.1): to the relay, else to the address that the client has, else to everybody. To everybody
 * also where a unicast to an address that the client does not have yet is allowed: it needs no raw socket, and no client
 * may refuse it.
 */
function destination(request: DhcpPacket, type: MessageType): Outgoing['to'] {
  if (request.relayAddress !== NO_ADDRESS) return { address: request.relayAddress, port: SERVER_PORT };
  if (type !== 'nak' && request.clientAddress !== NO_ADDRESS) {
    return { address: request.clientAddress, port: CLIENT_PORT };
  }
  return { address: LIMITED_BROADCAST, port: CLIENT_PORT };
}

/** Option 57 (RFC 2132 §9.10) counts the headers of IP and UDP too. */
function sizeLimitOf(request: DhcpPacket): number {
  const wanted = request.options.get(OPTION.maxSize);
  if (wanted?.length !== 2) return SURE_BYTES;
  const bytes = Buffer.from(wanted).readUInt16BE(0) - HEADERS_OF_IP_AND_UDP;
  return Math.min(Math.max(bytes, SURE_BYTES), MOST_BYTES);
}

/**
 * The configured options for this client, those it asked for first and in its order. What it did not ask for comes after
 * them: phones are known to use options that they forget to ask for.
 */
function askedOptions(request: DhcpPacket, settings: ServerSettings): [number, Uint8Array][] {
  const all = new Map<number, Uint8Array>([
    [OPTION.subnetMask, ipv4Bytes([netmaskOf(settings.lan.prefixBits)])],
    ...settings.common,
  ]);
  for (const rule of settings.rules) {
    if (!matches(request, rule.match)) continue;
    for (const [code, value] of rule.options) all.set(code, value);
  }
  for (const code of RESERVED_OPTIONS) all.delete(code);
  const asked = [...(request.options.get(OPTION.parameterList) ?? [])];
  const first = asked.flatMap((code): [number, Uint8Array][] => {
    const value = all.get(code);
    all.delete(code);
    return value === undefined ? [] : [[code, value]];
  });
  return [...first, ...all];
}

/** True when a rule is for the sender of this packet. An empty match is for everybody. */
export function matches(packet: DhcpPacket, match: OptionMatch): boolean {
  const mac = macOf(packet);
  if (match.mac !== undefined && mac !== match.mac) return false;
  if (match.oui !== undefined && mac?.slice(0, 6) !== match.oui.toLowerCase()) return false;
  if (match.vendorClassPrefix === undefined && match.model === undefined) return true;
  const bytes = packet.options.get(OPTION.vendorClass);
  if (bytes === undefined) return false;
  const vendorClass = Buffer.from(bytes).toString('latin1').toLowerCase();
  if (
    match.vendorClassPrefix !== undefined &&
    !vendorClass.startsWith(match.vendorClassPrefix.toLowerCase())
  ) {
    return false;
  }
  return match.model === undefined || vendorClass.includes(match.model.toLowerCase());
}
