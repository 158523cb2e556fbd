import { createSocket, type Socket } from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FaxBuffer } from '../../../agent/media/fax-buffer.ts';
import {
  MediaClient,
  type MediaCommand,
  type MediaEvent,
  type MediaValue,
} from '../../../agent/media/index.ts';
import { SimControl } from '../../../hal/sim/control-client.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { silentLog } from '../../../lib/base/log.ts';
import type { FaxMachineOptions } from '../../../lib/dsp/fax/fax-options.ts';
import { comparePages, type Page, readPages, writePages } from '../../../lib/dsp/fax/page-file.ts';
import { decodeRtp, encodeRtp } from '../../../lib/voice/rtp/packet.ts';
import { CLEAN_LINK } from '../../../scripts/benches/fax-link.part.ts';
import { BoxSide, type Crossing, type FaxSide, ServerSide } from '../../../scripts/benches/fax-side.part.ts';
import { Program } from '../../support/program.ts';
import { type PtyPair, startPtyPair } from '../../support/pty-pair.ts';

/** How a fax crosses the network in a rig. */
export type Way = 't38' | 'sound';

const STEP_MS = 10;
/** The far end hides what a busy machine adds to the stalls: what is looked at is our end. */
const FAR_BUFFER = 400 * 8;
const WAY = {
  version: 0,
  errorCorrection: 'redundancy',
  redundancy: 3,
  maxDatagram: 400,
  ecm: true,
} as const;

const now = (): number => systemClock.monotonicMs();
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The other fax machine, on the network, in this process: it keeps time by absolute deadlines and makes up what it missed. */
class FarMachine {
  readonly #side: FaxSide;
  readonly #socket: Socket;
  readonly #timer: NodeJS.Timeout;
  readonly localPort: number;
  to: { readonly host: string; readonly port: number } | undefined;

  constructor(socket: Socket, way: Way, machine: FaxMachineOptions) {
    this.#socket = socket;
    this.localPort = socket.address().port;
    const send = (crossing: Crossing): void => {
      const datagram = 'udptl' in crossing ? crossing.udptl : encodeRtp(crossing.rtp);
      if (this.to !== undefined) socket.send(datagram, this.to.port, this.to.host);
    };
    this.#side =
      way === 't38'
        ? new ServerSide(machine, CLEAN_LINK, send)
        : new BoxSide(
            machine,
            CLEAN_LINK,
            Number.POSITIVE_INFINITY,
            undefined,
            send,
            () => {},
            new FaxBuffer(FAR_BUFFER),
          );
    socket.on('message', (datagram) => {
      if (way === 't38') this.#side.receive({ udptl: datagram });
      else {
        const rtp = decodeRtp(datagram);
        if (rtp.ok) this.#side.receive({ rtp: rtp.value });
      }
    });
    const started = now();
    let passedMs = 0;
    this.#timer = setInterval(() => {
      while (this.to !== undefined && passedMs + STEP_MS <= now() - started) {
        passedMs += STEP_MS;
        this.#side.step(passedMs);
      }
    }, STEP_MS);
  }

  get ended(): boolean {
    return this.#side.machine.end !== null;
  }

  get said(): string | undefined {
    return this.#side.machine.end?.say;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#side.close();
    this.#socket.close();
  }
}

/** Board, serial line and media process in processes of their own, two fax machines on the lines, two on the network. */
export class StallRig {
  readonly #host: string;
  readonly #peerHost: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'stall-'));
  readonly #events: MediaEvent[] = [];
  #pty: PtyPair | undefined;
  #board: Program | undefined;
  #media: Program | undefined;
  #client: MediaClient | undefined;
  phones: SimControl | undefined;
  #sessions = 0;

  /** `net`: the first three numbers of two addresses of this machine. */
  constructor(net: string) {
    this.#host = `${net}.1`;
    this.#peerHost = `${net}.2`;
  }

  async start(boardFlags: readonly string[]): Promise<void> {
    const [socket, control] = [join(this.#folder, 'media.sock'), join(this.#folder, 'board.sock')];
    const pty = await startPtyPair();
    this.#pty = pty;
    this.#board = new Program('hal/sim/main.ts', [
      '--device',
      pty.board,
      '--control',
      control,
      ...boardFlags,
    ]);
    const media = ['--device', pty.box, '--socket', socket, '--host', this.#host];
    this.#media = new Program('agent/media/main.ts', media);
    await Promise.all([this.#board.ready(), this.#media.ready()]);
    this.phones = await SimControl.connect(control);
    let up = false;
    this.#client = new MediaClient({
      socketPath: socket,
      clock: systemClock,
      log: silentLog(),
      onConnected: (snapshot) => {
        up = snapshot.board !== null;
      },
      onEvent: (event) => {
        if (event.event === 'board') up = event.up;
        this.#events.push(event);
      },
      onLost: () => {},
    });
    this.#client.start();
    await until(() => up);
  }

  async stop(): Promise<void> {
    this.#client?.stop();
    this.phones?.close();
    await this.#media?.stop();
    await this.#board?.stop();
    await this.#pty?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** The media process does not run for so long, again and again, until it is told that this is enough. */
  async stall(lengthsMs: readonly number[], enough: () => boolean): Promise<number> {
    const pid = this.#media?.pid ?? 0;
    let stalls = 0;
    for (; !enough(); stalls++) {
      process.kill(pid, 'SIGSTOP');
      await pause(lengthsMs[stalls % lengthsMs.length] ?? 0);
      process.kill(pid, 'SIGCONT');
      await pause(900);
    }
    return stalls;
  }

  /** A fax from the line on port 2 to the network, or from the network to the line on port 1. */
  async fax(direction: 'out' | 'in', way: Way, pages: readonly Page[], limitMs: number) {
    // Without error correction every gap would be seen on the page; as sound there is always one, by the network's doing.
    const ecm = way === 'sound';
    const { phones } = this;
    if (phones === undefined) throw new Error('the rig is not started');
    const files = { sent: join(this.#folder, `${direction}.tif`), received: join(this.#folder, 'far.tif') };
    const written = writePages(files.sent, pages);
    if (!written.ok) throw new Error(written.error.say);
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, this.#peerHost, resolve));
    const shared = { ecm, modems: 'v17', onEnd: () => {} } as const;
    const far = new FarMachine(
      socket,
      way,
      direction === 'out'
        ? { ...shared, calling: false, ident: '0355550160', receiveFile: files.received }
        : { ...shared, calling: true, ident: '0355550160', sendFile: files.sent },
    );
    const port = direction === 'in' ? 1 : 2;
    let kept = files.received;
    if (direction === 'in') {
      const machine = { folder: join(this.#folder, 'in'), ident: '0355550101', rings: 1, ecm };
      kept = (await phones.faxReceive(port, machine)).file;
      await this.#run({ type: 'ring', port, cadence: [1_000, 2_000] });
    } else await phones.faxSend(port, { ident: '0355550102', file: files.sent, folder: this.#folder, ecm });
    await until(() =>
      this.#events.some((event) => event.event === 'hook' && event.port === port && event.offHook),
    );
    far.to = { host: this.#host, port: await this.#join(port, way, far.localPort) };
    const { result } = await phones.faxResult(port, limitMs);
    await until(() => far.ended, 10_000).catch(() => undefined);
    const read = readPages(kept);
    const said = [result?.say, far.said];
    far.close();
    return { identical: read.ok && comparePages(pages, read.value).identical, said };
  }

  async #join(port: number, way: Way, farPort: number): Promise<number> {
    const session = `s-${++this.#sessions}`;
    const { localPort } = await this.#run({ type: 'rtpOpen', session, localHost: this.#host, note: '' });
    const to = { session, host: this.#peerHost, port: farPort };
    await this.#run({ type: 'rtpConnect', ...to, payloadType: 0, dtmfPayloadType: null });
    await this.#run({ type: 'attach', port, attachment: { to: 'rtp', session } });
    if (way === 't38') await this.#run({ type: 'faxOpen', ...to, ...WAY, modems: 'v17' });
    else await this.#run({ type: 'faxPassthrough', session, because: '' });
    return localPort;
  }

  async #run<Command extends MediaCommand>(command: Command): Promise<MediaValue<Command>> {
    const result = await this.#client?.request(command);
    if (result?.ok !== true) throw new Error(JSON.stringify(result));
    return result.value;
  }
}

async function until(what: () => boolean, limitMs = 30_000): Promise<void> {
  for (const from = now(); !what(); await pause(20)) {
    if (now() - from > limitMs) throw new Error('it did not happen');
  }
}
