import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { phoneRequest } from '../../../hal/phones/control-protocol.ts';
import { isSo } from '../../../hal/phones/control-server.ts';
import { displayRows } from '../../../hal/phones/display.ts';
import { readFlags } from '../../../hal/phones/flags.ts';
import { Nvram } from '../../../hal/phones/nvram.ts';
import type { CallView, PhoneState } from '../../../hal/phones/phone-state.ts';
import { StartupError } from '../../../lib/base/errors.ts';

const ARGS = ['--maker', 'grandstream', '--model', 'GRP2612', '--device', 'lan0', '--control', '/tmp/x'];
const CALL: CallView = {
  ...{
    call: 'c-1',
    account: 1,
    direction: 'in',
    number: '22',
    name: '佐藤',
    state: 'ringing',
    heldByOther: false,
  },
  ...{ ring: 'default', status: null, encrypted: false, startedAtMs: 0 },
};

describe('the program of a phone', () => {
  it('takes a hardware address in any usual spelling, and says what is missing', () => {
    for (const mac of ['C0:74:AD:00:00:01', 'c0-74-ad-00-00-01', 'c074ad000001']) {
      expect(readFlags([...ARGS, '--mac', mac])).toMatchObject({ mac: 'c074ad000001', bootMs: 1_500 });
    }
    for (const args of [
      ARGS,
      [...ARGS, '--mac', 'c074'],
      ['--mac', 'c074ad000001'],
      [...ARGS, '--mac', 'c074ad000001', '--boot-ms', 'x'],
      ['--no'],
    ]) {
      expect(() => readFlags(args)).toThrow(StartupError);
    }
  });

  it('refuses requests that are none', () => {
    const good = (value: unknown): boolean => phoneRequest.safeParse(value).success;
    expect(good({ id: 1, op: 'dial', to: '*71' })).toBe(true);
    for (const bad of [
      null,
      {},
      { op: 'explode' },
      { op: 'dial', to: 'a b' },
      { op: 'hear', ms: 1e9 },
      { op: 'dtmf', digits: 'x' },
    ]) {
      expect(good(bad)).toBe(false);
    }
  });

  it('knows when what is waited for is so', () => {
    const state = (more: object): PhoneState =>
      ({
        accounts: [],
        calls: [],
        fetches: [],
        keys: [],
        link: true,
        address: null,
        messageWaiting: false,
        ...more,
      }) as unknown as PhoneState;
    const lamp = { until: 'lamp', key: 2, lamp: 'red' } as const;
    const cases = [
      [{ until: 'idle' }, {}, true],
      [{ until: 'idle' }, { calls: [CALL] }, false],
      [{ until: 'idle' }, { calls: [{ ...CALL, state: 'ended' }] }, true],
      [{ until: 'ringing' }, { calls: [CALL] }, true],
      [{ until: 'talking' }, { calls: [CALL] }, false],
      [{ until: 'heldByOther' }, { calls: [{ ...CALL, heldByOther: true }] }, true],
      [{ until: 'registered' }, { accounts: [{ registered: true }] }, true],
      [{ until: 'unregistered' }, { accounts: [{ registered: true }] }, false],
      [{ until: 'fetched' }, { fetches: [{ taken: false }] }, false],
      [{ until: 'addressed' }, { address: '10.0.0.1/24' }, true],
      [{ until: 'noLink' }, { link: false }, true],
      [{ until: 'noMessage' }, { messageWaiting: true }, false],
      [{ until: 'messageWaiting' }, { messageWaiting: true }, true],
      [lamp, { keys: [{ key: 2, lamp: 'red' }] }, true],
      [lamp, { keys: [{ key: 1, lamp: 'red' }] }, false],
    ] as const;
    for (const [request, more, so] of cases)
      expect([request.until, isSo(state(more), request)]).toEqual([request.until, so]);
  });

  it('shows how it stands and who calls, in its language', () => {
    const shown = {
      language: 'ja',
      stage: 'ready',
      label: '受付',
      registered: true,
      messages: 2,
      calls: [CALL],
    } as const;
    expect(displayRows(shown)).toEqual(['受付', '伝言 2', '着信 佐藤 22']);
    expect(displayRows({ ...shown, registered: false, messages: 0, calls: [] })).toEqual(['受付', '未登録']);
    expect(
      displayRows({ ...shown, language: 'en', stage: 'noLink', calls: [{ ...CALL, state: 'ended' }] })[1],
    ).toBe('Network down');
  });
});

describe('what a phone remembers', () => {
  it('is there after a restart, readable by nobody else, and gone after a reset but for the firmware', () => {
    const folder = mkdtempSync(join(tmpdir(), 'engawa-nvram-'));
    const own = join(folder, 'phone');
    const first = new Nvram(own, '1.0');
    first.merge(
      new Map([
        ['P34', 'secret'],
        ['P47', 'a'],
      ]),
    );
    first.merge(new Map([['P47', 'b']]));
    first.setFirmware('2.0');
    first.setLease({ address: '10.0.0.5', untilMs: 5 });
    expect(statSync(join(own, 'nvram.json')).mode & 0o077).toBe(0);
    const second = new Nvram(own, '1.0');
    expect([...second.values]).toEqual([
      ['P34', 'secret'],
      ['P47', 'b'],
    ]);
    expect([second.firmware, second.lease]).toEqual(['2.0', { address: '10.0.0.5', untilMs: 5 }]);
    second.reset();
    expect(new Nvram(own, '1.0')).toMatchObject({ firmware: '2.0', lease: null });
    expect(readFileSync(join(own, 'nvram.json'), 'utf8')).not.toContain('secret');
    writeFileSync(join(own, 'nvram.json'), '{"values":');
    expect(new Nvram(own, '1.0').values.size).toBe(0);
    rmSync(folder, { recursive: true });
  });
});
