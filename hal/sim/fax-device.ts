import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type CodedError, ok, type Result, refuse, unreachable } from '../../lib/base/errors.ts';
import { FaxMachine } from '../../lib/dsp/fax/fax-machine.ts';
import type { FaxEnd, FaxModems } from '../../lib/dsp/fax/fax-options.ts';
import { readPages, writePages } from '../../lib/dsp/fax/page-file.ts';
import { drawTestPage, type TestPageKind, type TestPageResolution } from '../../lib/dsp/fax/test-page.ts';
import { BOARD_FRAME_MS, BOARD_FRAME_SAMPLES } from '../board.ts';
import { Ansam } from './ansam.ts';
import {
  type FaxErrand,
  type FaxErrandEffect,
  type FaxErrandInput,
  type FaxErrandStep,
  startReceiving,
  startSending,
  stepFaxErrand,
} from './fax-errand.ts';
import { LineToneListener } from './line-tone-listener.ts';
import type { Phone } from './phone.ts';

/** What a fax machine is, whichever way the fax goes. */
export interface FaxHabits {
  /** Identification that the other machine shows: at most 20 of digits, `+` and space. */
  readonly ident: string;
  readonly ecm: boolean;
  readonly modems: FaxModems;
  /** Answers with ANSam, as a Super G3 machine, and falls back to G3. */
  readonly superG3: boolean;
}

/** What is to be sent: a TIFF, or pages that are drawn into `folder`. */
export type FaxPages =
  | { readonly from: 'file'; readonly file: string }
  | {
      readonly from: 'drawn';
      readonly kinds: readonly TestPageKind[];
      readonly resolution: TestPageResolution;
      readonly folder: string;
    };

export interface FaxSendOrder extends FaxHabits {
  /** Null: somebody has dialled already, or the machine is to call into a line that is through. */
  readonly number: string | null;
  readonly pages: FaxPages;
}

export interface FaxReceiveOrder extends FaxHabits {
  /** Where the TIFF is written. */
  readonly folder: string;
  /** Answers at this ring, 1 the first. */
  readonly rings: number;
}

/** How a fax of this machine ended. */
export interface FaxResult extends FaxEnd {
  readonly direction: 'send' | 'receive';
  /** The TIFF that was sent, or that holds what was received. */
  readonly file: string;
  /** From lifting the handset to hanging up. */
  readonly tookMs: number;
}

/** The machine as the control socket shows it. */
export interface FaxState {
  readonly at: FaxErrand['at'] | 'idle';
  readonly pages: number;
  readonly result: FaxResult | null;
}

interface Work {
  errand: FaxErrand;
  readonly direction: 'send' | 'receive';
  readonly habits: FaxHabits;
  readonly file: string;
  liftedMs: number;
  /** Why it was broken off from this side. */
  because: string | undefined;
}

const SAY: Readonly<Record<'busy' | 'tooLong' | 'stopped', string>> = {
  busy: 'The line gave busy tone: it is busy, the call was refused, or the other side hung up.',
  tooLong: 'The fax took longer than 10 minutes.',
  stopped: 'The fax was stopped.',
};

/**
 * A fax machine on the wires of a port, beside the phone: it lifts, waits for dial tone, dials, or answers the bell, and
 * hangs up by itself. Its time is the board's: {@link pass} every 10 ms.
 */
export class FaxDevice {
  readonly #port: number;
  readonly #phone: Phone;
  #nowMs = 0;
  #work: Work | undefined;
  #machine: FaxMachine | undefined;
  #ansam: Ansam | undefined;
  #tones = new LineToneListener();
  #result: FaxResult | null = null;
  #pages = 0;
  #number = 0;
  #waiting: { readonly untilMs: number; readonly done: (state: FaxState) => void }[] = [];

  constructor(port: number, phone: Phone) {
    this.#port = port;
    this.#phone = phone;
  }

  get state(): FaxState {
    return { at: this.#work?.errand.at ?? 'idle', pages: this.#pages, result: this.#result };
  }

  /** Begins to send. Refused while it is at work, or when the pages cannot be had. */
  send(order: FaxSendOrder): Result<{ readonly file: string }> {
    const busy = this.#busy();
    if (busy !== undefined) return refuse(busy);
    const pages = this.#pagesOf(order.pages);
    if (!pages.ok) return pages;
    this.#begin('send', order, pages.value, startSending(order.number, this.#nowMs));
    return ok({ file: pages.value });
  }

  /** Answers the next call. Refused while it is at work, or when the folder cannot be had. */
  receive(order: FaxReceiveOrder): Result<{ readonly file: string }> {
    const busy = this.#busy();
    if (busy !== undefined) return refuse(busy);
    try {
      mkdirSync(order.folder, { recursive: true });
    } catch (error) {
      return refuse(badFile(`${order.folder} cannot be made (${String(error)}).`));
    }
    const file = join(order.folder, `fax-${this.#port}-received-${++this.#number}.tif`);
    this.#begin('receive', order, file, startReceiving(order.rings));
    return ok({ file });
  }

  /** Ends what it does; a fax on the line is broken off. */
  stop(): void {
    this.#input({ type: 'stop' });
    this.#work = undefined;
  }

  /** The state as soon as a fax is over and the handset lies, or after `waitMs` of the board's time. */
  whenOver(waitMs: number): Promise<FaxState> {
    if (this.#over || waitMs === 0) return Promise.resolve(this.state);
    return new Promise((done) => this.#waiting.push({ untilMs: this.#nowMs + waitMs, done }));
  }

  /** 10 ms have passed. */
  pass(): void {
    this.#nowMs += BOARD_FRAME_MS;
    this.#input({ type: 'time', ...this.#tones.heard });
    this.#tell();
  }

  bell(on: boolean): void {
    this.#input({ type: 'bell', on });
  }

  /** The next 10 ms that the machine puts on the line; undefined while it does not hold it. */
  mouth(): Int16Array | undefined {
    if (this.#machine === undefined) return undefined;
    const out = new Int16Array(BOARD_FRAME_SAMPLES);
    this.#machine.transmit(out);
    this.#ansam?.cover(out);
    return out;
  }

  /** 10 ms from the line. */
  ear(samples: Int16Array): void {
    if (this.#work === undefined || !this.#phone.offHook) return;
    this.#tones.take(samples);
    this.#machine?.receive(samples);
  }

  get #over(): boolean {
    return this.#result !== null && (this.#work === undefined || this.#work.errand.at === 'over');
  }

  #busy(): CodedError | undefined {
    const working = this.#work !== undefined && this.#work.errand.at !== 'over';
    if (!working && !this.#phone.offHook) return undefined;
    const say = working
      ? `The fax machine on port ${this.#port} is at work; stop it first (faxStop).`
      : `The handset on port ${this.#port} is off its hook; hang up first.`;
    return { code: 'fax.busy', fault: 'caller', say };
  }

  #pagesOf(pages: FaxPages): Result<string> {
    if (pages.from === 'drawn') {
      const file = join(pages.folder, `fax-${this.#port}-sent-${++this.#number}.tif`);
      const drawn = pages.kinds.map((kind, index) => drawTestPage(kind, pages.resolution, index + 1));
      try {
        mkdirSync(pages.folder, { recursive: true });
      } catch (error) {
        return refuse(badFile(`${pages.folder} cannot be made (${String(error)}).`));
      }
      const written = writePages(file, drawn);
      return written.ok ? ok(file) : written;
    }
    if (!existsSync(pages.file)) return refuse(badFile(`There is no file ${pages.file}.`));
    const read = readPages(pages.file);
    if (!read.ok) return read;
    return read.value.length > 0 ? ok(pages.file) : refuse(badFile(`${pages.file} has no page.`));
  }

  #begin(direction: 'send' | 'receive', habits: FaxHabits, file: string, first: FaxErrandStep): void {
    this.#tones = new LineToneListener();
    this.#result = null;
    this.#pages = 0;
    this.#work = { errand: first.errand, direction, habits, file, liftedMs: this.#nowMs, because: undefined };
    this.#carryOut(this.#work, first.effects);
  }

  #input(input: FaxErrandInput): void {
    const work = this.#work;
    if (work === undefined) return;
    const step = stepFaxErrand(work.errand, input, this.#nowMs);
    work.errand = step.errand;
    this.#carryOut(work, step.effects);
  }

  #carryOut(work: Work, effects: readonly FaxErrandEffect[]): void {
    for (const effect of effects) {
      switch (effect.do) {
        case 'lift':
          work.liftedMs = this.#nowMs;
          this.#phone.lift();
          break;
        case 'dial':
          void this.#phone.dial(effect.digits, 'dtmf').then(() => {
            if (this.#work === work) this.#input({ type: 'dialled' });
          });
          break;
        case 'connect':
          this.#connect(work, effect.calling);
          break;
        case 'giveUp':
          this.#giveUp(work, SAY[effect.why]);
          break;
        case 'hangUp':
          this.#hangUp();
          break;
        default:
          unreachable(effect);
      }
    }
  }

  #connect(work: Work, calling: boolean): void {
    const { ident, ecm, modems, superG3 } = work.habits;
    const opened = FaxMachine.open({
      calling,
      ident,
      ecm,
      modems,
      ...(work.direction === 'send' ? { sendFile: work.file } : { receiveFile: work.file }),
      onPage: (pages) => {
        this.#pages = pages;
      },
      onEnd: (end) => {
        this.#finish(work, end);
        this.#input({ type: 'machineEnded' });
      },
    });
    if (!opened.ok) {
      this.#finish(work, { ...NOTHING, say: opened.error.say });
      this.#input({ type: 'machineEnded' });
      return;
    }
    this.#machine = opened.value;
    this.#ansam = superG3 && !calling ? new Ansam() : undefined;
  }

  /** The T.30 machine says how far it came, but not why. */
  #giveUp(work: Work, say: string): void {
    work.because = say;
    this.#machine?.terminate();
    this.#finish(work, { ...NOTHING, pages: this.#pages });
  }

  /** The first word counts: a machine that is stopped afterwards has nothing new to say. */
  #finish(work: Work, end: FaxEnd): void {
    if (this.#work !== work || this.#result !== null) return;
    const tookMs = this.#nowMs - work.liftedMs;
    const why = work.because === undefined ? end : { ...end, ok: false, say: work.because };
    this.#result = { ...why, direction: work.direction, file: work.file, tookMs };
  }

  #hangUp(): void {
    this.#phone.hangUp();
    this.#machine?.close();
    this.#machine = undefined;
    this.#ansam = undefined;
    this.#tell();
  }

  #tell(): void {
    const over = this.#over;
    const due = this.#waiting.filter(({ untilMs }) => over || this.#nowMs >= untilMs);
    if (due.length === 0) return;
    this.#waiting = this.#waiting.filter((waiting) => !due.includes(waiting));
    for (const { done } of due) done(this.state);
  }
}

const NOTHING: FaxEnd = {
  code: -1,
  say: '',
  ok: false,
  pages: 0,
  bitRate: 0,
  ecm: false,
  remoteIdent: null,
  retrains: 0,
  badRows: 0,
};

function badFile(say: string): CodedError {
  return { code: 'fax.file', fault: 'caller', say };
}
