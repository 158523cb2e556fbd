import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { boxPaths } from '../../../agent/cli/paths.ts';
import { type SetupOptions, SetupWorld, setUp } from '../../../agent/cli/setup/index.ts';
import { createHealth } from '../../../agent/health/index.ts';
import { lanAddressRoutes, startLocalApi, trialRoutes } from '../../../agent/local-api/index.ts';
import type { LineStatus } from '../../../agent/status.ts';
import { changeFile, TrialRoom } from '../../../agent/trial/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { ok, refuse } from '../../../lib/base/errors.ts';
import type { Running } from '../../../lib/base/lifecycle.ts';
import { silentLog } from '../../../lib/base/log.ts';
import type { SiteConfig } from '../../../lib/contract/site-config.ts';
import { exampleConfig } from '../calls/office-world.ts';
import { net, SamplePort } from '../lan-address/sample-port.ts';
import { SampleBox, sampleCall, sampleFax, sampleLine, sampleStatus } from './sample-box.ts';

let state: string;
let box: SampleBox;
let room: TrialRoom;
let port: SamplePort;
let runs: SiteConfig;
let api: Running | undefined;
let said: string;

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'engawa-setup-'));
  for (const name of ['agent', 'run']) mkdirSync(join(state, name), { mode: 0o700 });
  said = '';
  port = new SamplePort();
  port.given = net('192.168.20.2/24');
  box = new SampleBox();
  box.dhcpNow = null;
  box.current = sampleStatus({ lines: [sampleLine(1), sampleLine(2)] });
  box.history = [];
  box.faxHistory = [];
  room = new TrialRoom({
    ...{ clock: systemClock, log: silentLog(), health: createHealth(systemClock), holdOff: () => false },
    store: changeFile(join(state, 'agent/local.json')),
    apply: (config) => {
      runs = config;
      return ok(undefined);
    },
  });
  room.take(exampleConfig());
});
afterEach(async () => {
  room.stop();
  port.remove();
  await api?.stop();
  api = undefined;
  rmSync(state, { recursive: true, force: true });
});

async function serve(): Promise<void> {
  const more = [
    { at: '/v1/trial' as const, routes: trialRoutes(room) },
    { at: '/v1/address' as const, routes: lanAddressRoutes(port.keeper) },
  ];
  const socket = join(state, 'run/agent.sock');
  api = await startLocalApi({ socket, source: box, clock: systemClock, log: silentLog(), more });
}

/** A person who answers when a question is heard, or a program that answers nothing. */
function person(answers: Readonly<Record<string, string | (() => string | undefined)>>) {
  let waiting: ((line: string | undefined) => void) | undefined;
  const left = new Map(Object.entries(answers));
  return {
    interactive: left.size > 0,
    hear(): void {
      for (const [question, answer] of left) {
        if (waiting === undefined || !said.includes(question)) continue;
        const line = typeof answer === 'string' ? answer : answer();
        left.delete(question);
        if (line === undefined) continue;
        const told = waiting;
        waiting = undefined;
        told(line);
      }
    },
    next: () =>
      new Promise<string | undefined>((resolve) => {
        waiting = resolve;
        setImmediate(() => input.hear());
      }),
    close: () => {},
  };
}

let input: ReturnType<typeof person>;

function world(
  options: Partial<SetupOptions>,
  answers: Parameters<typeof person>[0] = {},
  more: { readonly claim?: SetupWorld['claim']; readonly signal?: AbortSignal; readonly lang?: 'ja' } = {},
): SetupWorld {
  input = person(answers);
  return new SetupWorld({
    io: {
      out: (text) => {
        said += text;
        setImmediate(() => input.hear());
      },
      err: () => {},
      colours: false,
      input,
      now: () => Date.now(),
      signal: more.signal ?? new AbortController().signal,
    },
    look: { colours: false, language: more.lang ?? 'en' },
    paths: boxPaths(state),
    socket: join(state, 'run/agent.sock'),
    quiet: false,
    options: { by: 'sato', ...options },
    settleMs: 50,
    claim: more.claim ?? (async () => refuse({ code: 'claim.away', fault: 'environment', say: 'not there' })),
  });
}

function lift(port: number, state: string): void {
  const lines: LineStatus[] = box.current.lines.map((line) =>
    line.port === port ? { ...line, state } : line,
  );
  box.become({ ...box.current, lines });
}

const ONCE = { again: false } as const;

describe('engawa setup', () => {
  it('with flags alone goes through every step, and leaves out what nobody said', async () => {
    await serve();
    const report = await setUp(world({ yes: true, lines: '11=2', skip: ['call'] }), ONCE);
    expect(report.steps.map(({ step, verdict }) => `${step} ${verdict}`)).toEqual([
      ...['box OK', 'claim OK', 'lan --', 'lines WARN', 'call --', 'fax --'],
    ]);
    expect(runs.lines.map(({ port }) => port)).toEqual([2, 1]);
    expect(report).toMatchObject({ done: true, gateway: 'gw-000001', verdict: 'WARN' });
    const file = report.file ?? '';
    expect([statSync(file).mode & 0o777, readFileSync(file, 'utf8')]).toEqual([
      0o600,
      expect.stringContaining('claimed already: gw-000001'),
    ]);
    expect(said.split('\n').every((line) => line.length <= 80)).toBe(true);
  });

  it('with a person: finds the ports by lifting, judges a call and a fax, in Japanese too', async () => {
    await serve();
    const call = sampleCall({ to: '117', startedAt: Date.now() });
    const answers = {
      '内線 11「受付」にする電話機': () => {
        lift(2, 'dialTone');
        setTimeout(() => lift(2, 'onHook'), 700);
        return undefined;
      },
      '内線 12': '',
      かける番号: '',
      '受話器を上げ 117': () => {
        box.history = [call];
        setTimeout(() => {
          const sound = { mos: 4.3, lossPercent: 0, roundTripMs: 20, encrypted: true };
          box.history = [
            {
              ...call,
              state: 'ended',
              endedAt: Date.now(),
              end: 'answeredThenCallerHungUp',
              because: '',
              sound,
            },
          ];
        }, 400);
        return undefined;
      },
      'FAX 機はありますか': 'yes',
      'FAX 機から 1 枚送り': () => {
        box.faxHistory = [sampleFax({ id: 'new' })];
        return undefined;
      },
    };
    const report = await setUp(world({}, answers, { lang: 'ja' }), ONCE);
    expect(report.steps.map(({ step, verdict }) => `${step} ${verdict}`)).toEqual([
      ...['box OK', 'claim OK', 'lan --', 'lines WARN', 'call OK', 'fax OK'],
    ]);
    expect(report.steps[4]?.say.join()).toMatch(/line 1 called 117: caller hung up,MOS 4.3.*encrypted/);
    expect(runs.lines[0]?.port).toBe(2);
    expect(said).not.toMatch(/Looks who|A test call|Lift/);
  });

  it('claims a box that nobody has, asks again after a wrong code, and waits for the agent', async () => {
    const codes: string[] = [];
    const claim: SetupWorld['claim'] = async ({ code, service, serialNumber }) => {
      codes.push(`${code} ${service.host}:${service.port} ${serialNumber}`);
      if (codes.length === 1)
        return refuse({ code: 'claim.code', fault: 'caller', say: 'one symbol is wrong' });
      setTimeout(() => void serve(), 300);
      return ok({ gateway: 'gw-000001' });
    };
    const answers = {
      'Claim code': 'A-code',
      'Type it again': 'B-code',
      'Number to call': 'skip',
      'fax machine': 'no',
    };
    const options = { service: '127.61.0.1:9', serial: 'SN1', skip: ['lines'] as const };
    const report = await setUp(world(options, answers, { claim }), ONCE);
    expect(codes).toEqual(['A-code 127.61.0.1:9 SN1', 'B-code 127.61.0.1:9 SN1']);
    expect([report.done, report.steps[1]?.say]).toEqual([true, ['claimed as gw-000001']]);
    expect(said).toContain('one symbol is wrong');
    expect(said).not.toContain('B-code');
  });

  it('that was left goes on where it was, and tells so', async () => {
    await serve();
    const left = new AbortController();
    const answers = {
      'Number to call': () => {
        left.abort();
        return undefined;
      },
    };
    await expect(setUp(world({ skip: ['lines'] }, answers, { signal: left.signal }), ONCE)).rejects.toThrow();
    expect(existsSync(join(state, 'agent/setup.json'))).toBe(true);
    said = '';
    const report = await setUp(world({ yes: true, skip: ['call'] }), ONCE);
    expect(said).toMatch(/Goes on with the setup of/);
    expect(said).toMatch(/\[4\/6\] lines\n-- {4}lines {8}done before/);
    expect(report.done).toBe(true);
    expect(existsSync(join(state, 'agent/setup.json'))).toBe(false);
  });

  it('changes the LAN on trial, keeps what is sound, and does not serve beside another server', async () => {
    await serve();
    const dhcp = new SampleBox().dhcpNow;
    if (dhcp === null) throw new Error('no sample');
    box.dhcpNow = { ...dhcp, mode: 'detect' };
    const beside = await setUp(world({ lan: 'serve' }), { only: 'lan', again: false });
    expect(beside.steps[0]).toMatchObject({ verdict: 'FAIL', say: [expect.stringContaining('two servers')] });
    const kept = await setUp(world({ lan: 'optionOnly' }), { only: 'lan', again: false });
    expect(kept.steps[0]).toMatchObject({ verdict: 'OK' });
    expect([runs.lan.dhcp.mode, room.state.kept?.by]).toEqual(['optionOnly', 'sato']);
    box.current = sampleStatus({
      warnings: [{ code: 'W-LAN-803', severity: 'error', say: 'no address', remedy: 'x', sinceMs: 0 }],
    });
    const pool = '192.168.20.100-192.168.20.199';
    const undone = await setUp(world({ lan: 'phonesOnly', pool }), { only: 'lan', again: false });
    expect(undone.steps[0]).toMatchObject({ verdict: 'FAIL', say: [expect.stringContaining('W-LAN-803')] });
    expect([runs.lan.dhcp.mode, room.state.trial]).toEqual(['optionOnly', null]);
  });

  it('fixes an address first where nobody gives any, and says so where that cannot be', async () => {
    port.given = net('169.254.7.7/16');
    await serve();
    const dhcp = new SampleBox().dhcpNow;
    if (dhcp === null) throw new Error('no sample');
    box.dhcpNow = { ...dhcp, mode: 'detect', foreign: [] };
    const answers = { 'Address of this box': '192.168.77.1/24', 'Which one': 'detect' };
    const asked = await setUp(world({}, answers), { only: 'lan', again: false });
    expect(said).toMatch(/nobody gives addresses on this LAN/);
    expect(said).toMatch(/OK {4}address {6}192\.168\.77\.1\/24 on lan, fixed/);
    expect(asked.steps[0]).toMatchObject({ verdict: 'OK' });
    port.keeper.set({ address: 'given' }, false);
    const wrong = await setUp(world({ address: '192.168.77.0/24', lan: 'detect' }), {
      only: 'lan',
      again: false,
    });
    expect(wrong.steps[0]).toMatchObject({ verdict: 'FAIL', say: [expect.stringContaining('192.168.77.0')] });
  });

  it('leaves a box alone that was given an address, or that a computer is', async () => {
    await serve();
    await setUp(world({ lan: 'detect', yes: true }), { only: 'lan', again: false });
    expect(port.keeper.view().fixed).toBeNull();
    await api?.stop();
    port.remove();
    port = new SamplePort(false);
    await serve();
    const computer = await setUp(world({ lan: 'detect', yes: true }), { only: 'lan', again: false });
    expect(computer.steps[0]?.verdict).not.toBe('FAIL');
  });
});
