import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { publishedSchema, readOfficeFile } from '../../../cloud-stub/offices/index.ts';

const OFFICE = `
v: 1
contract: c-000007
orders:
  - at: "2026-10-27T10:00:00+09:00"
    order:
      kind: apply
      contract: c-000007
      product: cloudPhone
      name: { ja: 縁側商店, en: Engawa Shoten }
      legalEntity: 縁側商店株式会社
      numbers: [{ number: "0355550107" }]
      ids: [{ id: id-000007-1, device: app, extension: "11" }]
      devices: [{ id: app, model: app }]
  - order: { kind: verifyIdentity, method: icChip }
`;

describe('an office file', () => {
  it.each([
    ['v: 1\ncontract: c-000007\nevents: []', 'orders: is missing: a list is wanted'],
    ['v: 1\ncontract: c-000007\norders: [{ order: { kind: gift } }]', 'orders.0.order.kind: one of '],
    [
      'v: 1\ncontract: c-000007\norders: [{ order: { kind: pause, for: 3 } }]',
      'there is no field "for" here',
    ],
    ['v: 1\ncontract: c-000007\norders: []', 'orders: at least 1 entries'],
    [
      'v: 1\ncontract: c-000007\norders: [{ order: { kind: changeLine, id: id-000007-1, change: { gains: { earDb: 40 } } } }]',
      'orders.0.order.change.gains.earDb: at most 6',
    ],
    [
      'v: 1\ncontract: c-000007\norders: [{ order: { kind: switch, number: 7, what: bot, on: yes } }]',
      'in quotes',
    ],
  ])('says of %j what is wrong, as a person would', (text, say) => {
    const read = readOfficeFile(text);
    if (read.ok) throw new Error('it was taken');
    expect(read.error.say).toContain(say);
    expect(read.error.say).not.toMatch(/Invalid|received|expected/);
  });

  it('is read from YAML, and from JSON, as the same orders', () => {
    const read = readOfficeFile(OFFICE);
    if (!read.ok) throw new Error(read.error.say);
    expect(read.value.orders.map(({ at, order }) => [at, order.kind])).toEqual([
      [Date.UTC(2026, 9, 27, 1), 'apply'],
      [null, 'verifyIdentity'],
    ]);
    const orders = read.value.orders.map(({ order }) => ({ order }));
    const again = readOfficeFile(JSON.stringify({ v: 1, contract: 'c-000007', orders }));
    expect(again.ok && again.value.orders.map(({ order }) => order)).toEqual(
      orders.map(({ order }) => order),
    );
  });

  it.each([
    ['c-000007\norders', '"c-000007\norders', 'file.syntax', /neither YAML nor JSON/],
    ['"0355550107"', '0355550107', 'file.field', /^orders\.0\.order\.numbers\.0\.number: write it in quotes/],
    ['"11"', '11', 'file.field', /^orders\.0\.order\.ids\.0\.extension: write it in quotes/],
    ['model: app', 'modell: app', 'file.field', /^orders\.0\.order\.devices\.0/],
    ['method: icChip', 'method: oath', 'file.field', /^orders\.1\.order\.method/],
    ['kind: verifyIdentity', 'kind: verify', 'file.field', /^orders\.1\.order\.kind/],
    ['contract: c-000007\norders', 'contract: c-000008\norders', 'file.field', /the file is about c-000008/],
    ['v: 1', 'v: 2', 'file.field', /^v: /],
  ])('with %j as %j is refused by %s', (good, bad, code, say) => {
    const read = readOfficeFile(OFFICE.replace(good, bad));
    expect(read).toMatchObject({ ok: false, error: { code, say: expect.stringMatching(say) } });
  });

  it('that names its parts again and again is not unfolded', () => {
    const layers = Array.from({ length: 9 }, (_, n) => `l${n + 1}: &l${n + 1} [${`*l${n}, `.repeat(9)}]`);
    const read = readOfficeFile(['l0: &l0 [a]', ...layers].join('\n'));
    expect(read).toMatchObject({ ok: false });
  });

  it('is never thrown at', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (written) => {
        expect(readOfficeFile(written).ok).toBe(false);
      }),
    );
  });

  it('has a published JSON Schema that is the one it is read by', () => {
    const file = new URL('../../../cloud-stub/offices/office.schema.json', import.meta.url);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(publishedSchema());
  });
});
