import { hasControl, hidesEmergency } from '../../../lib/contract/check-site-config.ts';
import {
  dhcpConfig,
  lanConfig,
  PHONES_MOST,
  type PhoneKey,
  phoneConfig,
} from '../../../lib/contract/lan-config.ts';
import {
  keyWithoutPlace,
  languagesOf,
  type PhoneModel,
  phoneModel,
  ringsOf,
} from '../../../lib/contract/phone-models.ts';
import { siteConfig } from '../../../lib/contract/site-config.ts';
import { deviceModels } from '../../catalogue/index.ts';
import { type DeskPhone, lanSettings, type PhoneSettings, phoneSettings } from '../desk.ts';
import { broken, type ContractRefusal } from '../refusal.ts';
import type { Contract, ContractDevice, ContractServiceId } from '../types.ts';
import type { Rule } from './check.ts';
import { foreignPresentable, wrongRings } from './lines.ts';

/** Values that a box takes; its own format is the judge. */
const settingsShape = phoneConfig.pick({
  presentable: true,
  rings: true,
  keys: true,
  language: true,
  callWaiting: true,
});
/** Sold until it was withdrawn, under a name of its own. [S0-171] */
const WITHDRAWN = { type: 'GXP1628', model: 'grandstream-gxp1628' } as const;

/** Desk phones, their keys, the LANs on which they stand, and the phone book. */
export const deskRules: readonly Rule[] = [
  eachPhone(hardware),
  hardwareTwice,
  oneId,
  phonesMost,
  eachDeskId(values),
  eachDeskId(keys),
  eachDeskId((id, contract) => wrongRings(id, contract, phoneSettings(id.features?.phone).rings)),
  eachDeskId((id, contract) =>
    foreignPresentable(id, contract, phoneSettings(id.features?.phone).presentable),
  ),
  lans,
  groups,
  book,
];

type Phone = ContractDevice & { readonly phone: DeskPhone };

/** The desk phones whose hardware is known. */
function phonesOf(contract: Contract): readonly Phone[] {
  return contract.devices.flatMap((one) => (one.phone === undefined ? [] : [{ ...one, phone: one.phone }]));
}

function eachPhone(rule: (phone: Phone, contract: Contract) => ContractRefusal | undefined): Rule {
  return (contract) => {
    for (const phone of phonesOf(contract)) {
      const wrong = rule(phone, contract);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  };
}

function eachDeskId(rule: (id: ContractServiceId, contract: Contract) => ContractRefusal | undefined): Rule {
  return (contract) => {
    for (const id of contract.ids) {
      if (id.features?.phone === undefined) continue;
      const wrong = rule(id, contract);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  };
}

function hardware(device: Phone): ContractRefusal | undefined {
  const { id, kind, model, gateway, phone } = device;
  const wrong = (say: string) => broken('contract.deskPhone', `${id}: ${say}`);
  if (kind !== 'deskPhone') return wrong('only a desk phone has a hardware address; leave it out.');
  if (gateway === null) return wrong('say on the LAN of which gateway it stands, which sets it up.');
  if (!/^[0-9a-f]{12}$/.test(phone.mac)) return wrong(`"${phone.mac}" is no hardware address.`);
  const known = phoneModel(phone.type);
  if (known === undefined) {
    return wrong(
      `no box can set up a "${phone.type}"; write the type as on its label, such as GRP2612 or KX-HDV230N.`,
    );
  }
  const sold = deviceModels.find((one) => one.model === model)?.vendor ?? null;
  if (sold !== null && known.vendor !== sold) {
    return wrong(`${phone.type} is of another maker than ${model}, which was ordered.`);
  }
  if ((phone.type === WITHDRAWN.type) !== (model === WITHDRAWN.model)) {
    return wrong(
      `${WITHDRAWN.type} was sold as ${WITHDRAWN.model} and nothing else was; this is a ${phone.type} as ${model}.`,
    );
  }
  return undefined;
}

function hardwareTwice(contract: Contract): ContractRefusal | undefined {
  const seen = new Map<string, string>();
  for (const { id, phone } of phonesOf(contract)) {
    const other = seen.get(phone.mac);
    if (other !== undefined) {
      const say = `${other} and ${id} both have the hardware address ${phone.mac}; each phone has its own, on its label.`;
      return broken('contract.hardwareTwice', say);
    }
    seen.set(phone.mac, id);
  }
  return undefined;
}

function oneId(contract: Contract): ContractRefusal | undefined {
  const seen = new Map<string, ContractServiceId>();
  for (const id of contract.ids) {
    const device = deviceOf(contract, id);
    if (device?.kind !== 'deskPhone') continue;
    const other = seen.get(device.id);
    if (other !== undefined) {
      const say = `${other.id} and ${id.id} are both on the desk phone ${device.id}; every device needs an ID of its own and has one.`;
      return broken('contract.phoneIds', say);
    }
    seen.set(device.id, id);
  }
  return undefined;
}

function phonesMost(contract: Contract): ContractRefusal | undefined {
  const counts = new Map<string, number>();
  for (const { gateway } of phonesOf(contract)) {
    const count = (counts.get(gateway ?? '') ?? 0) + 1;
    counts.set(gateway ?? '', count);
    if (count <= PHONES_MOST) continue;
    const say = `${gateway} would set up ${count} desk phones; it sets up at most ${PHONES_MOST}. Put the others on another gateway.`;
    return broken('contract.phonesMost', say);
  }
  return undefined;
}

function values(id: ContractServiceId, contract: Contract): ContractRefusal | undefined {
  const device = deviceOf(contract, id);
  if (device?.kind !== 'deskPhone') {
    const say = `${id.id} has settings of a desk phone, but sits on none; order them for an ID that does.`;
    return broken('contract.phoneSettings', say);
  }
  const said = phoneSettings(id.features?.phone);
  const issue = settingsShape.safeParse(said).error?.issues[0];
  if (issue !== undefined) {
    const say = `${id.id}: no box takes ${issue.path.map(String).join('.')} like this (${issue.message}).`;
    return broken('contract.phoneSettings', say);
  }
  const model = modelOf(device);
  return model === undefined ? undefined : beyondModel(id, said, model);
}

function beyondModel(
  { id }: ContractServiceId,
  { language, rings }: PhoneSettings,
  model: PhoneModel,
): ContractRefusal | undefined {
  const languages = languagesOf(model);
  if (!languages.includes(language)) {
    const say = `${id}: a ${model.model} cannot be made to speak "${language}", only ${languages.join(', ')}.`;
    return broken('contract.phoneSettings', say);
  }
  const beyond = rings.find(({ ring }) => ring > ringsOf(model));
  if (beyond === undefined) return undefined;
  const say = `${id}: a ${model.model} has ${ringsOf(model)} rings beside its usual one; ${beyond.ring} is not among them.`;
  return broken('contract.phoneSettings', say);
}

/** What a key watches must be where the box can see it, and what it says must fit on a display. [S0-081] [S0-082] */
function keys(id: ContractServiceId, contract: Contract): ContractRefusal | undefined {
  const device = deviceOf(contract, id);
  const said = phoneSettings(id.features?.phone).keys;
  const wrong = (index: number, say: string) =>
    broken('contract.phoneKeys', `${id.id}, key ${index + 1}: ${say}`);
  for (const [index, key] of said.entries()) {
    if (key.label !== undefined && hasControl(key.label)) {
      return wrong(index, 'its label has control characters; remove them.');
    }
    if (key.does !== 'watch') continue;
    const watched = contract.ids.find(({ extension }) => extension === key.extension);
    if (watched === undefined) return wrong(index, `nobody here has the extension ${key.extension}.`);
    if (watched.id === id.id) return wrong(index, 'a phone does not watch itself.');
    const here = device?.gateway ?? null;
    // A phone that is not sent yet stands nowhere.
    if (here === null || deviceOf(contract, watched)?.gateway === here) continue;
    return wrong(
      index,
      `extension ${key.extension} is not on the same gateway, which cannot see it; take a key that dials it.`,
    );
  }
  const model = device === undefined ? undefined : modelOf(device);
  return model === undefined ? undefined : placeless(model, said, wrong);
}

function placeless(
  model: PhoneModel,
  said: readonly PhoneKey[],
  wrong: (index: number, say: string) => ContractRefusal,
): ContractRefusal | undefined {
  const without = keyWithoutPlace(model, said);
  if (without === undefined) return undefined;
  const { index, does, able } = without;
  if (able === 0) return wrong(index, `a ${model.model} has no key that does "${does}".`);
  const line = said.some((key) => key.does === 'line') ? '' : ' One is for the line that every phone has.';
  return wrong(index, `a ${model.model} has ${able} keys that can do "${does}", and they are taken.${line}`);
}

function lans(contract: Contract): ContractRefusal | undefined {
  const own = new Set<string>(contract.devices.flatMap(({ gateway }) => gateway ?? []));
  for (const said of contract.lans ?? []) {
    const wrong = own.has(said.gateway)
      ? wrongLan(contract, said.gateway)
      : 'it is no gateway of this contract.';
    if (wrong !== undefined) return broken('contract.lan', `The LAN of ${said.gateway}: ${wrong}`);
  }
  return undefined;
}

function wrongLan(contract: Contract, gateway: string): string | undefined {
  const { dhcp, phoneHabits } = lanSettings(contract.lans?.find((one) => one.gateway === gateway));
  const issue =
    dhcpConfig.safeParse(dhcp).error?.issues[0] ??
    lanConfig.shape.phoneHabits.safeParse(phoneHabits).error?.issues[0];
  if (issue !== undefined)
    return `no box takes ${issue.path.map(String).join('.')} like this (${issue.message}).`;
  if (dhcp.mode === 'serve' || dhcp.mode === 'phonesOnly') {
    if (dhcp.confirmedBy === null) {
      return `mode ${dhcp.mode} needs the name of who has looked at the LAN and confirms that no other server is hurt.`;
    }
    if (dhcp.pool === null) return `mode ${dhcp.mode} needs a range of addresses.`;
  }
  if (dhcp.pool !== null && asNumber(dhcp.pool.first) > asNumber(dhcp.pool.last)) {
    return `the range ${dhcp.pool.first} to ${dhcp.pool.last} ends before it begins.`;
  }
  const names = dhcp.statics.flatMap(({ mac, address }) => [mac, address]);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    return `${twice} is assigned twice; a device has one address, and an address one device.`;
  if (hasControlIn([dhcp.confirmedBy, dhcp.domain, ...dhcp.statics.map(({ hostName }) => hostName)])) {
    return 'a name in it has control characters; remove them.';
  }
  return wrongHabits(contract, gateway, phoneHabits);
}

function wrongHabits(
  contract: Contract,
  gateway: string,
  { srtp, firmware }: ReturnType<typeof lanSettings>['phoneHabits'],
): string | undefined {
  const unknown = firmware.find(({ model }) => phoneModel(model) === undefined);
  if (unknown !== undefined) return `firmware is for "${unknown.model}", which no box can set up.`;
  const models = firmware.map(({ model }) => model);
  const twice = models.find((model, index) => models.indexOf(model) !== index);
  if (twice !== undefined) return `there are two firmwares for ${twice}; leave one.`;
  if (hasControlIn(firmware.flatMap(({ version, file }) => [version, file]))) {
    return 'a firmware has control characters in its name; remove them.';
  }
  const deaf = phonesOf(contract).find(
    (one) => one.gateway === gateway && phoneModel(one.phone.type)?.vendor === 'panasonic',
  );
  if (srtp !== 'required' || deaf === undefined) return undefined;
  return `SRTP cannot be required of ${deaf.id}, a ${deaf.phone.type}: no document tells how its files ask for it.`;
}

/** Their extensions are nobody else's, and their members are where the box can ring them. [S0-078] */
function groups(contract: Contract): ContractRefusal | undefined {
  const taken = new Set(contract.ids.map(({ extension }) => extension));
  for (const { gateway, groups: said } of contract.lans ?? []) {
    const wrong = (say: string) => broken('contract.officeGroups', `Ring groups of ${gateway}: ${say}`);
    const issue = siteConfig.shape.groups.safeParse(said).error?.issues[0];
    if (issue !== undefined) {
      return wrong(`no box takes ${issue.path.map(String).join('.')} like this (${issue.message}).`);
    }
    for (const { extension, label, members } of said ?? []) {
      if (hidesEmergency(extension) !== undefined || taken.has(extension)) {
        return wrong(
          `the extension ${extension} of "${label}" is taken, or begins like an emergency number.`,
        );
      }
      taken.add(extension);
      if (hasControl(label)) return wrong(`the label of ${extension} has control characters; remove them.`);
      const stranger = members.find(
        (one, at) => members.indexOf(one) !== at || !isServedAt(contract, gateway, one),
      );
      if (stranger === undefined) continue;
      return wrong(`${stranger} in "${label}" stands twice, or is no line or desk phone of this gateway.`);
    }
  }
  return undefined;
}

function isServedAt(contract: Contract, gateway: string, extension: string): boolean {
  const id = contract.ids.find((one) => one.extension === extension);
  const device = id === undefined ? undefined : deviceOf(contract, id);
  return device?.gateway === gateway && (id?.port !== null || device.phone !== undefined);
}

function book({ officeBook }: Contract): ContractRefusal | undefined {
  if (officeBook === undefined) return undefined;
  const issue = lanConfig.shape.phoneBook.safeParse(officeBook).error?.issues[0];
  if (issue !== undefined) {
    const say = `No box takes the phone book's ${issue.path.map(String).join('.')} like this (${issue.message}).`;
    return broken('contract.book', say);
  }
  const numbers = officeBook.map(({ number }) => number);
  const twice = numbers.find((number, index) => numbers.indexOf(number) !== index);
  if (twice !== undefined) {
    return broken('contract.book', `${twice} stands twice in the phone book; leave one name for it.`);
  }
  const bad = officeBook.find(({ name }) => hasControl(name));
  if (bad === undefined) return undefined;
  return broken('contract.book', `The name of ${bad.number} in the phone book has control characters.`);
}

function hasControlIn(texts: readonly (string | null)[]): boolean {
  return texts.some((one) => one !== null && hasControl(one));
}

function asNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function deviceOf(contract: Contract, id: ContractServiceId): ContractDevice | undefined {
  return contract.devices.find((one) => one.id === id.device);
}

function modelOf({ phone }: ContractDevice): PhoneModel | undefined {
  return phone === undefined ? undefined : phoneModel(phone.type);
}
