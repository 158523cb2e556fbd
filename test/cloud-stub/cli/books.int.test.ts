import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operatorSource, startOperatorApi } from '../../../cloud-stub/api/index.ts';
import { main } from '../../../cloud-stub/cli/main.ts';
import { type Store, standardRules } from '../../../cloud-stub/store/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import type { ContractId } from '../../../lib/base/ids.ts';
import type { Running } from '../../../lib/base/lifecycle.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { feedRecord } from '../store/feed-samples.ts';
import { openTestStore } from '../store/open-test-store.ts';

const CONTRACT = 'c-000007' as ContractId;
const OFFICE = `
v: 1
contract: c-000007
orders:
  - at: "2024-01-10T10:00:00+09:00"
    order:
      kind: apply
      contract: c-000007
      product: cloudPhone
      name: { ja: 縁側商店, en: Engawa Shoten }
      legalEntity: 縁側商店株式会社
      address: { inJapan: true, inTokyoWards: true, sharedOffice: false }
      numbers: [{ number: "0355550107" }]
      ids: [{ id: id-000007-1, device: app, extension: "11" }]
      devices: [{ id: app, model: app }]
  - at: "2024-01-11T10:00:00+09:00"
    order: { kind: verifyIdentity, method: icChip }
`;
const REFUSED = OFFICE.replaceAll('c-000007', 'c-000008')
  .replaceAll('0355550107', '0355550108')
  .replaceAll('id-000007', 'id-000008')
  .replace('{ kind: verifyIdentity, method: icChip }', '{ kind: addOption, item: option.gold, on: "1" }');

const folder = mkdtempSync(join(tmpdir(), 'engawa-cli-'));
const socket = join(folder, 'cloud.sock');
let postgres: TestPostgres;
let store: Store;
let api: Running;

beforeAll(async () => {
  postgres = await startPostgres();
  store = await openTestStore(await postgres.database());
  const rules = standardRules();
  const source = operatorSource({
    store,
    sync: {} as never,
    updates: {} as never,
    sip: {} as never,
    rules,
    clock: systemClock,
    random: systemRandom,
  });
  api = await startOperatorApi({ socket, source, log: silentLog() });
}, 150_000);

afterAll(async () => {
  await api.stop();
  await store.close();
  await postgres.stop();
});

async function run(...argv: readonly string[]) {
  const written = { out: '', err: '' };
  const code = await main(['--api', socket, ...argv], {
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
    },
  });
  return { code, ...written };
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('engawa-cloud and the books', () => {
  it('is let in by a socket that only its owner can open', () => {
    expect(statSync(socket).mode & 0o777).toBe(0o600);
  });

  it('imports an office, once however often it is asked', async () => {
    const office = file('office.yaml', OFFICE);
    expect(await run('import', office)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/1 {2}apply\n/),
    });
    expect(await store.offices.one(CONTRACT)).toMatchObject({ identityVerified: true });
    const again = await run('import', office);
    expect(again.out).toContain('verifyIdentity  (taken before)');
    expect(await store.orders.history(CONTRACT)).toHaveLength(2);
  });

  it('leaves nothing of an office of which one order is refused, and names field and fact', async () => {
    const { code, err } = await run('import', file('refused.yaml', REFUSED));
    expect(code).toBe(1);
    expect(err).toMatch(/orders\.1\.order: .*\[S0-/);
    expect(await store.offices.one('c-000008' as ContractId)).toBeUndefined();
  });

  it('explains a call at a time: route, who pays, and by which prices', async () => {
    await store.directory.refresh();
    const ask = ['explain', 'out', 'id-000007-1', '0312345678', '--talk', '60'];
    const { code, out } = await run(...ask, '--at', '2024-01-20T12:00:00+09:00');
    expect(code).toBe(0);
    expect(out).toMatch(/pays {3}office\n/);
    expect(out).toMatch(/price {2}.*\[S0-/);
    const before = await run('--json', ...ask, '--at', '2024-01-01T12:00:00+09:00');
    expect(JSON.parse(before.out).answer).toMatchObject({ pays: 'nobody', price: null });
    expect((await run(...ask, '--at', 'tomorrow')).code).toBe(2);
    expect((await run(...ask, '--talk', 'long')).code).toBe(2);
  });

  it('explains a call by the settings of that time, whatever was ordered since', async () => {
    const change = (contract: string, at: string, order: string) => `v: 1
contract: ${contract}
orders:
  - at: "${at}"
    order: ${order}
`;
    const busy =
      'changeNumber, number: "0355550107", change: { reject: [{ reject: withheld }, { reject: class, class: payphone }] }';
    const orders = change('c-000007', '2024-02-01T10:00:00+09:00', `{ kind: ${busy} }`);
    expect(await run('order', 'c-000007', file('reject.yaml', orders))).toMatchObject({ code: 0 });
    await store.directory.refresh();
    const call = ['--json', 'explain', 'in', '0612345678', '0355550107', '--withheld'];
    const at = async (time: string) =>
      JSON.parse((await run(...call, '--at', time)).out).answer.decision.plan.verb;
    expect(await at('2024-01-31T10:00:00+09:00')).toBe('ring');
    expect(await at('2024-02-02T10:00:00+09:00')).toBe('reject');
    expect(await at('2024-01-01T10:00:00+09:00')).toBe('reject');
  });

  it('explains a call by what the network says of it', async () => {
    const out = await run(
      'explain',
      'out',
      'id-000007-1',
      '0312345678',
      '--media',
      'video',
      '--client',
      'ios:17.1',
    );
    expect(out.code).toBe(0);
    expect((await run('explain', 'in', '0612345678', '0355550107', '--origin', 'martian')).code).toBe(2);
    const verb = async (...more: readonly string[]) =>
      JSON.parse((await run('--json', 'explain', 'in', '0612345678', '0355550107', ...more)).out).answer
        .decision.plan.verb;
    expect(await verb()).toBe('ring');
    expect(await verb('--origin', 'payphone', '--prefecture', '神奈川県')).toBe('reject');
  });

  it('orders for a contract, and for no other', async () => {
    const pause = 'v: 1\ncontract: c-000007\norders: [{ order: { kind: pause } }]\n';
    const order = file('pause.yaml', pause);
    expect(await run('order', 'c-000001', order)).toMatchObject({ code: 1 });
    expect(await run('order', CONTRACT, order)).toMatchObject({ code: 0 });
    expect(await store.offices.one(CONTRACT)).toMatchObject({ state: 'suspended' });
    const { out } = await run('history', CONTRACT);
    expect(out.split('\n').map((line) => line.slice(0, 37).trimEnd())).toEqual([
      '   1  2024-01-10 10:00:00 JST  apply',
      '   2  2024-01-11 10:00:00 JST  verify',
      '   3  2024-02-01 10:00:00 JST  change',
      expect.stringMatching(/^ {3}4 .*pause$/),
      '',
    ]);
  });

  it('closes a period once, and gives its invoice as text, CSV and PDF', async () => {
    expect(await run('close', '2999-01')).toMatchObject({ code: 1 });
    expect((await run('close', '2024-01')).out).toBe('1 contracts closed, 1 invoices, 0 failed\n');
    expect((await run('close', '2024-01')).out).toBe('0 contracts closed, 0 invoices, 0 failed\n');
    const issued = JSON.parse((await run('--json', 'invoice', CONTRACT, '--issued')).out);
    expect(issued.answer.invoices).toMatchObject([{ number: 'E-00000001', totalYen: 6_578 }]);
    expect((await run('invoice', CONTRACT, '--issued')).out).toContain('E-00000001');
    expect((await run('invoice', CONTRACT, '--issued', '--csv')).out).toContain('id.base');
    const pdf = join(folder, 'invoice.pdf');
    expect(await run('invoice', CONTRACT, '--issued', '--pdf', pdf)).toMatchObject({ code: 0 });
    expect(readFileSync(pdf).subarray(0, 5).toString()).toBe('%PDF-');
  });

  it('gives back a part of an invoice once, and shows the note as text, CSV and PDF', async () => {
    const make = ['credit', 'make', CONTRACT, 'E-00000001', '--order', 'c-1', '--reason', '二重の工事'];
    expect((await run(...make)).code).toBe(2);
    expect((await run(...make, '--line', 'everything')).code).toBe(2);
    const made = await run(...make, '--line', '返金=500', '--line', '工事=80@10');
    expect(made).toMatchObject({
      code: 0,
      out: expect.stringMatching(/-500 円 {2}返金(.|\n)*-638 円 {2}合計/),
    });
    expect((await run(...make, '--line', '返金=500')).out).toBe(made.out);
    const much = await run(...make.with(5, 'c-2'), '--line', '返金=999999');
    expect(much).toMatchObject({ code: 1, err: expect.stringContaining('yen left at 10 %') });
    expect((await run('credit', 'list', CONTRACT)).out).toMatch(/^C-00000001 .* -638 円 .*二重の工事\n$/);
    expect((await run('credit', 'show', CONTRACT, 'C-00000009')).code).toBe(1);
    expect((await run('credit', 'show', CONTRACT, 'C-00000001', '--csv')).out).toContain('返還請求書番号');
    const pdf = join(folder, 'credit.pdf');
    expect((await run('credit', 'show', CONTRACT, 'C-00000001', '--pdf', pdf)).code).toBe(0);
    expect(readFileSync(pdf).subarray(0, 5).toString()).toBe('%PDF-');
  });

  it('shows doubtful records, lets one count and voids another', async () => {
    const usage = { ...feedRecord(2).usage, talkMs: -5, id: 'id-000007-1' };
    const [first, second] = ['a', 'b'].map((id) => ({ ...feedRecord(2), contract: CONTRACT, id, usage }));
    await store.feed.take([first, second, { ...feedRecord(3), contract: 'c-999999' }]);
    expect((await run('quarantine', 'list')).out).toContain(feedRecord(3).id);
    expect((await run('quarantine', 'list', CONTRACT)).out.match(/usage\.talkMs/g)?.length).toBe(2);
    const why = ['--contract', CONTRACT, '--order', 'q-1', '--reason', '電話で確かめた'];
    const release = ['quarantine', 'release', 'a', ...why];
    expect(await run(...release)).toMatchObject({ code: 1, err: expect.stringContaining('talkMs') });
    expect((await run(...release, '--set', 'talk')).code).toBe(2);
    const done = await run(...release, '--set', 'usage.talkMs=60000');
    expect(done.out).toBe('a  counts now\n');
    expect((await run('quarantine', 'void', 'b', ...why)).out).toBe('b  void: it never counts\n');
    expect((await run('quarantine', 'void', 'c', ...why)).code).toBe(1);
    expect((await run('quarantine', 'list', CONTRACT)).out).toBe('no doubtful records\n');
    expect((await run('quarantine', 'list', CONTRACT, '--all')).out).toContain('電話で確かめた');
  });

  it('rates a period again', async () => {
    const done = await run('rerate', CONTRACT, '2024-01', '--order', 'tariff-1', '--reason', 'a new price');
    expect(done.out).toBe('0 adjusted, 0 charged for the first time, 0 without a price\n');
    expect(await run('rerate', CONTRACT, 'spring', '--order', 'x', '--reason', 'y')).toMatchObject({
      code: 1,
    });
  });
});
