import { dtmfFrequencies, dtmfSamples } from '../../lib/dsp/dtmf-generator.ts';
import { peakOf } from '../../lib/dsp/level.ts';
import { BOARD_FRAME_SAMPLES } from '../board.ts';
import { Ear, type Heard } from './ear.ts';
import { TICKS_PER_MS } from './line-card.ts';

/** How a phone dials. */
export type DialMethod = 'dtmf' | 'pulse10' | 'pulse20';

/** DTMF of a plain Japanese phone: longer than the 50/30 ms and 120 ms period that the regulation asks for. */
const DTMF_ON_MS = 70;
const DTMF_OFF_MS = 70;
/** Each of the two sines. */
const DTMF_LEVEL_DBM0 = -9;

/** Break, make and pause between digits in ms: inside 10 ± 1 pps, make 30–42 % and 20 ± 1.6 pps, make 30–36 %. */
const PULSES = {
  pulse10: { breakMs: 66, makeMs: 34, pauseMs: 700 },
  pulse20: { breakMs: 33, makeMs: 17, pauseMs: 550 },
} as const;

/** One time when the bell began or ended. */
export interface BellMoment {
  readonly on: boolean;
  readonly atMs: number;
}
/** Moments of the bell that are remembered. */
const BELL_HISTORY_LIMIT = 200;

interface LoopChange {
  readonly tick: number;
  readonly closed: boolean;
}

/**
 * An analog phone on two wires: hook switch, dial, microphone, ear, bell. Its time is the board's clock, given in with
 * every call; it never asks for any other.
 */
export class Phone {
  #tick = 0;
  #closed = false;
  #loop: LoopChange[] = [];
  #mouth: { samples: Int16Array; at: number; done: () => void }[] = [];
  #tone: { hz: number; peak: number } | undefined;
  #phase = 0;
  #ears: { ear: Ear; done: (heard: Heard) => void }[] = [];
  #waits: { tick: number; done: () => void }[] = [];
  readonly #bell: BellMoment[] = [];

  get offHook(): boolean {
    return this.#closed;
  }

  get ringing(): boolean {
    return this.#bell.at(-1)?.on ?? false;
  }

  get bellHistory(): readonly BellMoment[] {
    return this.#bell;
  }

  lift(): void {
    this.#loop = [{ tick: this.#tick, closed: true }];
  }

  /** Hanging up ends dialling and speaking. */
  hangUp(): void {
    this.#loop = [{ tick: this.#tick, closed: false }];
    this.#tone = undefined;
    for (const part of this.#mouth.splice(0)) part.done();
    for (const wait of this.#waits.splice(0)) wait.done();
  }

  /** Presses the hook switch for `ms`; resolves when it is released. */
  flash(ms: number): Promise<void> {
    const release = this.#tick + ms * TICKS_PER_MS;
    this.#loop = [
      { tick: this.#tick, closed: false },
      { tick: release, closed: true },
    ];
    return this.#wait(release);
  }

  /** Resolves when the last digit is dialled. Characters that the method does not know are left out. */
  dial(digits: string, by: DialMethod): Promise<void> {
    return by === 'dtmf' ? this.#dialDtmf(digits) : this.#dialPulses(digits, PULSES[by]);
  }

  /** Speaks a steady tone into the microphone, or nothing. */
  speak(tone: { hz: number; levelDbm0: number } | undefined): void {
    this.#tone = tone === undefined ? undefined : { hz: tone.hz, peak: peakOf(tone.levelDbm0) };
  }

  /** Listens for `ms` from now. */
  hear(ms: number): Promise<Heard> {
    return new Promise((resolve) => this.#ears.push({ ear: new Ear(ms), done: resolve }));
  }

  /** One ms of time has passed: is the loop closed? */
  step(tick: number): boolean {
    this.#tick = tick;
    for (let next = this.#loop[0]; next !== undefined && reached(tick, next.tick); next = this.#loop[0]) {
      this.#closed = next.closed;
      this.#loop.shift();
    }
    const due = this.#waits.filter((wait) => reached(tick, wait.tick));
    if (due.length > 0) this.#waits = this.#waits.filter((wait) => !due.includes(wait));
    for (const wait of due) wait.done();
    return this.#closed;
  }

  /** The next 10 ms that the microphone picks up. */
  mouth(): Int16Array {
    const out = new Int16Array(BOARD_FRAME_SAMPLES);
    if (this.#tone !== undefined) {
      const step = (2 * Math.PI * this.#tone.hz) / 8_000;
      for (let index = 0; index < out.length; index++) {
        out[index] = Math.round(this.#tone.peak * Math.sin(this.#phase));
        this.#phase = (this.#phase + step) % (2 * Math.PI);
      }
    }
    const dialled = this.#mouthPart(out.length);
    return dialled ?? out;
  }

  /** 10 ms for the ear; silence when the handset lies on its hook. */
  ear(samples: Int16Array): void {
    const audible = this.#closed ? samples : new Int16Array(samples.length);
    for (const listening of this.#ears) listening.ear.take(audible);
    const done = this.#ears.filter(({ ear }) => ear.full);
    if (done.length === 0) return;
    this.#ears = this.#ears.filter(({ ear }) => !ear.full);
    for (const { ear, done: tell } of done) tell(ear.heard());
  }

  /** Ring voltage came or went. */
  bell(on: boolean, atMs: number): void {
    this.#bell.push({ on, atMs });
    if (this.#bell.length > BELL_HISTORY_LIMIT) this.#bell.shift();
  }

  #dialDtmf(digits: string): Promise<void> {
    const known = [...digits].filter((digit) => dtmfFrequencies(digit) !== undefined);
    const pressed = known.map((digit) => {
      const samples = new Int16Array((DTMF_ON_MS + DTMF_OFF_MS) * 8);
      samples.set(dtmfSamples(digit, DTMF_ON_MS, DTMF_LEVEL_DBM0));
      return new Promise<void>((resolve) => this.#mouth.push({ samples, at: 0, done: resolve }));
    });
    return Promise.all(pressed).then(() => undefined);
  }

  #dialPulses(
    digits: string,
    times: { readonly breakMs: number; readonly makeMs: number; readonly pauseMs: number },
  ): Promise<void> {
    let at = this.#tick;
    for (const digit of digits) {
      if (!/[0-9]/.test(digit)) continue;
      const pulses = digit === '0' ? 10 : Number(digit);
      for (let pulse = 0; pulse < pulses; pulse++) {
        this.#loop.push({ tick: at, closed: false });
        at += times.breakMs * TICKS_PER_MS;
        this.#loop.push({ tick: at, closed: true });
        at += times.makeMs * TICKS_PER_MS;
      }
      at += (times.pauseMs - times.makeMs) * TICKS_PER_MS;
    }
    return this.#wait(at);
  }

  #mouthPart(length: number): Int16Array | undefined {
    if (this.#mouth.length === 0) return undefined;
    const out = new Int16Array(length);
    let filled = 0;
    for (let part = this.#mouth[0]; part !== undefined && filled < length; part = this.#mouth[0]) {
      const piece = part.samples.subarray(part.at, part.at + length - filled);
      out.set(piece, filled);
      filled += piece.length;
      part.at += piece.length;
      if (part.at < part.samples.length) break;
      this.#mouth.shift();
      part.done();
    }
    return out;
  }

  #wait(tick: number): Promise<void> {
    return new Promise((resolve) => this.#waits.push({ tick, done: resolve }));
  }
}

function reached(now: number, due: number): boolean {
  return ((now - due) | 0) >= 0;
}
