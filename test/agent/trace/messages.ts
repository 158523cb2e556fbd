import { type MqttPacket, mqttBytes, type Traced } from '../../../agent/trace/index.ts';

const AT = Date.UTC(2026, 10, 22, 5, 2, 31);

/** An INVITE to the service, with a proof and a description. */
export const INVITE = Buffer.from(
  [
    'INVITE sip:0355550123@engawa.example;user=phone SIP/2.0',
    'Via: SIP/2.0/TLS 127.62.0.30:40000;branch=z9hG4bKa1',
    'Max-Forwards: 70',
    'From: <sip:id-000001-1@engawa.example>;tag=f1',
    'To: <sip:0355550123@engawa.example>',
    'Call-ID: c0ffee@127.62.0.30',
    'CSeq: 1 INVITE',
    'X-Engawa-Call: mfxyz-0000000000000001',
    'Authorization: Digest username="id-000001-1", realm="engawa.example", nonce="abc",',
    ' uri="sip:0355550123@engawa.example", response="0123456789abcdef0123456789abcdef"',
    'Content-Type: application/sdp',
    'Content-Length: 241',
    '',
    'v=0',
    'o=- 1 1 IN IP4 127.62.0.30',
    's=-',
    'c=IN IP4 127.62.0.30',
    't=0 0',
    'm=audio 16384 RTP/SAVP 0 101',
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:101 telephone-event/8000',
    'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNk',
    '',
  ].join('\r\n'),
);

/** A packet of 20 ms of µ-law silence. */
export function rtpPacket(sequence: number): Buffer {
  const packet = Buffer.alloc(172, 0xff);
  packet.writeUInt16BE(0x8000, 0);
  packet.writeUInt16BE(sequence & 0xffff, 2);
  packet.writeUInt32BE((sequence * 160) >>> 0, 4);
  packet.writeUInt32BE(0x1234abcd, 8);
  return packet;
}

/** A DHCPDISCOVER of a phone. */
export const DISCOVER = (() => {
  const packet = Buffer.alloc(300);
  packet.set([1, 1, 6, 0, 0xde, 0xad, 0xbe, 0xef]);
  packet.write('c074ad000001', 28, 'hex');
  packet.writeUInt32BE(0x63825363, 236);
  packet.set([53, 1, 1, 12, 3, 0x67, 0x72, 0x70, 255], 240);
  return packet;
})();

/** As the link to the broker writes it. */
export function mqtt(packet: MqttPacket): Buffer {
  const bytes = mqttBytes(packet);
  if (bytes === undefined) throw new Error(`no such packet: ${packet.cmd}`);
  return bytes;
}

/** A message of any kind between the box and the service. */
export function traced(changes: Partial<Traced> & Pick<Traced, 'kind' | 'bytes'>): Traced {
  return {
    ...{ atMs: AT, direction: 'out', transport: changes.kind === 'rtp' ? 'udp' : 'tls' },
    local: { host: '127.62.0.30', port: 40_000 },
    remote: { host: '127.62.0.10', port: 5_061 },
    whose: {},
    ...changes,
  };
}
