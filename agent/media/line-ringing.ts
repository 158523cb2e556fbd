import type { FxsBoard, PortCommand, RingCadence } from '../../hal/board.ts';
import type { Clock, Timer } from '../../lib/base/clock.ts';
import { ok, type Result, refuse, unreachable } from '../../lib/base/errors.ts';
import { ULAW_SILENCE, ulawEncodeBlock } from '../../lib/dsp/g711.ts';
import { encodeDisplayFrame } from '../../lib/dsp/number-display/frame.ts';
import type { CallerDisplay } from '../../lib/dsp/number-display/message.ts';
import { modulateFrame } from '../../lib/dsp/number-display/modulator.ts';
import type { Line } from './line.ts';
import {
  DISPLAY_TIMES,
  type DisplayEffect,
  type DisplayInput,
  type DisplayState,
  type DisplayTimes,
  stepDisplay,
} from './line-display.ts';

const SAMPLES_PER_MS = 8;
/** Silence after the data, so that its end does not meet whatever the board plays next. */
const TAIL_SAMPLES = 80;

export interface LineRingingOptions {
  readonly board: FxsBoard;
  readonly clock: Clock;
  readonly times?: Partial<DisplayTimes> | undefined;
  /** A person lifted the handset, where the board's word alone did not say so. */
  onLifted(line: Line): void;
  warn(code: string, say: string): void;
}

/** What a port is rung for. */
interface Ringing {
  state: DisplayState;
  cadence: RingCadence;
  data: Uint8Array;
  timer: Timer | undefined;
  endTimer: Timer | undefined;
}

/**
 * Rings the phones, those with Number Display by their sequence. It runs here and not in the agent because its times are
 * those of the line: the agent says once who calls, and hears of the handset only when a person lifts it.
 */
export class LineRinging {
  readonly #options: LineRingingOptions;
  readonly #times: DisplayTimes;
  readonly #ringing = new Map<Line, Ringing>();

  constructor(options: LineRingingOptions) {
    this.#options = options;
    this.#times = { ...DISPLAY_TIMES, ...options.times };
  }

  /** Rings, or changes how it rings. Errors: `media.lineOffHook`, `media.boardBusy`. */
  ring(
    line: Line,
    cadence: RingCadence,
    display: CallerDisplay | undefined,
    forMs: number | undefined,
  ): Result<null> {
    if (line.offHook) {
      const say = `Port ${line.port} is off hook; it cannot ring.`;
      return refuse({ code: 'media.lineOffHook', fault: 'caller', say });
    }
    const port = this.#portOf(line);
    port.cadence = cadence;
    const shows = display !== undefined && this.#boardShows(line);
    if (shows) port.data = dataOf(display);
    const told = this.#begin(line, port, shows);
    if (told.ok) {
      line.ringing = true;
      this.#endAfter(line, port, forMs);
    }
    return told;
  }

  ringStop(line: Line): Result<null> {
    line.ringing = false;
    const port = this.#portOf(line);
    port.endTimer?.cancel();
    if (port.state.at === 'idle') return this.#command(line, { type: 'ringStop' });
    this.#step(line, port, { type: 'cancel' });
    return ok(null);
  }

  /** Whether the change of the loop belongs to a display, and is nobody's answer. */
  loop(line: Line, closed: boolean): boolean {
    const port = this.#ringing.get(line);
    if (port === undefined || port.state.at === 'idle') return false;
    this.#step(line, port, { type: 'loop', closed });
    return true;
  }

  /** The board is gone: nothing rings any more. */
  lost(): void {
    for (const [line, port] of this.#ringing) {
      line.ringing = false;
      port.endTimer?.cancel();
      this.#step(line, port, { type: 'lost' });
    }
  }

  stop(): void {
    for (const port of this.#ringing.values()) {
      port.timer?.cancel();
      port.endTimer?.cancel();
    }
  }

  #portOf(line: Line): Ringing {
    const known = this.#ringing.get(line);
    if (known !== undefined) return known;
    const made: Ringing = {
      state: { at: 'idle' },
      cadence: [],
      data: new Uint8Array(),
      timer: undefined,
      endTimer: undefined,
    };
    this.#ringing.set(line, made);
    return made;
  }

  #begin(line: Line, port: Ringing, shows: boolean): Result<null> {
    if (port.state.at === 'ringing') return this.#command(line, { type: 'ring', cadence: port.cadence });
    if (port.state.at !== 'idle' || shows) {
      this.#step(line, port, { type: 'call' });
      return ok(null);
    }
    return this.#command(line, { type: 'ring', cadence: port.cadence });
  }

  #boardShows(line: Line): boolean {
    const capabilities = this.#options.board.identity?.capabilities ?? [];
    if (capabilities.includes('polarity') && capabilities.includes('callerIdAudio')) return true;
    const say = `Port ${line.port} rings without Number Display: this board cannot reverse the line and play data.`;
    this.#options.warn('line.noDisplay', say);
    return false;
  }

  #endAfter(line: Line, port: Ringing, forMs: number | undefined): void {
    port.endTimer?.cancel();
    port.endTimer =
      forMs === undefined
        ? undefined
        : this.#options.clock.after(forMs, 'media ring', () => void this.ringStop(line));
  }

  #step(line: Line, port: Ringing, input: DisplayInput): void {
    const dataMs = port.data.length / SAMPLES_PER_MS;
    const { state, effects } = stepDisplay(port.state, input, this.#times, dataMs);
    port.state = state;
    for (const effect of effects) this.#run(line, port, effect);
  }

  #run(line: Line, port: Ringing, effect: DisplayEffect): void {
    switch (effect.do) {
      case 'reverse':
        this.#command(line, { type: 'polarity', reversed: effect.on });
        return;
      case 'ring': {
        const start = [this.#times.startOnMs, this.#times.startOffMs];
        this.#command(line, { type: 'ring', cadence: effect.what === 'start' ? start : port.cadence });
        return;
      }
      case 'ringStop':
        this.#command(line, { type: 'ringStop' });
        return;
      case 'send':
        this.#command(line, { type: 'callerId', ulaw: port.data });
        return;
      case 'arm':
        port.timer?.cancel();
        port.timer = this.#options.clock.after(effect.ms, 'media number display', () => {
          port.timer = undefined;
          this.#step(line, port, { type: 'timer' });
        });
        return;
      case 'disarm':
        port.timer?.cancel();
        port.timer = undefined;
        return;
      case 'lifted':
        port.endTimer?.cancel();
        this.#options.onLifted(line);
        return;
      default:
        unreachable(effect);
    }
  }

  #command(line: Line, command: PortCommand): Result<null> {
    if (this.#options.board.command(line.port, command)) return ok(null);
    return refuse({
      code: 'media.boardBusy',
      fault: 'environment',
      say: `Port ${line.port} did not take ${command.type}: the board is down or its queue is full.`,
    });
  }
}

/** The frame as the board plays it. */
function dataOf(display: CallerDisplay): Uint8Array {
  const samples = modulateFrame(encodeDisplayFrame(display));
  const data = new Uint8Array(samples.length + TAIL_SAMPLES).fill(ULAW_SILENCE);
  data.set(ulawEncodeBlock(samples));
  return data;
}
