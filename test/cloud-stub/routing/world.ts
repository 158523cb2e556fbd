import { type Contract, exampleOffice, routingSnapshot } from '../../../cloud-stub/contracts/index.ts';
import { decide, type RoutingPolicy } from '../../../cloud-stub/routing/index.ts';
import type { Decision, RoutingSnapshot } from '../../../cloud-stub/routing/types.ts';
import type { Instant } from '../../../lib/base/clock.ts';
import type { CallId, ContractId, ServiceId } from '../../../lib/base/ids.ts';
import { japanMidnight } from '../../../lib/base/japan-time.ts';

export const NOW = japanMidnight(2026, 11, 21);
export const MAIN = '0355550100';
export const CALL = 'mhabcdef-0123456789abcdef' as CallId;
export const BASE = 'id-000001-1' as ServiceId;
export const SECOND = 'id-000001-2' as ServiceId;
export const CONTRACT = 'c-000001' as ContractId;

/** What differs from the example office at rest with both phones registered. */
export interface World {
  readonly contracts?: readonly Contract[];
  readonly busy?: number;
  readonly unreachable?: readonly ServiceId[];
  readonly at?: Instant;
  readonly policy?: RoutingPolicy;
}

export function snapshotOf(world: World = {}): RoutingSnapshot {
  const live = {
    busyChannels: () => world.busy ?? 0,
    reachable: (id: ServiceId) => world.unreachable?.includes(id) !== true,
  };
  return routingSnapshot(world.contracts ?? [exampleOffice], live, world.at ?? NOW);
}

export function callIn(to: string, world: World = {}, from = '09012345678'): Decision {
  const request = { call: CALL, direction: 'in', from, withheld: from === '', to } as const;
  return decide(request, snapshotOf(world), world.at ?? NOW, world.policy);
}

export function callOut(dialled: string, world: World = {}, id: ServiceId = BASE): Decision {
  return decide(
    { call: CALL, direction: 'out', id, dialled },
    snapshotOf(world),
    world.at ?? NOW,
    world.policy,
  );
}

/** The example office with something else. */
export function officeWith(more: Partial<Contract>): World {
  return { contracts: [{ ...exampleOffice, ...more }] };
}
