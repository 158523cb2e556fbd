import { type AnswerAction, intervalAt, valueAt } from '../contracts/index.ts';
import { holdsOption, type InCase } from './in-case.ts';

const RING: AnswerAction = { do: 'ring', group: null };

/**
 * Which way of answering holds now. Switches in the order of precedence: forwarding, after-hours, answering bot, IVR,
 * ring; a schedule has one action an interval, the bot too. [A-16] [A-17] [A-18] [S0-084] [S0-085] [S0-124] [S0-143]
 */
export function chooseAnswer(one: InCase): AnswerAction {
  const { answer } = one.features;
  return answer.mode === 'schedule' ? bySchedule(one) : bySwitches(one);
}

function bySchedule(one: InCase): AnswerAction {
  const { features, now, policy, trace, number } = one;
  if (features.answer.mode !== 'schedule') return RING;
  const { table } = features.answer;
  const interval = intervalAt(table, now, policy.holidays);
  const action = interval?.value ?? table.otherwise;
  trace.note('in.schedule', ['S0-084', 'A-16', 'A-31'], () => {
    const when = interval === undefined ? 'no interval holds, otherwise' : 'the interval that holds says';
    return `${number.number} goes by its schedule: ${when} ${action.do}`;
  });
  return allowed(one, action) ? action : RING;
}

function bySwitches(one: InCase): AnswerAction {
  const { features, trace, number, policy, now } = one;
  if (features.answer.mode !== 'toggles') return RING;
  const { forwarding, afterHours, bot, ivr } = features.answer;
  if (forwarding && (bot || afterHours)) {
    trace.note(
      'in.exclusive',
      ['S0-140', 'A-17', 'A-18'],
      'forwarding excludes after-hours and the bot: it goes first',
    );
  }
  if (forwarding) {
    const to = features.forwardTo;
    if (to === null) {
      trace.note(
        'in.forward',
        ['S0-135'],
        () => `forwarding of ${number.number} is on without a target: no effect`,
      );
    } else if (allowed(one, { do: 'forward', to })) {
      trace.note('in.forward', ['S0-135', 'A-18'], () => `forwarding of ${number.number} is on`);
      return { do: 'forward', to };
    }
  }
  if (afterHours && !forwarding) {
    const closed = valueAt(features.afterHours.hours, now, policy.holidays) === 'closed';
    const { announcement } = features.afterHours;
    trace.note('in.afterHours', ['S0-115', 'S0-116', 'A-31'], () => {
      return `${number.number} is ${closed ? 'closed' : 'open'} at this time`;
    });
    if (closed && allowed(one, { do: 'announce', announcement })) return { do: 'announce', announcement };
  }
  if (bot && allowed(one, { do: 'bot' })) {
    trace.note(
      'in.bot',
      ['S0-088', 'S0-123'],
      () => `the answering bot of ${number.number} is on: no device rings`,
    );
    return { do: 'bot' };
  }
  if (ivr && features.ivrMenu !== null && allowed(one, { do: 'ivr', menu: features.ivrMenu })) {
    trace.note('in.ivr', ['S0-083', 'S0-085'], () => `the IVR of ${number.number} answers first`);
    return { do: 'ivr', menu: features.ivrMenu };
  }
  return RING;
}

/** The option that an action needs. [S0-086] */
const NEEDS: Readonly<Record<AnswerAction['do'], { readonly item: string; readonly fact: string } | null>> = {
  ring: null,
  forward: { item: 'option.forwarding', fact: 'S0-018' },
  announce: { item: 'option.afterHours', fact: 'S0-086' },
  ivr: { item: 'option.ivr', fact: 'S0-020' },
  bot: { item: 'option.answerBot', fact: 'S0-022' },
};

/** Whether the number may do this at all; a line of trace says why not. [S0-086] [S0-144] */
export function allowed(one: InCase, action: AnswerAction): boolean {
  const { trace, number, contract, policy } = one;
  const need = NEEDS[action.do];
  if (need !== null && !holdsOption(one, need.item)) {
    trace.note(
      'in.option',
      [need.fact],
      () => `${number.number} lacks ${need.item}: "${action.do}" has no effect`,
    );
    return false;
  }
  if (action.do !== 'forward') return true;
  if (contract.identityVerified === false) {
    const say = 'forwarding has no effect before the identity of the contractor is verified';
    trace.note('in.identity', ['S0-144'], say);
    return false;
  }
  if (policy.forwardingOn === 'contractNumber' && number.role !== 'contract') {
    trace.note('in.forward', ['A-62'], () => `only the contract number forwards, ${number.number} does not`);
    return false;
  }
  return true;
}
