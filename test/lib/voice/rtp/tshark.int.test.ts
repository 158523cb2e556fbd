import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../lib/base/random.ts';
import { RtcpSession } from '../../../../lib/voice/rtcp/session.ts';
import { encodeComfortNoise } from '../../../../lib/voice/rtp/comfort-noise.ts';
import { EventSender } from '../../../../lib/voice/rtp/event-sender.ts';
import { decodeRtp, encodeRtp } from '../../../../lib/voice/rtp/packet.ts';
import { ReceiverStats } from '../../../../lib/voice/rtp/receiver-stats.ts';
import { RtpSender } from '../../../../lib/voice/rtp/sender.ts';
import { SrtcpSender } from '../../../../lib/voice/srtp/rtcp-protection.ts';
import { SrtpSender } from '../../../../lib/voice/srtp/rtp-protection.ts';
import { type Captured, pcapOf } from '../../../support/pcap.ts';

const run = promisify(execFile);
const [FROM, TO] = [4_000, 4_002];
const MASTER = Buffer.alloc(30, 7);
const SUITE = 'AES_CM_128_HMAC_SHA1_80';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'engawa-rtp-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function tshark(
  name: string,
  captured: readonly Captured[],
  args: readonly string[],
): Promise<string[]> {
  const file = join(folder, `${name}.pcap`);
  writeFileSync(file, pcapOf(captured));
  const decode = ['-d', `udp.port==${FROM},rtp`, '-d', `udp.port==${FROM + 1},rtcp`];
  const { stdout } = await run('tshark', ['-r', file, ...decode, ...args], { maxBuffer: 32_000_000 });
  return stdout.trimEnd().split('\n');
}

/** A stream as the network brings it, from a seed: one in 25 is lost, delays are uneven. */
function stream(seed: number): { readonly captured: Captured[]; readonly stats: ReceiverStats } {
  const random = seededRandom(seed);
  const sender = new RtpSender(random);
  const stats = new ReceiverStats();
  const captured: Captured[] = [];
  for (let index = 0; index < 500; index++) {
    const payload = encodeRtp(sender.next(0, new Uint8Array(160).fill(index)));
    // Nobody counts the first or the last as lost.
    if (index > 0 && index < 499 && random.fraction() < 0.04) continue;
    const atMs = 1_000 + index * 20 + random.fraction() * 12;
    captured.push({ atMs, fromPort: FROM, toPort: TO, payload });
  }
  captured.sort((one, other) => one.atMs - other.atMs);
  for (const { payload, atMs } of captured) {
    const decoded = decodeRtp(Buffer.from(payload));
    if (decoded.ok) stats.note(decoded.value, Math.round(atMs * 1_000) / 1_000);
  }
  return { captured, stats };
}

describe('tshark', () => {
  it.each([1, 2, 3])('counts the same packets, losses and jitter in a stream (seed %i)', async (seed) => {
    const { captured, stats } = stream(seed);
    const lines = await tshark(`stream-${seed}`, captured, ['-q', '-z', 'rtp,streams']);
    const row =
      lines
        .find((line) => line.includes('0x') && line.includes('4000'))
        ?.trim()
        .split(/\s+/) ?? [];
    const { received, lost, jitterSamples, jitterMostSamples } = stats.figures;
    const text = row.join(' ');
    expect(text).toContain(` ${received} ${lost} (`);
    const figures = row.slice(row.findIndex((word) => word.startsWith('('))).map(Number.parseFloat);
    // Columns behind the losses: delta and jitter, each least, mean and most. Ours is the jitter at the end.
    const mostJitterMs = figures.at(-2) ?? 0;
    expect(jitterSamples / 8).toBeGreaterThan(1);
    expect(Math.abs(jitterMostSamples / 8 - mostJitterMs)).toBeLessThan(0.2);
  });

  it('reads every packet of sound, events, noise and reports without a malformed mark', async () => {
    const random = seededRandom(9);
    const sender = new RtpSender(random);
    const events = new EventSender();
    const captured: Captured[] = [];
    const send = (payload: Uint8Array | undefined, atMs: number, odd = 0): void => {
      if (payload !== undefined) captured.push({ atMs, fromPort: FROM + odd, toPort: TO + odd, payload });
    };
    const stats = new ReceiverStats();
    const session = new RtcpSession({
      facts: {
        sent: (nowMs) => ({
          ssrc: sender.ssrc,
          packets: sender.packets,
          octets: sender.octets,
          rtpTimestamp: nowMs * 8,
        }),
        heard: () => ({ ssrc: 5, fractionLost: 3, lost: -1, extendedHighest: 9, jitter: 8 }),
        voip: () => ({
          ssrc: 5,
          lossRate: 1,
          discardRate: 0,
          burstDensity: 0,
          gapDensity: 0,
          burstMs: 0,
          gapMs: 9_000,
          roundTripMs: 30,
          endSystemDelayMs: 60,
          rFactor: 90,
          mosListening: 43,
          mosConversational: 43,
          bufferMs: 40,
          bufferMostMs: 40,
          bufferLimitMs: 120,
        }),
      },
      cname: 'abc@192.0.2.1',
      random,
      nowMs: 0,
      wallMs: 1_800_000_000_000,
    });
    events.press('1#');
    for (let step = 0; step < 1_000; step++) {
      const atMs = step * 20;
      if (step % 100 === 50) {
        send(encodeRtp(sender.event(13, encodeComfortNoise(-60), sender.timestamp, false)), atMs);
        sender.skip(160);
      } else if (step > 200 && events.active) {
        const event = events.next();
        if (event !== undefined) send(encodeRtp(sender.event(101, event.payload, 777, event.marker)), atMs);
      } else send(encodeRtp(sender.next(0, new Uint8Array(160))), atMs);
      send(session.tick(atMs), atMs, 1);
    }
    send(session.bye(20_000, 'over'), 20_000, 1);
    expect(stats.takeReport()).toBeUndefined();
    const fields = ['frame.protocols', 'rtp.version', 'rtcp.pt', '_ws.malformed', '_ws.col.Info'];
    const lines = await tshark('all', captured, [
      ...[
        '-o',
        'rtpevent.event_payload_type_value:101',
        '-T',
        'fields',
        '-E',
        'separator=;',
        '-E',
        'occurrence=a',
      ],
      ...fields.flatMap((field) => ['-e', field]),
    ]);
    expect(lines).toHaveLength(captured.length);
    expect(
      lines.filter((line) => line.toLowerCase().includes('malformed') || line.includes('[Length')),
    ).toEqual([]);
    expect(lines.filter((line) => line.includes('rtpevent')).length).toBe(14);
    const reports = lines.filter((line) => line.includes(':rtcp'));
    expect(reports.length).toBeGreaterThan(3);
    expect(reports.at(-1)).toContain('203');
    expect(reports.filter((line) => /20[01],202,207/.test(line)).length).toBeGreaterThan(3);
    expect(lines.filter((line) => !/:rtp|:rtcp/.test(line))).toEqual([]);
  });

  it('reads the head of every encrypted packet', async () => {
    const sender = new RtpSender(seededRandom(4));
    const [rtp, rtcp] = [new SrtpSender(SUITE, MASTER), new SrtcpSender(SUITE, MASTER)];
    const captured: Captured[] = [];
    for (let step = 0; step < 50; step++) {
      const wire = rtp.protect(encodeRtp(sender.next(0, new Uint8Array(160))));
      if (wire !== undefined) captured.push({ atMs: step * 20, fromPort: FROM, toPort: TO, payload: wire });
    }
    const report = rtcp.protect(Buffer.from('80c9000100000007', 'hex'));
    if (report !== undefined)
      captured.push({ atMs: 2_000, fromPort: FROM + 1, toPort: TO + 1, payload: report });
    const lines = await tshark('secret', captured, [
      '-T',
      'fields',
      '-e',
      'rtp.ssrc',
      '-e',
      'rtp.seq',
      '-e',
      '_ws.malformed',
    ]);
    expect(lines.slice(0, 50).map((line) => line.split('\t')[0])).toEqual(
      Array(50).fill(`0x${sender.ssrc.toString(16).padStart(8, '0')}`),
    );
    expect(lines.join('\n').toLowerCase()).not.toContain('malformed');
  });
});
