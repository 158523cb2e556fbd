import { type Ipv4, isHostOf, NO_ADDRESS } from '../../lib/net/ipv4.ts';
import { type ClientKey, clientKeyOf, type Lease } from './lease.ts';
import { requestedAddress } from './on-discover.ts';
import { OPTION } from './option-codes.ts';
import type { DhcpPacket } from './packet.ts';
import type { DhcpServerCore, Outcome } from './server-core.ts';
import { silent } from './verdict.ts';

/** A client asks for an address (RFC 2131 §4.3.2). Which of four cases it is, the packet tells (table 4). */
export function onRequest(core: DhcpServerCore, request: DhcpPacket, nowMs: number): Outcome {
  const chosen = serverIdOf(request);
  if (chosen !== undefined) return selecting(core, request, chosen, nowMs);
  const wanted = requestedAddress(request);
  if (request.clientAddress === NO_ADDRESS) {
    return wanted === undefined ? unnamed(core, request, nowMs) : rebooting(core, request, wanted, nowMs);
  }
  return renewing(core, request, request.clientAddress, nowMs);
}

/** Option 54. A malformed one is as good as a foreign one: it is not ours. */
export function serverIdOf(request: DhcpPacket): Ipv4 | undefined {
  const bytes = request.options.get(OPTION.serverId);
  if (bytes === undefined) return undefined;
  return bytes.length === 4 ? (Buffer.from(bytes).readUInt32BE(0) as Ipv4) : NO_ADDRESS;
}

/** SELECTING: it answers an offer, ours or another's. */
function selecting(core: DhcpServerCore, request: DhcpPacket, chosen: Ipv4, nowMs: number): Outcome {
  const client = clientKeyOf(request);
  const held = core.book.addressOf(client);
  const lease = held === undefined ? undefined : core.book.get(held);
  if (chosen !== core.settings.lan.address) {
    if (held !== undefined && lease?.at === 'offered') core.book.release(held, nowMs);
    if (chosen !== NO_ADDRESS) core.heardForeign(chosen, 'hint', nowMs);
    return nothing('dhcp.otherServer', 'The client has chosen another server.');
  }
  const wanted = requestedAddress(request) ?? request.clientAddress;
  if (held === wanted && (lease?.at === 'offered' || lease?.at === 'bound')) {
    if (core.mayHave(wanted, client, request))
      return core.acknowledge(request, wanted, nowMs, 'dhcp.selected');
  }
  return core.refuse(request, 'dhcp.notOffered', 'This address was not offered to you.');
}

/**
 * A request that names neither server nor address breaks RFC 2131 (table 5). From a client that we have just offered an
 * address to, while we are the only server, it can mean only that one.
 */
function unnamed(core: DhcpServerCore, request: DhcpPacket, nowMs: number): Outcome {
  const client = clientKeyOf(request);
  const held = core.book.addressOf(client);
  const lease = held === undefined ? undefined : core.book.get(held);
  const meant = held !== undefined && (lease?.at === 'offered' || lease?.at === 'bound');
  if (meant && core.standing.at === 'serving' && core.mayHave(held, client, request)) {
    return core.acknowledge(request, held, nowMs, 'dhcp.selectedUnnamed');
  }
  return nothing('dhcp.noAddress', 'The request names no address.');
}

/** INIT-REBOOT: it remembers an address and asks whether that is still right. */
function rebooting(core: DhcpServerCore, request: DhcpPacket, wanted: Ipv4, nowMs: number): Outcome {
  if (!isHostOf(wanted, core.settings.lan)) {
    return core.refuse(request, 'dhcp.wrongNet', 'This address is of another network.');
  }
  const client = clientKeyOf(request);
  const lease = core.book.get(wanted);
  // Its own also when the time ran out over a weekend, as long as nobody else got it and we still serve newcomers.
  const again = lease?.at === 'free' && core.servesNewcomers;
  const its = lease !== undefined && (lease.at === 'bound' || again) && holderOf(lease) === client;
  if (its && core.mayHave(wanted, client, request)) {
    return core.acknowledge(request, wanted, nowMs, 'dhcp.rebooted');
  }
  if (
    lease !== undefined &&
    lease.at !== 'free' &&
    !(lease.at !== 'quarantined' && lease.client === client)
  ) {
    return core.refuse(request, 'dhcp.taken', 'This address belongs to another device.');
  }
  if (core.book.addressOf(client) === undefined && lease === undefined) {
    // RFC 2131 §4.3.2: of a client that we never knew we know nothing.
    return nothing('dhcp.unknownClient', 'We never gave this address; the client will look for a server.');
  }
  return core.refuse(request, 'dhcp.notYours', 'This address is not yours any more.');
}

/** RENEWING (to us) and REBINDING (to everybody): it uses the address and wants it for longer. */
function renewing(core: DhcpServerCore, request: DhcpPacket, wanted: Ipv4, nowMs: number): Outcome {
  const client = clientKeyOf(request);
  const lease = core.book.get(wanted);
  if (lease === undefined || holderOf(lease) !== client)
    return nothing('dhcp.unknownLease', 'The client renews a lease that we never gave.');
  if (core.mayHave(wanted, client, request)) return core.acknowledge(request, wanted, nowMs, 'dhcp.renewed');
  return core.refuse(request, 'dhcp.withdrawn', 'This address is not given any more.');
}

function holderOf(lease: Lease): ClientKey | undefined {
  return lease.at === 'quarantined' ? undefined : lease.client;
}

function nothing(rule: string, say: string): Outcome {
  return { verdict: silent(rule, say), effects: [] };
}
