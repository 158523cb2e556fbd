import { chooseAnswer } from './answer.ts';
import type { InCase } from './in-case.ts';
import { perform } from './perform.ts';
import type { RoutePlan } from './types.ts';

/**
 * What a number of the service does with a call that its contract and its reject list let in. Order: fax tone, schedule
 * or forwarding, after-hours, bot, IVR, ring group, no answer to voicemail; all channels busy wherever a channel is
 * needed.
 */
export function planForNumber(one: InCase): RoutePlan {
  const { features, number, contract, trace, policy } = one;
  const { use, relayTo } = features.fax;
  if (use === 'off') return recorded(one, perform(one, chooseAnswer(one)));
  if (number.faxEntitled === false) {
    const say = (): string =>
      `${number.number} is set to take faxes, but no ID or number here is entitled to`;
    trace.note('in.fax', ['S0-106', 'S0-107', 'S0-108', 'A-12'], say);
    return recorded(one, perform(one, chooseAnswer(one)));
  }
  if (relayTo !== null) {
    trace.note('in.faxRelay', ['S0-112'], () => `a fax that was received is sent again to ${relayTo}`);
  }
  const fax = { verb: 'fax', contract: contract.id, called: number.number, relayTo } as const;
  if (use === 'faxOnly') {
    trace.note(
      'in.fax',
      ['S0-098', 'S0-102', 'A-06'],
      () => `every call to ${number.number} is a fax; no channel`,
    );
    return { ...fax, listenMs: null, onVoice: null };
  }
  const chosen = chooseAnswer(one);
  if (chosen.do === 'forward' && policy.faxTone === 'forwardingFirst') {
    trace.note('in.fax', ['A-15'], 'the call is forwarded without listening for a fax tone');
    return perform(one, chosen);
  }
  trace.note('in.fax', ['S0-102', 'S0-114', 'A-15'], () => {
    return `the cloud answers and listens ${policy.faxListenMs / 1_000} s for a fax tone, uncharged, on no channel`;
  });
  const listening: InCase = { ...one, answered: true, later: true };
  const onVoice = recorded(listening, perform(listening, chosen));
  return { ...fax, listenMs: policy.faxListenMs, onVoice };
}

/** Recording goes around what has talk in it; forwarded calls have none of their own. [S0-129] [S0-130] [S0-133] */
function recorded(one: InCase, plan: RoutePlan): RoutePlan {
  const { features, number, contract, trace, policy } = one;
  if (!features.recording) return plan;
  if (plan.verb === 'forward') {
    trace.note('in.record', ['S0-133', 'A-19'], 'a forwarded call is not recorded');
  }
  if (plan.verb !== 'ring' && plan.verb !== 'relay' && plan.verb !== 'collect') return plan;
  if (number.options?.includes('option.recording') === false) {
    trace.note(
      'in.record',
      ['S0-130'],
      () => `${number.number} has no recording contracted: nothing is recorded`,
    );
    return plan;
  }
  trace.note('in.record', ['S0-129', 'S0-130', 'S0-133', 'A-19'], () => {
    const except = policy.unrecorded === 'externalLegs' ? 'legs to outside numbers' : 'forwarded legs';
    return `every call of ${number.number} is recorded, except ${except}`;
  });
  return { verb: 'record', contract: contract.id, called: number.number, except: policy.unrecorded, plan };
}
