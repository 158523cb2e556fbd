import { catalogue, type ProductId } from '../catalogue/index.ts';
import { isFreePartner } from './blocked.ts';
import type { OutgoingCase } from './outgoing-case.ts';
import type { OutgoingNotes, RoutingAlert } from './types.ts';

/** Options that bring free time for every call. [S0-016] */
const FREE_TIME = catalogue.items
  .filter((item) => item.included?.of === 'secondsPerCall')
  .map((item) => item.id);

/** Device and far end of the prices that free time may cover, by service. [S0-048] [S0-092] */
const COVERED: ReadonlySet<string> = new Set(
  catalogue.items.flatMap(({ product, call }) =>
    call === undefined || call.direction !== 'out' || !call.tenMinutes
      ? []
      : Object.keys(call.categories).flatMap((device) =>
          call.farEnds.map((farEnd) => coverKey(product, device, farEnd)),
        ),
  ),
);

function coverKey(product: ProductId, device: string, farEnd: string): string {
  return `${product}/${device}/${farEnd}`;
}

/** Whether the ID has free time at all. */
function hasFreeTime({ id }: OutgoingCase): boolean {
  return id.options?.some((option) => FREE_TIME.includes(option)) === true;
}

/**
 * What rating may be told of the call. Free minutes are for apps and never for desk phones and adapters, even if an ID
 * there holds the option. [S0-091] [S0-092]
 */
export function notesOf(one: OutgoingCase): OutgoingNotes {
  const { contract, id, dialled, mode } = one;
  const covered = COVERED.has(coverKey(contract.product ?? 'cloudPhone', id.device, dialled.class));
  return { tenMinutes: covered && hasFreeTime(one), freePartner: isFreePartner(one), mode };
}

/**
 * More than about 30 calls a day with free time: a person is told. The option is never taken away by itself; an operator
 * may do so, and calls cost the ordinary price from then on. [S0-094] [S0-095]
 */
export function highFrequency(one: OutgoingCase): RoutingAlert | undefined {
  const { snapshot, id, contract, policy, trace } = one;
  if (!hasFreeTime(one)) return undefined;
  const calls = (snapshot.callsOutToday?.(id.id) ?? 0) + 1;
  if (calls <= policy.callsADay) return undefined;
  const facts = ['A-09', 'S0-094', 'S0-095'];
  const say = `${id.id} makes its call number ${calls} of today with free minutes; ${policy.callsADay} are asked to be enough`;
  trace.note('out.highFrequency', facts, say);
  return { alert: 'highFrequency', contract: contract.id, facts, say };
}
