import { lineConfig } from '../../../lib/contract/site-config.ts';
import { lineSettings } from '../line.ts';
import { broken, type ContractRefusal } from '../refusal.ts';
import type { Contract, ContractServiceId } from '../types.ts';
import type { Rule } from './check.ts';

/** Values that a box takes; its own format is the judge. */
const settingsShape = lineConfig.omit({
  port: true,
  serviceId: true,
  label: true,
  extension: true,
  sip: true,
  presents: true,
  ringsFor: true,
});

/** Settings of analog lines. */
export const lineRules: readonly Rule[] = [
  eachLine(onAdapter),
  eachLine(values),
  eachLine((id, contract) => wrongRings(id, contract, lineSettings(id.features?.line).rings)),
  eachLine((id, contract) => foreignPresentable(id, contract, lineSettings(id.features?.line).presentable)),
];

function eachLine(rule: (id: ContractServiceId, contract: Contract) => ContractRefusal | undefined): Rule {
  return (contract) => {
    for (const id of contract.ids) {
      if (id.features?.line === undefined) continue;
      const wrong = rule(id, contract);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  };
}

function onAdapter(id: ContractServiceId, contract: Contract): ContractRefusal | undefined {
  const device = contract.devices.find((one) => one.id === id.device);
  if (device?.kind === 'adapter' && id.port !== null) return undefined;
  const say = `${id.id} has settings of an analog line, but it is not on a port of an adapter; order them for an ID that is.`;
  return broken('contract.lineSettings', say);
}

function values(id: ContractServiceId): ContractRefusal | undefined {
  const line = lineSettings(id.features?.line);
  const issue = settingsShape.safeParse(line).error?.issues[0];
  if (issue !== undefined) {
    const say = `${id.id}: no box takes ${issue.path.map(String).join('.')} like this (${issue.message}).`;
    return broken('contract.lineSettings', say);
  }
  if (line.flash.leastMs <= line.flash.mostMs) return undefined;
  const say = `${id.id}: a flash of at least ${line.flash.leastMs} ms and at most ${line.flash.mostMs} ms never happens; turn them round.`;
  return broken('contract.lineSettings', say);
}

/** 鳴り分け is for numbers that ring the line or phone at all. [S0-056] */
export function wrongRings(
  id: ContractServiceId,
  contract: Contract,
  rings: readonly { readonly number: string }[],
): ContractRefusal | undefined {
  const seen = new Set<string>();
  for (const { number } of rings) {
    if (seen.has(number)) {
      return broken('contract.distinctRing', `${id.id}: ${number} has two ringings; leave one.`);
    }
    seen.add(number);
    const held = contract.numbers.find((one) => one.number === number);
    if (held?.rings.includes(id.id) === true) continue;
    const say = `${id.id}: ${number} has a ringing of its own there, but does not ring it; have it ring ${id.id}, or take the ringing away.`;
    return broken('contract.distinctRing', say);
  }
  return undefined;
}

/** [S0-089] */
export function foreignPresentable(
  id: ContractServiceId,
  contract: Contract,
  presentable: readonly string[],
): ContractRefusal | undefined {
  const own = new Set(contract.numbers.map((one) => one.number));
  const bad = presentable.find((number) => !own.has(number));
  if (bad === undefined) return undefined;
  const say = `${id.id} is to offer ${bad} for single calls, which is no number of contract ${contract.id}.`;
  return broken('contract.presentsForeignNumber', say);
}
