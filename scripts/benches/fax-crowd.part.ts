import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { MediaClient } from '../../agent/media/index.ts';
import { SimulatedBoard } from '../../hal/sim/simulated-board.ts';
import { systemClock } from '../../lib/base/clock.ts';
import { createLog } from '../../lib/base/log.ts';
import { systemRandom } from '../../lib/base/random.ts';
import { FaxMachine } from '../../lib/dsp/fax/fax-machine.ts';
import { comparePages, readPages, writePages } from '../../lib/dsp/fax/page-file.ts';
import { drawTestPage } from '../../lib/dsp/fax/test-page.ts';
import { decodeRtp } from '../../lib/voice/rtp/packet.ts';
import { CLEAN_LINK } from './fax-link.part.ts';
import { type Crossing, ServerSide } from './fax-side.part.ts';
import { markedFrame, readMark } from './marks.part.ts';

/** Faxes and calls at the same time. */
export interface Crowd {
  readonly faxes: number;
  /** Whose page arrived dot by dot. */
  readonly identical: number;
  readonly calls: number;
  /** Board frame to RTP packet, of the calls. */
  readonly delayMs: {
    readonly p50: number;
    readonly p99: number;
    readonly max: number;
    readonly count: number;
  };
  readonly faxCpuPercent: number;
  readonly callCpuPercent: number;
  readonly seconds: number;
}

const ROOT = join(import.meta.dirname, '..', '..');
/** Two boxes' media processes, and the far ends. */
const FAX_HOST = '127.51.39.1';
const CALL_HOST = '127.51.39.2';
const PEER = '127.51.39.3';
const FAXES = 8;
const CALLS = 4;
/** Both media processes run on this core alone; boards, machines and far ends on the others. */
const CORE = '0';
const MOST_SECONDS = 90;
const STEP_MS = 10;
/** Compilation and the filling of buffers are over then. */
const SETTLE_MS = 3_000;
const TICKS_PER_SECOND = 100;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A box: a simulated board at one end of a pty, a media process at the other, and us as its agent. */
class Box {
  readonly host: string;
  readonly board: SimulatedBoard;
  readonly media: ChildProcess;
  readonly client: MediaClient;
  readonly #pty: ChildProcess;

  private constructor(host: string, parts: Pick<Box, 'board' | 'media' | 'client'>, pty: ChildProcess) {
    this.host = host;
    this.board = parts.board;
    this.media = parts.media;
    this.client = parts.client;
    this.#pty = pty;
  }

  static async start(folder: string, host: string, ports: number): Promise<Box> {
    const [device, boardEnd, socketPath] = ['box', 'board', 'sock'].map((end) =>
      join(folder, `${host}-${end}`),
    ) as [string, string, string];
    const link = 'pty,raw,echo=0,link=';
    const pty = await started(
      'socat',
      ['-d', '-d', `${link}${device}`, `${link}${boardEnd}`],
      'starting data transfer',
    );
    const flags = ['--device', device, '--socket', socketPath, '--host', host];
    const program = [process.execPath, '--import', 'tsx', 'agent/media/main.ts', ...flags];
    const media = await started('taskset', ['-c', CORE, ...program], '"ready"');
    const log = createLog('bench', 'silent');
    const board = new SimulatedBoard({
      device: boardEnd,
      ports,
      clock: systemClock,
      random: systemRandom,
      log,
    });
    board.start();
    const client = await connected(socketPath, log);
    await pause(1_000);
    return new Box(host, { board, media, client }, pty);
  }

  /** A call of a port with a far end on `peerPort`. */
  async call(port: number, peerPort: number): Promise<string> {
    const session = `bench-${port}`;
    this.board.phone(port)?.lift();
    const opened = await this.client.request({
      type: 'rtpOpen',
      session,
      localHost: this.host,
      note: 'bench',
    });
    if (!opened.ok) throw new Error(opened.error.say);
    const to = { host: PEER, port: peerPort, payloadType: 0, dtmfPayloadType: null };
    await this.client.request({ type: 'rtpConnect', session, ...to });
    await this.client.request({ type: 'attach', port, attachment: { to: 'rtp', session } });
    return session;
  }

  /** CPU of the media process so far, in ms. */
  get cpuMs(): number {
    const fields = readFileSync(`/proc/${this.media.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS_PER_SECOND;
  }

  async stop(): Promise<void> {
    this.client.stop();
    await this.board.stop();
    for (const child of [this.media, this.#pty]) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
    }
  }
}

function started(command: string, args: readonly string[], sign: string): Promise<ChildProcess> {
  const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  return new Promise((resolve, reject) => {
    let text = '';
    const listen = (chunk: Buffer): void => {
      text = (text + chunk.toString()).slice(-4_000);
      if (text.includes(sign)) resolve(child);
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.once('exit', (code) => reject(new Error(`${command} ended with ${code}: ${text.slice(-500)}`)));
  });
}

function connected(socketPath: string, log: ReturnType<typeof createLog>): Promise<MediaClient> {
  return new Promise((resolve) => {
    const client: MediaClient = new MediaClient({
      socketPath,
      clock: systemClock,
      log,
      onConnected: () => resolve(client),
      onEvent: () => {},
      onLost: () => {},
    });
    client.start();
  });
}

async function boundSocket(): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, PEER, resolve));
  return socket;
}

/** One fax: a machine on a phone socket of the board, a server at the far end. Even ports send, odd ones receive. */
class CrowdFax {
  readonly receiveFile: string;
  readonly #machine: FaxMachine;
  readonly #server: ServerSide;
  readonly #socket: Socket;
  #target: { readonly host: string; readonly port: number } | undefined;

  constructor(port: number, folder: string, sendFile: string, socket: Socket) {
    this.receiveFile = join(folder, `received-${port}.tiff`);
    this.#socket = socket;
    const shared = { ecm: true, modems: 'v17' as const, onEnd: () => {} };
    const caller = { ...shared, calling: true, ident: '0355550160', sendFile };
    const answerer = { ...shared, calling: false, ident: '0355550100', receiveFile: this.receiveFile };
    const [near, far] = port % 2 === 0 ? [caller, answerer] : [answerer, caller];
    const opened = FaxMachine.open(near);
    if (!opened.ok) throw new Error(opened.error.say);
    this.#machine = opened.value;
    this.#server = new ServerSide(far, CLEAN_LINK, (crossing: Crossing) => {
      if ('udptl' in crossing && this.#target !== undefined)
        socket.send(crossing.udptl, this.#target.port, this.#target.host);
    });
    socket.on('message', (udptl, from) => {
      this.#target = { host: from.address, port: from.port };
      this.#server.receive({ udptl });
    });
  }

  async begin(box: Box, port: number): Promise<void> {
    const { version, errorCorrection, redundancy, ecm, modems } = CLEAN_LINK;
    const style = {
      version,
      errorCorrection,
      redundancy,
      ecm,
      modems,
      maxDatagram: CLEAN_LINK.maxDatagramBytes,
    };
    const session = await box.call(port, this.#socket.address().port);
    const to = { host: PEER, port: this.#socket.address().port };
    const opened = await box.client.request({ type: 'faxOpen', session, ...to, ...style });
    if (!opened.ok) throw new Error(opened.error.say);
    const phone = box.board.phone(port);
    if (phone === undefined) return;
    const sound = new Int16Array(80);
    phone.mouth = () => {
      this.#machine.transmit(sound);
      return sound;
    };
    phone.ear = (samples) => this.#machine.receive(samples);
  }

  step(nowMs: number): void {
    this.#server.step(nowMs);
  }

  get ended(): boolean {
    return this.#machine.end !== null && this.#server.machine.end !== null;
  }

  close(): void {
    this.#machine.terminate();
    this.#server.machine.terminate();
    this.#machine.close();
    this.#server.close();
    this.#socket.close();
  }
}

/** A voice call whose frames carry their number; notes how long each takes to its RTP packet. */
async function probeCall(box: Box, port: number, delaysMs: number[], countFromMs: number): Promise<Socket> {
  const socket = await boundSocket();
  const spokenMs = new Float64Array(0x1_0000);
  let number = 0;
  socket.on('message', (datagram) => {
    const nowMs = performance.now();
    const packet = decodeRtp(datagram);
    // The newer frame of a packet: the older one waited for it, which is packetisation and no delay of ours.
    const mark = packet.ok ? readMark(packet.value.payload, 80) : undefined;
    if (mark !== undefined && nowMs >= countFromMs) delaysMs.push(nowMs - (spokenMs[mark] ?? 0));
  });
  await box.call(port, socket.address().port);
  const phone = box.board.phone(port);
  if (phone !== undefined)
    phone.mouth = () => {
      number = (number + 1) & 0xffff;
      spokenMs[number] = performance.now();
      return markedFrame(number);
    };
  return socket;
}

/** The boards and the far ends are the ruler: other programs must not bend it, nor they what they measure. */
function goAside(): void {
  try {
    setPriority(-10);
  } catch {
    process.stderr.write('no right to a higher priority: a busy machine shows in the figures\n');
  }
  if (cpus().length > 1) spawnSync('taskset', ['-cp', `1-${cpus().length - 1}`, String(process.pid)]);
}

/** Eight faxes through one media process and four calls through another, both on one core, in real time. */
export async function measureCrowd(): Promise<Crowd> {
  goAside();
  const folder = mkdtempSync(join(tmpdir(), 'engawa-crowd-'));
  const pages = [drawTestPage('letter', 'standard', 1)];
  const sendFile = join(folder, 'sent.tiff');
  writePages(sendFile, pages);
  const boxes: Box[] = [];
  const faxes: CrowdFax[] = [];
  const sockets: Socket[] = [];
  try {
    const faxBox = await Box.start(folder, FAX_HOST, FAXES);
    boxes.push(faxBox);
    const callBox = await Box.start(folder, CALL_HOST, CALLS);
    boxes.push(callBox);
    const delaysMs: number[] = [];
    for (let port = 1; port <= CALLS; port++)
      sockets.push(await probeCall(callBox, port, delaysMs, performance.now() + SETTLE_MS));
    for (let port = 1; port <= FAXES; port++)
      faxes.push(new CrowdFax(port, folder, sendFile, await boundSocket()));
    await Promise.all(faxes.map((fax, index) => fax.begin(faxBox, index + 1)));
    const before = boxes.map((box) => box.cpuMs);
    const seconds = await untilEnded(faxes);
    const [faxCpu = 0, callCpu = 0] = boxes.map((box, index) => box.cpuMs - (before[index] ?? 0));
    const percent = (cpuMs: number): number => Math.round(cpuMs / seconds) / 10;
    const figures = { faxCpuPercent: percent(faxCpu), callCpuPercent: percent(callCpu), seconds };
    // A received file is whole only when its machine is done.
    const files = faxes.splice(0).map((fax) => {
      fax.close();
      return fax.receiveFile;
    });
    const identical = files.filter((file) => arrived(file, pages)).length;
    return { faxes: FAXES, identical, calls: CALLS, delayMs: percentiles(delaysMs), ...figures };
  } finally {
    for (const fax of faxes) fax.close();
    for (const socket of sockets) socket.close();
    for (const box of boxes) await box.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function arrived(file: string, pages: Parameters<typeof comparePages>[0]): boolean {
  const read = readPages(file);
  return read.ok && comparePages(pages, read.value).identical;
}

/** Drives the servers by the machine's clock until all faxes are over; answers the seconds. */
async function untilEnded(faxes: readonly CrowdFax[]): Promise<number> {
  const startedMs = performance.now();
  let steppedMs = 0;
  while (!faxes.every(({ ended }) => ended) && steppedMs < MOST_SECONDS * 1_000) {
    await pause(STEP_MS / 2);
    while (steppedMs + STEP_MS <= performance.now() - startedMs) {
      steppedMs += STEP_MS;
      for (const fax of faxes) fax.step(steppedMs);
    }
  }
  return steppedMs / 1_000;
}

function percentiles(values: readonly number[]): Crowd['delayMs'] {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (share: number): number =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 100) / 100;
  return { p50: at(0.5), p99: at(0.99), max: at(1), count: sorted.length };
}
