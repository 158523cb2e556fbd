import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createSwitch, type Switch } from '../../../cloud-stub/switch/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import { runSipp, SIPP_SDP, sippScenario, sippSend } from '../../support/sipp.ts';
import { testAuthority } from '../../support/tls-authority.ts';
import { Gateway, until } from './gateway.ts';
import { ADDITIONAL, BASE, CONTRACT, MemoryBook, NUMBER, TinyDirectory } from './office.ts';

const CLOUD = '127.57.4.10';
const NETWORK = '127.57.4.20';
const BOX = '127.57.4.30';
const AT_NETWORK = ['-i', NETWORK, '-p', '5060', '-mi', NETWORK];

const authority = testAuthority();
const server = authority.issue('cloud.engawa.example');
const tls = { certPem: server.cert, keyPem: server.key };
const book = new MemoryBook([]);
let cloud: Switch;
let gateway: Gateway;

beforeAll(async () => {
  cloud = createSwitch({
    host: CLOUD,
    tls,
    carrier: { host: NETWORK, port: 5060 },
    realm: 'engawa.example',
    domain: 'engawa.example',
    directory: new TinyDirectory(),
    book,
    clock: systemClock,
    random: systemRandom,
    log: silentLog(),
    limits: { silentMs: 1_500 },
  });
  await cloud.start();
  gateway = new Gateway(BOX, { host: CLOUD, port: 5061 }, authority.caPem);
  await gateway.start([BASE, ADDITIONAL]);
});

afterAll(async () => {
  await gateway.agent.stop();
  await cloud.stop();
});

afterEach(async () => {
  await until(() => cloud.figures().calls === 0, 'the end of every call');
  await until(() => [...book.rows.values()].every((row) => row.end !== undefined), 'the end of every record');
  expect(cloud.live.busyChannels(CONTRACT)).toBe(0);
});

const request = (method: string, cseq: number, branch: string, to: string, body = ''): string =>
  `${method} sip:${NUMBER}@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=${branch}
From: "sipp" <sip:0311112222@[local_ip]>;tag=[pid]n[call_number]
To: <sip:${NUMBER}@[remote_ip]>${to}
Call-ID: [call_id]
CSeq: ${cseq} ${method}
Contact: <sip:network@[local_ip]:[local_port]>
Max-Forwards: 70
${body === '' ? 'Content-Length: 0\n' : `Content-Type: application/sdp\nContent-Length: [len]\n\n${body}`}`;

const response = (line: string, body = ''): string =>
  `SIP/2.0 ${line}
[last_Via:]
[last_From:]
[last_To:];tag=[pid]n[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:network@[local_ip]:[local_port]>
${body === '' ? 'Content-Length: 0\n' : `Content-Type: application/sdp\nContent-Length: [len]\n\n${body}`}`;

const expectHeader = (name: string, regexp: string): string =>
  `<action><ereg regexp="${regexp}" search_in="hdr" header="${name}:" check_it="true" assign_to="1"/></action>`;

describe('the switch against sipp as the telephone network', () => {
  it('takes a call in, answers a hold and a resume inside it, and takes the BYE', async () => {
    const held = `${SIPP_SDP}\na=sendonly`;
    const scenario = sippScenario('call in with hold', [
      sippSend(request('INVITE', 1, '[branch]', '', SIPP_SDP), 'retrans="500"'),
      '<recv response="100" optional="true"/>',
      '<recv response="180" optional="true"/>',
      '<recv response="200"/>',
      sippSend(request('ACK', 1, '[branch]', '[peer_tag_param]')),
      '<pause milliseconds="200"/>',
      sippSend(request('INVITE', 2, '[branch]', '[peer_tag_param]', held), 'retrans="500"'),
      '<recv response="100" optional="true"/>',
      `<recv response="200"><action><ereg regexp="a=recvonly" search_in="body" check_it="true" assign_to="1"/></action></recv>`,
      sippSend(request('ACK', 2, '[branch]', '[peer_tag_param]')),
      // Held for longer than a silent call may last.
      '<pause milliseconds="2600"/>',
      sippSend(request('INVITE', 3, '[branch]', '[peer_tag_param]', SIPP_SDP), 'retrans="500"'),
      '<recv response="100" optional="true"/>',
      `<recv response="200"><action><ereg regexp="a=sendrecv" search_in="body" check_it="true" assign_to="1"/></action></recv>`,
      '<Reference variables="1"/>',
      sippSend(request('ACK', 3, '[branch]', '[peer_tag_param]')),
      '<pause milliseconds="200"/>',
      sippSend(request('BYE', 4, '[branch]', '[peer_tag_param]'), 'retrans="500"'),
      '<recv response="200"/>',
    ]);
    const sipp = await runSipp([...AT_NETWORK, `${CLOUD}:5060`], scenario);
    const phone = await gateway.rung(BASE);
    phone.session.progress(180);
    // Nobody plays anything: only the hold keeps this call from being ended as silent.
    phone.session.answer(
      `v=0\r\no=- 1 1 IN IP4 ${BOX}\r\ns=-\r\nc=IN IP4 ${BOX}\r\nt=0 0\r\nm=audio ${phone.voice.port} RTP/AVP 0\r\n`,
    );
    expect(await sipp.done).toMatchObject({ code: 0 });
    expect(await phone.event('ended')).toMatchObject({ by: 'peer' });
    await until(() => book.last().end !== undefined, 'the record');
    expect(book.last()).toMatchObject({
      start: { from: '0311112222', direction: 'in' },
      end: { end: 'answeredThenCallerHungUp' },
    });
  });

  it('calls out with early media passed on, and ends the call when no side sends audio', async () => {
    const scenario = sippScenario('call out', [
      `<recv request="INVITE">${expectHeader('P-Asserted-Identity', `sip:${NUMBER}@`)}</recv>`,
      '<Reference variables="1"/>',
      sippSend(response('183 Session Progress', SIPP_SDP)),
      '<pause milliseconds="300"/>',
      sippSend(response('200 OK', SIPP_SDP), 'retrans="500"'),
      '<recv request="ACK"/>',
      `<recv request="BYE">${expectHeader('Reason', 'Q.850')}</recv>`,
      sippSend(response('200 OK').replace(';tag=[pid]n[call_number]', '')),
    ]);
    const sipp = await runSipp(AT_NETWORK, scenario);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const call = await gateway.call(BASE, '0311112222', 1_300);
    const early = await call.event('progress');
    expect(early.status).toBe(183);
    expect(early.sdp).toContain(`c=IN IP4 ${CLOUD}`);
    expect(early.sdp).not.toContain(NETWORK);
    await call.event('answered');
    call.voice.close();
    expect(await call.event('ended')).toMatchObject({ by: 'peer' });
    expect(await sipp.done).toMatchObject({ code: 0 });
    await until(() => book.last().end !== undefined, 'the record');
    expect(book.last().end).toMatchObject({ end: 'interrupted' });
  });

  it('takes a CANCEL from the network and stops every phone', async () => {
    const scenario = sippScenario('caller gives up', [
      sippSend(request('INVITE', 1, '[branch]', '', SIPP_SDP), 'retrans="500"'),
      '<recv response="100" optional="true"/>',
      '<recv response="180"/>',
      sippSend(request('CANCEL', 1, '[branch-3]', '')),
      '<recv response="200"/>',
      '<recv response="487"/>',
      sippSend(request('ACK', 1, '[branch-6]', '[peer_tag_param]')),
    ]);
    const sipp = await runSipp([...AT_NETWORK, `${CLOUD}:5060`], scenario);
    const [one, two] = await Promise.all([gateway.rung(BASE), gateway.rung(ADDITIONAL)]);
    one.session.progress(180);
    await Promise.all([one.event('cancelled'), two.event('cancelled')]);
    expect(await sipp.done).toMatchObject({ code: 0 });
  });

  it('tells the network nothing about rules or addresses in a refusal', async () => {
    const scenario = sippScenario('refused', [
      sippSend(
        request('INVITE', 1, '[branch]', '', SIPP_SDP).replaceAll(NUMBER, '0399999999'),
        'retrans="500"',
      ),
      '<recv response="100" optional="true"/>',
      `<recv response="404">
        <action>
          <ereg regexp="Q.850;cause=1" search_in="hdr" header="Reason:" check_it="true" assign_to="1"/>
          <ereg regexp="X-Engawa" search_in="msg" check_it_inverse="true" assign_to="1"/>
        </action>
      </recv>`,
      '<Reference variables="1"/>',
      sippSend(request('ACK', 1, '[branch-3]', '[peer_tag_param]')),
    ]);
    const sipp = await runSipp([...AT_NETWORK, `${CLOUD}:5060`], scenario);
    expect(await sipp.done).toMatchObject({ code: 0 });
  });
});
