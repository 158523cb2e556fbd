import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PhoneLine } from '../../cloud-stub/api/index.ts';
import type { AppCallView } from '../../cloud-stub/apps/index.ts';
import type { CallView, CommandView } from '../../cloud-stub/store/index.ts';
import { everyWindow, shareOfTone } from '../../scripts/demo/hearing.ts';
import { OFFICE_NUMBER, Stage } from '../../scripts/demo/stage.ts';
import { whyNoLan } from '../../scripts/lab/lan.ts';
import type { PhoneClient } from '../../scripts/lab/phone-client.ts';
import { requestJson } from '../../scripts/launch/http-over-unix.ts';
import { giveOrders } from '../../scripts/launch/lan-order.ts';
import { runCli } from '../agent/cli/run-cli.ts';
import { LanOffice } from '../support/lan-office.ts';
import { OfficeApp } from '../support/office-app.ts';
import { malformed, tshark } from '../support/tshark.ts';
import { udhcpcLease } from '../support/udhcpc.ts';
import { untar } from '../support/untar.ts';

const why = whyNoLan();
if (why !== undefined) process.stderr.write(`Desk phones and apps are not tested together: ${why}\n`);

const CONTRACT = 'c-000001';
const APP = 'id-000001-6';
const [APP_HZ, DESK_HZ, CALLER_HZ] = [620, 540, 880];

describe.skipIf(why !== undefined)('desk phones and an app of one office', () => {
  let office: LanOffice;
  let stage: Stage;
  let desk: PhoneClient;
  let app: OfficeApp;
  const sinceMs = Date.now();

  beforeAll(async () => {
    office = await LanOffice.start('127.65.1', 'apps');
    stage = await Stage.open(office.layout);
    const [first, second] = await office.handsets();
    if (first === undefined) throw new Error('no desk phone');
    desk = first;
    second?.close();
    const id = { id: APP, device: 'mobile', extension: '31', label: '店主' };
    const device = { id: 'mobile', model: 'app' };
    await giveOrders(office.layout, [{ kind: 'addId', id, device, rungBy: [OFFICE_NUMBER] }]);
    await office.bothRegistered(50_000);
    await office.until('the box knows the extension of the app', async () => {
      const { config } = (await requestJson(office.layout.sockets.agent, 'GET', '/v1/config')) as {
        config: { elsewhere?: readonly { extension: string }[] } | null;
      };
      return config?.elsewhere?.some(({ extension }) => extension === '31') === true;
    });
    app = await OfficeApp.start(office.layout, office.pid, CONTRACT, APP);
  }, 150_000);
  afterAll(async () => {
    app?.end();
    stage?.close();
    desk?.close();
    await office?.end();
  });

  const appCall = async (what: string, is: (view: AppCallView) => boolean): Promise<AppCallView> => {
    let found: AppCallView | undefined;
    await office.until(
      what,
      async () => {
        found = (await app.control.calls()).findLast(is);
        return found !== undefined;
      },
      10_000,
    );
    if (found === undefined) throw new Error(what);
    return found;
  };
  const appHears = (call: string, hz: number) =>
    office.until(
      `the app hears ${hz} Hz`,
      async () => shareOfTone(everyWindow((await app.control.hear(call, 400)).windows, 400), hz) >= 0.7,
      8_000,
    );
  const hears = (what: string, hear: (ms: number) => ReturnType<PhoneClient['hear']>, hz: number) =>
    office.until(what, async () => shareOfTone(await hear(400), hz) >= 0.7, 30_000);
  const idle = async () => {
    await desk.wait('idle', 30_000);
    await office.until('no call is left', async () => (await office.status()).calls.now === 0);
  };

  it('are seen from the cloud, which opens a window and changes one key of one phone [S0-176]', async () => {
    const seen = async () => {
      const { phones } = (await stage.cloud(`/contracts/${CONTRACT}/phones`)) as { phones: PhoneLine[] };
      return phones.map(({ fact }) => fact);
    };
    await office.until('the cloud sees both phones registered', async () =>
      (await seen()).every((fact) => fact?.registered === true && fact.state === 'registered'),
    );
    const setUpAt = (await seen())[0]?.setUpAt ?? 0;
    const command = { do: 'approvePhone', mac: 'c074ad000001', minutes: 5 };
    await requestJson(office.layout.sockets.cloud, 'POST', '/gateways/gw-000001/commands', command);
    // It fetches at once, and registers with the new password; that closes its window.
    await office.until('the phone has a new password', async () => {
      const [fact] = await seen();
      return (fact?.setUpAt ?? 0) > setUpAt && fact?.state === 'registered' && fact.windowUntil === null;
    });
    const told = (await stage.cloud(`/contracts/${CONTRACT}/commands`)) as { commands: CommandView[] };
    expect(told.commands).toMatchObject([{ command, by: 'operator', result: { ok: true } }]);
    let before: Awaited<ReturnType<typeof seen>> = [];
    await office.until('the phones are at rest', async () => {
      const then = JSON.stringify(before);
      before = await seen();
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      return JSON.stringify(before) === then;
    });
    const to = { does: 'dial', number: '117', label: '時報' };
    await giveOrders(office.layout, [{ kind: 'changeKey', id: 'id-000001-5', key: 4, to }]);
    await office.until('the changed phone has fetched', async () => {
      const after = await seen();
      return after[1]?.lastFetch?.at !== before[1]?.lastFetch?.at && after[1]?.state === 'registered';
    });
    expect((await seen())[0]?.lastFetch?.at).toBe(before[0]?.lastFetch?.at);
  }, 150_000);

  it('call each other by extension, as internal calls [S0-082] [S0-050]', async () => {
    await desk.dial('31');
    const ringing = await appCall(
      'the app rings',
      ({ state, direction }) => state === 'ringing' && direction === 'in',
    );
    await app.control.answer(ringing.call, APP_HZ);
    await desk.wait('talking', 30_000);
    await desk.speak(DESK_HZ);
    await hears('the desk phone hears the app', (ms) => desk.hear(ms), APP_HZ);
    await appHears(ringing.call, DESK_HZ);
    await desk.hangUp();
    await idle();
    const call = await app.control.call('21', APP_HZ);
    await desk.wait('ringing', 30_000);
    await desk.answer();
    await appHears(call, DESK_HZ);
    await app.control.hangUp(call);
    await idle();
  });

  it('ring together for the office’s number, the desk phone first, and one answers [S0-078] [S0-080]', async () => {
    const call = await stage.carrier.call({ from: '0312340001', to: OFFICE_NUMBER, hz: CALLER_HZ });
    await desk.wait('ringing', 30_000);
    expect((await app.control.calls()).filter(({ state }) => state === 'ringing')).toEqual([]);
    const late = await appCall('the app rings too', ({ state }) => state === 'ringing');
    await desk.answer();
    await stage.carrier.wait(call, 'answered', 30_000);
    await appCall('the app is let go', (view) => view.call === late.call && view.state === 'ended');
    await stage.carrier.hangUp(call);
    await idle();
  });

  it('hand a call from the desk phone to the app: parked there, taken here [S0-081]', async () => {
    const call = await stage.carrier.call({ from: '0312340001', to: OFFICE_NUMBER, hz: CALLER_HZ });
    await desk.wait('ringing', 30_000);
    await desk.answer();
    await stage.carrier.wait(call, 'answered', 30_000);
    await hears('the desk phone hears the caller', (ms) => desk.hear(ms), CALLER_HZ);
    expect(await desk.ask('transfer', { to: '*72' })).toEqual({ status: 200 });
    await desk.wait('idle', 30_000);
    const taken = await app.control.call('*72', APP_HZ);
    await appHears(taken, CALLER_HZ);
    await hears('the caller hears the app', (ms) => stage.carrierHears(call, ms), APP_HZ);
    await app.control.hangUp(taken);
    await stage.carrier.wait(call, 'ended', 30_000);
    await idle();
  });

  it('are watched in a call: traced to a file and recorded, as tshark reads it, and no secret in it', async () => {
    const { state } = office.layout;
    const file = join(state, 'call.pcapng');
    const ended = new AbortController();
    const own = (...argv: readonly string[]) =>
      runCli([...argv, '--state', state], { now: Date.now(), signal: ended.signal });
    expect((await own('capture', 'start')).code).toBe(0);
    const tracing = own('trace', 'sip', 'rtp', 'dhcp', 'mqtt', '--file', file, '--json');
    await office.until('the trace runs', async () => existsSync(file));
    office.lan.join('traced');
    const lease = await udhcpcLease(office.lan, 'traced');
    await stage.phones.lift(1);
    await stage.phones.dial(1, '31', 'dtmf');
    const ringing = await appCall(
      'the app rings',
      ({ state: is, direction }) => is === 'ringing' && direction === 'in',
    );
    await app.control.answer(ringing.call, APP_HZ);
    await appHears(ringing.call, 400).catch(() => undefined);
    await stage.phones.hangUp(1);
    await idle();
    const bundle = join(state, 'bundle.tar.gz');
    expect((await own('capture', 'save', bundle)).code).toBe(0);
    ended.abort();
    const { code, out } = await tracing;
    expect([code, JSON.parse(out)]).toMatchObject([0, { trace: { lost: { rate: 0, slow: 0, media: 0 } } }]);

    expect(await malformed(file)).toBe('');
    const fields = [
      '-T',
      'fields',
      '-e',
      '_ws.col.Protocol',
      '-e',
      '_ws.col.Source',
      '-e',
      '_ws.col.Info',
      '-e',
      'frame.comment',
    ];
    const lines = (await tshark(file, ...fields)).split('\n');
    const seen = (...texts: readonly string[]) =>
      lines.filter((line) => texts.every((text) => line.includes(text)));
    const invite = seen('SIP/SDP', 'Request: INVITE sip:31@', 'line 1, call ');
    expect(invite.length).toBeGreaterThan(0);
    expect(seen('SIP', 'Status: 200 OK (BYE)').length).toBeGreaterThan(0);
    expect(seen('RTP\t', 'G.711 PCMU', 'line 1').length).toBeGreaterThan(20);
    expect(seen('DHCP', 'Request').length).toBeGreaterThan(0);
    expect(seen('DHCP', 'DHCP ACK').length).toBeGreaterThan(0);
    expect(lease.address).toMatch(/^192/);
    expect(seen('MQTT', 'Publish Message').length).toBeGreaterThan(0);
    const ends = await tshark(
      file,
      '-Y',
      'sip.Method == "INVITE"',
      '-T',
      'fields',
      '-e',
      'exported_pdu.ipv4_dst',
      '-e',
      'exported_pdu.dst_port',
    );
    expect(ends).toContain('\t5061');
    const proofs = await tshark(
      file,
      '-Y',
      'sip.auth.digest.response',
      '-T',
      'fields',
      '-e',
      'sip.auth.digest.response',
    );
    expect(
      proofs
        .trim()
        .split('\n')
        .every((proof) => /^"?\*+"?$/.test(proof)),
    ).toBe(true);

    const files = untar(readFileSync(bundle));
    expect([...files.keys()].sort()).toEqual(
      expect.arrayContaining(['about', 'calls', 'status'].map((name) => `engawa-capture/${name}.json`)),
    );
    const wav = files.get('engawa-capture/line-1.wav');
    expect(wav?.toString('latin1', 0, 4)).toBe('RIFF');
    expect(wav?.length).toBeGreaterThan(8_000);
    expect(files.get('engawa-capture/log/agent.log')?.length).toBeGreaterThan(100);
    const messages = join(state, 'messages.pcapng');
    writeFileSync(messages, files.get('engawa-capture/messages.pcapng') ?? '');
    expect(await malformed(messages)).toBe('');
    expect(
      (await tshark(messages, '-q', '-z', 'rtp,streams')).split('\n').filter((line) => line.includes('g711U'))
        .length,
    ).toBeGreaterThan(1);
  }, 60_000);

  it('hand a call from the app to the desk phone: parked there, taken here [S0-081]', async () => {
    const out = await app.control.call('0355550150', APP_HZ);
    await appHears(out, 700);
    expect(await app.control.hold(out, true)).toBe(200);
    await app.control.call('*73', APP_HZ);
    await appCall('the app is free', ({ call, state }) => call === out && state === 'ended');
    await desk.dial('*73');
    await desk.wait('talking', 30_000);
    await hears('the desk phone hears the far side', (ms) => desk.hear(ms), 700);
    await desk.hangUp();
    await idle();
  });

  it('every call is on record, and only what went outside costs: one call out, once', async () => {
    let records: readonly CallView[] = [];
    await office.until('the records are joined', async () => {
      const answer = await stage.cloud(`/contracts/${CONTRACT}/records?since=${sinceMs}`);
      records = (answer as { records: readonly CallView[] }).records;
      return records.length >= 8 && records.every(({ charge }) => charge !== null);
    });
    const paid = records.filter(({ charge }) => (charge?.amountMicroYen ?? 0) > 0);
    expect(paid.map((record) => record.switch?.to)).toEqual(['0355550150']);
    const differing = records.flatMap((record) =>
      record.boxes.flatMap(({ discrepancy }) => discrepancy ?? []),
    );
    expect(differing).toEqual([]);
  });
});
