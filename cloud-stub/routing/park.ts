import type { CallId } from '../../lib/base/ids.ts';
import type { Trace } from './steps.ts';
import type { CallRequest, Decision, RoutingSnapshot } from './types.ts';

/** A call that waits in a slot of a contract until a device of the office takes it. [S0-081] */
export interface ParkedCall {
  readonly call: CallId;
  /** Who parked it: rung again when nobody takes it in time. */
  readonly by: string;
}

/** The code of the gateways for their own lines, and a slot. */
const PARK = /^\*7([1-9])$/;

/** Not implemented (Q.850). */
const CAUSE_NOT_IMPLEMENTED = 79;

/**
 * A device dials a slot to take the call that was parked there on another one, desk phone or app: any ID of the same
 * contract may, whoever parked it. The parked call keeps the channel that it holds and its charge runs on, so that taking
 * it needs no channel and costs nothing [S0-059] [S0-050]. Carried out on the analog lines of one gateway; between
 * devices of the exchange it ends here, in a refusal that tells what would happen. [S0-081]
 */
export function decidePark(
  request: Extract<CallRequest, { direction: 'out' }>,
  snapshot: RoutingSnapshot,
  trace: Trace,
): Decision | undefined {
  const slot = PARK.exec(request.dialled)?.[1];
  const by = slot === undefined ? undefined : snapshot.id(request.id);
  const contract = by && snapshot.contract(by.contract);
  if (slot === undefined || by === undefined || contract?.state !== 'active') return undefined;
  trace.of(contract.id);
  const parked = snapshot.parked?.(contract.id, slot);
  if (parked === undefined) {
    const say = `no call is parked in slot ${slot}`;
    return trace.reject('out.parkEmpty', ['S0-081'], 404, 1, say);
  }
  const who = `${by.id} takes the call that ${parked.by} parked in slot ${slot}`;
  trace.note(
    'out.park',
    ['S0-081', 'S0-059', 'S0-050'],
    `${who}: on the channel that it has, free of charge`,
  );
  const say = 'the exchange does not hand parked calls from device to device yet';
  return trace.reject('out.parkLater', ['S0-081'], 501, CAUSE_NOT_IMPLEMENTED, say);
}
