import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CaptureFormat,
  fileEnd,
  fileHead,
  filePacket,
  formatOf,
  masked,
  type Traced,
} from '../../../agent/trace/index.ts';
import { tshark } from '../../support/tshark.ts';
import { DISCOVER, INVITE, mqtt, rtpPacket, traced } from './messages.ts';

const LAN = {
  transport: 'udp',
  direction: 'in',
  local: { host: '192.168.20.2', port: 5_060 },
  remote: { host: '192.168.20.5', port: 5_060 },
  whose: { phone: 'c074ad000001' },
} as const;
const SIX = { local: { host: '2001:db8::2', port: 40_001 }, remote: { host: '2001:db8::1', port: 8_883 } };
const MEDIA = { local: { host: '127.62.0.30', port: 16_384 }, remote: { host: '127.62.0.10', port: 23_802 } };
const MESSAGES: readonly Traced[] = [
  traced({ kind: 'sip', bytes: INVITE, whose: { line: 1, call: 'k1' } }),
  traced({ kind: 'sip', bytes: INVITE, ...LAN }),
  traced({ kind: 'sip', bytes: INVITE, transport: 'tcp', ...SIX }),
  ...Array.from({ length: 5 }, (_, at) =>
    // The INVITE above offers SRTP: what is decrypted must not be taken for encrypted.
    traced({ kind: 'rtp', carries: 'rtp', decrypted: true, bytes: rtpPacket(at), ...MEDIA }),
  ),
  traced({
    kind: 'rtp',
    carries: 'rtcp',
    decrypted: true,
    bytes: Buffer.from('80c9000112345678', 'hex'),
    ...MEDIA,
  }),
  traced({
    kind: 'dhcp',
    bytes: DISCOVER,
    ...LAN,
    local: { host: '255.255.255.255', port: 67 },
    remote: { host: '0.0.0.0', port: 68 },
  }),
  traced({
    kind: 'mqtt',
    bytes: mqtt({ cmd: 'connect', clientId: 'gw-000001', username: 'u', password: 'p'.repeat(20) }),
    ...SIX,
  }),
  traced({
    kind: 'mqtt',
    bytes: mqtt({ cmd: 'subscribe', messageId: 2, subscriptions: [{ topic: 'a', qos: 1 }] }),
  }),
  traced({
    kind: 'mqtt',
    bytes: mqtt({ cmd: 'publish', topic: 'engawa/records', payload: '{}', qos: 1, messageId: 3 }),
  }),
];

describe('a capture file, as tshark reads it', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'engawa-capture-file-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(['pcapng', 'pcap'] satisfies readonly CaptureFormat[])(
    'has every message under its own protocol, with its true ends, and nothing malformed: %s',
    async (format) => {
      const file = join(folder, `all.${format}`);
      expect(formatOf(file)).toBe(format);
      const end = {
        atMs: Date.UTC(2026, 10, 22),
        seen: MESSAGES.length,
        lost: { rate: 3, slow: 1, media: 0 },
      };
      const parts = MESSAGES.map((message) => filePacket(format, masked(message)));
      writeFileSync(
        file,
        Buffer.concat([
          fileHead(format, { box: 'gw-000001', program: 'engawa' }),
          ...parts,
          fileEnd(format, end),
        ]),
      );
      const columns = ['_ws.col.Protocol', '_ws.col.Source', '_ws.col.Destination', '_ws.malformed'];
      const seen = (await tshark(file, '-T', 'fields', ...columns.flatMap((name) => ['-e', name])))
        .trim()
        .split('\n');
      expect(seen.map((line) => line.split('\t').join(' ').trimEnd())).toEqual([
        'SIP/SDP 127.62.0.30 127.62.0.10',
        'SIP/SDP 192.168.20.5 192.168.20.2',
        'SIP/SDP 2001:db8::2 2001:db8::1',
        ...Array.from({ length: 5 }, () => 'RTP 127.62.0.30 127.62.0.10'),
        'RTCP 127.62.0.30 127.62.0.10',
        'DHCP 0.0.0.0 255.255.255.255',
        'MQTT 2001:db8::2 2001:db8::1',
        'MQTT 127.62.0.30 127.62.0.10',
        'MQTT 127.62.0.30 127.62.0.10',
      ]);
      if (format === 'pcapng')
        expect(await tshark(file, '-q', '-z', 'rtp,streams')).toMatch(
          /16384 +127\.62\.0\.10 23802 +0x1234ABCD +g711U +5 +0/,
        );
    },
    30_000,
  );

  it('says in pcapng whose a message is, and that checksums are right', async () => {
    const file = join(folder, 'whose.pcapng');
    const head = fileHead('pcapng', { box: 'gw-000001', program: 'engawa' });
    writeFileSync(file, Buffer.concat([head, ...MESSAGES.map((message) => filePacket('pcapng', message))]));
    const checks = ['-o', 'udp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE'];
    const fields = ['frame.comment', 'udp.checksum.status', 'ip.checksum.status'];
    const shown = await tshark(file, ...checks, '-T', 'fields', ...fields.flatMap((name) => ['-e', name]));
    const [first, ...others] = shown.split('\n');
    expect(first?.trim()).toBe('line 1, call k1');
    expect(others.filter((line) => line.endsWith('\t1\t1'))).toHaveLength(2);
    expect(others.filter((line) => line.includes('\t0'))).toEqual([]);
  }, 30_000);
});
