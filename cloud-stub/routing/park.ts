import type { CallId, ServiceId } from '../../lib/base/ids.ts';
import { trunkParkCode } from '../../lib/contract/park.ts';
import { CAUSE, type Trace } from './steps.ts';
import type { CallRequest, ContractView, Decision, IdView, RelayPlan, RoutingSnapshot } from './types.ts';

/** A call that waits in a slot of a contract until a device of the office takes it. [S0-081] */
export interface ParkedCall {
  readonly call: CallId;
  /** Who parked it: rung again when nobody takes it in time. */
  readonly by: ServiceId;
}

/** The code of the gateways for their own lines, and a slot. */
const PARK = /^\*7([1-9])$/;

/** How long a box may think about a slot; it answers at once. */
const BOX_ANSWERS_WITHIN_MS = 8_000;

const FACTS = ['S0-081', 'S0-059', 'S0-050'] as const;

/**
 * A device dials a slot. An app that has a call on hold parks it there; any other ID of the contract takes the call that is
 * parked in it, whoever parked it. Each gateway keeps what was parked on its own phones: where a slot is empty here, they are
 * asked one after the other, but never the one that asks. A parked call keeps the channel that it holds and its charge runs
 * on, so that parking and taking need no channel and cost nothing [S0-059] [S0-050]. [S0-081]
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
  // A box parks the calls of its own phones by itself; what it holds meanwhile is no business of ours.
  const held = by.device === 'app' ? snapshot.holding?.(by.id) : undefined;
  if (held !== undefined) return put(held, parked, slot, by, trace);
  if (parked === undefined) return askBoxes(slot, by, contract, snapshot, trace);
  const say = `${by.id} takes the call that ${parked.by} parked in slot ${slot}: on the channel that it has, free of charge`;
  trace.note('out.parkTake', FACTS, say);
  return trace.decide({ verb: 'take', contract: contract.id, slot, call: parked.call });
}

function put(held: CallId, parked: ParkedCall | undefined, slot: string, by: IdView, trace: Trace): Decision {
  if (parked !== undefined) {
    const say = `${parked.by} has parked another call in slot ${slot}; take a free one`;
    return trace.reject('out.parkTaken', ['S0-081'], 486, CAUSE.busy, say);
  }
  const say = `${by.id} parks the call that it holds in slot ${slot}: it keeps its channel, and its charge runs on`;
  trace.note('out.park', FACTS, say);
  return trace.decide({ verb: 'park', contract: by.contract, slot, call: held });
}

function askBoxes(
  slot: string,
  by: IdView,
  contract: ContractView,
  snapshot: RoutingSnapshot,
  trace: Trace,
): Decision {
  const accounts = (snapshot.boxes?.(contract.id) ?? []).flatMap((ids) =>
    ids.includes(by.id) ? [] : ids.filter((id) => snapshot.id(id)?.reachable === true).slice(0, 1),
  );
  const empty = `no call is parked in slot ${slot}`;
  if (accounts.length === 0) return trace.reject('out.parkEmpty', ['S0-081'], 404, CAUSE.unallocated, empty);
  const say = `slot ${slot} is empty here; asks the gateways at ${accounts.join(', then ')}: no channel, free of charge`;
  trace.note('out.parkAsk', FACTS, say);
  const plan: RelayPlan = {
    verb: 'relay',
    contract: contract.id,
    called: trunkParkCode(Number(slot)),
    steps: accounts.map((id) => ({ members: [{ id }], forMs: BOX_ANSWERS_WITHIN_MS })),
    takesChannel: false,
    park: { slot, presents: by.presents },
    onNoAnswer: {
      verb: 'reject',
      rule: 'out.parkEmpty',
      status: 404,
      cause: CAUSE.unallocated,
      say: `${empty}, here or on a gateway`,
      contract: contract.id,
    },
  };
  return trace.decide(plan);
}
