import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lanAddressRoutes, startLocalApi } from '../../../agent/local-api/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import type { Running } from '../../../lib/base/lifecycle.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { net, SamplePort } from '../lan-address/sample-port.ts';
import { type Ran, runCli } from './run-cli.ts';
import { SampleBox } from './sample-box.ts';

let folder: string;
let api: Running;
let port: SamplePort;

async function serve(settable = true): Promise<void> {
  port = new SamplePort(settable);
  api = await startLocalApi({
    ...{ socket: join(folder, 'agent.sock'), source: new SampleBox(), clock: systemClock, log: silentLog() },
    more: [{ at: '/v1/address', routes: lanAddressRoutes(port.keeper) }],
  });
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-cli-address-'));
});
afterEach(async () => {
  await api.stop();
  port.remove();
  rmSync(folder, { recursive: true, force: true });
});

function engawa(...argv: readonly string[]): Promise<Ran> {
  return runCli([...argv, '--socket', join(folder, 'agent.sock')]);
}

describe('the address of the box on the LAN', () => {
  it('where nobody gives one says so, and what to do', async () => {
    await serve();
    const ran = await engawa('address');
    expect(ran).toMatchObject({ code: 1, err: '' });
    expect(ran.out).toMatch(/^WARN {2}address {6}169\.254\.7\.7\/16 on lan, as nobody gives addresses/);
    expect(ran.out).toContain('engawa address 192.168.58.1/24');
    expect(ran.columns).toBeLessThanOrEqual(80);
  });

  it('is fixed with its router and name servers, and given again', async () => {
    await serve();
    const fixed = ['192.168.58.1/24', '--router', '192.168.58.254', '--dns', '192.168.58.254, 1.1.1.1'];
    const ran = await engawa('address', ...fixed);
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(ran.out).toMatch(/OK {4}address {6}192\.168\.58\.1\/24 on lan, fixed/);
    expect(ran.out).toContain('192.168.58.254, 1.1.1.1');
    expect((await engawa('address', '--lang', 'ja')).out).toContain('192.168.58.1/24 (lan) 固定');
    port.given = net('192.168.20.9/24');
    const given = await engawa('address', 'given', '--json');
    expect(JSON.parse(given.out)).toMatchObject({ v: 1, address: { fixed: null, has: '192.168.20.9/24' } });
  }, 30_000);

  it.each([
    [['192.168.58.1'], 2, 'prefix'],
    [['192.168.58.255/24'], 2, 'no address that a device may have'],
    [['192.168.58.1/24', '--router', '10.0.0.1'], 2, 'no other device'],
    [['192.168.58.1/24', '--dns', 'a'], 2, 'name servers as'],
    [['given', '--router', '10.0.0.1'], 2, 'leave them out'],
    [['--router', '10.0.0.1'], 2, 'belong to an address'],
  ])('%j is refused, and nothing changes', async (words, code, say) => {
    await serve();
    const ran = await engawa('address', ...words);
    expect(ran).toMatchObject({ code, err: expect.stringContaining(say) });
    expect(port.keeper.view().fixed).toBeNull();
  });

  it('is not changed in a call without --force', async () => {
    await serve();
    port.calls = 1;
    const ran = await engawa('address', '192.168.58.1/24');
    expect(ran).toMatchObject({ code: 5, err: expect.stringContaining('--force') });
    expect((await engawa('address', '192.168.58.1/24', '--force')).code).toBe(0);
  });

  it('is shown and not set where a computer has its own system', async () => {
    await serve(false);
    port.given = net('192.168.20.9/24');
    expect(await engawa('address')).toMatchObject({ code: 0, out: expect.stringContaining('own system') });
    const ran = await engawa('address', '192.168.58.1/24');
    expect(ran.err).toContain('On a computer');
    expect(ran.code).not.toBe(0);
  });
});
