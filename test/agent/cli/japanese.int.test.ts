import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { languageAsked, languageOf } from '../../../agent/cli/language.ts';
import { inJapanese } from '../../../agent/cli/phrasebook.ts';
import { WARNINGS_JA } from '../../../agent/cli/warnings-ja.ts';
import { warningKinds } from '../../../agent/health/index.ts';
import { startLocalApi } from '../../../agent/local-api/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import type { Running } from '../../../lib/base/lifecycle.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { type Ran, runCli } from './run-cli.ts';
import { SampleBox, sampleStatus, troubledStatus } from './sample-box.ts';

let folder: string;
let api: Running;
const box = new SampleBox();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-ja-'));
  const socket = join(folder, 'agent.sock');
  api = await startLocalApi({ socket, source: box, clock: systemClock, log: silentLog() });
});
beforeEach(() => {
  box.current = sampleStatus();
});
afterAll(async () => {
  await api.stop();
  rmSync(folder, { recursive: true, force: true });
});

function engawa(...argv: readonly string[]): Promise<Ran> {
  return runCli([...argv, '--socket', join(folder, 'agent.sock')]);
}

const SCREENS: readonly (readonly string[])[] = [
  ...[
    ['status'],
    ['lines'],
    ['calls'],
    ['config'],
    ['trunk'],
    ['sync'],
    ['fax', 'log'],
    ['warnings'],
    ['dhcp'],
    ['leases'],
  ],
  ...[['phones'], ['phone', 'c074ad2bd859'], ['phone', '0080f0a1b2c3'], ['why', 'c074ad2bd859']],
  ...[
    ['warnings', 'W-TRK-301'],
    ['warnings', 'E-LINE-207'],
    ['doctor', '--state', '/nonexistent/engawa'],
  ],
];

describe('every screen', () => {
  it.each(SCREENS)(
    '%s %s has 80 columns at most in both languages, healthy and in trouble',
    async (...words) => {
      for (const status of [sampleStatus(), troubledStatus()]) {
        box.current = status;
        const english = await engawa(...words);
        const japanese = await engawa(...words, '--lang', 'ja');
        expect(english.columns).toBeLessThanOrEqual(80);
        expect(japanese.columns).toBeLessThanOrEqual(80);
        expect(japanese.code).toBe(english.code);
        expect(japanese.out).not.toBe(english.out);
        expect(japanese.out).toMatchSnapshot();
      }
    },
  );

  it('says the same in JSON whatever the language is', async () => {
    box.current = troubledStatus();
    for (const words of SCREENS.filter(([verb]) => verb !== 'doctor')) {
      const english = await engawa(...words, '--json');
      expect((await engawa(...words, '--json', '--lang', 'ja')).out).toBe(english.out);
      expect(JSON.parse(english.out)).toMatchObject({ v: 1 });
    }
  });
});

describe('the language', () => {
  it('is that of the locale, English on the console of the kernel', () => {
    expect(languageOf({ LANG: 'ja_JP.UTF-8' })).toBe('ja');
    expect(languageOf({ LANG: 'en_US.UTF-8', LC_MESSAGES: 'ja_JP' })).toBe('ja');
    expect(languageOf({ LANG: 'ja_JP.UTF-8', LC_ALL: 'C' })).toBe('en');
    expect(languageOf({ LANG: 'ja_JP.UTF-8', TERM: 'linux' })).toBe('en');
    expect(languageOf({ LC_ALL: '', LANG: 'jam' })).toBe('en');
    expect(languageOf({})).toBe('en');
  });

  it('is what --lang says', async () => {
    expect([languageAsked(['x', '--lang=ja']), languageAsked(['--lang', 'fr']), languageAsked([])]).toEqual([
      'ja',
      undefined,
      undefined,
    ]);
    expect((await engawa('status', '--lang', 'fr')).code).toBe(2);
  });
});

describe('what is said beside the data', () => {
  it('is Japanese too, and an error as JSON is English', async () => {
    const alone = ['--socket', join(folder, 'nobody.sock'), '--lang', 'ja'];
    const stopped = await runCli(['status', ...alone, '--json']);
    expect([stopped.code, stopped.err]).toEqual([8, expect.stringContaining('エージェントが動いていません')]);
    expect(JSON.parse(stopped.out).error.say).toMatch(/^The agent is not running/);
    expect((await runCli(['lins', ...alone])).err).toBe(
      'engawa: 「lins」という動詞はありません。もしかして:  engawa lines\n',
    );
    const usage = await runCli(['status', '--jsn', '--json', ...alone]);
    expect([usage.code, JSON.parse(usage.out)]).toMatchObject([2, { v: 1, error: { code: 'cli.usage' } }]);
    expect(usage.err).toMatch(/不明なオプション/);
  });
});

describe('the phrase book', () => {
  it('keeps names and numbers, and what it does not know', () => {
    expect(inJapanese('revision 3 runs')).toBe('第 3 版で動作中');
    expect(inJapanese('2 of 4 registered: 1 talking, 2 idle')).toBe('4 回線中 2 登録済: 1 通話中, 2 待機');
    expect(inJapanese('line 2 is new: idle')).toBe('回線 2 追加: idle');
    expect(inJapanese('something of the future')).toBe('something of the future');
    expect(inJapanese(`${'a, '.repeat(5_000)}`)).toHaveLength(15_000);
  });

  it('knows at least nine in ten warnings, and none that does not exist', () => {
    const codes = warningKinds.map(({ code }) => code);
    expect(Object.keys(WARNINGS_JA).filter((code) => !codes.includes(code))).toEqual(['W-AGT-999']);
    const missing = codes.filter((code) => WARNINGS_JA[code] === undefined);
    expect(missing.length).toBeLessThanOrEqual(codes.length / 10);
  });
});

describe('warnings', () => {
  it('tells since when, whom it hurts, what to do, and ends with 1', async () => {
    box.current = troubledStatus();
    const ran = await engawa('warnings');
    expect(ran.code).toBe(1);
    expect(ran.out).toMatchSnapshot();
    const { warnings } = JSON.parse((await engawa('warnings', '--json')).out);
    expect(warnings[0]).toMatchObject({ code: 'W-TRK-302/2', hurts: { lines: [2], calls: [] } });
  });

  it('of a healthy box are none', async () => {
    expect(await engawa('warnings')).toMatchObject({ code: 0, out: 'OK    warnings     none\n' });
  });

  it('with a code tells its meaning, also without an agent; a code that is not one ends with 10', async () => {
    const alone = await runCli(['warnings', 'w-trk-301', '--socket', join(folder, 'nobody.sock')]);
    expect([alone.code, alone.out]).toEqual([0, expect.stringContaining('A line is not registered')]);
    box.current = troubledStatus();
    expect(await engawa('warnings', 'W-TRK-302')).toMatchObject({ code: 1 });
    expect(await engawa('warnings', 'W-XYZ-1')).toMatchObject({ code: 10, out: '' });
  });
});

describe('trunk and sync', () => {
  it('say what is wrong with each, and end with 1', async () => {
    box.current = troubledStatus();
    for (const verb of ['trunk', 'sync']) {
      const ran = await engawa(verb);
      expect(ran.code).toBe(1);
      expect(ran.out).toMatchSnapshot();
    }
    box.current = sampleStatus();
    expect([(await engawa('trunk')).code, (await engawa('sync')).code]).toEqual([0, 0]);
  });
});

describe('--color', () => {
  it('always colours, never does not', async () => {
    expect((await engawa('status', '--color', 'always')).out).toContain('\u001b[32mOK');
    expect((await engawa('status', '--color', 'never')).out).not.toContain('\u001b');
    expect((await engawa('status', '--color', 'sometimes')).code).toBe(2);
  });
});
