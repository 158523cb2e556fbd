import { describe, expect, it } from 'vitest';
import { dhcpVerdict } from '../../../agent/cli/netcheck-verb.ts';
import { NET_MEANINGS } from '../../../agent/cli/netcheck-words.ts';
import { inJapanese } from '../../../agent/cli/phrasebook.ts';
import { letterFor } from '../../../agent/cli/screens/letter.ts';
import { netcheckScreen } from '../../../agent/cli/screens/netcheck.ts';
import { displayWidth } from '../../../agent/cli/text.ts';
import { algRow } from '../../../agent/netcheck/alg-verdict.ts';
import { dnsRow, ntpRow } from '../../../agent/netcheck/dns-verdict.ts';
import { badRow, NET_CODES } from '../../../agent/netcheck/index.ts';
import { linkRow } from '../../../agent/netcheck/link.ts';
import { mtuRow } from '../../../agent/netcheck/mtu-verdict.ts';
import { lifeRow, natRow } from '../../../agent/netcheck/nat-verdict.ts';
import { clockRow, type SoundFigures, soundRow } from '../../../agent/netcheck/sound-verdict.ts';

const LOCAL = { host: '192.168.1.20', port: 40_000 };
const [ONE, OTHER, THIRD] = [
  { host: '203.0.113.8', port: 1_025 },
  { host: '203.0.113.8', port: 1_026 },
  { host: '198.51.100.8', port: 1_025 },
];
const nat = (first: typeof ONE | undefined, second: typeof ONE | undefined, strangersPass = false) =>
  natRow({ local: LOCAL, first, second, strangersPass }, '203.0.113.11:3478, 3479');
const sound = (changes: Partial<SoundFigures>) =>
  soundRow(
    {
      ...{ sent: 150, lossUpPercent: 0, lossDownPercent: 0.7, jitterUpMs: 1.2, jitterDownMs: 0 },
      ...{ roundTripMs: 12.5, reordered: 0, ...changes },
    },
    'x',
  );
const mtu = (up: number, down: number, told: boolean) => mtuRow({ interfaceMtu: 1_500, up, down, told });
const dhcp = (standing: string, looked: boolean, ...addresses: readonly string[]) =>
  dhcpVerdict({
    ...{ standing, looked },
    foreign: addresses.map((address) => ({
      ...{
        address,
        mac: null,
        firstHeardAt: 0,
        lastHeardAt: 0,
        router: null,
        leaseS: null,
        provisioning: [],
      },
    })),
  });

/** A row of every kind that there is. */
const ROWS = [
  linkRow({ device: 'eth0', address: '192.168.1.20', mtu: 1_500, speedMbps: 1_000 }, 'x'),
  linkRow(undefined, '203.0.113.11'),
  dnsRow([], true),
  dnsRow([{ server: '192.0.2.1', tookMs: 9, lies: false }], true),
  dnsRow([{ server: '192.0.2.1', tookMs: 9, lies: true }], true),
  dnsRow([{ server: '192.0.2.1', tookMs: undefined, lies: false }], true),
  dnsRow(
    [
      { server: '192.0.2.1', tookMs: undefined, lies: false },
      { server: '192.0.2.2', tookMs: 9, lies: false },
    ],
    true,
  ),
  ...[2, 5_000, -70_000, undefined].map(clockRow),
  ntpRow([]),
  ntpRow([{ server: '192.0.2.1', offsetMs: undefined }]),
  ntpRow([{ server: '192.0.2.1', offsetMs: -4_000 }]),
  sound({}),
  sound({ lossUpPercent: 12.5 }),
  sound({ jitterDownMs: 33.3 }),
  sound({ roundTripMs: 700 }),
  soundRow(undefined, '203.0.113.11:16380'),
  nat(undefined, undefined),
  nat(LOCAL, LOCAL),
  nat(ONE, ONE),
  nat(ONE, ONE, true),
  nat({ ...ONE, port: LOCAL.port }, { ...ONE, port: LOCAL.port }),
  nat(ONE, OTHER),
  nat(ONE, THIRD),
  lifeRow([]),
  lifeRow([{ seconds: 12, came: true }]),
  lifeRow([
    { seconds: 3, came: true },
    { seconds: 6, came: false },
  ]),
  algRow([{ method: 'OPTIONS', sent: 'a', came: 'a' }], 5_060, true),
  algRow([{ method: 'OPTIONS', sent: 'a\r\nVia: x', came: 'a\r\nVia: y' }], 5_060, true),
  algRow([{ method: 'OPTIONS', sent: 'a', came: undefined }], 5_060, true),
  algRow([], 5_060, false),
  mtu(1_500, 1_500, true),
  mtu(1_300, 1_300, true),
  mtu(1_300, 1_280, false),
  dhcp('serving', true),
  dhcp('looking', false),
  dhcp('mute', true),
  dhcp('mute', true, '192.168.1.1'),
  dhcp('serving', true, '192.168.1.1'),
];

describe('netcheck in Japanese', () => {
  it.each(ROWS.map(({ say }) => say))('says "%s"', (say) => {
    // Names and numbers are the same in every language.
    if (/^[\d.]+, -?\d+ ms$|^eth0 /.test(say)) return;
    const japanese = inJapanese(say);
    expect(japanese).toMatch(/[\u3040-\u30ff\u4e00-\u9fff]/);
    expect(japanese).not.toMatch(/\b(?:the|and|answer|packets|way|port|is|of)\b/i);
  });

  it.each(NET_CODES)('%s has a meaning and a remedy', (code) => {
    expect(NET_MEANINGS[code].ja).toMatch(/[\u3040-\u30ff\u4e00-\u9fff]/);
    const remedy = badRow('x', 'WARN', code, '').todo?.remedy ?? '';
    expect(inJapanese(remedy)).toMatch(/[\u3040-\u30ff\u4e00-\u9fff].*。/);
  });

  it.each(['en', 'ja'] as const)('fits 80 columns with everything that can be wrong (%s)', (language) => {
    const lines = netcheckScreen(ROWS, { colours: false, language });
    expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(80);
  });

  it.each(['en', 'ja'] as const)('writes a note for the customer, which fits a mail (%s)', (language) => {
    const needed = [
      { protocol: 'TCP', host: '203.0.113.41', ports: '5061', what: 'SIP over TLS' },
      { protocol: 'UDP', host: '203.0.113.41', ports: '16384-32767', what: 'sound (RTP)' },
    ];
    const lines = letterFor(needed, { colours: false, language });
    expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(80);
    expect(lines.join('\n')).toMatch(
      /TCP {2}203\.0\.113\.41 {2}5061 {2}\(SIP.*TLS.*\n.*UDP {2}203\.0\.113\.41 {2}16384-32767/,
    );
    expect(lines.join('\n')).toContain('SIP ALG');
  });
});
