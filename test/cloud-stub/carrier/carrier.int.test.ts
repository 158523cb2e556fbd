import { createSocket } from 'node:dgram';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Carrier } from '../../../cloud-stub/carrier/carrier.ts';
import { CarrierControl } from '../../../cloud-stub/carrier/control-client.ts';
import { CarrierControlled } from '../../../cloud-stub/carrier/controlled.ts';
import { ControlSocket } from '../../../cloud-stub/foreign/control-socket.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { StartupError } from '../../../lib/base/errors.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import { runSipp, SIPP_SDP, sippScenario, sippSend } from '../../support/sipp.ts';

const CARRIER = '127.57.1.20';
const TRUNK = '127.57.1.10';
const AT_TRUNK = ['-i', TRUNK, '-p', '5060', '-mi', TRUNK];

const invite = sippSend(
  `INVITE sip:[service]@[remote_ip]:[remote_port];user=phone SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: <sip:0355550100@[local_ip]>;tag=[pid]a[call_number]
To: <sip:[service]@[remote_ip]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:switch@[local_ip]:[local_port]>
P-Asserted-Identity: <sip:0355550100@[local_ip]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

${SIPP_SDP}`,
  'retrans="500"',
);
const follow = (method: string, cseq: number, branch: string): string =>
  `${method} sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=${branch}
From: <sip:0355550100@[local_ip]>;tag=[pid]a[call_number]
To: <sip:[service]@[remote_ip]>[peer_tag_param]
Call-ID: [call_id]
CSeq: ${cseq} ${method}
Max-Forwards: 70
Content-Length: 0
`;

/** Calls and expects a refusal. */
const refused = (status: number, reason: string): string =>
  sippScenario('refused', [
    invite,
    `<recv response="180" optional="true"/>`,
    `<recv response="${status}"><action><ereg regexp="${reason}" search_in="hdr" header="Reason:" check_it="true" assign_to="1"/></action></recv>`,
    '<Reference variables="1"/>',
    sippSend(follow('ACK', 1, '[branch-3]')),
  ]);

let folder = '';
let carrier: Carrier;
let server: ControlSocket;
let control: CarrierControl;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engawa-carrier-'));
  carrier = makeCarrier();
  await carrier.start();
  server = new ControlSocket(new CarrierControlled(carrier, systemClock), silentLog());
  await server.start(join(folder, 'control'));
  control = await CarrierControl.connect(join(folder, 'control'));
});

afterAll(async () => {
  control.close();
  await server.stop();
  await carrier.stop();
  await rm(folder, { recursive: true, force: true });
});

function makeCarrier(): Carrier {
  return new Carrier({
    host: CARRIER,
    port: 5060,
    trunk: { host: TRUNK, port: 5060 },
    simulateEmergency: false,
    clock: systemClock,
    random: systemRandom,
    log: silentLog(),
  });
}

async function lastCall() {
  const call = (await control.calls()).at(-1);
  if (call === undefined) throw new Error('no call');
  return call;
}

describe('the carrier simulator against sipp', () => {
  it('answers a call and takes its BYE', async () => {
    const sipp = await runSipp([
      '-sn',
      'uac',
      '-s',
      '0355550150',
      '-d',
      '300',
      ...AT_TRUNK,
      `${CARRIER}:5060`,
    ]);
    expect((await sipp.done).code).toBe(0);
    const call = await lastCall();
    expect(call).toMatchObject({ to: '0355550150', state: 'ended', endedBy: 'trunk' });
    expect(call.history.map((entry) => entry.state)).toEqual(['calling', 'ringing', 'answered', 'ended']);
  });

  it.each([
    ['0355550199', 486, 'cause=17'],
    ['0355550404', 404, 'cause=1;'],
    ['0312345678', 404, 'cause=1;'],
    ['119', 403, 'cause=21'],
  ])('refuses %s with %i and a Q.850 reason', async (number, status, reason) => {
    const sipp = await runSipp(['-s', number, ...AT_TRUNK, `${CARRIER}:5060`], refused(status, reason));
    expect(await sipp.done).toMatchObject({ code: 0 });
    expect(await lastCall()).toMatchObject({ to: number, state: 'ended', endedBy: 'carrier', status });
  });

  it('ends a ringing call with 487 when the caller cancels', async () => {
    const cancel = sippScenario('cancel', [
      invite,
      '<recv response="180"/>',
      '<pause milliseconds="200"/>',
      sippSend(follow('CANCEL', 1, '[branch-3]').replace('[peer_tag_param]', '')),
      '<recv response="200"/>',
      '<recv response="487"/>',
      sippSend(follow('ACK', 1, '[branch-6]')),
    ]);
    const sipp = await runSipp(['-s', '0355550180', ...AT_TRUNK, `${CARRIER}:5060`], cancel);
    expect(await sipp.done).toMatchObject({ code: 0 });
    expect(await lastCall()).toMatchObject({ state: 'ended', endedBy: 'trunk', status: 487 });
  });

  it('calls in, plays the asked tone, hears it come back, and hangs up', async () => {
    const sipp = await runSipp(['-sn', 'uas', '-rtp_echo', '-mp', '6200', ...AT_TRUNK]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const call = await control.call({ from: '09087654321', to: '0355550100', hz: 950 });
    await control.wait(call, 'answered', 30_000);
    const heard = await control.hear(call, 600);
    expect(Math.abs((heard.tones[0]?.hz ?? 0) - 950)).toBeLessThan(6);
    await control.hangUp(call);
    expect((await sipp.done).code).toBe(0);
    expect(await control.state(call)).toMatchObject({ state: 'ended', endedBy: 'carrier' });
    await expect(control.hear(call, 100)).rejects.toThrow('no audio now: it is ended by the carrier');
  });

  it('says why a request on the control socket is refused', async () => {
    await expect(control.call({ from: '1', to: '119', hz: 700 })).rejects.toThrow('carrier.emergency');
    await expect(control.call({ from: 'x', to: '0355550100', hz: 700 })).rejects.toThrow('carrier.badNumber');
    await expect(control.state('k-none')).rejects.toThrow('carrier.noCall');
  });

  it('serves nobody but the trunk', async () => {
    const stranger = createSocket('udp4');
    const answer = new Promise<string>((resolve) =>
      stranger.once('message', (data) => resolve(data.toString('latin1'))),
    );
    stranger.bind({ address: '127.57.1.99', port: 5060 }, () => {
      const request = [
        `OPTIONS sip:${CARRIER} SIP/2.0`,
        'Via: SIP/2.0/UDP 127.57.1.99:5060;branch=z9hG4bKstranger',
        'From: <sip:x@127.57.1.99>;tag=1',
        `To: <sip:${CARRIER}>`,
        'Call-ID: stranger',
        'CSeq: 1 OPTIONS',
        'Content-Length: 0',
        '',
        '',
      ].join('\r\n');
      stranger.send(request, 5060, CARRIER);
    });
    expect(await answer).toContain('SIP/2.0 403');
    stranger.close();
  });

  it('says in one sentence that its port is taken', async () => {
    await expect(makeCarrier().start()).rejects.toThrow(StartupError);
    await expect(makeCarrier().start()).rejects.toThrow(/127\.57\.1\.20:5060\/udp \(EADDRINUSE\)/);
  });
});
