import type { Relation } from '../../catalogue/index.ts';
import { holds } from '../held.ts';
import { switched } from '../rules/features.ts';
import type { Contract, ContractNumber } from '../types.ts';
import { withFeatures } from './options.ts';
import { accepted, type OrderResult, refused } from './outcome.ts';
import type { Order, OrderContext, OrderNote, SwitchName } from './types.ts';

/** The option behind each switch: the catalogue's relations speak of options. */
const OPTIONS: Readonly<Record<SwitchName, string>> = {
  forwarding: 'option.forwarding',
  afterHours: 'option.afterHours',
  bot: 'option.answerBot',
  ivr: 'option.ivr',
};

const SWITCHES: readonly SwitchName[] = ['forwarding', 'afterHours', 'bot', 'ivr'];

/**
 * A switch of a number. Forwarding ON turns after-hours OFF, and after-hours ON turns forwarding OFF; switching one OFF
 * never brings the other back. Forwarding and the bot refuse each other. [S0-127] [S0-140] [S0-141]
 */
export function turn(
  contract: Contract,
  order: Extract<Order, { kind: 'switch' }>,
  { now, catalogue }: OrderContext,
): OrderResult {
  const number = heldNumber(contract, order.number, now);
  if (number === undefined) return unknown(order.number);
  const notes: OrderNote[] = [];
  let inSchedule = false;
  const next = withFeatures(contract, order.number, now, (features) => {
    const { answer } = features;
    if (answer.mode === 'schedule') {
      inSchedule = true;
      return features;
    }
    const after = { ...answer, [order.what]: order.on };
    for (const other of order.on ? turnedOff(order.what, catalogue.relations) : []) {
      if (!after[other.name]) continue;
      after[other.name] = false;
      const say = `${order.number}: ${order.what} is on, so ${other.name} is off; it stays off until it is switched on again.`;
      notes.push({ facts: other.facts, say });
    }
    return { ...features, answer: after };
  });
  if (!inSchedule) return accepted(next, notes);
  const say = `${order.number} goes by a schedule; put ${order.what} into an interval of it, or leave schedule mode first.`;
  return refused('order.scheduleMode', say);
}

/** What goes off when a switch goes on. */
function turnedOff(
  what: SwitchName,
  relations: readonly Relation[],
): readonly { name: SwitchName; facts: readonly string[] }[] {
  const item = OPTIONS[what];
  return relations.flatMap((one) => {
    if (!switched(one) || one.how !== 'automaticOff') return [];
    const other = one.item === item ? one.other : one.other === item ? one.item : undefined;
    const name = SWITCHES.find((candidate) => OPTIONS[candidate] === other);
    return name === undefined ? [] : [{ name, facts: one.facts }];
  });
}

/** Simple switches or a schedule. Going back to switches brings nothing back that was on before. [A-16] [S0-142] */
export function answerMode(
  contract: Contract,
  order: Extract<Order, { kind: 'answerMode' }>,
  { now }: OrderContext,
): OrderResult {
  if (heldNumber(contract, order.number, now) === undefined) return unknown(order.number);
  return accepted(withFeatures(contract, order.number, now, (one) => ({ ...one, answer: order.answer })));
}

/** Settings of a number other than what answers it. */
export function changeNumber(
  contract: Contract,
  order: Extract<Order, { kind: 'changeNumber' }>,
  { now }: OrderContext,
): OrderResult {
  const found = heldNumber(contract, order.number, now);
  if (found === undefined) return unknown(order.number);
  const { change, rings } = order;
  const changed =
    change === undefined
      ? contract
      : withFeatures(contract, order.number, now, (one) => ({ ...one, ...change, answer: one.answer }));
  if (rings === undefined) return accepted(changed);
  const numbers = changed.numbers.map((one) =>
    one.number === order.number && holds(one.held, now) ? { ...one, rings } : one,
  );
  return accepted({ ...changed, numbers });
}

function heldNumber(
  contract: Contract,
  number: string,
  now: OrderContext['now'],
): ContractNumber | undefined {
  return contract.numbers.find((one) => one.number === number && holds(one.held, now));
}

function unknown(number: string): OrderResult {
  return refused('order.unknown', `${number} is no number of this contract; name one of its own.`);
}
