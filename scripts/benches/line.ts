import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { SimulatedBoard } from '../../hal/sim/simulated-board.ts';
import { systemClock } from '../../lib/base/clock.ts';
import { createLog } from '../../lib/base/log.ts';
import { systemRandom } from '../../lib/base/random.ts';
import { ulawEncodeBlock } from '../../lib/dsp/g711.ts';
import { decodeRtp, encodeRtp } from '../../lib/voice/rtp/packet.ts';
import { RtpSender } from '../../lib/voice/rtp/sender.ts';
import { markedFrame, readMark } from './marks.part.ts';

export const describe =
  'delay and jitter from a board audio frame to its RTP packet and back, two calls, busy agent';

const ROOT = join(import.meta.dirname, '..', '..');
const HOST = '127.53.9.1';
const PEER = '127.53.9.2';
const LINES = [1, 2];
const IDLE_SECONDS = 5;
const CALL_SECONDS = 20;
/** What is not counted at the beginning of a call: filling of buffers, first compilation. */
const SETTLE_MS = 2_000;
const FRAME_MS = 10;
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4_096;

interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly count: number;
}

function percentiles(values: readonly number[]): Percentiles {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (share: number): number =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 100) / 100;
  return { p50: at(0.5), p99: at(0.99), max: at(1), count: sorted.length };
}

/** The board and the far end are the ruler here: other programs of the machine must not bend it. */
function goFirst(): void {
  try {
    setPriority(-10);
  } catch {
    process.stderr.write('no right to a higher priority: a busy machine shows in the figures\n');
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** All that is measured at one line; times in ms. */
class LineProbe {
  readonly toRtpMs: number[] = [];
  readonly backMs: number[] = [];
  readonly roundTripMs: number[] = [];
  readonly packetGapMs: number[] = [];
  readonly jitterMs: number[] = [];
  readonly #spokenMs = new Float64Array(0x1_0000);
  readonly #echoedMs = new Float64Array(0x1_0000);
  readonly #socket: Socket = createSocket('udp4');
  readonly #sender = new RtpSender(systemRandom);
  #number = 0;
  #countFromMs = Number.POSITIVE_INFINITY;
  #lastPacketMs: number | undefined;
  #jitterMs = 0;
  #spoiled = 0;

  async open(): Promise<number> {
    await new Promise<void>((resolve) => this.#socket.bind(0, PEER, resolve));
    this.#socket.on('message', (datagram, from) => this.#packet(datagram, from.port));
    return this.#socket.address().port;
  }

  close(): void {
    this.#socket.close();
  }

  count(): void {
    this.#countFromMs = performance.now();
  }

  get spoiled(): number {
    return this.#spoiled;
  }

  /** The microphone: every frame carries its number. */
  speak(): Int16Array {
    this.#number = (this.#number + 1) & 0xffff;
    this.#spokenMs[this.#number] = performance.now();
    return markedFrame(this.#number);
  }

  /** The far end: notes when the packet came and sends its sound back at once. */
  #packet(datagram: Buffer, port: number): void {
    const nowMs = performance.now();
    const packet = decodeRtp(datagram);
    if (!packet.ok) return;
    const payload = Uint8Array.from(packet.value.payload);
    this.#socket.send(encodeRtp(this.#sender.next(0, payload)), port, HOST);
    for (let from = 0; from < payload.length; from += 80) {
      const number = readMark(payload, from);
      if (number === undefined) continue;
      this.#echoedMs[number] = nowMs;
      // The newer frame of a packet: the older one waited 10 ms for it, which is packetisation and not delay of ours.
      if (nowMs >= this.#countFromMs && from === 80) this.toRtpMs.push(nowMs - (this.#spokenMs[number] ?? 0));
    }
    if (this.#lastPacketMs !== undefined && nowMs >= this.#countFromMs) {
      const gapMs = nowMs - this.#lastPacketMs;
      this.packetGapMs.push(gapMs);
      this.#jitterMs += (Math.abs(gapMs - 20) - this.#jitterMs) / 16;
      this.jitterMs.push(this.#jitterMs);
    }
    this.#lastPacketMs = nowMs;
  }

  /** The ear, at the moment when the board plays the frame. */
  hear(samples: Int16Array): void {
    const nowMs = performance.now();
    if (nowMs < this.#countFromMs) return;
    const number = readMark(ulawEncodeBlock(samples), 0);
    if (number === undefined) {
      this.#spoiled++;
      return;
    }
    this.backMs.push(nowMs - (this.#echoedMs[number] ?? 0));
    this.roundTripMs.push(nowMs - (this.#spokenMs[number] ?? 0));
  }
}

/** CPU time in ms and resident bytes of a process. */
function usage(pid: number): { readonly cpuMs: number; readonly rssBytes: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  const ticks = Number(fields[11]) + Number(fields[12]);
  return { cpuMs: (ticks * 1_000) / TICKS_PER_SECOND, rssBytes: pages * PAGE_BYTES };
}

async function load(pid: number, seconds: number): Promise<{ cpuPercent: number; rssMb: number }> {
  const before = usage(pid);
  await pause(seconds * 1_000);
  const after = usage(pid);
  return {
    cpuPercent: Math.round((after.cpuMs - before.cpuMs) / seconds) / 10,
    rssMb: Math.round(after.rssBytes / 104_857.6) / 10,
  };
}

function child(command: string, args: readonly string[]): ChildProcess {
  return spawn(command, args, { cwd: ROOT, stdio: ['pipe', 'pipe', 'pipe'] });
}

function said(process: ChildProcess, what: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const listen = (chunk: Buffer): void => {
      text += chunk.toString();
      if (text.includes(what)) resolve(text);
    };
    process.stdout?.on('data', listen);
    process.stderr?.on('data', listen);
    process.once('exit', (code) =>
      reject(new Error(`a program of the bench ended with ${code}: ${text.slice(-500)}`)),
    );
  });
}

async function end(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => process.once('exit', () => resolve()));
  process.kill('SIGTERM');
  await gone;
}

/** Runs the bench, about 30 s. The board and the far end live here; the media process and the agent are their own. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-line-'));
  const [box, boardEnd, socket] = ['box', 'board', 'media.sock'].map((name) => join(folder, name));
  if (box === undefined || boardEnd === undefined || socket === undefined) return;
  const children: ChildProcess[] = [];
  const start = async (what: string, command: string, ...args: string[]): Promise<ChildProcess> => {
    const started = child(command, args);
    children.push(started);
    await said(started, what);
    return started;
  };
  goFirst();
  const probes = LINES.map(() => new LineProbe());
  const log = createLog('bench', 'silent');
  try {
    const [pty, raw] = ['pty,raw,echo=0,link=', 'starting data transfer loop'];
    await start(raw, 'socat', '-d', '-d', `${pty}${box}`, `${pty}${boardEnd}`);
    const runner = ['--import', 'tsx'];
    const flags = ['--device', box, '--socket', socket, '--host', HOST];
    const mediaArgs = [...runner, 'agent/media/main.ts', ...flags];
    const media = await start('"ready"', process.execPath, ...mediaArgs);
    const board = new SimulatedBoard({
      device: boardEnd,
      ports: LINES.length,
      clock: systemClock,
      random: systemRandom,
      log,
    });
    board.start();
    const peerPorts = await Promise.all(probes.map((probe) => probe.open()));
    const agentFile = join(import.meta.dirname, 'line-agent.part.ts');
    const agentArgs = [agentFile, socket, HOST, PEER, ...peerPorts.map(String)];
    const agent = await start('connected', process.execPath, ...runner, ...agentArgs);
    await pause(1_000);
    const idle = await load(media.pid ?? 0, IDLE_SECONDS);
    for (const [index, probe] of probes.entries()) {
      const phone = board.phone(index + 1);
      if (phone === undefined) continue;
      phone.mouth = () => probe.speak();
      phone.ear = (samples) => probe.hear(samples);
      phone.lift();
    }
    await pause(SETTLE_MS);
    for (const probe of probes) probe.count();
    const calls = await load(media.pid ?? 0, CALL_SECONDS);
    const answer = said(agent, '"figures"');
    agent.stdin?.write('report\n');
    const own = (await answer).trim().split('\n').at(-1) ?? '{}';
    const playoutUnderruns = board.state().ports.map((port) => port.playoutUnderruns);
    await board.stop();
    print(probes, { idle, calls }, JSON.parse(own) as unknown, playoutUnderruns);
  } finally {
    for (const probe of probes) probe.close();
    for (const each of children.reverse()) await end(each);
    rmSync(folder, { recursive: true, force: true });
  }
}

function print(
  probes: readonly LineProbe[],
  loads: Readonly<Record<'idle' | 'calls', { cpuPercent: number; rssMb: number }>>,
  media: unknown,
  playoutUnderruns: readonly number[],
): void {
  const all = (pick: (probe: LineProbe) => readonly number[]): Percentiles =>
    percentiles(probes.flatMap((probe) => pick(probe)));
  const figures = {
    boardFrameToRtpMs: all((probe) => probe.toRtpMs),
    rtpToEarMs: all((probe) => probe.backMs),
    roundTripMs: all((probe) => probe.roundTripMs),
    packetGapMs: all((probe) => probe.packetGapMs),
    jitterMs: all((probe) => probe.jitterMs),
  };
  const names: Readonly<Record<keyof typeof figures, string>> = {
    boardFrameToRtpMs: `board frame to RTP packet (+${FRAME_MS} ms packetisation)`,
    rtpToEarMs: 'RTP packet to ear (40 ms jitter buffer, 30 ms of the board)',
    roundTripMs: 'microphone to ear, echoed by the far end',
    packetGapMs: 'time between packets (20 ms)',
    jitterMs: 'jitter of sent packets (RFC 3550)',
  };
  const cell = (value: number): string => value.toFixed(2).padStart(9);
  const lines = [`${''.padEnd(62)}      p50      p99      max  (ms)`];
  for (const [key, value] of Object.entries(figures)) {
    lines.push(
      `${names[key as keyof typeof figures].padEnd(62)}${cell(value.p50)}${cell(value.p99)}${cell(value.max)}`,
    );
  }
  const spoiled = probes.reduce((sum, probe) => sum + probe.spoiled, 0);
  lines.push(
    `frames at the ear that were made up, blended or silent: ${spoiled} of ${figures.roundTripMs.count + spoiled}`,
  );
  lines.push(`load of this machine while measuring: ${loadavg()[0]?.toFixed(1)}`);
  lines.push(`media process idle: ${loads.idle.cpuPercent} % CPU, ${loads.idle.rssMb} MiB`);
  lines.push(`media process in two calls: ${loads.calls.cpuPercent} % CPU, ${loads.calls.rssMb} MiB`);
  process.stdout.write(`${lines.join('\n')}\n`);
  process.stdout.write(
    `${JSON.stringify({ bench: 'line', ...figures, spoiled, ...loads, playoutUnderruns, loadAverage: loadavg()[0], media })}\n`,
  );
}
