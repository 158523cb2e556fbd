import type { Via } from '../codec/via.ts';
import type { Flow } from './flow.ts';

/**
 * The way back for a response (RFC 3261 §18.2.2, RFC 3581 §4): a connection goes back over itself; a datagram to the
 * address it came from, at the port it came from where `rport` asks for that, else at the port that the Via names. Always
 * over the socket that took the request. Undefined when there is none. `maddr` is passed over: it would let anybody name
 * a victim that we send to.
 */
export function replyFlow(via: Via, flow: Flow): Flow | undefined {
  if (flow.reliable || via.params.has('rport') || flow.atPort === undefined) return flow;
  return via.port === 0 ? undefined : flow.atPort(via.port ?? 5060);
}
