import type { AnswerAction } from '../contracts/index.ts';
import { busyTreatment, onChannel, refusal, voicemailNoted } from './endings.ts';
import type { InCase } from './in-case.ts';
import { menuPlan } from './menu.ts';
import { outsideLeg } from './outside-leg.ts';
import { ringPlan } from './ring.ts';
import { CAUSE } from './steps.ts';
import type { BotPlan, ForwardPlan, OutsideLeg, RoutePlan } from './types.ts';

/** The plan for one way of answering. */
export function perform(one: InCase, action: AnswerAction): RoutePlan {
  switch (action.do) {
    case 'ring':
      return onChannel(one, ['S0-059'], () => ringPlan(one, action.group));
    case 'forward':
      return forward({ ...one, forwarding: true }, action.to);
    case 'announce':
      return announce(one, action.announcement);
    case 'ivr':
      return menuPlan(one, action.menu, perform);
    case 'bot':
      return bot(one);
  }
}

/** To a number outside, whoever is registered, on a channel by policy. [S0-135] [S0-139] */
function forward(one: InCase, to: string): RoutePlan {
  const { number, policy, trace } = one;
  const leg = outsideLeg(one, to, number.number);
  if (leg === undefined) {
    const say = `${number.number} forwards to ${to}, which calls cannot be sent on to`;
    return refusal(one, 'in.forwardTarget', ['S0-135'], 480, CAUSE.rejected, say);
  }
  if (policy.forwardTakesChannel) return onChannel(one, ['A-63', 'S0-059'], () => sendOn(one, leg));
  trace.note('in.channels', ['A-63'], 'a forwarded call takes no channel');
  return sendOn(one, leg);
}

function sendOn(one: InCase, leg: OutsideLeg): RoutePlan {
  const { contract, number, policy, trace, later, busyInstead } = one;
  trace.note('in.forward', ['S0-137', 'S0-138', 'S0-139', 'S0-133'], () => {
    return `goes on to ${leg.external}, which sees ${number.number}; no device has to be registered; not recorded`;
  });
  // Voicemail never follows; the trace says so where it is set.
  voicemailNoted(one);
  const plan: ForwardPlan = {
    verb: 'forward',
    contract: contract.id,
    called: number.number,
    to: leg,
    forMs: policy.forwardForMs,
    takesChannel: policy.forwardTakesChannel,
  };
  return {
    ...plan,
    ...(busyInstead === undefined ? {} : { onBusy: busyInstead }),
    ...(later && policy.forwardTakesChannel ? { onNoChannel: busyTreatment(one, false) } : {}),
  };
}

/** The announcement, alone or before voicemail. A session of the cloud: no channel. [S0-115] [S0-118] */
function announce(one: InCase, announcement: string): RoutePlan {
  const { contract, number, trace } = one;
  const next = voicemailNoted(one) ?? null;
  trace.note('in.announce', ['S0-115', 'S0-117', 'S0-118'], () => {
    const then = next === null ? 'then the call is released' : 'then voicemail runs';
    return `the caller hears ${announcement}; ${then}`;
  });
  return {
    verb: 'play',
    contract: contract.id,
    called: number.number,
    prompt: announcement,
    times: 1,
    answers: true,
    next,
  };
}

/** The answering bot; on a channel by policy. [S0-123] */
function bot(one: InCase): RoutePlan {
  if (one.policy.botTakesChannel) return onChannel(one, ['A-06', 'S0-097'], () => botPlan(one));
  one.trace.note('in.channels', ['A-06'], 'a session of the bot takes no channel');
  return botPlan(one);
}

function botPlan(one: InCase): RoutePlan {
  const { contract, number, policy, later } = one;
  const takesChannel = policy.botTakesChannel;
  const plan: BotPlan = { verb: 'bot', contract: contract.id, called: number.number, takesChannel };
  return later && takesChannel ? { ...plan, onNoChannel: busyTreatment(one, false) } : plan;
}
