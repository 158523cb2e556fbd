import { isHostOf, NO_ADDRESS } from '../../lib/net/ipv4.ts';
import { clientKeyOf } from './lease.ts';
import { requestedAddress } from './on-discover.ts';
import { serverIdOf } from './on-request.ts';
import type { DhcpPacket } from './packet.ts';
import { informReply } from './reply.ts';
import type { DhcpServerCore, Outcome } from './server-core.ts';
import { silent } from './verdict.ts';

/** The client found its address in use (RFC 2131 §4.3.3): nobody gets it for a while. */
export function onDecline(core: DhcpServerCore, request: DhcpPacket, nowMs: number): Outcome {
  if (serverIdOf(request) !== core.settings.lan.address) {
    return nothing('dhcp.otherServer', 'Another server is meant.');
  }
  const address = requestedAddress(request);
  const lease = address === undefined ? undefined : core.book.get(address);
  const its = lease !== undefined && lease.at !== 'quarantined' && lease.client === clientKeyOf(request);
  if (address === undefined || !its || lease.at === 'free') {
    return nothing('dhcp.notItsLease', 'The client declines an address that it does not have.');
  }
  const forMs = core.settings.quarantineMs.declined;
  core.book.quarantine(address, 'declined', nowMs + forMs);
  const change = { change: 'quarantined', address, because: 'declined', forMs } as const;
  return {
    verdict: { done: 'noted', rule: 'dhcp.declined', say: 'Another device uses the address that was given.' },
    effects: [{ do: 'commit', change, thenSend: undefined }],
  };
}

/** The client gives its address back (RFC 2131 §4.3.4). Never answered. */
export function onRelease(core: DhcpServerCore, request: DhcpPacket, nowMs: number): Outcome {
  const address = request.clientAddress;
  const lease = core.book.get(address);
  if (serverIdOf(request) !== core.settings.lan.address) {
    return nothing('dhcp.otherServer', 'Another server is meant.');
  }
  if (lease?.at !== 'bound' || lease.client !== clientKeyOf(request)) {
    return nothing('dhcp.notItsLease', 'The client gives back an address that it does not have.');
  }
  core.book.release(address, nowMs);
  return {
    verdict: { done: 'noted', rule: 'dhcp.released', say: '' },
    effects: [{ do: 'commit', change: { change: 'released', address }, thenSend: undefined }],
  };
}

/** The client has an address from elsewhere and wants the options (RFC 2131 §4.3.5). */
export function onInform(core: DhcpServerCore, request: DhcpPacket): Outcome {
  const address = request.clientAddress;
  if (address === NO_ADDRESS || !isHostOf(address, core.settings.lan)) {
    return nothing('dhcp.informFromElsewhere', 'The address of the client is not of this network.');
  }
  return {
    verdict: { done: 'acknowledged', rule: 'dhcp.informed', say: '' },
    effects: [{ do: 'send', message: informReply(request, core.settings) }],
  };
}

function nothing(rule: string, say: string): Outcome {
  return { verdict: silent(rule, say), effects: [] };
}
