import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../../agent/cli/text.ts';
import {
  dhcpLine,
  ladderHead,
  ladderLine,
  mqttTraceLine,
  RtpSecond,
  sipLine,
} from '../../../agent/trace/index.ts';
import { DISCOVER, INVITE, mqtt, rtpPacket, traced } from './messages.ts';

const response = (start: string, more: readonly string[] = []): Buffer =>
  Buffer.from([start, 'Call-ID: c0ffee@x', 'CSeq: 1 INVITE', ...more, '', ''].join('\r\n'));

describe('a trace for a person', () => {
  it('shows a call as arrows between phone, box and service', () => {
    const line1 = { line: 1 };
    const phone = { phone: 'c074ad000001' };
    const lan = { transport: 'udp', remote: { host: '192.168.20.5', port: 5_060 } } as const;
    const busy = response('SIP/2.0 486 Busy Here', ['X-Engawa-Why: channels; all channels are taken']);
    const lines = [
      ladderLine(traced({ kind: 'sip', bytes: INVITE, whose: line1 })),
      ladderLine(
        traced({ kind: 'sip', direction: 'in', bytes: response('SIP/2.0 100 Trying'), whose: line1 }),
      ),
      ladderLine(traced({ kind: 'sip', direction: 'in', bytes: busy, whose: line1 })),
      ladderLine(traced({ kind: 'sip', direction: 'in', bytes: INVITE, whose: phone, ...lan })),
      ladderLine(traced({ kind: 'sip', bytes: response('SIP/2.0 180 Ringing'), whose: phone, ...lan })),
    ];
    expect([ladderHead(), ...lines.map((line) => `14:02:31.123 ${line}`)].join('\n')).toBe(
      [
        '           phone                 box                service',
        '14:02:31.123 |                    |--- INVITE sdp ---->| line 1 0355550123',
        '14:02:31.123 |                    |<--- 100 Trying ----| line 1 #c0ffee',
        '14:02:31.123 |                    |<-- 486 Busy Here --| line 1 channels; all channels are taken',
        '14:02:31.123 |--- INVITE sdp ---->|                    | phone 0001 0355550123',
        '14:02:31.123 |<--- 180 Ringing ---|                    | phone 0001 #c0ffee',
      ].join('\n'),
    );
    expect(sipLine(traced({ kind: 'sip', bytes: INVITE, whose: line1 }))).toBe(
      '-> 127.62.0.10:5061 tls INVITE sdp line 1 0355550123',
    );
  });

  it('lifelines stand where they stand, whatever is sent', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), fc.boolean(), (phrase, tls) => {
        const bytes = response(`SIP/2.0 200 ${phrase.replace(/[\r\n]/g, '')}`);
        const line = ladderLine(traced({ kind: 'sip', bytes, transport: tls ? 'tls' : 'udp' }));
        expect([line[0], displayWidth(line.slice(0, 22)) >= 20]).toEqual(['|', true]);
      }),
    );
  });

  it('never throws, whatever bytes come', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (data) => {
        const bytes = Buffer.from(data);
        ladderLine(traced({ kind: 'sip', bytes }));
        dhcpLine(traced({ kind: 'dhcp', bytes }));
        mqttTraceLine(traced({ kind: 'mqtt', bytes }));
        const second = new RtpSecond();
        second.push(traced({ kind: 'rtp', carries: 'rtp', bytes }));
        second.lines();
      }),
    );
  });

  it('tells what DHCP and MQTT say', () => {
    expect(dhcpLine(traced({ kind: 'dhcp', direction: 'in', bytes: DISCOVER }))).toBe(
      '<- c0:74:ad:00:00:01  DISCOVER "grp"',
    );
    const said = [
      mqtt({ cmd: 'connect', clientId: 'gw-000001', clean: false, keepalive: 30 }),
      mqtt({ cmd: 'connack', returnCode: 5 }),
      mqtt({
        cmd: 'publish',
        topic: 'engawa/records',
        payload: 'x'.repeat(300),
        qos: 1,
        messageId: 7,
        retain: true,
      }),
      mqtt({ cmd: 'puback', messageId: 7 }),
      mqtt({
        cmd: 'subscribe',
        messageId: 8,
        subscriptions: [
          { topic: 'a', qos: 1 },
          { topic: 'b', qos: 1 },
        ],
      }),
      mqtt({ cmd: 'suback', messageId: 8, granted: [1, 128] }),
      mqtt({ cmd: 'pingreq' }),
    ].map((bytes) => mqttTraceLine(traced({ kind: 'mqtt', bytes })).slice(3));
    expect(said).toEqual([
      'CONNECT gw-000001, keep alive 30 s',
      'CONNACK refused: not authorised',
      'PUBLISH engawa/records 300 B q1 #7 retained',
      'PUBACK #7',
      'SUBSCRIBE a and 1 more #8',
      'SUBACK #8, 1 refused',
      'PINGREQ',
    ]);
  });

  it('sums sound up by the second: packets, loss, jitter', () => {
    const second = new RtpSecond();
    for (let sequence = 0; sequence < 50; sequence++) {
      if (sequence === 10 || sequence === 11) continue;
      const atMs = 1_000 + sequence * 20 + (sequence % 2) * 4;
      second.push(
        traced({
          kind: 'rtp',
          carries: 'rtp',
          direction: 'in',
          atMs,
          bytes: rtpPacket(65_500 + sequence),
          whose: { line: 1 },
        }),
      );
    }
    const [line = ''] = second.lines();
    expect(line).toMatch(/^line 1 {5}<- 127\.62\.0\.10:5061 {6}PCMU 48\/s lost 2 jitter 3\.\d ms$/);
    expect(second.lines()).toEqual([]);
  });
});
