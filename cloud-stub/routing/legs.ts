import { unreachable } from '../../lib/base/errors.ts';
import type { MenuBranch, PlanMember, PlanMenu, RoutePlan } from './plan.ts';

/** One leg that a plan makes. */
export interface PlannedLeg {
  /** After the beginning of the plan; prompts and menus count as no time. */
  readonly afterMs: number;
  /** A service id or a number outside. */
  readonly to: string;
  /** What a number outside sees; null for an ID, which sees the caller. */
  readonly presents: string | null;
  /** At the operators of the answering service. [S0-052] */
  readonly answering?: true;
}

/** The legs of a plan when nobody answers, in their order, and the verb in which the call ends. */
export interface Unanswered {
  readonly legs: readonly PlannedLeg[];
  readonly end: RoutePlan['verb'];
}

/**
 * Goes through a plan as if nobody answered anywhere: what rings, when and in which order. `digits` are pushed one after
 * the other in its menus; when they run out, no choice is made. Always ends.
 */
export function unansweredLegs(plan: RoutePlan, digits = ''): Unanswered {
  const legs: PlannedLeg[] = [];
  const pushed = [...digits];
  let atMs = 0;
  let now = plan;
  for (;;) {
    const next = follow(now, pushed, (members, afterMs) => {
      for (const member of members) legs.push({ afterMs: atMs + afterMs, ...named(member) });
    });
    if (next === undefined) return { legs, end: now.verb };
    atMs += next.tookMs;
    now = next.plan;
  }
}

type Ring = (members: readonly PlanMember[], afterMs: number) => void;

/** One verb; undefined where the call ends in it. */
function follow(
  plan: RoutePlan,
  digits: string[],
  ring: Ring,
): { plan: RoutePlan; tookMs: number } | undefined {
  switch (plan.verb) {
    case 'ring': {
      const first = plan.headStart?.members ?? plan.members;
      const others = plan.members.filter((id) => !first.includes(id));
      ring(
        first.map((id) => ({ id })),
        0,
      );
      ring([...others.map((id) => ({ id })), ...(plan.externals ?? [])], plan.headStart?.ms ?? 0);
      return then(plan.onNoAnswer, plan.forMs);
    }
    case 'relay': {
      let afterMs = 0;
      for (const step of plan.steps) {
        ring(step.members, afterMs);
        afterMs += step.forMs;
      }
      return then(plan.onNoAnswer, afterMs);
    }
    case 'forward':
      ring([plan.to], 0);
      return then(plan.onNoAnswer, plan.forMs);
    case 'play':
      return then(plan.next ?? undefined, 0);
    case 'collect':
      return then(chosen(plan.menus, plan.turns, digits), 0);
    case 'fax':
      return then(plan.onVoice ?? undefined, plan.listenMs ?? 0);
    case 'record':
      return then(plan.plan, 0);
    case 'voicemail':
    case 'bot':
    case 'tone':
    case 'reject':
    case 'network':
    case 'park':
    case 'take':
      return undefined;
    default:
      return unreachable(plan);
  }
}

function then(plan: RoutePlan | undefined, tookMs: number): { plan: RoutePlan; tookMs: number } | undefined {
  return plan === undefined ? undefined : { plan, tookMs };
}

/** Where the digits lead; undefined when the call has entered as many menus as it may. */
function chosen(menus: readonly PlanMenu[], turns: number, digits: string[]): RoutePlan | undefined {
  let menu = menus[0];
  for (let turn = 0; turn < turns && menu !== undefined; turn += 1) {
    const digit = digits.shift();
    const branch: MenuBranch = (digit === undefined ? undefined : menu.keys[digit]) ?? menu.otherwise;
    if (branch.verb !== 'menu') return branch;
    menu = menus.find((one) => one.id === branch.menu);
  }
  return undefined;
}

function named(member: PlanMember): Omit<PlannedLeg, 'afterMs'> {
  if ('id' in member) return { to: member.id, presents: null };
  const { external: to, presents, answering } = member;
  return answering === true ? { to, presents, answering } : { to, presents };
}
