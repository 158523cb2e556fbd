import type { ProvisioningAround } from '../../../../agent/provisioning/templates/index.ts';
import { LAN_HABITS, type PhoneConfig, phoneConfig } from '../../../../lib/contract/lan-config.ts';
import { OFFICE_FEATURES } from '../../../../lib/contract/site-config.ts';

type Key = PhoneConfig['keys'][number];

/** Keys that a model can do: line and speed dial everywhere, lamps only where `lamps`. */
export function sampleKeys(lamps: boolean): Key[] {
  const dial: Key = { does: 'dial', number: '0355550123', label: '仕入先' };
  if (!lamps) return [{ does: 'line' }, dial];
  return [
    { does: 'line' },
    { does: 'watch', extension: '12', label: '佐藤 <12>' },
    { does: 'park', slot: 1, label: '保留1' },
    dial,
  ];
}

/** A desk phone of the example office. */
export function samplePhone(vendor: PhoneConfig['vendor'], model: string, more: object = {}): PhoneConfig {
  return phoneConfig.parse({
    mac: vendor === 'grandstream' ? '000b82a1b2c3' : '0080f0a1b2c3',
    vendor,
    model,
    label: '受付 & 電話',
    serviceId: 'id-000001-3',
    extension: '21',
    sip: { user: 'id-000001-3', password: 'trunk-password-1' },
    presents: '0355550100',
    ringsFor: ['0355550100'],
    rings: [{ number: '0355550100', ring: 2 }],
    ...more,
  });
}

/** The surroundings of a phone that was approved just now. */
export const AROUND: ProvisioningAround = {
  registrar: { host: '192.168.10.5', port: 5060, transport: 'udp', domain: 'engawa.example', expiresS: 600 },
  account: { user: '21', password: 'p7Kx2mQv9Lr4Ts8W' },
  passwords: { admin: 'Adm1nWord34', user: 'Us3rWord56' },
  base: { scheme: 'http', host: '192.168.10.5', port: 8080, path: 'p' },
  fileLogin: null,
  encryption: { mode: 'off' },
  phase: 'first',
  firmware: null,
  habits: LAN_HABITS.phoneHabits,
  phoneBook: [{ name: '山田商店', number: '0355550123' }],
  features: OFFICE_FEATURES,
  ntp: '192.168.10.5',
};

/** The first file of a Grandstream as the box gives it: with the login and the key for the later ones. */
export const FIRST_OF_GRANDSTREAM: ProvisioningAround = {
  ...AROUND,
  fileLogin: { user: '000b82a1b2c3', password: 'abcdefghijkmnpqrstuvwxyz' },
  encryption: { mode: 'tell', key: 'abcdefghijkmnpqrstuvwxyz23456789', digest: 'md5' },
};

/** The same phone after its first registration. */
export const SETTLED: ProvisioningAround = {
  ...AROUND,
  phase: 'settled',
  account: { user: '21', password: null },
  habits: { ...LAN_HABITS.phoneHabits, vlan: { id: 20, priority: 5 }, syslog: '192.168.10.9' },
  firmware: { model: 'any', version: '1.0.13', file: 'phones/new.bin' },
};
