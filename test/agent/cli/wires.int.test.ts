import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLocalApi } from '../../../agent/local-api/index.ts';
import { CaptureRecorder, captureRoutes, TraceRoom, traceRoutes } from '../../../agent/trace/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import type { Running } from '../../../lib/base/lifecycle.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { INVITE, rtpPacket } from '../trace/messages.ts';
import { runCli } from './run-cli.ts';
import { SampleBox } from './sample-box.ts';

const ENDS = {
  local: { host: '127.62.0.30', port: 40_000 },
  remote: { host: '127.62.0.10', port: 5_061 },
} as const;

describe('traces and captures on a terminal', () => {
  const folder = mkdtempSync(join(tmpdir(), 'engawa-wires-'));
  const socket = join(folder, 'agent.sock');
  const room = new TraceRoom({
    clock: systemClock,
    subjects: {
      userIs: (user) => (user === 'id-000001-1' ? { line: 1 } : undefined),
      hostIs: () => undefined,
      sessionIs: () => ({ line: 1, call: 'k1' }),
    },
    order: () => undefined,
  });
  const recorder = new CaptureRecorder({
    ...{ room, clock: systemClock, log: silentLog(), folder: join(folder, 'captures'), logFolder: folder },
    ...{ box: 'gw-000001', program: 'engawa test' },
    documents: () => ({ status: { v: 1 } }),
  });
  let api: Running;

  beforeAll(async () => {
    api = await startLocalApi({
      ...{ socket, source: new SampleBox(), clock: systemClock, log: silentLog() },
      more: [
        { at: '/v1/trace', routes: traceRoutes(room, systemClock, () => undefined) },
        { at: '/v1/capture', routes: captureRoutes(recorder) },
      ],
    });
  });
  afterAll(async () => {
    await recorder.stop();
    await api.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Speaks as soon as somebody watches, until it is over. */
  async function spoken(run: Promise<unknown>): Promise<void> {
    let over = false;
    void run.then(() => {
      over = true;
    });
    for (let sequence = 0; !over; sequence++) {
      room.sip.watch?.({ direction: 'out', transport: 'tls', bytes: INVITE, ...ENDS });
      const data = rtpPacket(sequence).toString('base64');
      const sentMs = systemClock.monotonicMs();
      const datagram = { session: 's', way: 'in', carries: 'rtp', atMs: sentMs, data, ...ENDS } as const;
      room.mediaEvent({ event: 'traced', sentMs, datagrams: [datagram], sound: [], dropped: 0 });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  it.each(['en', 'ja'])(
    'draws calls as a ladder and sound by the second, in 80 columns (%s)',
    async (lang) => {
      const run = runCli(['trace', 'sip', 'rtp', '--for', '2', '--lang', lang, '--socket', socket]);
      await spoken(run);
      const { code, out, columns } = await run;
      expect([code, columns <= 80]).toEqual([0, true]);
      expect(out.split('\n')[0]).toMatch(/^ +phone +box +service$/);
      expect(out).toMatch(/\n\d\d:\d\d:\d\d\.\d{3} \| {20}\|--- INVITE sdp ---->\| line 1 0355550123\n/);
      expect(out).toMatch(/\n\d\d:\d\d:\d\d line 1 {5}<- 127\.62\.0\.10:5061 +PCMU \d+\/s lost 0 jitter/);
      expect(out).toContain(lang === 'ja' ? '時間切れ' : 'up to the limit of time');
    },
  );

  it('says each message as one plain line, and as one JSON document', async () => {
    const plain = runCli(['trace', 'sip', '--for', '1', '--plain', '--socket', socket]);
    await spoken(plain);
    expect((await plain).out).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} -> 127\.62\.0\.10:5061 tls INVITE sdp line 1 0355550123$/m,
    );
    const json = runCli(['trace', 'sip', '--for', '1', '--json', '--socket', socket]);
    await spoken(json);
    const lines = (await json).out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { v: number });
    expect(lines[0]).toMatchObject({ v: 1, kind: 'sip', whose: { line: 1, call: 'mfxyz-0000000000000001' } });
    expect(lines.at(-1)).toMatchObject({ v: 1, trace: { end: 'time', lost: { rate: 0 } } });
  });

  it('writes a file for its writer alone, never over another, and counts what is over the rate', async () => {
    const file = join(folder, 'a.pcapng');
    const argv = ['trace', 'sip', 'rtp', '--for', '1', '--rate', '5', '--file', file, '--socket', socket];
    const run = runCli(argv);
    await spoken(run);
    expect((await run).out).toMatch(/not shown: \d+ over the rate/);
    expect([statSync(file).mode & 0o777, readFileSync(file).readUInt32LE(0)]).toEqual([0o600, 0x0a0d0d0a]);
    expect(await runCli(argv)).toMatchObject({ code: 1, out: '' });
  });

  it('ends with the codes of the table', async () => {
    const codes = [
      await runCli(['trace', 'sap', '--socket', socket]),
      await runCli(['trace', 'sip', '--call', 'last', '--socket', socket]),
      await runCli([
        'trace',
        'sip',
        '--file',
        join(folder, 'none.pcapng'),
        '--socket',
        join(folder, 'nobody'),
      ]),
      await runCli(['capture', 'save', '--socket', socket]),
      await runCli(['capture', 'save', '--bundle', 'none.tar.gz', '--socket', socket]),
    ].map(({ code }) => code);
    expect(codes).toEqual([2, 10, 8, 5, 10]);
    expect(existsSync(join(folder, 'none.pcapng'))).toBe(false);
  });

  it('records, shows how that stands, saves and stops', async () => {
    const run = (...argv: readonly string[]) =>
      runCli(['capture', ...argv, '--socket', socket], { now: Date.now() });
    expect((await run()).out).toContain('does not run');
    expect((await run('start', '--keep', '2')).out).toContain('keeps the last 2 min');
    expect((await run('start')).code).toBe(5);
    const file = join(folder, 'bundle.tar.gz');
    expect(await run('save', file)).toMatchObject({ code: 0 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const { out } = await run('--json');
    const { capture } = JSON.parse(out) as { capture: { running: object; bundles: { name: string }[] } };
    expect(capture).toMatchObject({ running: { keepMinutes: 2 }, bundles: [{}] });
    const again = join(folder, 'again.tar.gz');
    expect((await run('save', again, '--bundle', capture.bundles[0]?.name ?? '')).code).toBe(0);
    expect(readFileSync(again).equals(readFileSync(file))).toBe(true);
    expect((await run('stop', '--lang', 'ja')).out).toContain('動いていません');
  });
});
