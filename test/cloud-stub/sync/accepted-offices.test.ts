import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderPhone } from '../../../agent/provisioning/templates/index.ts';
import { catalogue } from '../../../cloud-stub/catalogue/index.ts';
import { applyOrder, type Contract, japanCalendar, type Order } from '../../../cloud-stub/contracts/index.ts';
import { readOfficeFile } from '../../../cloud-stub/offices/index.ts';
import { compileSite, gatewaysOf } from '../../../cloud-stub/sync/compile.ts';
import { instant } from '../../../lib/base/clock.ts';
import type { ServiceId } from '../../../lib/base/ids.ts';
import { openDesired, signDesired } from '../../../lib/contract/envelope.ts';
import type { LanConfig, PhoneConfig } from '../../../lib/contract/lan-config.ts';
import { AROUND } from '../../agent/provisioning/templates/samples.ts';

const NOW = instant(Date.UTC(2026, 10, 16, 1));
const KEYS = generateKeyPairSync('ed25519');
const TRUNK = {
  host: '127.56.0.10',
  port: 5_061,
  serverName: 'cloud.engawa.example',
  domain: 'engawa.example',
};
const RUNS = 150;
const seen = { phones: 0 };

const NUMBERS = ['0355550100', '0355550101', '0355550102'];
const DEVICES = ['adapter-1', 'adapter-2', 'app-1', 'desk-1', 'desk-2'];
/** Of the desk phones: each maker, and a model with few keys. */
const TYPES = ['GRP2601', 'GRP2612', 'GXP1625', 'GXP1630'];

/** Where the n-th of five people sits, unless an order has another idea. */
const SEATS = [
  { device: 'adapter-1', port: 1 },
  { device: 'desk-1' },
  { device: 'adapter-2', port: 3 },
  { device: 'desk-2' },
  { device: 'app-1' },
];

/** Mostly good, so that a fair part of the offices is accepted; sometimes what no box takes. */
const extension = fc.oneof(
  // Its own one, where the order has one for each.
  { weight: 25, arbitrary: fc.constant('') },
  { weight: 5, arbitrary: fc.integer({ min: 11, max: 99_999 }).map(String) },
  { weight: 1, arbitrary: fc.stringMatching(/^[0-9]{1,8}$/) },
  { weight: 1, arbitrary: fc.constantFrom('110', '119', '011', '0') },
);
const label = fc.oneof(
  { weight: 19, arbitrary: fc.constantFrom('受付', '奥', 'x') },
  { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 45, unit: 'binary' }) },
);
const port = fc.oneof(
  // Its own one, where the order has one for each.
  { weight: 19, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 8 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 64 }) },
);
const line = fc.record(
  {
    rings: fc.array(
      fc.record({ number: fc.constantFrom(...NUMBERS), ring: fc.constantFrom('double', 'long') }),
      {
        maxLength: 2,
      },
    ),
    presentable: fc.array(fc.constantFrom(...NUMBERS.slice(0, 2)), { maxLength: 2 }),
    gains: fc.record({ earDb: fc.integer({ min: -12, max: 6 }) }),
    flash: fc.record({
      leastMs: fc.integer({ min: 100, max: 1_000 }),
      mostMs: fc.integer({ min: 100, max: 1_000 }),
    }),
  },
  { requiredKeys: [] },
);
const key = fc.oneof(
  fc.constant({ does: 'line' }),
  fc.constantFrom('11', '13').map((watched) => ({ does: 'watch', extension: watched })),
  fc.integer({ min: 1, max: 9 }).map((slot) => ({ does: 'park', slot })),
  label.map((one) => ({ does: 'dial', number: '117', label: one })),
);
const deskPhone = fc.record(
  {
    keys: fc.array(key, { maxLength: 4 }),
    rings: fc.array(
      fc.record({ number: fc.constantFrom(...NUMBERS), ring: fc.integer({ min: 1, max: 5 }) }),
      { maxLength: 1 },
    ),
    language: fc.constantFrom('ja', 'ja', 'en'),
  },
  { requiredKeys: [] },
);
const place = fc.oneof(
  // The seat.
  { weight: 16, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.record({ device: fc.constantFrom('adapter-1', 'adapter-2'), port }) },
  { weight: 1, arbitrary: fc.record({ device: fc.constantFrom(...DEVICES) }) },
);
const person = fc.record({
  place,
  names: fc.record({ extension, label }),
  line: fc.option(line, { nil: undefined, freq: 4 }),
  phone: fc.option(deskPhone, { nil: undefined, freq: 1 }),
});
const serviceName = fc.integer({ min: 1, max: 5 }).map((n) => `id-000001-${n}`);
const later = fc.oneof(
  fc
    .tuple(serviceName, fc.constantFrom(...DEVICES), fc.integer({ min: 0, max: 9 }))
    .map(([id, device, to]) => ({ kind: 'moveId', id, device, ...(to === 0 ? {} : { port: to }) })),
  fc.tuple(serviceName, fc.integer({ min: 11, max: 1_200 }).map(String), label).map(([id, one, name]) => ({
    kind: 'changeId',
    id,
    extension: one,
    label: name,
  })),
  serviceName.map((id) => ({ kind: 'cancelId', id })),
  fc.tuple(serviceName, line).map(([id, change]) => ({ kind: 'changeLine', id, change })),
  fc.constantFrom(...NUMBERS).map((number) => ({ kind: 'cancelNumber', number })),
  fc.tuple(serviceName, deskPhone).map(([id, change]) => ({ kind: 'changePhone', id, change })),
  fc
    .tuple(serviceName, fc.integer({ min: 1, max: 3 }), fc.option(key))
    .map(([id, at, to]) => ({ kind: 'changeKey', id, key: at, to })),
  fc.constantFrom(...TYPES).map((type) => ({
    kind: 'changeDevice',
    device: 'desk-1',
    phone: { mac: '00:0b:82:00:00:01', type },
  })),
  fc
    .tuple(fc.constantFrom('gw-000001', 'gw-000002'), fc.constantFrom('detect', 'optionOnly', 'serve'))
    .map(([gateway, mode]) => ({ kind: 'changeLan', gateway, dhcp: { mode, leaseS: 3_600 } })),
);

/** An office as a file would have it, and what is ordered later. */
const offices = fc
  .record({
    people: fc.array(person, { minLength: 1, maxLength: 5 }),
    numbers: fc.integer({ min: 1, max: 3 }),
    gateways: fc.tuple(fc.constant('gw-000001'), fc.constantFrom('gw-000001', 'gw-000001', 'gw-000002')),
    name: fc.record({ ja: label, en: label }),
    type: fc.constantFrom(...TYPES),
    orders: fc.array(later, { maxLength: 6 }),
  })
  .map(({ people, numbers, gateways, name, type, orders }) => ({
    v: 1,
    contract: 'c-000001',
    orders: [
      {
        kind: 'apply',
        contract: 'c-000001',
        product: 'cloudPhone',
        name,
        legalEntity: '縁側商店株式会社',
        address: { inJapan: true, inTokyoWards: true, sharedOffice: false },
        numbers: NUMBERS.slice(0, Math.min(numbers, people.length)).map((number) => ({ number })),
        ids: people.map(({ place: at, names, line: settings, phone }, index) => {
          const seat = at ?? SEATS[index] ?? { device: 'app-1' };
          return {
            id: `id-000001-${index + 1}`,
            ...seat,
            ...('port' in seat && seat.port === 0 ? { port: index + 1 } : {}),
            label: names.label,
            extension: names.extension === '' ? String(11 + index) : names.extension,
            ...(settings === undefined || !('port' in seat) ? {} : { line: settings }),
            ...(phone === undefined || !seat.device.startsWith('desk') ? {} : { phone }),
          };
        }),
        devices: DEVICES.map((id, index) => ({
          id,
          model: ['adapter', 'adapter', 'app', 'grandstream', 'panasonic'][index],
          ...(index === 2 ? {} : { gateway: gateways[index % 2] }),
          ...(index === 3 ? { phone: { mac: '000b82000001', type } } : {}),
          ...(index === 4 ? { power: 'ownAc', phone: { mac: '0080f0000002', type: 'KX-HDV230N' } } : {}),
        })),
      },
      ...orders,
    ].map((order) => ({ order })),
  }));

/** What a box asks of the files that it makes for a phone, with which none of them may be refused. */
function fileComplaint(phone: PhoneConfig, lan: LanConfig): string | undefined {
  const made = renderPhone(phone, { ...AROUND, habits: lan.phoneHabits, phoneBook: lan.phoneBook });
  return made.ok ? undefined : made.error.say;
}

/** The complaint of a box about any gateway of the contract. */
function complaintOf(contract: Contract): string | undefined {
  const passwords = new Map(contract.ids.map(({ id }): [ServiceId, string] => [id, 'a-password-of-this-id']));
  for (const gateway of gatewaysOf(contract, NOW)) {
    const config = compileSite(contract, gateway, passwords, TRUNK, NOW);
    const signed = signDesired(config, { rev: 1, gateway, privateKey: KEYS.privateKey, now: NOW });
    if (!signed.ok) return signed.error.say;
    const opened = openDesired(signed.value.bytes, { gateway, publicKey: KEYS.publicKey });
    if (!opened.ok) return opened.error.say;
    for (const phone of opened.value.config.lan.phones) {
      seen.phones++;
      const complaint = fileComplaint(phone, opened.value.config.lan);
      if (complaint !== undefined) return complaint;
    }
  }
  return undefined;
}

/** The contract after every order that a rule lets through. */
function* contractsOf(orders: readonly Order[]): Generator<Contract> {
  let contract: Contract | null = null;
  for (const order of orders) {
    const done = applyOrder(contract, order, { now: NOW, catalogue, calendar: japanCalendar() });
    if (!done.ok) continue;
    ({ contract } = done.value);
    yield contract;
  }
}

describe('an office that is accepted', () => {
  it('compiles for each of its gateways to what a box opens and writes to its phones, after any orders [S0-062] [S0-179]', () => {
    let boxes = 0;
    fc.assert(
      fc.property(offices, (office) => {
        const file = readOfficeFile(JSON.stringify(office));
        if (!file.ok) return;
        for (const contract of contractsOf(file.value.orders.map(({ order }) => order))) {
          expect(complaintOf(contract)).toBeUndefined();
          boxes += gatewaysOf(contract, NOW).length;
        }
      }),
      { numRuns: RUNS },
    );
    // Not because nothing was accepted.
    expect(boxes).toBeGreaterThan(RUNS / 3);
    expect(seen.phones).toBeGreaterThan(RUNS / 5);
  });
});
