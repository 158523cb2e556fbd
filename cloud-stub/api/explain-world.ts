import type { Instant } from '../../lib/base/clock.ts';
import { ok, type Result } from '../../lib/base/errors.ts';
import { type Contract, routingSnapshot } from '../contracts/index.ts';
import type { CallRequest, DeviceClass } from '../routing/types.ts';
import type { ServiceRules, Store } from '../store/index.ts';
import type { ExplainWorld } from './source.ts';

/** What is asked about at another time: every device is there, and nobody talks. */
const QUIET = { busyChannels: () => 0, reachable: () => true };

/** What explaining needs. */
export interface ExplainParts {
  readonly store: {
    readonly directory: Pick<Store['directory'], 'contracts' | 'explain' | 'device'>;
    readonly orders: Pick<Store['orders'], 'history' | 'replay'>;
  };
  readonly rules: Pick<ServiceRules, 'decide' | 'rate' | 'rater' | 'allowance'>;
}

/**
 * The contracts as they are now; or, for a moment, as replaying their orders up to it makes them: an ID that was still
 * on another device, a forwarding that was switched off since.
 */
export async function explainWorld(
  { store, rules }: ExplainParts,
  request: CallRequest,
  at: Instant | undefined,
): Promise<Result<ExplainWorld>> {
  const now = store.directory.contracts();
  if (at === undefined) {
    return ok({
      decide: () => store.directory.explain(request),
      device: (id) => store.directory.device(id),
      price: pricesOf(now, rules),
    });
  }
  const then: Contract[] = [];
  for (const contract of now.filter((one) => touches(one, request))) {
    const was = await asItWas(store.orders, contract, at);
    if (!was.ok) return was;
    if (was.value !== null) then.push(was.value);
  }
  return ok({
    decide: () => rules.decide(request, routingSnapshot(then, QUIET, at), at),
    device: (id) => deviceIn(then, id),
    price: pricesOf(then, rules),
  });
}

/** Whether a contract has, or ever had, the ID or number that the call is about. */
function touches(contract: Contract, request: CallRequest): boolean {
  if (request.direction === 'out') return contract.ids.some(({ id }) => id === request.id);
  const held = [...contract.numbers, ...(contract.tollFree ?? [])];
  return held.some(({ number }) => number === request.to);
}

/** A contract that was taken over without orders is known from its opening on, and by its own dates before. */
async function asItWas(
  orders: ExplainParts['store']['orders'],
  contract: Contract,
  at: Instant,
): Promise<Result<Contract | null>> {
  const was = await orders.replay(contract.id, at);
  if (!was.ok || was.value !== null) return was;
  const first = (await orders.history(contract.id))[0];
  if (first === undefined) return ok(contract);
  return ok(first.entry.kind === 'opening' ? first.entry.contract : null);
}

function deviceIn(contracts: readonly Contract[], id: string): DeviceClass | undefined {
  for (const { ids, devices } of contracts) {
    const found = ids.find((one) => one.id === id);
    if (found !== undefined) return devices.find((one) => one.id === found.device)?.kind;
  }
  return undefined;
}

function pricesOf(contracts: readonly Contract[], rules: ExplainParts['rules']): ExplainWorld['price'] {
  return (call, id) => {
    const held = contracts.find((contract) => contract.id === id);
    if (held === undefined) return rules.rate(call);
    const { allowance: _left, ...rating } = rules
      .rater(held.product ?? 'cloudPhone')
      .rate(call, rules.allowance(held));
    return rating;
  };
}
