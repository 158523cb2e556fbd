import type { AnswerAction, IvrMenu, MenuAction } from '../contracts/index.ts';
import { allowed } from './answer.ts';
import { ending, refusal, voicemailNoted } from './endings.ts';
import type { InCase } from './in-case.ts';
import { CAUSE } from './steps.ts';
import type { MenuBranch, PlanMenu, RoutePlan } from './types.ts';

/** How an action becomes a plan; handed in, because actions lead to menus and menus to actions. */
type Perform = (one: InCase, action: AnswerAction) => RoutePlan;

/**
 * The IVR from one menu on. Every menu that it can lead to stands once in the plan, by id: menus may lead to each other
 * in a circle, the plan stays a tree, and `turns` lets the call end. [S0-083] [S0-085]
 */
export function menuPlan(before: InCase, start: string, perform: Perform): RoutePlan {
  const { features, contract, number, trace, policy } = before;
  const known = new Map(features.menus.map((menu) => [menu.id, menu]));
  const first = known.get(start);
  if (first === undefined) {
    const say = `${number.number} has no menu "${start}"`;
    return refusal(before, 'in.unknownMenu', ['S0-083'], 480, CAUSE.noAnswer, say);
  }
  // When a digit comes, the caller has been answered and time has passed; a detour is for calls that were not answered.
  const { busyInstead: _, ...kept } = before;
  const one: InCase = { ...kept, answered: true, later: true };
  trace.note('in.menu', ['S0-083'], () => `menu "${start}" answers`);
  const made = new Map<string, PlanMenu>();
  const waiting = [first];
  for (let menu = waiting.shift(); menu !== undefined; menu = waiting.shift()) {
    if (made.has(menu.id)) continue;
    made.set(menu.id, oneMenu({ one, menu, known, perform, leadsTo: waiting }));
  }
  const [head, ...rest] = made.values();
  if (head === undefined) throw new Error('a menu that was found is not there');
  return {
    verb: 'collect',
    contract: contract.id,
    called: number.number,
    menus: [head, ...rest],
    turns: policy.menuTurns,
  };
}

/** A menu of the office on its way into a plan. */
interface Making {
  readonly one: InCase;
  readonly menu: IvrMenu;
  readonly known: ReadonlyMap<string, IvrMenu>;
  readonly perform: Perform;
  /** Menus that the digits of this one lead to. */
  readonly leadsTo: IvrMenu[];
}

function oneMenu(making: Making): PlanMenu {
  const { id, prompt, waitMs, tries, keys, otherwise } = making.menu;
  const branches: Record<string, MenuBranch> = {};
  for (const [digit, action] of Object.entries(keys))
    branches[digit] = branch(making, `key ${digit}`, action);
  return { id, prompt, keys: branches, waitMs, tries, otherwise: branch(making, 'no choice', otherwise) };
}

function branch(making: Making, name: string, action: MenuAction | { readonly do: 'hangUp' }): MenuBranch {
  const { one, menu, known, perform, leadsTo } = making;
  one.trace.note('in.key', ['S0-083'], () => `menu "${menu.id}", ${name}: ${action.do}`);
  switch (action.do) {
    case 'hangUp':
      return ending(one, 'in.menuEnd', 480, CAUSE.noAnswer, `no choice was made in menu "${menu.id}"`);
    case 'repeat':
      return { verb: 'menu', menu: menu.id };
    case 'menu':
    case 'ivr': {
      const next = known.get(action.menu);
      if (next === undefined) return unknownMenu(one, action.menu);
      leadsTo.push(next);
      return { verb: 'menu', menu: next.id };
    }
    case 'voicemail':
      return (
        voicemailNoted(one) ??
        ending(one, 'in.noVoicemail', 480, CAUSE.noAnswer, 'there is no voicemail here')
      );
    default:
      return allowed(one, action)
        ? perform(one, action)
        : ending(one, 'in.option', 480, CAUSE.notSubscribed, `"${action.do}" is not contracted here`);
  }
}

function unknownMenu(one: InCase, menu: string): RoutePlan {
  return ending(one, 'in.unknownMenu', 480, CAUSE.noAnswer, `there is no menu "${menu}"`);
}
