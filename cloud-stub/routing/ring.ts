import type { ServiceId } from '../../lib/base/ids.ts';
import type { RingGroup, RingMember, RingStep } from '../contracts/index.ts';
import { busyTreatment, ending, refusal, voicemailNoted } from './endings.ts';
import type { InCase } from './in-case.ts';
import { outsideMember } from './outside-leg.ts';
import { CAUSE } from './steps.ts';
import type { IdView, OutsideLeg, PlanMember, RelayPlan, RingPlan, RoutePlan } from './types.ts';

/** Shorter than this, phones would stop before anybody heard them; a setting of 0 is not allowed anyway. [S0-120] */
const RING_LEAST_MS = 1_000;

/** Rings a group of the contract by name, or the number's own: its group, else its IDs. [S0-056] [S0-084] [S1-007] */
export function ringPlan(one: InCase, group: string | null): RoutePlan {
  const { features, contract, trace, number } = one;
  const name = group ?? features.group;
  const named = name === null ? undefined : contract.groups?.find(({ id }) => id === name);
  if (name !== null && named === undefined) {
    trace.note('in.group', ['S0-084'], () => `there is no ring group "${name}": the number's own IDs ring`);
  }
  // A direct number is its own device's alone, whatever groups there are. [S0-068]
  if (named === undefined || number.kind === 'direct') return ringIds(one);
  return ringGroup(one, named);
}

/** Rings a group that was found. Also for the buttons of a reception app. [S0-087] */
export function ringGroup(one: InCase, group: RingGroup): RoutePlan {
  const { trace } = one;
  if (group.how === 'relay') {
    trace.note('in.group', ['S1-007', 'S1-010'], () => `ring group "${group.id}" rings in relay`);
    return relay(one, group.steps, one.shows);
  }
  trace.note('in.group', ['S1-007', 'S1-009'], () => `ring group "${group.id}" rings together`);
  const { ids, outside } = split(members(one, group.members, one.shows));
  return together(one, ids, outside, group.forMs, group.deskFirstMs);
}

/** The IDs of the number, and then where the terminal's own relay leads when the number rings one terminal. [S1-011] */
function ringIds(one: InCase): RoutePlan {
  const { number, features, policy } = one;
  const rung = legacyOwn(one);
  const [only, ...more] = rung;
  const view = only === undefined || more.length > 0 ? undefined : one.snapshot.id(only);
  if (view?.contract === number.contract && (view.features?.relay.length ?? 0) > 0) {
    return terminalRelay(one, view);
  }
  return together(one, reachable(one, rung), [], policy.ringForMs, features.deskFirstMs);
}

/** In the old model a direct number rings the device that owns it and no other. [S0-068] [S0-069] */
function legacyOwn({ number, snapshot, trace }: InCase): readonly ServiceId[] {
  if (number.kind !== 'direct') return number.rings;
  const owner = number.rings.find((id) => snapshot.id(id)?.features?.ownNumber === number.number);
  const own = owner ?? number.rings[0];
  const say = (): string => `${number.number} is a direct number: it rings ${own ?? 'nobody'} alone`;
  trace.note('in.direct', ['S0-068', 'A-45'], say);
  return own === undefined ? [] : [own];
}

/** One terminal by its extension, and then where its relay leads. [S0-082] [S1-012] */
export function ringTerminal(one: InCase, view: IdView): RoutePlan {
  if ((view.features?.relay.length ?? 0) > 0) return terminalRelay(one, view);
  return together(one, reachable(one, [view.id]), [], one.policy.ringForMs, 0);
}

/** A call to one terminal that goes on, unanswered, to the steps of its relay. [S1-011] [S1-012] [S1-014] */
function terminalRelay(one: InCase, view: IdView): RoutePlan {
  const { trace, policy } = one;
  const presents = view.relayPresents ?? undefined;
  const steps = view.features?.relay ?? [];
  const goesOut = steps.some((step) => step.members.some((member) => 'external' in member));
  const first: RingStep = { members: [{ id: view.id }], forMs: policy.terminalForMs };
  if (goesOut && presents === undefined) {
    const say = `${view.id} forwards outside but has no number to show: set one, or put it under a representative number`;
    const end = ending(one, 'in.noForwardingNumber', 480, CAUSE.notSubscribed, say);
    const plan = relay(one, [first], '', end);
    trace.note('in.noForwardingNumber', ['A-39', 'S1-014'], say);
    return plan;
  }
  trace.note('in.terminalRelay', ['S1-007', 'S1-011', 'S1-014'], () => {
    const shown = presents === undefined ? '' : `, showing ${presents} outside`;
    return `${view.id} relays in ${steps.length} further steps${shown}`;
  });
  return relay(one, [first, ...steps], presents ?? one.shows);
}

/** Step after step; steps in which nobody can be reached fall out. */
function relay(one: InCase, steps: readonly RingStep[], presents: string, end?: RoutePlan): RoutePlan {
  const { contract, number, trace } = one;
  const kept = steps
    .map((step) => ({ members: members(one, step.members, presents).map(asMember), forMs: step.forMs }))
    .filter((step) => step.members.length > 0);
  if (kept.length === 0) return end ?? nobody(one);
  trace.note('in.ring', ['S1-007'], () => {
    const names = kept.map((step) => step.members.map(nameOf).join(' and '));
    return `${number.number} rings in relay: ${names.join(', then ')}`;
  });
  const plan: RelayPlan = {
    verb: 'relay',
    contract: contract.id,
    called: number.number,
    steps: kept,
    takesChannel: true,
  };
  return withWays(one, plan, end ?? voicemailNoted(one));
}

function asMember(found: IdView | OutsideLeg): PlanMember {
  return 'id' in found ? { id: found.id } : found;
}

function nameOf(member: PlanMember): string {
  return 'id' in member ? member.id : member.external;
}

/** Everybody together, desk phones first where apps ring too. [S0-057] [S0-078] [S0-080] */
function together(
  one: InCase,
  views: readonly IdView[],
  outside: readonly OutsideLeg[],
  forMs: number,
  deskFirstMs: number,
): RoutePlan {
  const { contract, number, features, trace } = one;
  if (views.length === 0 && outside.length === 0) return nobody(one);
  const desks = views.filter((view) => view.device !== 'app');
  const apps = views.filter((view) => view.device === 'app');
  const ids = [...desks, ...apps].map((view) => view.id);
  const after = voicemailNoted(one);
  const ringMs = Math.max(
    after === undefined ? forMs : (features.voicemail?.afterMs ?? forMs),
    RING_LEAST_MS,
  );
  trace.note('in.ring', ['S0-056', 'S0-057'], () => {
    const who = [...ids, ...outside.map((leg) => leg.external)].join(', ');
    return `${number.number} rings ${who}; the first answer wins`;
  });
  const plan: RingPlan = {
    verb: 'ring',
    contract: contract.id,
    called: number.number,
    members: ids,
    forMs: ringMs,
    takesChannel: true,
    ...(outside.length === 0 ? {} : { externals: outside }),
    ...headStart(one, desks, apps.length + outside.length, deskFirstMs, ringMs),
  };
  if (after !== undefined) noteVoicemail(one, ringMs);
  return withWays(one, plan, after);
}

/** Apps get at least half of the time to ring, however long a head start the office chose. */
function headStart(
  { policy, trace }: InCase,
  desks: readonly IdView[],
  others: number,
  wantedMs: number,
  ringMs: number,
): Pick<RingPlan, 'headStart'> {
  const ms = Math.min(wantedMs, Math.floor(ringMs / 2));
  if (policy.deskPriority === 'together' || desks.length === 0 || others === 0 || ms <= 0) return {};
  trace.note(
    'in.deskFirst',
    ['A-05', 'S0-078', 'S0-080'],
    () => `desk phones ring ${ms / 1_000} s before the others`,
  );
  return { headStart: { members: desks.map((view) => view.id), ms } };
}

function noteVoicemail({ trace, number }: InCase, afterMs: number): void {
  trace.note(
    'in.voicemail',
    ['S0-119', 'S0-120'],
    () => `not answered for ${afterMs / 1_000} s, ${number.number} goes to voicemail`,
  );
}

/** Adds what comes after: voicemail or a detour, and the busy treatment where channels are counted later. */
function withWays<Plan extends RingPlan | RelayPlan>(
  one: InCase,
  plan: Plan,
  after: RoutePlan | undefined,
): Plan {
  const { later, busyInstead } = one;
  return {
    ...plan,
    ...(after === undefined ? {} : { onNoAnswer: after }),
    ...(busyInstead === undefined ? {} : { onBusy: busyInstead }),
    ...(later ? { onNoChannel: busyTreatment(one, false) } : {}),
  };
}

/** Nobody can be rung: that is a call that is not answered. [S0-119] */
function nobody(one: InCase): RoutePlan {
  const { number, trace } = one;
  const say = `no device that ${number.number} rings can be reached at the moment`;
  const message = voicemailNoted(one);
  if (message === undefined) {
    return refusal(one, 'in.nobodyReachable', ['S0-056'], 480, CAUSE.subscriberAbsent, say);
  }
  trace.note('in.voicemail', ['S0-119', 'S0-056'], () => `${say}: voicemail takes the call`);
  return message;
}

/** The members of a group that can be rung now; twice in a list is once on the phone. [S0-056] [S1-009] */
function members(
  one: InCase,
  list: readonly RingMember[],
  presents: string,
): readonly (IdView | OutsideLeg)[] {
  const found: (IdView | OutsideLeg)[] = [];
  for (const member of list) {
    if ('external' in member) {
      const leg = outsideMember(one, member.external, presents);
      const known = found.some((other) => 'external' in other && other.external === leg?.external);
      if (leg !== undefined && !known) found.push(leg);
    } else {
      const view = device(one, member.id);
      if (view !== undefined && !found.some((other) => 'id' in other && other.id === view.id))
        found.push(view);
    }
  }
  return found;
}

function reachable(one: InCase, ids: readonly ServiceId[]): readonly IdView[] {
  const found: IdView[] = [];
  for (const id of ids) {
    const view = device(one, id);
    if (view !== undefined && !found.some((other) => other.id === id)) found.push(view);
  }
  return found;
}

/** An ID of this contract that is registered and may be rung. [S0-055] [S0-186] */
function device({ trace, snapshot, number }: InCase, id: ServiceId): IdView | undefined {
  const view = snapshot.id(id);
  if (view === undefined || view.contract !== number.contract) {
    trace.note('in.foreignMember', ['S0-055'], () => `${id} is no ID of ${number.contract}: left out`);
    return undefined;
  }
  if (view.features?.reception) {
    trace.note('in.receptionOnly', ['S0-186', 'S0-182'], () => `${id} is a reception app: left out`);
    return undefined;
  }
  if (view.reachable) return view;
  trace.note('in.unreachable', ['S0-056'], () => `${id} is not registered: left out`);
  return undefined;
}

function split(found: readonly (IdView | OutsideLeg)[]): {
  ids: readonly IdView[];
  outside: readonly OutsideLeg[];
} {
  const ids: IdView[] = [];
  const outside: OutsideLeg[] = [];
  for (const one of found) {
    if ('id' in one) ids.push(one);
    else outside.push(one);
  }
  return { ids, outside };
}
