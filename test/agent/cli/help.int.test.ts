import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiFailure } from '../../../agent/cli/api-client.ts';
import { EXIT, EXIT_MEANINGS, EXIT_NAMES, exitOfFailure } from '../../../agent/cli/exit-codes.ts';
import { displayWidth } from '../../../agent/cli/text.ts';
import { usageOf } from '../../../agent/cli/verb.ts';
import { VERBS } from '../../../agent/cli/verb-table.ts';
import { warningKinds } from '../../../agent/health/index.ts';
import { startLocalApi } from '../../../agent/local-api/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import type { Running } from '../../../lib/base/lifecycle.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { runCli } from './run-cli.ts';
import { SampleBox, troubledStatus } from './sample-box.ts';

const run = promisify(execFile);
let folder: string;
let socket: string;
let api: Running;
const box = new SampleBox();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-help-'));
  socket = join(folder, 'agent.sock');
  api = await startLocalApi({ socket, source: box, clock: systemClock, log: silentLog() });
});
afterAll(async () => {
  await api.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('help', () => {
  it.each(VERBS.map(({ name }) => name))('of "%s" comes from the table, in both languages', async (name) => {
    const verb = VERBS.find((each) => each.name === name);
    for (const language of ['en', 'ja'] as const) {
      const ran = await runCli(['--lang', language, 'help', ...name.split(' ')]);
      expect([ran.code, ran.err]).toEqual([0, '']);
      expect(ran.columns).toBeLessThanOrEqual(80);
      const flat = ran.out.replace(/\s+/g, '');
      expect(flat).toContain(verb?.about[language].replace(/\s+/g, ''));
      for (const flag of verb?.flags ?? []) expect(ran.out).toContain(flag.name);
    }
  });

  it('lists every verb and every exit code', async () => {
    for (const language of ['en', 'ja'] as const) {
      const { out, columns } = await runCli(['help', '--lang', language]);
      expect(columns).toBeLessThanOrEqual(80);
      for (const { name } of VERBS.filter((verb) => !verb.name.includes(' ')))
        expect(out).toContain(`\n  ${name}`);
      for (const name of EXIT_NAMES) expect(out).toContain(`${EXIT[name]}  ${EXIT_MEANINGS[name][language]}`);
    }
  });

  it('--json is the table', async () => {
    const { out } = await runCli(['help', '--json', '--lang', 'ja']);
    const said = JSON.parse(out) as { v: number; help: { verbs: { name: string }[] } };
    expect(said.v).toBe(1);
    expect(said.help.verbs.map(({ name }) => name)).toEqual(VERBS.map(({ name }) => name));
    expect(displayWidth(out)).toBe(out.length);
  });
});

describe('the exit codes', () => {
  it('stand in the README as in the table', () => {
    const readme = readFileSync('agent/cli/README.md', 'utf8');
    const listed = [...readme.matchAll(/^\| (\d+) +\|/gm)].map((found) => Number(found[1]));
    expect(listed).toEqual(EXIT_NAMES.map((name) => EXIT[name]));
  });

  it('are those of the table for every verb that cannot be understood', async () => {
    for (const { name } of VERBS) {
      const ran = await runCli([...name.split(' '), '--no-such-flag']);
      expect([name, ran.code, ran.out]).toEqual([name, EXIT.usage, '']);
    }
  });

  it('of an agent that is silent is 3, of a socket that is closed to us 6', async () => {
    const failures = { 'cli.silent': 3, 'cli.notPermitted': 6, 'cli.notRunning': 8 } as const;
    for (const [code, exit] of Object.entries(failures)) {
      expect([code, exitOfFailure({ code: code as ApiFailure['code'], say: '' })]).toEqual([code, exit]);
    }
  });
});

describe('the manual page', () => {
  /** What man would warn of; nothing where man is not installed. */
  function complaints(page: string): string {
    const file = join(folder, 'page.roff');
    writeFileSync(file, page);
    const groff = '/usr/bin/groff';
    if (!existsSync(groff)) return '';
    return spawnSync(groff, ['-k', '-man', '-Tutf8', '-ww', '-z', file], { encoding: 'utf8' }).stderr;
  }

  it.each(['en', 'ja'] as const)(
    'names every verb, flag and exit code in %s, and is good roff',
    async (language) => {
      const { out, code } = await runCli(['help', '--man', '--lang', language]);
      expect(code).toBe(0);
      const plain = out.replaceAll('\\-', '-').replaceAll('\\:', '');
      for (const verb of VERBS) {
        expect(plain).toContain(`.SS engawa ${usageOf(verb)}\n`);
        expect(plain).toContain(verb.about[language]);
        for (const flag of verb.flags ?? []) {
          expect(plain).toContain(`\\fB${flag.name}\\fR`);
          expect(plain).toContain(flag.about[language]);
        }
      }
      for (const name of EXIT_NAMES) expect(plain).toContain(`.B ${EXIT[name]}\n`);
      expect(unknownRequests(out)).toEqual([]);
      expect(complaints(out)).toBe('');
    },
  );

  it.each(['en', 'ja'] as const)('of the codes has every warning in %s', async (language) => {
    const { out } = await runCli(['help', '--man', 'codes', '--lang', language]);
    for (const { code } of warningKinds) expect(out).toContain(code.replaceAll('-', '\\-'));
    expect(unknownRequests(out)).toEqual([]);
    expect(complaints(out)).toBe('');
  });
});

/** Lines that roff would take for a request that we do not use. */
function unknownRequests(page: string): readonly string[] {
  const known = ['TH', 'SH', 'SS', 'B', 'I', 'BR', 'TP', 'PP', 'br', 'ad'];
  return page
    .split('\n')
    .filter((line) => /^[.']/.test(line))
    .filter((line) => !known.includes(/^\.([A-Za-z]+)/.exec(line)?.[1] ?? ''));
}

describe('completion', () => {
  /** A person waits no longer than 90 ms for a word; a test on a busy machine does. */
  function patient(script: string): string {
    const waits = script.replace('--max-time 0.09', '--max-time 9').replace('exit(),90)', 'exit(),9000)');
    expect(waits.length).toBe(script.length - 1);
    return waits;
  }

  async function complete(...words: readonly string[]): Promise<readonly string[]> {
    const script = patient((await runCli(['completion', 'bash', '--socket', socket])).out);
    const quoted = words.map((word) => `'${word}'`).join(' ');
    const ask = `${script}\nCOMP_WORDS=(engawa ${quoted}); COMP_CWORD=${words.length}; _engawa; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await run('bash', ['-c', ask]);
    return stdout.split('\n').filter(Boolean);
  }

  it('offers verbs, second words, fixed words and flags', async () => {
    expect(await complete('')).toEqual(VERBS.map(({ name }) => name).filter((name) => !name.includes(' ')));
    expect(await complete('sta')).toEqual(['status']);
    expect(await complete('line', 'ri')).toEqual(['ring']);
    expect(await complete('line', 'ring', '2', 'dou')).toEqual(['double']);
    expect(await complete('--lang', 'j')).toEqual(['ja']);
    expect(await complete('line', 'capture', '--u')).toEqual(['--ulaw']);
    expect(await complete('completion', '')).toEqual(['bash', 'zsh']);
    expect(await complete('setup', 'li')).toEqual(['lines']);
    expect(await complete('log', 'level', 'deb')).toEqual(['debug']);
    expect(await complete('try', 'line.1.echo=off', 'rou')).toEqual(['router=192.168.20.1']);
  });

  it('offers what lives in the box: lines, phones, warnings', async () => {
    box.current = troubledStatus();
    expect(await complete('line', 'test', '')).toEqual(['1', '2']);
    expect(await complete('--lang', 'ja', 'line', 'test', '--force', '')).toEqual(['1', '2']);
    expect(await complete('phone', 'c0')).toEqual(['c074ad2bd859']);
    expect((await complete('warnings', 'W-TRK-302'))[0]).toBe('W-TRK-302/2');
  });

  it('asks by Node where there is no curl', async () => {
    const script = patient((await runCli(['completion', 'bash', '--socket', socket])).out);
    const hidden = script.replace('command -v curl', 'command -v no-such-program');
    const { stdout } = await run('bash', ['-c', `${hidden}\n_engawa_live lines`]);
    expect(stdout).toBe('1\n2\n');
  });

  it('offers nothing live, and still the verbs, when the agent is stopped', async () => {
    const script = (await runCli(['completion', 'bash', '--socket', join(folder, 'nobody.sock')])).out;
    const ask = (words: string, at: number): string =>
      `${script}\nCOMP_WORDS=(engawa ${words}); COMP_CWORD=${at}; _engawa; printf '%s,' "\${COMPREPLY[@]}"`;
    expect((await run('bash', ['-c', ask("line test ''", 3)])).stdout).toBe(',');
    expect((await run('bash', ['-c', ask('doc', 1)])).stdout).toBe('doctor,');
  });

  it('for zsh is read by zsh, where it is installed', async () => {
    const { out, code } = await runCli(['completion', 'zsh']);
    expect([code, out.startsWith('#compdef engawa\n')]).toEqual([0, true]);
    const zsh = ['/usr/bin/zsh', '/bin/zsh'].find((path) => existsSync(path));
    if (zsh === undefined) return;
    expect(spawnSync(zsh, ['-n'], { input: out, encoding: 'utf8' }).stderr).toBe('');
  });

  it('knows no other shell', async () => {
    expect(await runCli(['completion', 'fish'])).toMatchObject({ code: 2, out: '' });
  });
});
