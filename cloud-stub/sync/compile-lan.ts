import type { Instant } from '../../lib/base/clock.ts';
import type { GatewayId, ServiceId } from '../../lib/base/ids.ts';
import type { LanConfig, PhoneConfig } from '../../lib/contract/lan-config.ts';
import { phoneModel } from '../../lib/contract/phone-models.ts';
import { type Contract, holds, lanSettings, optionsOn, phoneSettings } from '../contracts/index.ts';
import { numbersThatRing } from './numbers-that-ring.ts';

/** The option with which an ID has the shared phone book. [S0-194] */
const BOOK = 'option.phoneBook';

/**
 * The customer's LAN as one gateway is to serve it: its desk phones in the order of their extensions, the phone book where one
 * of them has it, DHCP and habits. A phone whose hardware address is not known yet is left out.
 */
export function compileLan(
  contract: Contract,
  gateway: GatewayId,
  passwords: ReadonlyMap<ServiceId, string>,
  now: Instant,
): LanConfig {
  const phones = phonesOf(contract, gateway, passwords, now);
  const { dhcp, phoneHabits } = lanSettings(contract.lans?.find((lan) => lan.gateway === gateway));
  const hasBook = phones.some(({ phoneBook }) => phoneBook !== false);
  return {
    dhcp,
    phones: phones.sort((left, right) => Number(left.extension) - Number(right.extension)),
    phoneBook: hasBook ? [...(contract.officeBook ?? [])] : [],
    phoneHabits,
  };
}

function phonesOf(
  contract: Contract,
  gateway: GatewayId,
  passwords: ReadonlyMap<ServiceId, string>,
  now: Instant,
): PhoneConfig[] {
  return contract.ids.flatMap((id): PhoneConfig[] => {
    if (!holds(id.held, now)) return [];
    const device = contract.devices.find((one) => one.id === id.device && holds(one.held, now));
    const model = phoneModel(device?.phone?.type ?? '');
    if (device?.phone === undefined || device.gateway !== gateway || model === undefined) return [];
    const hasBook = optionsOn(contract, id.id, now).includes(BOOK);
    return [
      {
        mac: device.phone.mac,
        vendor: model.vendor,
        model: model.model,
        label: id.label,
        serviceId: id.id,
        extension: id.extension,
        sip: { user: id.id, password: passwords.get(id.id) ?? '' },
        presents: id.presents,
        ringsFor: numbersThatRing(contract, id.id, now),
        ...copied(phoneSettings(id.features?.phone)),
        phoneBook: hasBook,
      },
    ];
  });
}

/** Lists of the configuration are its own. */
function copied(settings: ReturnType<typeof phoneSettings>) {
  const { presentable, rings, keys, language, callWaiting } = settings;
  return { presentable: [...presentable], rings: [...rings], keys: [...keys], language, callWaiting };
}
