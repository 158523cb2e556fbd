import type { Instant } from '../../lib/base/clock.ts';
import { emptyFeatures, type RingGroup } from '../contracts/index.ts';
import { classify } from '../numbering/index.ts';
import { onChannel } from './endings.ts';
import { type InCase, inCase } from './in-case.ts';
import type { RoutingPolicy } from './policy.ts';
import { ringGroup, ringTerminal } from './ring.ts';
import { CAUSE, Trace } from './steps.ts';
import type { CallRequest, ContractView, Decision, IdView, NumberView, RoutingSnapshot } from './types.ts';

type Outgoing = Extract<CallRequest, { direction: 'out' }>;

/** What a button of the reception app dials: `button1` is the first one. [S0-087] */
const BUTTON = /^button([1-9][0-9]?)$/;

/** Telephone numbers are longer than that; it spares most calls the search. */
const EXTENSION_LONGEST = 8;

const NOTHING_SET = emptyFeatures();

/** Everything that the steps of one internal call look at. */
interface Call {
  readonly trace: Trace;
  readonly snapshot: RoutingSnapshot;
  readonly policy: RoutingPolicy;
  readonly now: Instant;
  readonly by: IdView;
  readonly contract: ContractView;
  readonly dialled: string;
}

/**
 * A call from one device of an office to another by extension, or from a reception app to a ring group. Undefined when it
 * is neither: then it is a call out. Emergency numbers are never extensions. [S0-082] [S0-087] [S1-012]
 */
export function decideInternal(
  request: Outgoing,
  snapshot: RoutingSnapshot,
  now: Instant,
  policy: RoutingPolicy,
  trace: Trace = new Trace(),
): Decision | undefined {
  const { dialled } = request;
  const by = snapshot.id(request.id);
  if (by === undefined) return undefined;
  const reception = by.features?.reception ?? null;
  const short = dialled.length <= EXTENSION_LONGEST;
  const other = reception === null && short ? snapshot.extension?.(by.contract, dialled) : undefined;
  if (reception === null && other === undefined) return undefined;
  const contract = snapshot.contract(by.contract);
  if (contract?.state !== 'active') return undefined;
  if (classify(dialled, now).class === 'emergency') return undefined;
  trace.of(contract.id);
  const call: Call = { trace, snapshot, policy, now, by, contract, dialled };
  if (other === undefined) return button(call);
  const view = other === by.id ? undefined : snapshot.id(other);
  if (view === undefined) {
    const say = `extension ${dialled} is the caller's own`;
    return trace.reject('out.ownExtension', ['S0-082'], 486, CAUSE.busy, say);
  }
  trace.note(
    'out.extension',
    ['S0-082', 'S0-050'],
    () => `${by.id} calls extension ${dialled}, ${view.id}: free`,
  );
  const one = internalCase(call, view);
  return trace.decide(onChannel(one, ['S0-059'], () => ringTerminal(one, view)));
}

/** The group of a button; a reception app calls nothing else. [S0-087] [S0-183] [S0-186] */
function button(call: Call): Decision {
  const { trace, by, contract, dialled } = call;
  const pressed = Number(BUTTON.exec(dialled)?.[1] ?? 0);
  const wanted = by.features?.reception?.buttons[pressed - 1];
  const group: RingGroup | undefined = contract.groups?.find(({ id }) => id === wanted?.group);
  if (wanted === undefined || group === undefined) {
    const say = `${by.id} is a reception app: it calls the groups of its buttons, and nothing else`;
    return trace.reject('out.receptionOnly', ['S0-087', 'S0-186'], 403, CAUSE.rejected, say);
  }
  trace.note(
    'out.button',
    ['S0-087'],
    () => `button ${pressed} "${wanted.label}" calls ring group "${group.id}"`,
  );
  const one = internalCase(call, undefined);
  return trace.decide(onChannel(one, ['S0-059'], () => ringGroup(one, group)));
}

/**
 * An internal call seen as one to a number without settings. Members outside see the number that the terminal shows, and
 * count for the terminal's own number where it has one. [S1-014] [S1-015]
 */
function internalCase(call: Call, target: IdView | undefined): InCase {
  const { contract, by, dialled, snapshot } = call;
  const own = target?.features?.ownNumber;
  const known = own === undefined || own === null ? undefined : snapshot.number(own);
  const number: NumberView = {
    number: dialled,
    contract: contract.id,
    role: 'additional',
    rings: target === undefined ? [] : [target.id],
    kind: known?.kind ?? 'shared',
    features: NOTHING_SET,
    ...(known?.extraTargets === undefined ? {} : { extraTargets: known.extraTargets }),
  };
  return { ...inCase(call, contract, number), shows: by.presents };
}
