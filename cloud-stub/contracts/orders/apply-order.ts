import { checkContract } from '../rules/check.ts';
import type { Contract } from '../types.ts';
import { apply } from './application.ts';
import * as desk from './desk.ts';
import { addDevice, addId, cancelDevice, cancelId, changeId, changeLine, moveId } from './ids.ts';
import { acceptManyRepresentatives, addNumber, cancelNumber, portIn } from './numbers.ts';
import { addOption, cancelOption } from './options.ts';
import { accepted, type OrderResult, refused } from './outcome.ts';
import * as services from './services.ts';
import { answerMode, changeNumber, turn } from './settings.ts';
import { applyTollFree, cancelTollFree, changeTollFree, unlockControl } from './toll-free.ts';
import type { Order, OrderContext } from './types.ts';

/**
 * The contract after an order, what happened along with it and what is promised; or the rule that refuses it, with its
 * facts and what to do. Nothing is changed by a refused order. `contract` is null until the application.
 */
export function applyOrder(contract: Contract | null, order: Order, context: OrderContext): OrderResult {
  const done = carryOut(contract, order, context);
  if (!done.ok) return done;
  const { catalogue, areas, now } = context;
  const checked = checkContract(done.value.contract, {
    catalogue,
    at: now,
    ...(areas === undefined ? {} : { areas }),
  });
  return checked.ok ? done : checked;
}

function carryOut(contract: Contract | null, order: Order, context: OrderContext): OrderResult {
  if (order.kind === 'apply') {
    if (contract === null) return apply(order, context);
    return refused('order.appliedTwice', `${contract.id} has been applied for; order changes instead.`);
  }
  if (contract === null) return refused('order.notApplied', 'There is no contract yet; apply for it first.');
  if (contract.state === 'ended') {
    return refused(
      'order.ended',
      `${contract.id} has ended, and what stood on it with it; apply for a new contract.`,
    );
  }
  return change(contract, order, context);
}

type Change = Exclude<Order, { kind: 'apply' }>;

function change(contract: Contract, order: Change, context: OrderContext): OrderResult {
  switch (order.kind) {
    case 'addNumber':
      return addNumber(contract, order, context);
    case 'cancelNumber':
      return cancelNumber(contract, order, context);
    case 'portIn':
      return portIn(contract, order, context);
    case 'acceptManyRepresentatives':
      return acceptManyRepresentatives(contract);
    case 'addId':
      return addId(contract, order, context);
    case 'cancelId':
      return cancelId(contract, order, context);
    case 'addDevice':
      return addDevice(contract, order, context);
    case 'cancelDevice':
      return cancelDevice(contract, order, context);
    case 'moveId':
      return moveId(contract, order, context);
    case 'changeId':
      return changeId(contract, order, context);
    case 'changeLine':
      return changeLine(contract, order, context);
    case 'addOption':
      return addOption(contract, order, context);
    case 'cancelOption':
      return cancelOption(contract, order, context);
    case 'set':
      return set(contract, order);
    case 'switch':
      return turn(contract, order, context);
    case 'answerMode':
      return answerMode(contract, order, context);
    case 'changeNumber':
      return changeNumber(contract, order, context);
    case 'changeGroups':
      return accepted({ ...contract, groups: order.groups });
    case 'applyTollFree':
      return applyTollFree(contract, order, context);
    case 'changeTollFree':
      return changeTollFree(contract, order, context);
    case 'cancelTollFree':
      return cancelTollFree(contract, order, context);
    case 'unlockControl':
      return unlockControl(contract, order, context);
    default:
      return serve(contract, order, context);
  }
}

type Service = Extract<
  Order,
  {
    kind:
      | 'changeDevice'
      | 'changePhone'
      | 'changeKey'
      | 'changeLan'
      | 'changeBook'
      | 'verifyIdentity'
      | 'ceiling'
      | 'deposit'
      | 'mobileMode'
      | 'phoneBook'
      | 'groupForwarding'
      | 'forwardingTargets'
      | 'trial'
      | 'loanNumber'
      | 'changeAnswering'
      | 'changeAddress'
      | 'pause'
      | 'resume'
      | 'cancelContract';
  }
>;

function serve(contract: Contract, order: Service, context: OrderContext): OrderResult {
  switch (order.kind) {
    case 'changeDevice':
      return desk.changeDevice(contract, order, context);
    case 'changePhone':
      return desk.changePhone(contract, order, context);
    case 'changeKey':
      return desk.changeKey(contract, order, context);
    case 'changeLan':
      return desk.changeLan(contract, order);
    case 'changeBook':
      return desk.changeBook(contract, order, context);
    case 'verifyIdentity':
      return services.verifyIdentity(contract, order, context);
    case 'ceiling':
      return services.ceiling(contract, order);
    case 'deposit':
      return services.deposit(contract, order, context);
    case 'mobileMode':
      return services.mobileMode(contract, order, context);
    case 'phoneBook':
      return services.phoneBook(contract, order, context);
    case 'groupForwarding':
      return services.groupForwarding(contract, order, context);
    case 'forwardingTargets':
      return services.forwardingTargets(contract, order, context);
    case 'trial':
      return services.trial(contract, order, context);
    case 'loanNumber':
      return services.loanNumber(contract, order, context);
    case 'changeAnswering':
      return services.changeAnswering(contract, order, context);
    case 'changeAddress':
      return services.changeAddress(contract, order, context);
    case 'pause':
      return services.pause(contract);
    case 'resume':
      return services.resume(contract);
    case 'cancelContract':
      return services.cancelContract(contract, context);
  }
}

function set(contract: Contract, order: Extract<Order, { kind: 'set' }>): OrderResult {
  if (order.action === 'add') {
    const say = `A set can be bought with the first application only, never later; order the members of "${order.set}" at their list prices.`;
    return refused('order.setLater', say);
  }
  const say = `The sets of ${contract.id} can be neither changed nor cancelled; a member can be cancelled, which dissolves its set for good.`;
  return refused('order.setFixed', say);
}
