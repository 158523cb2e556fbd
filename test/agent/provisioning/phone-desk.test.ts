import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PhoneView } from '../../../agent/provisioning/index.ts';
import { phoneOf } from './phones.ts';
import { DeskBench, ip, MINE, OTHER, SOURCE } from './world.ts';

const OWN = `/p/cfg${MINE}.xml`;
const MINUTE = 60_000;

let bench: DeskBench;
beforeEach(() => {
  bench = new DeskBench();
  bench.configure();
});
afterEach(() => bench.remove());

function view(): PhoneView {
  const phone = bench.desk.list().find((each) => each.mac === MINE);
  if (phone === undefined) throw new Error('not listed');
  return phone;
}
const password = (): string => bench.desk.accountOf('21')?.password ?? '?';

describe('a phone on its way into the office', () => {
  it('waits, is approved, is given its password once, registers, settles', () => {
    expect(view().state).toBe('waiting');
    expect(bench.fetch(OWN)).toBeUndefined();
    expect(bench.desk.approve(MINE, 5).ok).toBe(true);
    expect(view().state).toBe('approved');
    expect(bench.fetch(OWN)).toContain(password());
    expect(bench.fetch(OWN)).not.toContain(password());
    bench.desk.registered(MINE, null);
    expect(view()).toMatchObject({ windowUntilMs: null, state: 'stale', registered: true });
    expect(bench.desk.work()).toBe(MINE);
    expect(bench.fetch(OWN)).not.toContain(password());
    expect(view().state).toBe('registered');
    bench.clock.advance(20 * MINUTE);
    expect(bench.desk.work()).toBeUndefined();
  });

  it('a window that nobody used closes by itself', () => {
    bench.desk.approve(MINE, 5);
    bench.clock.advance(5 * MINUTE);
    expect(bench.fetch(OWN)).toBeUndefined();
    expect(view().state).toBe('waiting');
  });

  it('a window is five to ten minutes, for configured phones', () => {
    expect(bench.desk.approve(MINE, 4)).toMatchObject({ error: { code: 'phone.minutes' } });
    expect(bench.desk.approve(MINE, 11)).toMatchObject({ error: { code: 'phone.minutes' } });
    expect(bench.desk.approve(OTHER, 5)).toMatchObject({ error: { code: 'phone.none' } });
    bench.desk.settle(undefined);
    expect(bench.desk.approve(MINE, 5)).toMatchObject({ error: { code: 'phone.noLan' } });
    expect(bench.desk.mayReprovision(MINE)).toMatchObject({ error: { code: 'phone.notSetUp' } });
  });

  it('a file that did not arrive may be fetched again with its password', () => {
    bench.desk.approve(MINE, 5);
    const broken = bench.ask(OWN);
    if (broken.status === 200) broken.sent(false);
    expect(view().setUpAtMs).toBeNull();
    expect(bench.fetch(OWN)).toContain(password());
  });

  it('two requests at once do not both get the password', () => {
    bench.desk.approve(MINE, 5);
    const answers = [bench.ask(OWN), bench.ask(OWN)].map((answer) =>
      answer.status !== 200 || answer.body.kind === 'file' ? '' : Buffer.from(answer.body.bytes).toString(),
    );
    expect(answers.filter((text) => text.includes(password()))).toHaveLength(1);
  });

  it('a phone that renews its old registration does not close the window before it has fetched', () => {
    bench.desk.approve(MINE, 5);
    bench.desk.registered(MINE, null);
    expect(bench.fetch(OWN)).toContain(password());
  });

  it('another model behind the address begins anew', () => {
    bench.desk.approve(MINE, 5);
    bench.fetch(OWN);
    bench.configure([phoneOf({ model: 'GRP2612' })]);
    expect(view()).toMatchObject({ state: 'waiting', files: [] });
  });

  it('a phone that is taken out of the configuration gets nothing any more', () => {
    bench.desk.approve(MINE, 5);
    bench.fetch(OWN);
    bench.configure([]);
    expect(bench.fetch(OWN)).toBeUndefined();
    expect(bench.desk.accountOf('21')).toBeUndefined();
    expect(view().state).toBe('unassigned');
  });

  it('says why a phone was refused, and what it fetched last', () => {
    bench.fetch(OWN);
    expect(view().lastFetch).toMatchObject({ hash: null, refused: { rule: 'fetch.notApproved' } });
    bench.desk.approve(MINE, 5);
    bench.fetch(OWN);
    expect(view().lastFetch).toMatchObject({
      file: `cfg${MINE}.xml`,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      refused: null,
    });
    expect(bench.desk.why(MINE).map((line) => line.rule)).toEqual(['fetch.notApproved', 'fetch.approved']);
  });

  it('a model without templates is a warning that names the phone', () => {
    bench.configure([phoneOf({ model: 'GRP9999' })]);
    expect(bench.warnings.get('phones.template')).toContain('c0:74:ad:2b:d8:59');
    bench.configure();
    expect(bench.warnings.has('phones.template')).toBe(false);
  });
});

describe('telling phones that something changed', () => {
  beforeEach(() => {
    bench.desk.approve(MINE, 5);
    bench.fetch(OWN);
    bench.desk.registered(MINE, null);
    bench.fetch(OWN);
  });

  it('tells again after a quarter of an hour, four times, and then warns', () => {
    bench.configure([phoneOf({ label: '会議室' })]);
    const told: number[] = [];
    for (let minute = 0; minute < 120; minute++) {
      if (bench.desk.work() !== undefined) told.push(minute);
      bench.clock.advance(MINUTE);
    }
    expect(told).toEqual([0, 15, 30, 45]);
    expect(bench.warnings.get('phones.stale')).toContain('told 4 times');
    bench.fetch(OWN);
    bench.desk.work();
    expect(bench.warnings.has('phones.stale')).toBe(false);
  });

  it('tells nobody when nothing of its files changed', () => {
    bench.configure([phoneOf({ sip: { user: 'id-000001-3', password: 'another-of-the-office' } })]);
    expect(bench.desk.work()).toBeUndefined();
    expect(view().state).toBe('registered');
  });

  it('does not tell one that is away; it is told when it comes back', () => {
    bench.desk.unregistered(MINE);
    bench.configure([phoneOf({ label: '会議室' })]);
    expect(bench.desk.work()).toBeUndefined();
    bench.desk.registered(MINE, null);
    bench.clock.advance(2_000);
    expect(bench.desk.work()).toBe(MINE);
  });
});

describe('encryption of later files', () => {
  const text = (target: string): string => bench.fetch(target) ?? '';

  it('a Grandstream is told its key with its password, and its later files need it', () => {
    bench.configure([phoneOf()], { encryption: 'sha256' });
    bench.desk.approve(MINE, 5);
    expect(text(OWN)).toContain('<gs_provision');
    bench.desk.registered(MINE, null);
    expect(text(OWN)).toMatch(/^Salted__/);
    expect(view()).toMatchObject({ state: 'registered', keyTold: true });
  });

  it('a phone that was set up before it was asked for is never sent what it cannot read', () => {
    bench.desk.approve(MINE, 5);
    bench.fetch(OWN);
    bench.configure([phoneOf()], { encryption: 'md5' });
    expect(text(OWN)).toContain('<gs_provision');
    bench.desk.approve(MINE, 5);
    expect(text(OWN)).toContain(bench.desk.accountOf('21')?.password ?? '?');
    expect(text(OWN)).toMatch(/^Salted__/);
  });
});

describe('firmware', () => {
  const TARGET = { model: 'GRP2614', version: '1.0.5.60', file: 'grp2614fw.bin' };
  const PATH = '/p/firmware/grp2614fw.bin';

  it('is offered at night to a phone that works, and served to it alone until it reports the version', () => {
    mkdirSync(join(bench.folder, 'firmware'));
    writeFileSync(join(bench.folder, 'firmware', TARGET.file), 'firmware');
    bench.configure([phoneOf()], { firmware: [TARGET] });
    bench.desk.approve(MINE, 5);
    expect(bench.fetch(OWN)).not.toContain('/p/firmware');
    bench.desk.registered(MINE, 'Grandstream GRP2614 1.0.5.48');
    bench.fetch(OWN);
    expect(bench.fetch(PATH)).toBeUndefined();
    // From nine in the morning to three at night.
    bench.clock.advance(18 * 60 * MINUTE);
    expect(bench.desk.work()).toBe(MINE);
    expect(view().state).toBe('stale');
    expect(bench.fetch(OWN)).toContain('/p/firmware');
    expect(bench.fetch(PATH)).toBe(join(bench.folder, 'firmware', TARGET.file));
    bench.neighbours.set(SOURCE, OTHER);
    expect(bench.fetch(PATH)).toBeUndefined();
    bench.neighbours.set(SOURCE, MINE);
    bench.desk.registered(MINE, 'Grandstream GRP2614 1.0.5.60');
    bench.clock.advance(MINUTE);
    expect(bench.desk.work()).toBeUndefined();
    expect(view()).toMatchObject({ firmware: '1.0.5.60', state: 'registered' });
  });

  it('that is not on the box is a 404 and a warning', () => {
    bench.configure([phoneOf()], { firmware: [TARGET] });
    bench.desk.approve(MINE, 5);
    bench.fetch(OWN);
    bench.desk.registered(MINE, 'Grandstream GRP2614 1.0.5.48');
    bench.clock.advance(18 * 60 * MINUTE);
    bench.desk.work();
    expect(bench.fetch(PATH)).toBeUndefined();
    expect(bench.warnings.get('phones.template')).toContain(TARGET.file);
  });
});

describe('what outlives a restart', () => {
  it('phones that are set up, their passwords, and no window', () => {
    bench.desk.approve(MINE, 5);
    bench.fetch(OWN);
    const before = password();
    bench.desk.keep();
    bench.open();
    bench.configure();
    expect(password()).toBe(before);
    expect(view()).toMatchObject({ state: 'approved', windowUntilMs: null });
    expect(bench.fetch(OWN)).not.toContain(before);
    expect(readFileSync(join(bench.folder, 'phones.json'), 'utf8')).not.toContain(before);
  });

  it('a damaged key of the passwords is replaced and said, and nothing else stops', () => {
    const before = password();
    writeFileSync(join(bench.folder, 'phones.key'), '');
    bench.open();
    bench.configure();
    expect(bench.warnings.get('phones.inventory')).toContain('approve every phone anew');
    expect(password()).not.toBe(before);
    expect(password()).toMatch(/^[a-z2-9]{24}$/);
  });

  it('a damaged inventory is moved aside and said', () => {
    writeFileSync(join(bench.folder, 'phones.json'), '{"v":1,"phones":[{"mac":"x"}]}');
    bench.open();
    expect(bench.warnings.get('phones.inventory')).toContain('.damaged');
    bench.configure();
    expect(view().state).toBe('waiting');
  });
});

describe('who is listed', () => {
  it('a stranger under the address that the LAN knows, never under the one that it names', () => {
    bench.neighbours.set(ip('192.168.21.50'), 'aabbccddeeff' as never);
    bench.ask(`/p/cfg${OTHER}.xml`, ip('192.168.21.50'), `Grandstream Model HW GXP2170 SW 1 DevId ${OTHER}`);
    const listed = bench.desk.list().map((each) => [each.mac, each.state]);
    expect(listed).toEqual([
      [MINE, 'waiting'],
      ['aabbccddeeff', 'unknown'],
    ]);
  });

  it('at most 256 devices, and configured ones never give way', () => {
    for (let index = 0; index < 400; index++) {
      bench.desk.seen({ mac: `aabbcc${index.toString(16).padStart(6, '0')}` as never, by: 'dhcp' });
    }
    expect(bench.desk.list()).toHaveLength(256);
    expect(view().state).toBe('waiting');
  });

  it('a phone of another model than configured is a warning', () => {
    bench.ask(OWN, SOURCE, `Grandstream Model HW GXP2170 SW 1.0.11.3 DevId ${MINE}`);
    expect(bench.warnings.get('phones.otherModel')).toContain('GXP2170');
    expect(view()).toMatchObject({ model: 'GRP2614', firmware: '1.0.11.3' });
  });
});
