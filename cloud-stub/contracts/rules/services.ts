import { deviceModels, rulesOf } from '../../catalogue/index.ts';
import { broken, type ContractRefusal } from '../refusal.ts';
import type { Contract, ContractServiceId } from '../types.ts';
import type { Rule } from './check.ts';

/** Mobile mode, the shared phone book, loan numbers. */
export const serviceRules: readonly Rule[] = [
  mobileMode,
  numbers050,
  terminals,
  handsets,
  phoneBook,
  loanNumbers,
];

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

function numbers050(contract: Contract): ContractRefusal | undefined {
  const bad = contract.numbers.find((number) => number.kind === 'ip050' && !/^050\d{8}$/.test(number.number));
  if (bad === undefined) return undefined;
  const say = `${bad.number} is no 050 number; this service calls with 050 numbers and extensions only.`;
  return broken('contract.number050', say);
}

function lacks(contract: Contract, id: ContractServiceId): readonly string[] {
  const device = contract.devices.find((one) => one.id === id.device);
  return deviceModels.find((one) => one.model === device?.model)?.lacks ?? [];
}

function terminals(contract: Contract): ContractRefusal | undefined {
  for (const id of contract.ids) {
    const missing = lacks(contract, id);
    if (missing.includes('app') && contract.mobileMode === undefined) {
      const say = `${id.id} is on a feature phone, which runs no app; order mobile mode, or take another phone.`;
      return broken('contract.featurePhone', say);
    }
    const handset = id.features?.handset ?? null;
    if (handset === null || !missing.includes('mobileVoice')) continue;
    const say = `${id.id} is paired with ${handset} but sits on a terminal without calls of its own; move it to a phone that can call on ${handset}.`;
    return broken('contract.voiceTerminal', say);
  }
  return undefined;
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
  const users: readonly string[] = [book.administrator, ...book.messages];
  const unfit = contract.ids.find((id) => users.includes(id.id) && lacks(contract, id).includes('phoneBook'));
  if (unfit !== undefined) {
    const say = `${unfit.id} is on a feature phone or Android tablet, which the phone book does not cover; name another ID.`;
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
  const rung = numbers.find((one) => contract.numbers.some((number) => number.number === one));
  if (rung !== undefined) {
    const say = `${rung} is lent by the answering service, whose operators answer it; it cannot ring devices of the contract as well.`;
    return broken('contract.publishedNumber', say);
  }
  const twice = numbers.find((one, index) => numbers.indexOf(one) !== index);
  if (twice === undefined) return undefined;
  const say = `The loan number ${twice} stands twice; it is a forwarding target or published, not both. Take another number.`;
  return broken('contract.loanNumberTwice', say);
}
