import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type PhoneTools, startLocalApi } from '../../../agent/local-api/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { ok, refuse } from '../../../lib/base/errors.ts';
import type { Running } from '../../../lib/base/lifecycle.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { type Ran, runCli } from './run-cli.ts';
import { SampleBox } from './sample-box.ts';

const WORKS = 'C0:74:AD:2B:D8:59';
const WAITS = '00:80:f0:a1:b2:c3';

let folder: string;
let api: Running;
const box = new SampleBox();
const before = box.phonesNow;
let asked: string[] = [];

const no = (code: string, say: string): ReturnType<PhoneTools['approve']> =>
  Promise.resolve(refuse({ code, fault: 'caller', say }));
const tools: PhoneTools = {
  approve(mac, minutes) {
    asked.push(`approve ${mac} ${minutes}`);
    return mac === 'ec74d7000001'
      ? no('phone.none', 'No configuration names it.')
      : Promise.resolve(ok(null));
  },
  reprovision(mac) {
    asked.push(`reprovision ${mac}`);
    if (mac === '0080f0a1b2c3') return no('phone.notSetUp', 'It was never approved.');
    return mac === 'c074ad2bd859' ? Promise.resolve(ok(null)) : no('phone.notTold', 'It does not answer.');
  },
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-cli-phones-'));
  const socket = join(folder, 'agent.sock');
  api = await startLocalApi({ socket, source: box, phones: tools, clock: systemClock, log: silentLog() });
});
beforeEach(() => {
  asked = [];
  box.phonesNow = before;
});
afterAll(async () => {
  await api.stop();
  rmSync(folder, { recursive: true, force: true });
});

function engawa(...argv: readonly string[]): Promise<Ran> {
  return runCli([...argv, '--socket', join(folder, 'agent.sock')]);
}

describe('desk phones on a screen', () => {
  it('phones lists them with their states, and exits with 1 while one waits for somebody', async () => {
    const ran = await engawa('phones');
    expect(ran.out).toMatchSnapshot();
    expect(ran.code).toBe(1);
    expect(ran.columns).toBeLessThanOrEqual(80);
  });

  it('phones of a box without a LAN is no fault', async () => {
    box.phonesNow = { url: null, secure: false, pnp: false, counts: {}, phones: [] };
    expect(await engawa('phones')).toMatchObject({ code: 0, out: expect.stringContaining('no LAN') });
  });

  it('phone shows one: firmware, registration, last file, and why it was refused', async () => {
    const ran = await engawa('phone', WORKS);
    expect(ran.out).toMatchSnapshot();
    expect(ran.code).toBe(0);
    const waits = await engawa('phone', WAITS);
    expect(waits.out).toMatchSnapshot();
    expect(waits.code).toBe(1);
    expect(Math.max(ran.columns, waits.columns)).toBeLessThanOrEqual(80);
  });

  it('approve opens the window for as long as is said, five minutes unless', async () => {
    expect((await engawa('approve', WORKS)).code).toBe(0);
    expect((await engawa('approve', WORKS, '--for', '10')).code).toBe(0);
    expect(asked).toEqual(['approve c074ad2bd859 5', 'approve c074ad2bd859 10']);
    expect((await engawa('approve', WORKS, '--for', '11')).code).toBe(2);
  });

  it('what is refused has its own exit code and sentence', async () => {
    expect(await engawa('approve', 'ec:74:d7:00:00:01')).toMatchObject({
      code: 10,
      err: expect.stringMatching(/No configuration/),
    });
    expect(await engawa('reprovision', WAITS)).toMatchObject({
      code: 5,
      err: expect.stringMatching(/never approved/),
    });
    expect(await engawa('reprovision', 'ec74d7000001')).toMatchObject({ code: 3 });
    expect(await engawa('reprovision', WORKS)).toMatchObject({ code: 0 });
    expect(await engawa('phone', 'aa:bb:cc:dd:ee:ff')).toMatchObject({ code: 10 });
    expect(await engawa('phone', 'desk-1')).toMatchObject({ code: 2 });
  });

  it('why also shows its requests for files', async () => {
    const ran = await engawa('why', WORKS);
    expect(ran.out).toMatch(/cfgc074ad000001\.xml: The file is of/);
    expect(ran.out).toMatch(/\(fetch\.foreignName\)/);
    expect(ran.columns).toBeLessThanOrEqual(80);
  });

  it('a phone that is set up and away is a fault to look at', async () => {
    const [works] = before.phones;
    if (works === undefined) throw new Error('no phone');
    box.phonesNow = { ...before, phones: [{ ...works, registered: false, sipSource: null, calls: 0 }] };
    const ran = await engawa('phones');
    expect([ran.code, ran.out]).toEqual([1, expect.stringMatching(/WARN .*registered +away/)]);
    expect((await engawa('phone', WORKS)).out).toMatch(/is it\s+switched on\?/);
  });

  /** Runs a verb that does not end by itself; what it has printed, a text each time. */
  function watch(...argv: readonly string[]): { readonly printed: string[]; end(): Promise<Ran> } {
    const ended = new AbortController();
    const printed: string[] = [];
    const running = runCli([...argv, '--watch', '--socket', join(folder, 'agent.sock')], {
      signal: ended.signal,
      heard: (text) => void printed.push(text),
    });
    return {
      printed,
      end: () => {
        ended.abort();
        return running;
      },
    };
  }

  it('--watch shows it again when it changes, and ends with Ctrl-C; --json then is one document a line', async () => {
    const { printed, end } = watch('phones', '--json');
    await vi.waitFor(() => expect(printed).toHaveLength(1), 8_000);
    box.phonesNow = { ...before, phones: [] };
    await vi.waitFor(() => expect(printed).toHaveLength(2), 8_000);
    const lines = (await end()).out.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).phones.length)).toEqual([before.phones.length, 0]);
  });

  it('approve --watch opens the window and then follows the phone, as a screen under the time', async () => {
    const { printed, end } = watch('approve', WORKS);
    await vi.waitFor(() => expect(printed).toHaveLength(1), 8_000);
    expect(asked).toEqual(['approve c074ad2bd859 5']);
    expect(printed[0]).toMatch(/^-- \d\d:\d\d:\d\d\nOK {4}phone/);
    expect((await end()).code).toBe(0);
  });

  it('--watch of an agent that is not there ends at once, and says so', async () => {
    const ran = await runCli(['leases', '--watch', '--socket', join(folder, 'nobody.sock')]);
    expect([ran.code, ran.err]).toEqual([8, expect.stringContaining('engawa doctor')]);
  });

  it('--json gives the document as it is', async () => {
    expect(JSON.parse((await engawa('phones', '--json')).out)).toEqual({ v: 1, ...box.phonesNow });
  });
});
