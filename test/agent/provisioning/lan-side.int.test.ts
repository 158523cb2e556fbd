import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PhoneView, VerdictLine } from '../../../agent/provisioning/index.ts';
import { lanReport } from '../../../lib/contract/lan-facts.ts';
import { createLan, type Lan, whyNoLan } from '../../../scripts/lab/lan.ts';
import { grandstreamAgent, phoneOf } from './phones.ts';

const why = whyNoLan();
if (why !== undefined) process.stderr.write(`The LAN side is not tested: ${why}\n`);

const CHILD = fileURLToPath(new URL('./lan-side-child.ts', import.meta.url));
const BOX = '192.168.22.2';
const URL_TEXT = `http://${BOX}:8080/p/`;

interface Told {
  readonly standing: string | null;
  readonly url: string | null;
  readonly phones: readonly PhoneView[];
  readonly why: readonly VerdictLine[];
  readonly report: unknown;
}

let folder = '';
let lan: Lan;
let ask: (line: string) => Promise<Told>;
let phone = '';

describe.skipIf(why !== undefined)('DHCP and provisioning together', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'engawa-lan-side-'));
    chmodSync(folder, 0o777);
    lan = createLan(['box', 'phone', 'laptop']);
    lan.address('box', `${BOX}/24`);
    phone = lan.macOf('phone').replace(/:/g, '');
    const dhcp = {
      mode: 'serve',
      confirmedBy: 'test',
      pool: { first: '192.168.22.100', last: '192.168.22.119' },
    };
    const config = JSON.stringify({ dhcp, phones: [phoneOf({ mac: phone })] });
    const child = lan.start('box', [process.execPath, '--import', 'tsx', CHILD, join(folder), config]);
    if (child.stdout === null) throw new Error('no output');
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const read = async (): Promise<unknown> => JSON.parse((await lines.next()).value as string);
    expect(await read()).toEqual({ checked: true });
    ask = async (line) => {
      child.stdin?.write(`${line}\n`);
      return (await read()) as Told;
    };
    for (let tries = 0; tries < 150; tries++) {
      const now = await ask('?');
      if (now.standing === 'serving' && now.url !== null) return;
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    throw new Error('never serving');
  }, 150_000);
  afterAll(() => {
    lan?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Leases an address as a device of this vendor class, keeps it, and gives the options as they came. */
  async function lease(host: string, vendorClass: string): Promise<string> {
    const script = join(folder, `script-${host}`);
    const seen = join(folder, `env-${host}`);
    writeFileSync(
      script,
      `#!/bin/sh\n[ "$1" = bound ] && env > ${seen} && ip addr add "$ip/$mask" dev "$interface"\nexit 0\n`,
      { mode: 0o755 },
    );
    const options = ['-O', '160', '-O', '159', '-V', vendorClass];
    await lan.run(host, ['udhcpc', '-i', 'lan0', '-n', '-q', '-f', '-s', script, ...options]);
    return readFileSync(seen, 'utf8');
  }

  it('a lease tells a phone where its files are, and a laptop nothing of it', async () => {
    const hex = Buffer.from(URL_TEXT).toString('hex');
    expect(await lease('phone', 'Grandstream GRP2614')).toContain(hex);
    expect(await lease('laptop', 'MSFT 5.0')).not.toContain(hex);
  });

  it('the phone is listed by what DHCP heard, the laptop is not', async () => {
    const { phones } = await ask('?');
    expect(phones.map((each) => [each.mac, each.state])).toEqual([[phone, 'waiting']]);
    expect(phones[0]?.heard.dhcp).toBeGreaterThan(0);
  });

  it('the cloud is told of both: the lease that runs, the phone that waits', async () => {
    const report = lanReport.parse((await ask('?')).report);
    expect(report.dhcp).toMatchObject({ mode: 'serve', standing: 'serving', bound: 2, foreign: [] });
    expect(report.phones).toMatchObject([{ mac: phone, state: 'waiting', registered: false }]);
  });

  it('approved, it fetches from its leased address', async () => {
    await ask(`approve ${phone}`);
    const url = `${URL_TEXT}cfg${phone}.xml`;
    const { output } = await lan.run('phone', ['curl', '-s', '-A', grandstreamAgent(phone), url]);
    expect(output).toContain('<gs_provision');
  });

  it('a device that sits on the phone’s leased address gets nothing, whatever it calls itself', async () => {
    const address = (await ask('?')).phones[0]?.address ?? '';
    expect(address).toMatch(/^192\.168\.22\.1/);
    lan.cable('phone', false);
    lan.address('laptop', `${address}/24`);
    const url = `${URL_TEXT}phonebook.xml`;
    const flags = ['-s', '-o', '/dev/null', '-w', '%{http_code}', '--interface', address];
    const { output } = await lan.run('laptop', ['curl', ...flags, '-A', grandstreamAgent(phone), url]);
    expect(output).toBe('404');
    const laptop = lan.macOf('laptop').replace(/:/g, '');
    expect((await ask(`why ${laptop}`)).why.at(-1)?.rule).toBe('fetch.foreignLease');
  }, 150_000);

  /** Gives the box another address; what it tells phones and how its DHCP stands, once both are as expected or it took too long. */
  async function standsAt(address: string, standing: string | null): Promise<readonly unknown[]> {
    await lan.run('box', ['ip', 'address', 'flush', 'dev', 'lan0']);
    lan.address('box', `${address}/24`);
    let now = await ask('?');
    for (let tries = 0; tries < 200 && !(now.url?.includes(address) && now.standing === standing); tries++) {
      await new Promise((resolve) => setTimeout(resolve, 150));
      now = await ask('?');
    }
    return [now.url, now.standing];
  }

  it('goes on at another address of the box, in what it tells and in who it says it is', async () => {
    const moved = '192.168.22.3';
    // On its way it has one for which the configuration is not made.
    expect(await standsAt('192.168.99.2', null)).toEqual(['http://192.168.99.2:8080/p/', null]);
    expect(await standsAt(moved, 'serving')).toEqual([`http://${moved}:8080/p/`, 'serving']);
    // What it has was given by the server that is no more.
    await lan.run('laptop', ['ip', 'address', 'flush', 'dev', 'lan0']);
    for (let tries = 0; tries < 10; tries++) {
      if ((await lease('laptop', 'MSFT 5.0').catch(() => '')).includes(`serverid=${moved}`)) return;
      await new Promise((resolve) => setTimeout(resolve, 1_500));
    }
    throw new Error(`no lease from ${moved}`);
  }, 150_000);
});
