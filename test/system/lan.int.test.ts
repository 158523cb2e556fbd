import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallView } from '../../cloud-stub/store/index.ts';
import { shareOfTone } from '../../scripts/demo/hearing.ts';
import { Stage } from '../../scripts/demo/stage.ts';
import { whyNoLan } from '../../scripts/lab/lan.ts';
import type { PhoneClient } from '../../scripts/lab/phone-client.ts';
import { LanBaresip } from '../support/lan-baresip.ts';
import { LanOffice } from '../support/lan-office.ts';
import { udhcpcLease } from '../support/udhcpc.ts';

const why = whyNoLan();
if (why !== undefined) process.stderr.write(`The office with desk phones is not tested: ${why}\n`);

const BARESIP_HZ = 620;
const OUTSIDE = '0355550150';
const OUTSIDE_HZ = 700;

describe.skipIf(why !== undefined)('a whole office with desk phones on its LAN', () => {
  let office: LanOffice;
  let stage: Stage;
  let grandstream: PhoneClient;
  let panasonic: PhoneClient;
  const sinceMs = Date.now();

  beforeAll(async () => {
    office = await LanOffice.start('127.64.1', 'lan');
    for (const host of ['baresip', 'client', 'load']) office.lan.join(host);
    stage = await Stage.open(office.layout);
    const [first, second] = await office.handsets();
    if (first === undefined || second === undefined) throw new Error('two phones');
    [grandstream, panasonic] = [first, second];
    await office.bothRegistered(50_000);
  });
  afterAll(async () => {
    stage?.close();
    for (const phone of [grandstream, panasonic]) phone?.close();
    await office?.end();
  });

  const hears = (
    what: string,
    hear: (ms: number) => Promise<Parameters<typeof shareOfTone>[0]>,
    hz: number,
  ) => office.until(what, async () => shareOfTone(await hear(400), hz) >= 0.7, 30_000);

  /** Line 1 rings after `call`: its bell is on for a third of the time only, and who looks seldom would never see it so. */
  const line1Rings = async (call: () => unknown): Promise<void> => {
    const last = async (): Promise<number> => {
      const { history } = await stage.phones.ringing(1);
      return history.findLast(({ on }) => on)?.atMs ?? 0;
    };
    const before = await last();
    await call();
    await office.until('line 1 rings', async () => (await last()) > before);
  };

  it('baresip with a phone’s credentials, typed in by hand, talks to a phone, a line and the outside', async () => {
    office.lan.cable('phone-2', false);
    const address = `${office.range}.60`;
    office.lan.address('baresip', `${address}/24`);
    const folder = join(office.layout.state, 'baresip');
    const password = passwordOf(join(office.layout.state, 'phones', 'phone-2'));
    const registrar = `${office.range}.1`;
    const typed = { host: 'baresip', folder, address, registrar, user: '22', password, hz: BARESIP_HZ };
    const baresip = LanBaresip.start(office.lan, typed);
    await office.until('baresip is registered', async () => baresip.output.includes('200 OK'), 30_000);

    baresip.type('/dial 21');
    await grandstream.wait('ringing', 30_000);
    await grandstream.answer();
    await grandstream.speak(540);
    await hears('the phone hears baresip', (ms) => grandstream.hear(ms), BARESIP_HZ);
    await office.until('baresip hears the phone', async () => baresip.share(540, 300) > 0.8, 30_000);
    baresip.type('/hangup');
    await grandstream.wait('idle', 30_000);

    await line1Rings(() => baresip.type('/dial 11'));
    await stage.phones.lift(1);
    await hears('the line hears baresip', (ms) => stage.hear(1, ms), BARESIP_HZ);
    await stage.phones.hangUp(1);

    baresip.type(`/dial ${OUTSIDE}`);
    const call = await stage.answeredCall(OUTSIDE, 30_000);
    await hears('the far side hears baresip', (ms) => stage.carrierHears(call?.call ?? '', ms), BARESIP_HZ);
    await office.until('baresip hears it', async () => baresip.share(OUTSIDE_HZ, 300) > 0.8, 30_000);
    baresip.type('/quit');
    await stage.carrier.wait(call?.call ?? '', 'ended', 30_000);
    office.lan.cable('phone-2', true);
  });

  it('keys pressed at a line are told to a desk phone beside the sound, and its keys sound at the line', async () => {
    await grandstream.wait('registered', 30_000);
    await office.until('every call is over', async () => {
      const { calls, lines } = await office.status();
      return calls.now === 0 && lines.every(({ state }) => state === 'onHook');
    });
    await line1Rings(() => grandstream.ask('dial', { to: '11' })).catch(async (error: unknown) => {
      throw new Error(`${String(error)}\nthe phone: ${JSON.stringify(await grandstream.state())}`);
    });
    await stage.phones.lift(1);
    await grandstream.wait('talking', 30_000);
    await stage.phones.dial(1, '74', 'dtmf');
    await office.until('the keys are heard', async () => (await grandstream.ask('heardDigits', {})) === '74');
    const [{ windows }] = await Promise.all([
      stage.phones.hear(1, 2_500),
      grandstream.ask('dtmf', { digits: '5555' }),
    ]);
    const five = windows.filter(({ hz }) => Math.min(Math.abs(hz - 770), Math.abs(hz - 1_336)) < 25);
    expect(five.length).toBeGreaterThan(1);
    await stage.phones.hangUp(1);
    await grandstream.wait('idle', 30_000);
  });

  it('udhcpc and dhclient are given addresses; dhclient takes its own up again when it comes back', async () => {
    const box = `${office.range}.1`;
    expect(await udhcpcLease(office.lan, 'client')).toMatchObject({ server: box });
    const first = await dhclient(office);
    expect(first.given).toEqual([expect.stringMatching(/\.1\d\d$/), box]);
    const again = await dhclient(office);
    expect(again.given).toEqual(first.given);
    expect(again.output).not.toContain('DHCPDISCOVER');
  });

  it('an agent killed in a phone call and in lease traffic loses no lease; the phones come back and talk', async () => {
    for (const phone of [grandstream, panasonic]) await phone.wait('registered', 30_000);
    await office.bothRegistered();
    const capture = office.lan.start('load', [
      ...['tshark', '-Q', '-i', 'lan0', '-n', '-l', '-f', 'udp src port 67', '-T', 'fields'],
      ...['-e', 'dhcp.option.dhcp', '-e', 'dhcp.ip.your'],
    ]);
    let seen = '';
    capture.stdout?.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
    });
    office.lan.address('load', `${office.range}.61/24`);
    await panasonic.ask('dial', { to: '21' });
    await grandstream.wait('ringing', 30_000);
    await grandstream.answer();
    await panasonic.wait('talking', 30_000);
    const kept = await udhcpcLease(office.lan, 'client');
    const load = office.lan.start('load', [
      ...[
        'perfdhcp',
        '-4',
        '-r',
        '30',
        '-R',
        '60',
        '-p',
        '4',
        '-l',
        `${office.range}.61`,
        `${office.range}.1`,
      ],
    ]);
    await office.until('leases are given', async () => acknowledged(seen).length > 10);
    office.killAgent();
    await office.until('the agent is gone', async () => (await office.status().catch(() => null)) === null);
    const given = acknowledged(seen);
    load.kill('SIGKILL');
    capture.kill('SIGKILL');
    await office.until('the agent is back', async () => (await office.leases()).length > 0);
    const held = new Set(
      (await office.leases()).filter(({ state }) => state === 'bound').map(({ address }) => address),
    );
    expect(given.filter((address) => !held.has(address))).toEqual([]);
    expect(held.has(kept.address)).toBe(true);

    for (const phone of [grandstream, panasonic]) await phone.hangUp().catch(() => {});
    await office.bothRegistered(40_000);
    await panasonic.wait('idle', 30_000);
    await grandstream.wait('idle', 30_000);
    await panasonic.ask('dial', { to: '21' });
    await grandstream.wait('ringing', 30_000);
    await grandstream.answer();
    await grandstream.speak(540);
    await hears('they talk again', (ms) => panasonic.hear(ms), 540);
    await panasonic.hangUp();
    await grandstream.wait('idle', 30_000);
    await office.until('every call is on record and over', async () => {
      const answer = await stage.cloud(`/contracts/c-000001/records?since=${sinceMs}`);
      const { records } = answer as { records: readonly CallView[] };
      const boxes = records.flatMap((record) => record.boxes);
      const twice = new Set(boxes.map(({ record }) => record)).size !== boxes.length;
      return records.length === 6 && !twice && boxes.every(({ endedAt }) => endedAt !== null);
    });
  });
});

/** dhclient until it has an address: which one and from whom, and all that it says. */
async function dhclient(
  office: LanOffice,
): Promise<{ readonly given: readonly string[]; readonly output: string }> {
  const [leases, pid] = ['leases', 'pid'].map((name) => join(office.layout.state, `dhclient.${name}`));
  const files = ['-lf', leases ?? '', '-pf', pid ?? ''];
  const child = office.lan.start('load', [
    'dhclient',
    '-4',
    '-v',
    '-d',
    '-sf',
    '/bin/true',
    ...files,
    'lan0',
  ]);
  let output = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await office.until('dhclient has an address', async () => output.includes('bound to'));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
  return { given: /DHCPACK of (\S+) from (\S+)/.exec(output)?.slice(1) ?? [], output };
}

/** What the phone was given at its first contact; who stands before it could read it off its web page then. */
function passwordOf(folder: string): string {
  const text = readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
  const found = /SIP_PASS_1\W+([A-Za-z0-9]+)/.exec(text)?.[1];
  if (found === undefined) throw new Error('the phone has no password');
  return found;
}

/** Addresses of the ACKs (message type 5) among lines of type and address. */
function acknowledged(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.split('\t'))
    .flatMap(([type, address]) => (type === '5' && address !== undefined ? [address] : []));
}
