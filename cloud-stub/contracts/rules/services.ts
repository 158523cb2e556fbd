import { rulesOf } from '../../catalogue/index.ts';
import { broken, type ContractRefusal } from '../refusal.ts';
import type { Contract } from '../types.ts';
import type { Rule } from './check.ts';

/** Mobile mode, the shared phone book, loan numbers. */
export const serviceRules: readonly Rule[] = [mobileMode, handsets, phoneBook, loanNumbers];

function mobileMode(contract: Contract): ContractRefusal | undefined {
  if (contract.mobileMode === undefined) return undefined;
  const most = rulesOf(contract.product ?? 'cloudPhone').mobileModeNumbersMost;
  if (contract.numbers.length > most) {
    const say = `Mobile mode is for at most ${most} numbers a contract; this one has ${contract.numbers.length}. Make a second contract.`;
    return broken('contract.mobileModeNumbers', say);
  }
  const { billingStation, held } = contract.mobileMode;
  if (billingStation.from <= held.from && billingStation.until === null) return undefined;
  return broken('contract.billingStation', 'Mobile mode needs web billing for as long as it is held.');
}

function handsets(contract: Contract): ContractRefusal | undefined {
  const seen = new Set<string>();
  for (const id of contract.ids) {
    const handset = id.features?.handset ?? null;
    if (handset === null) continue;
    if (!seen.has(handset) && /^0[6789]0\d{8}$/.test(handset)) {
      seen.add(handset);
      continue;
    }
    const say = `${id.id}: the handset number ${handset} must be a mobile number, paired with one 050 number as in the service guide.`;
    return broken('contract.handsetTwice', say);
  }
  return undefined;
}

function phoneBook(contract: Contract): ContractRefusal | undefined {
  const book = contract.phoneBook;
  if (book === undefined) return undefined;
  const least = rulesOf(contract.product ?? 'cloudPhone').phoneBookIdsLeast;
  if (least === 0) {
    const say = `A contract of ${contract.product ?? 'cloudPhone'} has no phone book of this kind; order option.phoneBook for each ID.`;
    return broken('contract.phoneBook', say);
  }
  if (contract.ids.length < least) {
    const say = `The phone book needs ${least} IDs, the administrator's included; this contract has ${contract.ids.length}.`;
    return broken('contract.phoneBook', say);
  }
  const own = new Set<string>(contract.ids.map((id) => id.id));
  const stranger = [book.administrator, ...book.messages].find((id) => !own.has(id));
  if (stranger === undefined) return undefined;
  const say = `${stranger} is no ID of contract ${contract.id}; the administrator and whoever sends messages must be.`;
  return broken('contract.phoneBook', say);
}

function loanNumbers(contract: Contract): ContractRefusal | undefined {
  const numbers = (contract.answering?.loanNumbers ?? [])
    .filter((one) => one.held.until === null)
    .map((one) => one.number);
  const twice = numbers.find((one, index) => numbers.indexOf(one) !== index);
  if (twice === undefined) return undefined;
  const say = `The loan number ${twice} stands twice; it is a forwarding target or published, not both. Take another number.`;
  return broken('contract.loanNumberTwice', say);
}
