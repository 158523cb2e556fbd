import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLocalApi } from '../../../agent/local-api/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import type { Running } from '../../../lib/base/lifecycle.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { type Ran, runCli } from './run-cli.ts';
import { SampleBox } from './sample-box.ts';

let folder: string;
let api: Running;
const box = new SampleBox();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-cli-lan-'));
  api = await startLocalApi({
    socket: join(folder, 'agent.sock'),
    source: box,
    clock: systemClock,
    log: silentLog(),
  });
});
afterAll(async () => {
  await api.stop();
  rmSync(folder, { recursive: true, force: true });
});

function engawa(...argv: readonly string[]): Promise<Ran> {
  return runCli([...argv, '--socket', join(folder, 'agent.sock')]);
}

describe('the LAN on a screen', () => {
  it('dhcp says that the box has stepped back, before whom, and exits with 1', async () => {
    const ran = await engawa('dhcp');
    expect(ran.out).toMatchSnapshot();
    expect(ran.code).toBe(1);
    expect(ran.columns).toBeLessThanOrEqual(80);
  });

  it('dhcp of a box without a LAN is no fault', async () => {
    const before = box.dhcpNow;
    box.dhcpNow = null;
    expect(await engawa('dhcp')).toMatchObject({ code: 0, out: expect.stringContaining('no LAN interface') });
    box.dhcpNow = before;
  });

  it('leases names who has which address, and what is in conflict', async () => {
    const ran = await engawa('leases');
    expect(ran.out).toMatchSnapshot();
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(ran.columns).toBeLessThanOrEqual(80);
  });

  it('why tells what became of a device’s packets, by sentence and rule, in every spelling of its address', async () => {
    const ran = await engawa('why', 'C0:74:AD:2B:D8:59');
    expect(ran.out).toMatch(/bound 192\.168\.20\.100/);
    expect(ran.out).toMatch(/Another one\. \(dhcp\.steppedDown\)/);
    expect((await engawa('why', 'c074ad2bd859')).out).toBe(ran.out);
  });

  it('why of a device that was never heard says so', async () => {
    expect((await engawa('why', 'aa:bb:cc:dd:ee:ff')).out).toMatch(/nothing was heard from it/);
  });

  it('why refuses what is no hardware address, and says how one looks', async () => {
    expect(await engawa('why', 'phone-1')).toMatchObject({
      code: 2,
      err: expect.stringContaining('C0:74:AD:2B:D8:59'),
    });
  });

  it('--json gives the document as it is', async () => {
    expect(JSON.parse((await engawa('leases', '--json')).out)).toEqual({ v: 1, leases: box.leases() });
  });
});
