import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CapturedStream, tcpPcapOf } from '../../../support/pcap.ts';
import { testAuthority } from '../../../support/tls-authority.ts';
import {
  address,
  DOMAIN,
  Ear,
  PASSWORD,
  registrar,
  SERVER_NAME,
  sdpAt,
  startAgent,
  type TestAgent,
  until,
} from './agents.ts';

const CLOUD = '127.67.4.10';
const WIRE = '127.67.4.20';
const BOX = '127.67.4.30';
const USER = 'id-000001-1';

/** Secrets of every connection, as NSS writes them down: what tshark decrypts with. */
const secrets: Buffer[] = [];
const streams: { clientPort: number; serverPort: number; pieces: CapturedStream['pieces'][number][] }[] = [];
const sockets = new Set<Socket>();
const { connect: plainConnect } = tls;
let folder: string;
let wire: Server;
let cloud: TestAgent;
let box: TestAgent;

/** Stands between the two and writes down what passes. */
function startWire(): Promise<Server> {
  const server = createServer((client) => {
    const stream = {
      clientPort: client.remotePort ?? 1,
      serverPort: 5_061,
      pieces: [] as CapturedStream['pieces'][number][],
    };
    streams.push(stream);
    const onward = connect(5_061, CLOUD);
    for (const [by, from, to] of [
      ['client', client, onward],
      ['server', onward, client],
    ] as const) {
      sockets.add(from);
      from.on('data', (bytes: Buffer) => {
        stream.pieces.push({ by, bytes: Buffer.from(bytes) });
        to.write(bytes);
      });
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
  });
  return new Promise((resolve) => server.listen(5_061, WIRE, () => resolve(server)));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-tshark-'));
  const connectAndTell = (...args: Parameters<typeof plainConnect>): tls.TLSSocket => {
    const socket = plainConnect(...args);
    socket.on('keylog', (line) => secrets.push(line));
    return socket;
  };
  Object.assign(tls, { connect: connectAndTell });
  syncBuiltinESMExports();
  const authority = testAuthority();
  const { cert, key } = authority.issue(SERVER_NAME);
  wire = await startWire();
  cloud = await startAgent(CLOUD, {
    listeners: [{ transport: 'tls', host: CLOUD, port: 5_061, certPem: cert, keyPem: key }],
    registrar: registrar(),
    reliable: 'supported',
    sessionTimer: { expiresS: 1_800 },
  });
  box = await startAgent(BOX, {
    caPem: authority.caPem,
    tlsServerName: SERVER_NAME,
    reliable: 'supported',
  });
});

afterAll(async () => {
  Object.assign(tls, { connect: plainConnect });
  syncBuiltinESMExports();
  await box.agent.stop();
  await cloud.agent.stop();
  for (const socket of sockets) socket.destroy();
  wire.close();
  rmSync(folder, { recursive: true, force: true });
});

async function talk(): Promise<void> {
  const states: string[] = [];
  const registration = box.agent.register({
    registrar: address('tls', WIRE, 5_061),
    ...{ serverName: SERVER_NAME, domain: DOMAIN, expiresS: 60 },
    credentials: { user: USER, password: PASSWORD },
    onState: ({ at }) => states.push(at),
  });
  await until('registered', () => states.includes('registered'), 10_000);
  const session = box.agent.invite({
    to: address('tls', WIRE, 5_061),
    requestUri: `sip:0355550123@${DOMAIN};user=phone`,
    from: { uri: `sip:${USER}@${DOMAIN}`, display: '受付' },
    toUri: `sip:0355550123@${DOMAIN}`,
    sdp: sdpAt(BOX),
    credentials: { user: USER, password: PASSWORD },
  });
  const ear = new Ear(session);
  const { session: taken, ear: takenEar } = await cloud.call();
  taken.progress(183, sdpAt(CLOUD));
  await ear.wait('progress');
  taken.answer(sdpAt(CLOUD));
  await ear.wait('answered');
  const offers: boolean[] = [];
  session.reinvite(sdpAt(BOX, 30_002), ({ ok }) => offers.push(ok));
  (await takenEar.wait('offer')).answer(sdpAt(CLOUD, 30_004));
  await until('offer settled', () => offers.length === 1);
  taken.hangUp({ cause: 16, text: '通話終了' });
  await ear.wait('ended');
  // And one towards the box, over its own connection, that nobody takes.
  const back = cloud.agent.invite({
    to: { registration: USER },
    requestUri: `sip:${USER}@${DOMAIN}`,
    from: { uri: 'sip:anonymous@anonymous.invalid', display: 'Anonymous' },
    toUri: `sip:0355550100@${DOMAIN}`,
    sdp: sdpAt(CLOUD),
  });
  const backEar = new Ear(back);
  (await box.call()).session.reject(486, { cause: 17, text: '話中' });
  await backEar.wait('failed');
  await registration.stop();
}

test('tshark decrypts the trunk with its key log, reads every message in it, and finds nothing malformed', async () => {
  await talk();
  const [file, keys] = [join(folder, 'trunk.pcap'), join(folder, 'keys.log')];
  writeFileSync(file, tcpPcapOf(streams));
  writeFileSync(keys, Buffer.concat(secrets));
  const fields = [
    'frame.protocols',
    'sip.Method',
    'sip.Status-Code',
    'sip.Call-ID',
    '_ws.malformed',
    '_ws.expert.message',
  ];
  const text = execFileSync(
    'tshark',
    [
      ...['-r', file, '-o', `tls.keylog_file:${keys}`, '-d', 'tcp.port==5061,tls', '-T', 'fields'],
      ...fields.flatMap((field) => ['-e', field]),
      ...['-E', 'separator=|'],
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const packets = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split('|'));
  const read = (column: number): string[] =>
    packets.flatMap((packet) => packet[column]?.split(',') ?? []).filter((value) => value !== '');
  const { messagesSent } = box.agent.counters;
  expect(read(3)).toHaveLength(messagesSent + cloud.agent.counters.messagesSent);
  const all = ['ACK', 'BYE', 'INVITE', 'PRACK', 'REGISTER'];
  expect(all.filter((method) => !read(1).includes(method))).toEqual([]);
  const statuses = ['183', '200', '401', '486'];
  expect(statuses.filter((status) => !read(2).includes(status))).toEqual([]);
  expect(packets.filter(([protocols]) => protocols?.includes('tls:sip:sdp') === true).length).toBeGreaterThan(
    3,
  );
  expect(read(4)).toEqual([]);
  expect(read(5).filter((say) => say.includes('alformed'))).toEqual([]);
});
