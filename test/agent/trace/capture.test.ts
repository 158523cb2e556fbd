import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CaptureRing } from '../../../agent/trace/capture-ring.ts';
import { CAPTURE_LIMITS, CaptureRecorder, TraceRoom } from '../../../agent/trace/index.ts';
import { soundTrack } from '../../../agent/trace/sound-track.ts';
import { instant } from '../../../lib/base/clock.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { untar } from '../../support/untar.ts';
import { INVITE } from './messages.ts';

const DAY_MS = 86_400_000;

/** The media process tells 100 ms of line 1, at `sentMs` of its own clock. */
function hear(room: TraceRoom, sentMs: number, value: number): void {
  const piece = Buffer.alloc(800, value).toString('base64');
  const sound = [{ port: 1, fromMs: sentMs, microphone: piece, ear: piece }];
  room.mediaEvent({ event: 'traced', sentMs, datagrams: [], sound, dropped: 0 });
}

async function saved(recorder: CaptureRecorder): Promise<ReadonlyMap<string, Buffer>> {
  const bundle = await recorder.save();
  if (!bundle.ok) throw new Error(bundle.error.say);
  return untar(readFileSync((await recorder.pathOf(bundle.value.name)) ?? ''));
}

/** Epoch ms of the messages in a bundle, and of the end of their file. */
function timesIn(files: ReadonlyMap<string, Buffer>): readonly number[] {
  const file = files.get('engawa-capture/messages.pcapng') ?? Buffer.alloc(0);
  const times: number[] = [];
  for (let at = 0; at < file.length; at += file.readUInt32LE(at + 4)) {
    // Statistics, or a packet: both have the interface first.
    if (![5, 6].includes(file.readUInt32LE(at))) continue;
    times.push((file.readUInt32LE(at + 12) * 2 ** 32 + file.readUInt32LE(at + 16)) / 1_000);
  }
  return times;
}

describe('a ring of the last minutes', () => {
  it('keeps what is young enough, within its bytes, newest first to stay', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ step: fc.nat(400), bytes: fc.nat(500) }), { maxLength: 3_000 }),
        (items) => {
          const ring = new CaptureRing<number>(1_000, 5_000);
          let atMs = 0;
          for (const [index, { step, bytes }] of items.entries()) {
            atMs += step;
            ring.push(atMs, bytes, index);
            expect(ring.bytes).toBeLessThanOrEqual(5_000);
            expect(ring.since ?? atMs).toBeGreaterThanOrEqual(atMs - 1_000);
          }
          const kept = ring.items();
          expect(kept).toHaveLength(ring.length);
          expect(kept).toEqual(items.map((_, index) => index).slice(items.length - kept.length));
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('the sound of a line', () => {
  const piece = (fromMs: number, value: number) => ({
    ...{ port: 1, fromMs, microphone: Buffer.alloc(800, value), ear: Buffer.alloc(800, value + 1) },
  });

  it('follows without gaps when it came a little early or late, and has silence where nothing came', () => {
    const track = soundTrack([piece(1_000, 1), piece(1_117, 2), piece(1_190, 3), piece(3_000, 4)]);
    expect(track?.ear.length).toBe(2_000 * 8 + 800);
    expect([0, 800, 1_600, 2_400, 15_999, 16_000].map((at) => track?.microphone[at])).toEqual([
      1, 2, 3, 255, 255, 4,
    ]);
    expect(soundTrack([])).toBeUndefined();
  });
});

describe('a recorder of the last minutes', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'engawa-capture-test-'));
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });

  function rig() {
    const clock = new VirtualClock();
    const room = new TraceRoom({
      clock,
      subjects: { userIs: () => undefined, hostIs: () => undefined, sessionIs: () => undefined },
      order: () => undefined,
    });
    writeFileSync(join(folder, 'agent.log'), '{"msg":"hello"}\n');
    const recorder = new CaptureRecorder({
      ...{ room, clock, log: silentLog(), folder: join(folder, 'captures'), logFolder: folder },
      ...{ box: 'gw-000001', program: 'engawa test' },
      documents: () => ({ status: { v: 1 } }),
    });
    const say = (): void =>
      room.sip.watch?.({
        ...{ direction: 'out', transport: 'tls', bytes: INVITE },
        local: { host: '127.62.0.30', port: 40_000 },
        remote: { host: '127.62.0.10', port: 5_061 },
      });
    return { clock, room, recorder, say };
  }

  it('costs nothing before it is started, and writes one file of everything, for its user alone', async () => {
    const { clock, room, recorder, say } = rig();
    expect(room.sip.watch).toBeUndefined();
    expect((await recorder.save()).ok).toBe(false);
    expect(recorder.begin({ keepMinutes: 5 }).ok).toBe(true);
    expect(recorder.begin({ keepMinutes: 5 }).ok).toBe(false);
    say();
    const piece = Buffer.alloc(800, 0x55).toString('base64');
    const sentMs = clock.monotonicMs();
    const sound = [{ port: 1, fromMs: sentMs, microphone: piece, ear: piece }];
    room.mediaEvent({ event: 'traced', sentMs, datagrams: [], sound, dropped: 2 });
    const saved = await recorder.save();
    if (!saved.ok) throw new Error(saved.error.say);
    const path = (await recorder.pathOf(saved.value.name)) ?? '';
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const files = untar(readFileSync(path));
    expect([...files.keys()].map((name) => name.replace('engawa-capture/', ''))).toEqual([
      'about.json',
      'messages.pcapng',
      'line-1.wav',
      'status.json',
      'log/agent.log',
    ]);
    expect(JSON.parse(files.get('engawa-capture/about.json')?.toString() ?? '')).toMatchObject({
      ...{ box: 'gw-000001', messages: 1, lost: { media: 2 } },
    });
    expect(files.get('engawa-capture/messages.pcapng')?.includes('0123456789abcdef')).toBe(false);
    expect(await recorder.pathOf('../agent.log')).toBeUndefined();
    recorder.end();
    expect(room.sip.watch).toBeUndefined();
  });

  it('forgets what is too old, and ends by itself with a bundle', async () => {
    const { clock, room, recorder, say } = rig();
    recorder.begin({ keepMinutes: 1, forMinutes: 3 });
    say();
    clock.advance(90_000);
    say();
    expect((await recorder.view()).running?.messages).toBe(1);
    clock.advance(90_000);
    await recorder.stop();
    for (let tries = 0; tries < 100 && (await recorder.bundles()).length === 0; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(readdirSync(join(folder, 'captures'))).toHaveLength(1);
    expect(room.sip.watch).toBeUndefined();
  });

  it.each([20, -20])(
    'the clock is set by %i days: a bundle has everything, by one line of time',
    async (days) => {
      const { clock, room, recorder, say } = rig();
      recorder.begin({ keepMinutes: 5 });
      say();
      hear(room, 500, 1);
      clock.advance(1_000);
      clock.setNow(instant(clock.now() + days * DAY_MS));
      const set = clock.now();
      clock.advance(2_000);
      say();
      hear(room, 3_500, 2);
      const files = await saved(recorder);
      expect(timesIn(files).map((at) => at - set)).toEqual([-1_000, 2_000, 2_000]);
      expect(JSON.parse(files.get('engawa-capture/about.json')?.toString() ?? '')).toMatchObject({
        ...{ messages: 2, at: set + 2_000, startedAt: set - 1_000, since: set - 1_000 },
      });
      // The sound of 500 ms and of 3,500 ms of the media process: three seconds and 100 ms.
      expect(files.get('engawa-capture/line-1.wav')?.length).toBeGreaterThan(2 * 3_100 * 8);
      expect((await recorder.view()).running).toMatchObject({
        ...{ startedAt: set - 1_000, endsAt: set - 1_000 + DAY_MS, since: set - 1_000, messages: 2 },
      });
      recorder.end();
    },
  );

  it.each([20, -20])(
    'the clock is set by %i days: the journal is asked from the earlier of both times on',
    async (days) => {
      // It says what it was asked.
      writeFileSync(join(folder, 'journalctl'), '#!/bin/sh\necho "$@"\n', { mode: 0o755 });
      vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`);
      const { clock, recorder, say } = rig();
      const start = clock.now();
      recorder.begin({ keepMinutes: 5 });
      say();
      clock.setNow(instant(start + days * DAY_MS));
      const journal = (await saved(recorder)).get('engawa-capture/log/media.log')?.toString();
      expect(journal).toContain(`--since @${Math.min(start, start + days * DAY_MS) / 1_000}`);
      recorder.end();
    },
  );

  it('a second bundle, after the clock was set, has the new time for what the first had the old one', async () => {
    const { clock, recorder, say } = rig();
    recorder.begin({ keepMinutes: 1 });
    say();
    clock.advance(1_000);
    const start = clock.now() - 1_000;
    expect(timesIn(await saved(recorder))).toEqual([start, start + 1_000]);
    clock.setNow(instant(clock.now() + 20 * DAY_MS));
    clock.advance(1_000);
    const later = start + 20 * DAY_MS;
    expect(timesIn(await saved(recorder))).toEqual([later, later + 2_000]);
    // What is too old goes all the same.
    clock.advance(60_000);
    expect(timesIn(await saved(recorder))).toEqual([later + 62_000]);
    recorder.end();
  });

  it('keeps five bundles', async () => {
    const { clock, recorder } = rig();
    recorder.begin({ keepMinutes: 1 });
    const names: string[] = [];
    for (let count = 0; count < CAPTURE_LIMITS.bundles + 2; count++) {
      clock.advance(1_000);
      const saved = await recorder.save();
      if (saved.ok) names.push(saved.value.name);
    }
    expect(new Set(names).size).toBe(CAPTURE_LIMITS.bundles + 2);
    expect(await recorder.bundles()).toHaveLength(CAPTURE_LIMITS.bundles);
    await recorder.stop();
  });
});
