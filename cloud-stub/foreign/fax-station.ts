import { FaxMachine } from '../../lib/dsp/fax/fax-machine.ts';
import type { FaxEnd, FaxMachineOptions, T38Version } from '../../lib/dsp/fax/fax-options.ts';
import { T38Terminal } from '../../lib/dsp/fax/t38-terminal.ts';
import { FixedDelay } from './fixed-delay.ts';
import { UdptlReceiver, UdptlSender } from './udptl.ts';
import type { LineEnd, VoiceLine } from './voice-line.ts';

/** A fax machine of the simulated network. */
export interface FaxStationOptions extends Omit<FaxMachineOptions, 'onEnd' | 'onPage' | 'onControlFrame'> {
  /** Pages of `sendFile`: once the other side has confirmed them all, it may hang up before our last signal. */
  readonly pagesToSend?: number;
  /** Older packets that each datagram carries again. */
  readonly redundancy: number;
  /** Told once: how it ended, and on which path. */
  readonly onEnd: (end: FaxEnd, path: FaxPath) => void;
}

/** How the pages travelled: as modem tones in G.711, or as packets. */
export type FaxPath = 'audio' | 't38';

const FRAME_SAMPLES = 160;

/** A T.30 machine on a line of the simulated network, which starts on audio and may be switched to T.38. */
export class FaxStation implements LineEnd {
  readonly #options: FaxStationOptions;
  readonly #line: VoiceLine;
  #machine: FaxMachine | undefined;
  #terminal: T38Terminal | undefined;
  #delay = new FixedDelay();
  #sender: UdptlSender | undefined;
  #receiver = new UdptlReceiver();
  /** Copies of a packet go out one each 20 ms: a burst of losses does not take them all. */
  #repeats: { datagram: Buffer; left: number }[] = [];
  #over = false;
  #silent = false;
  #pages = 0;
  #pagesBy: FaxPath = 'audio';

  constructor(line: VoiceLine, options: FaxStationOptions) {
    this.#line = line;
    this.#options = options;
    this.#openMachine();
    line.connect(this);
  }

  /** From now on packets; the T.30 machine begins anew, as the other side's does. */
  toFax(host: string, port: number, version: T38Version, largestDatagram: number): void {
    this.#line.carry('fax', host, port);
    if (this.#over || this.#terminal !== undefined) return;
    this.#machine?.close();
    this.#machine = undefined;
    this.#sender = new UdptlSender({ redundancy: this.#options.redundancy, largestDatagram });
    this.#receiver = new UdptlReceiver();
    const opened = T38Terminal.open({
      ...this.#options,
      version,
      onIfp: (ifp, copies) => this.#send(ifp, copies),
      onPage: (pages) => this.#page(pages, 't38'),
      onEnd: (end) => this.#end(end, 't38'),
    });
    if (opened.ok) this.#terminal = opened.value;
    else this.#end({ ...NOTHING, say: opened.error.say }, 't38');
  }

  /** Audio again; a fax that had not ended begins anew on it. */
  toAudio(host: string, port: number): void {
    this.#line.carry('audio', host, port);
    if (this.#terminal === undefined) return;
    this.#terminal.close();
    this.#terminal = undefined;
    this.#delay = new FixedDelay();
    if (!this.#over && !this.#allConfirmed) this.#openMachine();
  }

  /** Says nothing any more, and hears nothing: the far end is gone without a word. */
  fallSilent(): void {
    this.#silent = true;
    const say = 'The machine vanished, as it was told.';
    this.#end({ ...NOTHING, pages: this.#pages, say }, this.#terminal === undefined ? 'audio' : 't38');
  }

  /** Breaks off; the end is told before this returns. Afterwards the line is silent. */
  close(): void {
    this.#machine?.terminate();
    this.#terminal?.terminate();
    this.#end(NOTHING, this.#terminal === undefined ? 'audio' : 't38');
    this.#machine?.close();
    this.#terminal?.close();
    this.#machine = undefined;
    this.#terminal = undefined;
    this.#silent = true;
  }

  next(count: number): Int16Array | undefined {
    if (this.#silent) return undefined;
    if (this.#terminal !== undefined) {
      this.#repeat();
      this.#terminal.tick(count);
      return undefined;
    }
    const heard = this.#delay.next();
    if (heard === undefined) this.#machine?.receiveMissing(FRAME_SAMPLES);
    else this.#machine?.receive(heard);
    const out = new Int16Array(count);
    this.#machine?.transmit(out);
    return out;
  }

  audio(timestamp: number, payload: Uint8Array, ssrc: number): void {
    this.#delay.take(timestamp, payload, ssrc);
  }

  fax(datagram: Uint8Array): void {
    if (this.#silent) return;
    for (const { ifp, sequence } of this.#receiver.take(datagram)) this.#terminal?.receiveIfp(ifp, sequence);
  }

  #openMachine(): void {
    const opened = FaxMachine.open({
      ...this.#options,
      onPage: (pages) => this.#page(pages, 'audio'),
      onEnd: (end) => this.#end(end, 'audio'),
    });
    if (opened.ok) this.#machine = opened.value;
    else this.#end({ ...NOTHING, say: opened.error.say }, 'audio');
  }

  #send(ifp: Uint8Array, copies: number): void {
    const datagram = this.#sender?.next(ifp);
    if (datagram === undefined) return;
    this.#line.sendFax(datagram);
    if (copies > 1) this.#repeats.push({ datagram, left: copies - 1 });
  }

  #repeat(): void {
    for (const repeat of this.#repeats) {
      this.#line.sendFax(repeat.datagram);
      repeat.left--;
    }
    this.#repeats = this.#repeats.filter(({ left }) => left > 0);
  }

  get #allConfirmed(): boolean {
    return this.#options.pagesToSend !== undefined && this.#pages >= this.#options.pagesToSend;
  }

  #page(pages: number, path: FaxPath): void {
    this.#pages = pages;
    this.#pagesBy = path;
  }

  /** A sender whose pages are all confirmed has done its work, whoever hangs up before the last DCN. */
  #end(end: FaxEnd, path: FaxPath): void {
    if (this.#over) return;
    this.#over = true;
    const done = !end.ok && this.#allConfirmed;
    const good = {
      ...end,
      ok: true,
      pages: this.#pages,
      say: 'All pages were confirmed; the other side hung up.',
    };
    this.#options.onEnd(done ? good : end, done ? this.#pagesBy : path);
  }
}

const NOTHING: FaxEnd = {
  code: -1,
  say: 'The call ended before the fax did.',
  ok: false,
  pages: 0,
  bitRate: 0,
  ecm: false,
  remoteIdent: null,
  retrains: 0,
  badRows: 0,
};
