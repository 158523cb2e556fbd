import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dhcpVerdict } from '../../../agent/cli/netcheck-verb.ts';
import { algRow, differences } from '../../../agent/netcheck/alg-verdict.ts';
import { dnsRow, nameServersIn, ntpRow, timeServersIn } from '../../../agent/netcheck/dns-verdict.ts';
import { IP_UDP_BYTES, mtuRow } from '../../../agent/netcheck/mtu-verdict.ts';
import { lifeRow, type NatSeen, natKind, natRow } from '../../../agent/netcheck/nat-verdict.ts';
import { encodeNtpRequest, ntpOffsetMs } from '../../../agent/netcheck/ntp-packet.ts';
import {
  clockOffsetMs,
  clockRow,
  type EchoedPacket,
  soundFigures,
  soundRow,
} from '../../../agent/netcheck/sound-verdict.ts';
import { largestThatPasses } from '../../../agent/netcheck/udp-probes.ts';

const LOCAL = { host: '192.168.1.20', port: 40_000 };
const seen = (first?: string, second?: string): NatSeen => {
  const place = (text: string | undefined) => {
    const [host = '', port] = text?.split(':') ?? [];
    return text === undefined ? undefined : { host, port: Number(port) };
  };
  return { local: LOCAL, first: place(first), second: place(second), strangersPass: false };
};

describe('what kind of NAT it is', () => {
  it.each([
    [undefined, undefined, 'blocked', 'E-NET-401'],
    ['192.168.1.20:40000', '192.168.1.20:40000', 'none', undefined],
    ['203.0.113.8:40000', '203.0.113.8:40000', 'easy', undefined],
    ['203.0.113.8:1025', '203.0.113.8:1025', 'easy', undefined],
    ['203.0.113.8:1025', undefined, 'easy', undefined],
    ['203.0.113.8:1025', '203.0.113.8:1026', 'hard', 'E-NET-402'],
    ['203.0.113.8:1025', '198.51.100.8:1025', 'severalWays', 'E-NET-403'],
  ])('%s and %s: %s', (first, second, kind, code) => {
    expect(natKind(seen(first, second))).toBe(kind);
    expect(natRow(seen(first, second), 'x').todo?.code).toBe(code);
  });

  it('remembers as long as the longest silence before the first that was too long', () => {
    const row = (...silences: readonly (readonly [number, boolean])[]) =>
      lifeRow(silences.map(([seconds, came]) => ({ seconds, came })));
    expect(row([5, true], [10, true], [20, true])).toMatchObject({
      verdict: 'OK',
      figures: { atLeastS: 20, lessThanS: null },
    });
    expect(row([5, true], [20, false], [10, false])).toMatchObject({
      verdict: 'WARN',
      todo: { code: 'E-NET-411' },
      figures: { atLeastS: 5, lessThanS: 10 },
    });
    expect(row([30, true], [60, false])).toMatchObject({ verdict: 'OK' });
    expect(row().verdict).toBe('--');
  });
});

describe('whether a router rewrites SIP', () => {
  const SENT = [
    'OPTIONS sip:x SIP/2.0',
    'Via: SIP/2.0/UDP 192.168.1.20:40000',
    'Contact: <sip:a@192.168.1.20>',
    '',
    'c=IN IP4 192.168.1.20',
  ].join('\r\n');

  it('says what came changed', () => {
    const came = SENT.replaceAll('192.168.1.20', '203.0.113.8');
    expect(differences(SENT, came)).toEqual(['Via', 'Contact', 'body']);
    expect(algRow([{ method: 'OPTIONS', sent: SENT, came }], 5_060, true)).toMatchObject({
      verdict: 'WARN',
      todo: { code: 'E-NET-421' },
    });
  });

  it('is content when everything comes as it left, and says what is swallowed', () => {
    fc.assert(fc.property(fc.string(), (text) => differences(text, text).length === 0));
    const same = { method: 'OPTIONS', sent: SENT, came: SENT };
    expect(algRow([same], 5_060, true).verdict).toBe('OK');
    const silent = { method: 'INVITE', sent: SENT, came: undefined };
    expect(algRow([same, silent], 5_060, true).todo?.code).toBe('E-NET-422');
    expect(algRow([silent], 5_060, false).verdict).toBe('--');
  });
});

describe('how sound would fare', () => {
  const echoedOf = (
    sequences: readonly number[],
    changes: (at: number) => Partial<EchoedPacket> = () => ({}),
  ) =>
    sequences.map((sequence) => ({
      ...{ sequence, sentMs: sequence * 20, cameMs: sequence * 20 + 30, count: sequence + 1, jitterMs: 0 },
      ...changes(sequence),
    }));
  const upTo = (count: number) => Array.from({ length: count }, (_, at) => at);

  it('tells loss on the way up from loss on the way down', () => {
    const came = upTo(100).filter((at) => at % 10 !== 0);
    expect(soundFigures(100, echoedOf(came), 100)).toMatchObject({ lossUpPercent: 0, lossDownPercent: 10 });
    expect(soundFigures(100, echoedOf(came), 90)).toMatchObject({ lossUpPercent: 10, lossDownPercent: 0 });
    expect(soundFigures(100, [], 0)).toBeUndefined();
  });

  it('never gives a share that cannot be, whatever comes back how often', () => {
    const packet = fc.nat(99).map((sequence) => echoedOf([sequence])[0] as EchoedPacket);
    fc.assert(
      fc.property(fc.array(packet, { minLength: 1, maxLength: 300 }), fc.nat(1_000), (echoed, counted) => {
        const figures = soundFigures(100, echoed, counted);
        for (const share of [figures?.lossUpPercent, figures?.lossDownPercent]) {
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share).toBeLessThanOrEqual(100);
        }
      }),
    );
  });

  it('judges loss, jitter and length', () => {
    const row = (lost: number, uneven: number, tripMs: number) => {
      const change = (at: number) => ({ cameMs: at * 20 + tripMs + (at % 2) * uneven });
      return soundRow(soundFigures(100, echoedOf(upTo(100 - lost), change), 100), 'x');
    };
    const codes = [
      row(0, 0, 30),
      row(3, 0, 30),
      row(20, 0, 30),
      row(0, 30, 30),
      row(0, 90, 30),
      row(0, 0, 400),
    ];
    expect(codes.map(({ verdict, todo }) => `${verdict} ${todo?.code ?? ''}`.trim())).toEqual([
      'OK',
      'WARN E-NET-441',
      'FAIL E-NET-441',
      'WARN E-NET-442',
      'FAIL E-NET-442',
      'WARN E-NET-443',
    ]);
    expect(soundRow(undefined, 'x')).toMatchObject({ verdict: 'FAIL', todo: { code: 'E-NET-401' } });
  });

  it('takes the clock of the packet that was fastest', () => {
    const trips = [
      { sentAt: 1_000, cameAt: 1_400, theirsAt: 6_390 },
      { sentAt: 2_000, cameAt: 2_020, theirsAt: 7_010 },
    ];
    expect(clockOffsetMs(trips)).toBe(5_000);
    expect(
      [clockRow(30), clockRow(-5_000), clockRow(3_600_000), clockRow(undefined)].map(
        ({ verdict }) => verdict,
      ),
    ).toEqual(['OK', 'WARN', 'FAIL', '--']);
  });
});

describe('the largest packet that passes', () => {
  it('is found to the byte, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 576, max: 9_000 }),
        fc.integer({ min: 600, max: 9_000 }),
        async (way, mtu) => {
          let rounds = 0;
          const pass = async (sizes: readonly number[]) => {
            rounds++;
            return new Set(sizes.filter((size) => size <= way));
          };
          expect(await largestThatPasses(mtu, pass)).toBe(Math.min(way, mtu));
          expect(rounds).toBeLessThanOrEqual(6);
        },
      ),
    );
    expect(await largestThatPasses(1_500, async () => new Set())).toBeUndefined();
    expect(IP_UDP_BYTES).toBe(28);
  });

  it('is judged by its size, and by whether routers speak of it', () => {
    const row = (up: number, told: boolean) => mtuRow({ interfaceMtu: 1_500, up, down: up, told });
    expect(row(1_500, false).verdict).toBe('OK');
    expect(row(1_454, true).verdict).toBe('OK');
    expect(row(1_454, false).todo?.code).toBe('E-NET-432');
    expect(row(1_300, true).todo?.code).toBe('E-NET-431');
  });
});

describe('names, times, addresses of the LAN', () => {
  it('reads the machine’s own files', () => {
    expect(nameServersIn('# x\nnameserver 192.0.2.1\n nameserver 2001:db8::1 \nsearch a')).toEqual([
      '192.0.2.1',
      '2001:db8::1',
    ]);
    const files =
      '[Time]\nNTP=ntp.nict.jp ntp.jst.mfeed.ad.jp\n#NTP=no\nserver 192.0.2.5 iburst\npool a.example';
    expect(timeServersIn(files)).toEqual(['ntp.nict.jp', 'ntp.jst.mfeed.ad.jp', '192.0.2.5', 'a.example']);
  });

  it('judges name servers and time servers', () => {
    const server = (tookMs: number | undefined, lies = false) => ({ server: '192.0.2.1', tookMs, lies });
    expect(dnsRow([server(9)], true).verdict).toBe('OK');
    expect(dnsRow([server(undefined)], true)).toMatchObject({ verdict: 'FAIL', todo: { code: 'E-NET-201' } });
    expect(dnsRow([server(undefined)], false).verdict).toBe('WARN');
    expect(dnsRow([server(9, true)], false).todo?.code).toBe('E-NET-202');
    const time = (offsetMs: number | undefined) => ntpRow([{ server: 'a', offsetMs }]).todo?.code;
    expect([time(20), time(-4_000), time(undefined)]).toEqual([undefined, 'E-NET-301', 'E-NET-302']);
    expect(ntpRow([]).verdict).toBe('--');
  });

  it('reads the time out of the answer of a time server', () => {
    const sentMs = Date.UTC(2026, 10, 22, 5, 2, 31) + 250;
    const answer = encodeNtpRequest(sentMs);
    answer[0] = 0x24;
    answer[1] = 2;
    answer.copy(answer, 24, 40, 48);
    encodeNtpRequest(sentMs + 5_010).copy(answer, 32, 40, 48);
    encodeNtpRequest(sentMs + 5_010).copy(answer, 40, 40, 48);
    expect(ntpOffsetMs(answer, sentMs, sentMs + 20)).toBeCloseTo(5_000, 2);
    expect(ntpOffsetMs(answer, sentMs + 1, sentMs + 20)).toBeUndefined();
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => void ntpOffsetMs(bytes, 1, 2)));
  });

  it('wants one DHCP server on a LAN', () => {
    const other = (address: string) => ({
      ...{
        address,
        mac: null,
        firstHeardAt: 0,
        lastHeardAt: 0,
        router: null,
        leaseS: null,
        provisioning: [],
      },
    });
    const verdict = (standing: string, ...addresses: readonly string[]) =>
      dhcpVerdict({ standing, looked: true, foreign: addresses.map(other) }).verdict;
    expect([
      verdict('serving'),
      verdict('mute', '192.168.1.1'),
      verdict('serving', '192.168.1.1'),
      verdict('steppedDown', '192.168.1.1', '192.168.1.2'),
    ]).toEqual(['OK', 'OK', 'FAIL', 'FAIL']);
  });
});
