import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startLocalApi } from '../../../agent/local-api/index.ts';
import type { Warning } from '../../../agent/status.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import type { Running } from '../../../lib/base/lifecycle.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { type Ran, runCli } from './run-cli.ts';
import { SAMPLE_NOW, SampleBox, sampleLine, sampleStatus, troubledStatus } from './sample-box.ts';

let folder: string;
let socket: string;
let box: SampleBox;
let api: Running;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-cli-'));
  socket = join(folder, 'agent.sock');
  box = new SampleBox();
  api = await startLocalApi({ socket, source: box, clock: systemClock, log: silentLog() });
});
afterEach(async () => {
  await api.stop();
  rmSync(folder, { recursive: true, force: true });
});

function engawa(...argv: readonly string[]): Promise<Ran> {
  return runCli([...argv, '--socket', socket]);
}

describe('the screens of a healthy office', () => {
  it.each(['status', 'lines', 'calls', 'config'])('%s', async (verb) => {
    const ran = await engawa(verb);
    expect(ran.out).toMatchSnapshot();
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(ran.columns).toBeLessThanOrEqual(80);
  });

  it('fax log', async () => {
    const ran = await engawa('fax', 'log');
    expect(ran.out).toMatchSnapshot();
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(ran.columns).toBeLessThanOrEqual(80);
    const parsed = JSON.parse((await engawa('fax', 'log', '--json')).out) as { faxes: unknown };
    expect(parsed).toEqual({ v: 1, faxes: box.faxHistory });
    box.faxHistory = [];
    expect((await engawa('fax', 'log')).out).toBe('--    no fax yet\n');
  });

  it('a media process that has told no figures yet is given no size', async () => {
    box.current = sampleStatus({ memory: { agentBytes: 84_000_000, mediaBytes: 0 } });
    expect((await engawa('status')).out).toMatch(/memory agent \d+ MB, media --/);
  });

  it('engawa alone is status', async () => {
    expect((await engawa()).out).toBe((await engawa('status')).out);
  });
});

describe('the screens of an office in trouble', () => {
  it.each(['status', 'lines', 'config'])('%s says what to do, and exits with 1', async (verb) => {
    box.current = troubledStatus();
    const ran = await engawa(verb);
    expect(ran.out).toMatchSnapshot();
    expect(ran).toMatchObject({ code: 1, err: '' });
    expect(ran.columns).toBeLessThanOrEqual(80);
  });

  it('stay within 80 columns and one line each, whatever the texts are', async () => {
    const label = '縁側商店の奥の部屋\u001b[31m\n';
    box.current = {
      ...troubledStatus(),
      office: '株式会社'.repeat(20),
      lines: [sampleLine(1, { label, state: 'a-state-of-the-future', because: '理由'.repeat(60) })],
      warnings: [
        { code: 'W-XYZ-1', severity: 'error', say: '長い文'.repeat(60), remedy: 'x'.repeat(200), sinceMs: 0 },
      ],
    };
    box.history = box.history.map((call) => ({ ...call, from: '9'.repeat(40), to: '縁'.repeat(40) }));
    for (const verb of ['status', 'lines', 'calls']) {
      const ran = await engawa(verb);
      expect(ran.columns).toBeLessThanOrEqual(80);
      expect(ran.out).not.toContain('\u001b');
    }
  });
});

describe('colour', () => {
  it('repeats the word, and is left out when it is not wanted', async () => {
    const bright = await runCli(['status', '--socket', socket], { colours: true });
    expect(bright.out).toContain('\u001b[32mOK');
    const plain = await runCli(['status', '--no-color', '--socket', socket], { colours: true });
    expect(plain.out).not.toContain('\u001b');
    expect(plain.out).toBe((await engawa('status')).out);
  });
});

describe('--json', () => {
  it.each(['status', 'lines', 'calls', 'config'])('of %s is what the agent says, version 1', async (verb) => {
    const ran = await engawa(verb, '--json');
    expect(JSON.parse(ran.out)).toMatchObject({ v: 1 });
    expect(ran.code).toBe(0);
  });

  it('may stand before the verb', async () => {
    expect((await engawa('--json', 'lines')).out).toBe((await engawa('lines', '--json')).out);
  });
});

describe('watch', () => {
  it('tells what changes, a line each, until it is ended', async () => {
    const ended = new AbortController();
    let said = '';
    const running = import('../../../agent/cli/main.ts').then(({ main }) =>
      main(['watch', '--socket', socket], {
        out: (text) => {
          said += text;
        },
        err: () => {},
        colours: false,
        now: () => 0,
        signal: ended.signal,
      }),
    );
    await vi.waitFor(() => expect(said).toContain('Ctrl-C ends'));
    box.become(
      sampleStatus({ lines: [sampleLine(1, { state: 'busyTone', because: 'no channel' }), sampleLine(2)] }),
    );
    await vi.waitFor(() => expect(said).toContain('line 1  talking -> busy tone (no channel)'));
    box.become(troubledStatus());
    await vi.waitFor(() => expect(said).toMatch(/^WARN {2}\d\d:\d\d:\d\d {2}service lost$/m));
    expect(said).toContain('line 2  registered -> refused 403 Forbidden');
    ended.abort();
    expect(await running).toBe(0);
  });

  it('ends with 8 when the agent goes away', async () => {
    const running = engawa('watch');
    await new Promise((resolve) => setTimeout(resolve, 200));
    await api.stop();
    expect(await running).toMatchObject({ code: 8 });
  });
});

describe('status --watch', () => {
  it.each([[], ['--json']])(
    'shows it again when something has changed, not when time has passed %s',
    async (...more) => {
      const ended = new AbortController();
      const said: string[] = [];
      let looks = 0;
      const status = box.status.bind(box);
      box.status = () => ({ ...status(), now: SAMPLE_NOW + ++looks * 1_000, upMs: looks * 1_000 });
      const running = runCli(['status', '--watch', '--socket', socket, ...more], {
        signal: ended.signal,
        heard: (text) => void said.push(text),
      });
      await vi.waitFor(() => expect(looks).toBeGreaterThan(2), 10_000);
      expect(said).toHaveLength(1);
      box.become(troubledStatus());
      await vi.waitFor(() => expect(said).toHaveLength(2), 10_000);
      ended.abort();
      expect((await running).code).toBe(0);
    },
  );
});

describe('warnings', () => {
  it('name the desk phones that they hurt, also those that never called', async () => {
    const warning = { ...troubledStatus().warnings[0], code: 'W-LAN-821' } as Warning;
    box.deskPorts = [101, 102];
    box.current = { ...sampleStatus(), warnings: [warning] };
    const ran = await engawa('warnings', '--json');
    expect(JSON.parse(ran.out).warnings[0].hurts).toMatchObject({ lines: [101, 102] });
  });
});

describe('a wrong command', () => {
  it('gets a suggestion and exit code 2', async () => {
    expect(await engawa('lin', 'tset', '2')).toMatchObject({
      code: 2,
      out: '',
      err: 'engawa: no verb "lin". Did you mean:  engawa lines\n',
    });
    expect(await engawa('status', '--jsn')).toMatchObject({ code: 2, out: '' });
    expect(await engawa('status', 'more')).toMatchObject({ code: 2, out: '' });
    expect(await engawa('xyzzy\u001b[2J')).toMatchObject({ code: 2 });
  });

  it('is answered by help with examples, within 80 columns', async () => {
    for (const argv of [['help'], ['--help'], ['help', 'lines'], ['lines', '--help']]) {
      const ran = await runCli(argv);
      expect(ran.code).toBe(0);
      expect(ran.out).toMatch(/Example/);
      expect(ran.columns).toBeLessThanOrEqual(80);
      for (const option of ['--json', '--state', '--socket']) expect(ran.out).toContain(option);
    }
  });
});

describe('without an agent', () => {
  it('every verb says so, names the doctor, and exits with 8', async () => {
    for (const verb of ['status', 'lines', 'calls', 'config', 'watch']) {
      const ran = await runCli([verb, '--socket', join(folder, 'nobody.sock')]);
      expect(ran).toMatchObject({ code: 8, out: '' });
      expect(ran.err).toContain('engawa doctor');
    }
    const json = await runCli(['status', '--json', '--socket', join(folder, 'nobody.sock')]);
    expect(JSON.parse(json.out)).toMatchObject({ v: 1, error: { code: 'cli.notRunning' } });
  });

  it('names the doctor of the same box', async () => {
    const ran = await runCli(['status', '--state', join(folder, 'other')]);
    expect(ran.err).toContain(`engawa doctor --state ${join(folder, 'other')}`);
  });
});
