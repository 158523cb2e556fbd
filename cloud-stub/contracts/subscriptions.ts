import type { Contract, ContractNumber, ContractServiceId, Held, Subscription } from './types.ts';

/**
 * Everything of a contract that costs a fixed fee, as catalogue items: numbers, IDs, devices, options. One-time fees
 * are among them; which is which is the catalogue's word. Sorted as the contract lists them.
 */
export function subscriptionsOf(contract: Contract): readonly Subscription[] {
  return [
    ...contract.numbers.flatMap((number) => held(numberItems(number), number.number, number.held)),
    ...contract.ids.flatMap((id) => held(idItems(id), id.id, id.held)),
    ...contract.devices.flatMap((device) => held(device.items, device.id, device.held)),
    ...contract.options.flatMap((option) => held(option.items, option.on, option.held)),
  ];
}

/** A ported number takes the place of the contract number; its porting fees come on top. */
function numberItems(number: ContractNumber): readonly string[] {
  const own = `number.${number.role}`;
  return number.portedIn ? [own, 'number.portIn.initial', 'number.portIn'] : [own];
}

function idItems(id: ContractServiceId): readonly string[] {
  return [`id.${id.role}.initial`, `id.${id.role}`];
}

function held(items: readonly string[], on: string, span: Held): Subscription[] {
  return items.map((item) => ({ item, on, from: span.from, until: span.until }));
}
