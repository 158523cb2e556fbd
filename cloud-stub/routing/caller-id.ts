import { rulesOf } from '../catalogue/index.ts';
import type { OutgoingCase } from './outgoing-case.ts';
import { CAUSE } from './steps.ts';
import type { Decision, TollFreeView } from './types.ts';

/** The number that goes with a call, or why none may. */
export type Shown =
  | { readonly ok: true; readonly number: string; readonly tollFree: boolean }
  | { readonly ok: false; readonly facts: readonly string[]; readonly say: string };

/**
 * The number that an ID shows: one of its own contract, checked at every call, and never anybody else's. In the old model
 * another device's direct number is not its own. A toll-free number receives only, unless it has specific number
 * notification. [S0-089] [S0-090] [S0-096] [S0-150] [S2-014]
 */
export function shownNumber(one: OutgoingCase): Shown {
  const { snapshot, id, contract } = one;
  const number = snapshot.number(id.presents);
  if (number?.contract === contract.id) {
    if (number.kind !== 'direct' || number.rings.includes(id.id)) {
      return { ok: true, number: number.number, tollFree: false };
    }
    const say = `${id.presents} is the direct number of another device; show the ID's own or a representative number`;
    return { ok: false, facts: ['S0-068', 'S0-090'], say };
  }
  const tollFree = snapshot.tollFree?.(id.presents);
  if (tollFree?.contract !== contract.id) {
    const say = `${id.id} is set to show ${id.presents}, which is no number of ${contract.id}; choose one of its own`;
    return { ok: false, facts: ['S0-089'], say };
  }
  return shownTollFree(one, tollFree);
}

function shownTollFree({ id, contract, manner }: OutgoingCase, view: TollFreeView): Shown {
  if (!mayShow(view, contract.product ?? 'cloudPhone')) {
    const say = `${id.presents} receives only: showing it needs specific number notification`;
    return { ok: false, facts: ['S0-096', 'S0-150', 'S2-014'], say };
  }
  if (manner.media !== 'dataConnect') return { ok: true, number: id.presents, tollFree: true };
  if (contract.mainNumber !== undefined) return { ok: true, number: contract.mainNumber, tollFree: false };
  return { ok: false, facts: ['S2-016'], say: `${id.presents} cannot be shown on Data Connect calls` };
}

/** Switched on, and contracted: the function is sold under another name by each service. */
function mayShow({ setting, options }: TollFreeView, product: Parameters<typeof rulesOf>[0]): boolean {
  const item = rulesOf(product).tollFree?.functions.presentNumber;
  return setting.presents && item !== undefined && options.includes(item);
}

/** Dialled 135 and then 1 or 0. */
const SWITCHING = /^135([01])$/;

/**
 * 135-1 has the ID show the contract's toll-free number from now on, 135-0 the contract number. The decision asks for that
 * change; nothing is changed here. Undefined for anything else, and where there is no toll-free number. [S2-015]
 */
export function switchNumberShown(one: OutgoingCase, text: string): Decision | undefined {
  const wanted = SWITCHING.exec(text)?.[1];
  const { contract, snapshot, trace, id } = one;
  const numbers = contract.tollFreeNumbers ?? [];
  if (wanted === undefined || numbers.length === 0) return undefined;
  const product = contract.product ?? 'cloudPhone';
  const tollFree = numbers.find((number) => {
    const view = snapshot.tollFree?.(number);
    return view?.contract === contract.id && mayShow(view, product);
  });
  const presents = wanted === '1' ? tollFree : contract.mainNumber;
  if (tollFree === undefined || presents === undefined) {
    const say = `${id.id} cannot show a toll-free number: ${contract.id} has no specific number notification`;
    return trace.reject('out.presentsSwitch', ['S2-015', 'S0-096', 'S0-150'], 403, CAUSE.rejected, say);
  }
  trace.note('out.presentsSwitch', ['S2-015'], `${text}: ${id.id} shows ${presents} from now on`);
  const plan = {
    verb: 'play',
    contract: contract.id,
    called: presents,
    prompt: wanted === '1' ? 'tollFree.presentsOn' : 'tollFree.presentsOff',
    times: 1,
    answers: true,
    next: null,
  } as const;
  return {
    ...trace.decide(plan),
    change: { change: 'presents', contract: contract.id, id: id.id, presents },
  };
}
