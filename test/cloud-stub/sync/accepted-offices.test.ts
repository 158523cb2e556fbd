import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../cloud-stub/catalogue/index.ts';
import { applyOrder, type Contract, japanCalendar, type Order } from '../../../cloud-stub/contracts/index.ts';
import { readOfficeFile } from '../../../cloud-stub/offices/index.ts';
import { compileSite, gatewaysOf } from '../../../cloud-stub/sync/compile.ts';
import { instant } from '../../../lib/base/clock.ts';
import type { ServiceId } from '../../../lib/base/ids.ts';
import { openDesired, signDesired } from '../../../lib/contract/envelope.ts';

const NOW = instant(Date.UTC(2026, 10, 16, 1));
const KEYS = generateKeyPairSync('ed25519');
const TRUNK = {
  host: '127.56.0.10',
  port: 5_061,
  serverName: 'cloud.engawa.example',
  domain: 'engawa.example',
};
const RUNS = 150;

const NUMBERS = ['0355550100', '0355550101', '0355550102'];
const DEVICES = ['adapter-1', 'adapter-2', 'app-1', 'desk-1'];

/** Mostly good, so that a fair part of the offices is accepted; sometimes what no box takes. */
const extension = fc.oneof(
  { weight: 30, arbitrary: fc.integer({ min: 11, max: 99_999 }).map(String) },
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
const place = fc.oneof(
  { weight: 16, arbitrary: fc.record({ device: fc.constantFrom('adapter-1', 'adapter-2'), port }) },
  { weight: 4, arbitrary: fc.record({ device: fc.constantFrom('app-1', 'desk-1') }) },
  { weight: 1, arbitrary: fc.record({ device: fc.constantFrom(...DEVICES), port }) },
);
const person = fc.tuple(place, fc.record({ extension, label }), fc.option(line, { nil: undefined, freq: 4 }));
const serviceName = fc.integer({ min: 1, max: 5 }).map((n) => `id-000001-${n}`);
const later = fc.oneof(
  fc
    .tuple(serviceName, fc.constantFrom(...DEVICES), fc.integer({ min: 0, max: 9 }))
    .map(([id, device, to]) => ({ kind: 'moveId', id, device, ...(to === 0 ? {} : { port: to }) })),
  fc.tuple(serviceName, extension, label).map(([id, one, name]) => ({
    kind: 'changeId',
    id,
    extension: one,
    label: name,
  })),
  serviceName.map((id) => ({ kind: 'cancelId', id })),
  fc.tuple(serviceName, line).map(([id, change]) => ({ kind: 'changeLine', id, change })),
  fc.constantFrom(...NUMBERS).map((number) => ({ kind: 'cancelNumber', number })),
);

/** An office as a file would have it, and what is ordered later. */
const offices = fc
  .record({
    people: fc.array(person, { minLength: 1, maxLength: 5 }),
    numbers: fc.integer({ min: 1, max: 3 }),
    gateways: fc.tuple(...['gw-000001', 'gw-000002'].map((one) => fc.constantFrom('gw-000001', one))),
    name: fc.record({ ja: label, en: label }),
    orders: fc.array(later, { maxLength: 6 }),
  })
  .map(({ people, numbers, gateways, name, orders }) => ({
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
        ids: people.map(([at, names, settings], index) => ({
          id: `id-000001-${index + 1}`,
          ...at,
          ...('port' in at && at.port === 0 ? { port: index + 1 } : {}),
          ...names,
          ...(settings === undefined || !('port' in at) ? {} : { line: settings }),
        })),
        devices: DEVICES.map((id, index) => ({
          id,
          model: ['adapter', 'adapter', 'app', 'grandstream'][index],
          ...(index < 2 ? { gateway: gateways[index] } : {}),
        })),
      },
      ...orders,
    ].map((order) => ({ order })),
  }));

/** The complaint of a box about any gateway of the contract. */
function complaintOf(contract: Contract): string | undefined {
  const passwords = new Map(contract.ids.map(({ id }): [ServiceId, string] => [id, 'a-password-of-this-id']));
  for (const gateway of gatewaysOf(contract, NOW)) {
    const config = compileSite(contract, gateway, passwords, TRUNK, NOW);
    const signed = signDesired(config, { rev: 1, gateway, privateKey: KEYS.privateKey, now: NOW });
    if (!signed.ok) return signed.error.say;
    const opened = openDesired(signed.value.bytes, { gateway, publicKey: KEYS.publicKey });
    if (!opened.ok) return opened.error.say;
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
  it('compiles for each of its gateways to a configuration that a box opens, after any orders [S0-062] [S0-179]', () => {
    let lines = 0;
    fc.assert(
      fc.property(offices, (office) => {
        const file = readOfficeFile(JSON.stringify(office));
        if (!file.ok) return;
        for (const contract of contractsOf(file.value.orders.map(({ order }) => order))) {
          expect(complaintOf(contract)).toBeUndefined();
          lines += gatewaysOf(contract, NOW).length;
        }
      }),
      { numRuns: RUNS },
    );
    // Not because nothing was accepted.
    expect(lines).toBeGreaterThan(RUNS / 6);
  });
});
