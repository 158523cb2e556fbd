import { type Ipv4, NO_ADDRESS } from '../../lib/net/ipv4.ts';
import { clientKeyOf } from './lease.ts';
import { OPTION } from './option-codes.ts';
import { type DhcpPacket, macOf } from './packet.ts';
import type { Probed } from './probe-book.ts';
import type { DhcpServerCore, Outcome } from './server-core.ts';
import { silent } from './verdict.ts';

/** Addresses that are tried for one client before it has to ask again. */
const TRIES_MOST = 3;

/**
 * A client looks for a server (RFC 2131 §4.3.1). It gets what it has, what is kept for it, what it asks for, what it had
 * last, or any other, in this order.
 */
export function onDiscover(core: DhcpServerCore, request: DhcpPacket, nowMs: number): Outcome {
  const client = clientKeyOf(request);
  const held = core.book.addressOf(client);
  const lease = held === undefined ? undefined : core.book.get(held);
  const kept = core.staticOf(request);
  const known = held !== undefined && lease?.at === 'bound' && core.mayHave(held, client, request);
  if (known && (kept === undefined || kept === held)) return core.offer(request, held, nowMs);
  for (const each of core.probing.values()) {
    if (clientKeyOf(each.request) === client)
      return nothing('dhcp.alreadyProbing', 'Its address is being looked at.');
  }
  if (lease?.at !== 'offered' && (kept === undefined || !core.servesNewcomers)) {
    const refusal = core.refusesNewcomer(nowMs);
    if (refusal !== undefined) return { verdict: refusal, effects: [] };
  }
  return offerAfterProbe(core, request, choose(core, request), 1, nowMs);
}

function choose(core: DhcpServerCore, request: DhcpPacket): Ipv4 | undefined {
  const client = clientKeyOf(request);
  const kept = core.staticOf(request);
  const wanted = [kept, core.book.addressOf(client), requestedAddress(request)];
  const good = wanted.find((address) => address !== undefined && core.mayHave(address, client, request));
  if (good !== undefined) return good;
  return kept === undefined ? core.book.pick() : undefined;
}

/** Option 50, if it is an address. */
export function requestedAddress(request: DhcpPacket): Ipv4 | undefined {
  const bytes = request.options.get(OPTION.requestedAddress);
  return bytes?.length === 4 ? (Buffer.from(bytes).readUInt32BE(0) as Ipv4) : undefined;
}

function offerAfterProbe(
  core: DhcpServerCore,
  request: DhcpPacket,
  address: Ipv4 | undefined,
  tries: number,
  nowMs: number,
): Outcome {
  if (address === undefined) return nothing('dhcp.poolEmpty', 'Every address is taken: enlarge the pool.');
  const client = clientKeyOf(request);
  const lease = core.book.get(address);
  const offeredAlready = lease?.at === 'offered' && lease.client === client;
  // Behind a relay nobody hears our probe; an address that is offered already was looked at just now.
  const ticket =
    offeredAlready || request.relayAddress !== NO_ADDRESS
      ? undefined
      : core.beginProbe(request, address, tries);
  if (ticket === undefined) return core.offer(request, address, nowMs);
  return {
    verdict: { done: 'probing', rule: 'dhcp.probe', say: 'Looking whether the address is in use.' },
    effects: [{ do: 'probe', address, ticket }],
  };
}

/** The probe's end: the offer, or another address for the client and rest for this one. */
export function onProbed(core: DhcpServerCore, ticket: number, probed: Probed, nowMs: number): Outcome {
  const probing = core.probing.get(ticket);
  core.probing.delete(ticket);
  if (probing === undefined) return nothing('dhcp.probeForgotten', 'Nobody waits for this probe any more.');
  const { request, address, tries } = probing;
  const client = clientKeyOf(request);
  const { holder } = probed;
  // The client itself may answer there: from before, or because it asks again without having let go.
  if (holder === undefined || holder === macOf(request) || isMemory(core, address, probed)) {
    if (core.mayHave(address, client, request)) return core.offer(request, address, nowMs);
    return offerAfterProbe(core, request, choose(core, request), tries + 1, nowMs);
  }
  const forMs = core.settings.quarantineMs.probe;
  core.book.quarantine(address, 'probe', nowMs + forMs);
  const rest = { do: 'commit', change: { change: 'quarantined', address, because: 'probe', forMs } } as const;
  if (tries >= TRIES_MOST) {
    const verdict = silent(
      'dhcp.conflicts',
      'Three addresses in a row are in use by others: look at the pool.',
    );
    return { verdict, effects: [{ ...rest, thenSend: undefined }] };
  }
  const next = offerAfterProbe(core, request, choose(core, request), tries + 1, nowMs);
  return { verdict: next.verdict, effects: [{ ...rest, thenSend: undefined }, ...next.effects] };
}

/** The neighbour table still names who had the address last, and nobody is there any more. */
function isMemory(core: DhcpServerCore, address: Ipv4, { holder, alive }: Probed): boolean {
  const lease = core.book.get(address);
  return !alive && lease?.at === 'free' && lease.traits.mac === holder;
}

function nothing(rule: string, say: string): Outcome {
  return { verdict: silent(rule, say), effects: [] };
}
