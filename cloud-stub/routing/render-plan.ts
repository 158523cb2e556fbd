import { unreachable } from '../../lib/base/errors.ts';
import type { CollectPlan, Guidance, MenuBranch, OutsideLeg, PlanMember, RoutePlan } from './plan.ts';

/** A plan as lines that a person can read; what a verb goes on with is indented under it. */
export function renderPlan(plan: RoutePlan): readonly string[] {
  switch (plan.verb) {
    case 'ring': {
      const who = listed([...plan.members, ...(plan.externals ?? []).map(outside)]);
      const first = plan.headStart;
      const lead = first === undefined ? [] : [`${listed(first.members)} first, for ${seconds(first.ms)}`];
      return [`ring ${who} for ${seconds(plan.forMs)} as ${plan.called}`, ...indent(lead), ...ways(plan)];
    }
    case 'relay': {
      const steps = plan.steps.map(
        (step, at) => `${at + 1}. ${listed(step.members.map(memberName))} for ${seconds(step.forMs)}`,
      );
      const what = plan.park === undefined ? 'ring in relay' : `ask for the call in slot ${plan.park.slot}`;
      return [`${what} as ${plan.called}`, ...indent(steps), ...ways(plan)];
    }
    case 'forward': {
      const channel = plan.takesChannel ? 'on one channel' : 'outside the channel count';
      const line = `forward ${plan.called} to ${outside(plan.to)} for ${seconds(plan.forMs)}, ${channel}`;
      return [line, ...ways(plan)];
    }
    case 'play': {
      const times = plan.times === 1 ? '' : ` ${plan.times} times`;
      const how = plan.answers ? '' : ' without answering';
      const line = `play ${plan.prompt}${times}${how}`;
      if (plan.next !== null) return [`${line}, then`, ...indent(renderPlan(plan.next))];
      const { release } = plan;
      if (release === undefined) return [`${line}, then release`];
      return [`${line}, then refuse with ${release.status} (cause ${release.cause})`];
    }
    case 'collect':
      return collectLines(plan);
    case 'voicemail':
      return [`voicemail of ${plan.called}, greeting ${plan.greeting}`];
    case 'bot': {
      const channel = plan.takesChannel ? 'on one channel' : 'outside the channel count';
      return [`answering bot of ${plan.called}, ${channel}`, ...way('no channel free', plan.onNoChannel)];
    }
    case 'fax': {
      const relay = plan.relayTo === null ? '' : `, sent again to ${plan.relayTo}`;
      if (plan.listenMs === null || plan.onVoice === null)
        return [`receive a fax for ${plan.called}${relay}`];
      const line = `listen ${seconds(plan.listenMs)} for a fax tone; receive a fax for ${plan.called}${relay}`;
      return [line, ...way('no fax tone', plan.onVoice)];
    }
    case 'record': {
      const what = plan.except === 'externalLegs' ? 'legs to outside numbers' : 'forwarded legs';
      return [`record for ${plan.called}, except ${what}`, ...indent(renderPlan(plan.plan))];
    }
    case 'tone':
      return [`${plan.tone} tone for ${seconds(plan.forMs)}: ${plan.say}`];
    case 'network': {
      const shown = plan.withheld ? 'withholding the number' : `showing ${plan.presents || 'no number'}`;
      const channel = plan.takesChannel ? 'on one channel' : 'outside the channel count';
      return [`send to ${plan.number} (${plan.destination}), ${shown}, ${channel}`];
    }
    case 'park':
      return [`park the call on hold in slot ${plan.slot}`];
    case 'take':
      return [`join with the call in slot ${plan.slot}`];
    case 'reject':
      return [`refuse with ${plan.status} (cause ${plan.cause}): ${plan.say}`];
    default:
      return unreachable(plan);
  }
}

function collectLines(plan: CollectPlan): readonly string[] {
  const menus = plan.menus.flatMap((menu) => {
    const tries = menu.tries === 1 ? 'once' : `${menu.tries} times`;
    const keys = Object.entries(menu.keys).flatMap(([digit, branch]) => branchLines(`key ${digit}`, branch));
    const wait = `${seconds(menu.waitMs)} to choose`;
    return [
      `menu ${menu.id}: play ${menu.prompt} up to ${tries}, ${wait}`,
      ...keys,
      ...branchLines('otherwise', menu.otherwise),
    ];
  });
  return [`collect a digit for ${plan.called}, at most ${plan.turns} menus`, ...indent(menus)];
}

function branchLines(name: string, branch: MenuBranch): readonly string[] {
  return branch.verb === 'menu' ? [`  ${name} → menu ${branch.menu}`] : way(name, branch);
}

interface Ways {
  readonly onNoAnswer?: RoutePlan;
  readonly onBusy?: RoutePlan;
  readonly onNoChannel?: RoutePlan;
  readonly guidance?: Guidance;
}

function ways({ onNoAnswer, onBusy, onNoChannel, guidance }: Ways): readonly string[] {
  const told = guidance === undefined ? [] : [`  on answer: ${guidance.to} hear ${guidance.prompt}`];
  return [
    ...told,
    ...way('busy', onBusy),
    ...way('no answer', onNoAnswer),
    ...way('no channel free', onNoChannel),
  ];
}

/** One line when the way on is one line. */
function way(name: string, plan: RoutePlan | undefined): readonly string[] {
  if (plan === undefined) return [];
  const lines = renderPlan(plan);
  return indent([`${name} → ${lines[0] ?? ''}`, ...lines.slice(1)]);
}

function memberName(member: PlanMember): string {
  return 'id' in member ? member.id : outside(member);
}

function outside(leg: OutsideLeg): string {
  return `${leg.external} (showing ${leg.presents})`;
}

function listed(names: readonly string[]): string {
  return names.join(' and ');
}

function seconds(ms: number): string {
  return `${ms / 1_000} s`;
}

function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}
