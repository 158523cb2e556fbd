import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FxsBoard } from '../../hal/board.ts';
import type { Clock, Timer } from '../../lib/base/clock.ts';
import { ok, type Result, refuse, unreachable } from '../../lib/base/errors.ts';
import type { Line } from './line.ts';
import type { LineBook } from './line-book.ts';
import { LineCapture } from './line-capture.ts';
import type { CaptureBegun, LineSettings, MediaCommand, MediaEvent } from './protocol.ts';
import type { SessionBook } from './session-book.ts';
import { SessionTones } from './session-tones.ts';

/** Commands about lines and sessions that features and technicians ask for. */
export type LineCommand = Extract<
  MediaCommand,
  {
    readonly type:
      | 'overlay'
      | 'sessionTone'
      | 'bridge'
      | 'lineSettings'
      | 'probe'
      | 'capture'
      | 'captureStop';
  }
>;

/**
 * Sound that the board keeps in hand while modems speak: so long may this process stand still without a gap in what a fax
 * machine hears.
 */
const MODEM_LEAD_MS = 300;
const OVERLAY_MS = 60_000;
const PROBE_MS = 60_000;
/** A board that does not answer by then has not understood. */
const MEASURE_LIMIT_MS = 1_000;
/** A recording waits so much longer than its length for a phone that is lifted. */
const CAPTURE_WAIT_MS = 60_000;

export interface LineCommandsOptions {
  readonly board: FxsBoard;
  readonly clock: Clock;
  readonly lines: LineBook;
  readonly sessions: SessionBook;
  /** Folder for recordings; the system's folder for temporary files unless told. */
  readonly captureFolder: string | undefined;
  emit(event: MediaEvent): void;
}

/** Carries out {@link LineCommand}s. What they begin ends by itself, whether an agent lives or not. */
export class LineCommands {
  readonly #options: LineCommandsOptions;
  readonly #tones: SessionTones;
  readonly #overlays = new Map<Line, Timer>();
  readonly #probes = new Map<Line, Timer>();
  readonly #measuring = new Map<Line, Timer>();
  readonly #settings = new Map<number, LineSettings>();

  constructor(options: LineCommandsOptions) {
    this.#options = options;
    this.#tones = new SessionTones(options.clock);
  }

  /** For sessions: `bridge` and `sessionTone`. */
  session(command: Extract<LineCommand, { readonly type: 'bridge' | 'sessionTone' }>): Result<null> {
    const { sessions, lines } = this.#options;
    const found = sessions.find(command.session);
    if (!found.ok) return found;
    if (command.type === 'sessionTone') {
      if (command.tone !== null) lines.release(found.value);
      this.#tones.play(found.value, command.tone);
      return ok(null);
    }
    const other = sessions.find(command.other);
    if (!other.ok) return other;
    if (other.value === found.value) {
      const say = `RTP session ${command.session} cannot be joined to itself.`;
      return refuse({ code: 'media.sameSession', fault: 'caller', say });
    }
    if (found.value.bridgedTo === other.value) return ok(null);
    for (const each of [found.value, other.value]) {
      lines.release(each);
      this.#tones.play(each, null);
    }
    found.value.bridge(other.value);
    return ok(null);
  }

  /** For a line of the board. */
  line(
    line: Line,
    command: Exclude<LineCommand, { readonly type: 'bridge' | 'sessionTone' }>,
  ): Result<null | CaptureBegun> {
    switch (command.type) {
      case 'overlay':
        line.overlay(command.tone);
        this.#later(
          this.#overlays,
          line,
          command.tone === null ? undefined : (command.forMs ?? OVERLAY_MS),
          () => line.overlay(null),
        );
        return ok(null);
      case 'probe':
        line.probe(command.probe);
        this.#later(
          this.#probes,
          line,
          command.probe === null ? undefined : (command.forMs ?? PROBE_MS),
          () => line.probe(null),
        );
        return ok(null);
      case 'lineSettings':
        this.#settings.set(line.port, command.settings);
        return this.#apply(line, command.settings);
      case 'capture':
        return this.#capture(line, command.forMs, command.law);
      case 'captureStop':
        void line.capture?.end('The recording was ended.');
        return ok(null);
      default:
        return unreachable(command);
    }
  }

  /**
   * Has the board measure a line. Sound stands still meanwhile, because a board measures no line that has it: a phone that
   * is off hook can be measured so, and a call hears a gap of a moment.
   */
  measure(line: Line, request: number): Result<null> {
    const { board } = this.#options;
    if (line.offHook) {
      board.command(line.port, { type: 'audio', on: false });
      this.#later(this.#measuring, line, MEASURE_LIMIT_MS, () => this.measured(line.port));
    }
    if (board.command(line.port, { type: 'measure', request })) return ok(null);
    this.measured(line.port);
    const say = `Port ${line.port} did not take the measurement: the board is down or its queue is full.`;
    return refuse({ code: 'media.boardBusy', fault: 'environment', say });
  }

  /** The board has measured, or never will: sound goes on. */
  measured(port: number): void {
    const line = this.#options.lines.get(port);
    if (line === undefined || !this.#measuring.has(line)) return;
    this.#later(this.#measuring, line, undefined, () => {});
    if (line.offHook) this.#options.board.command(line.port, { type: 'audio', on: true });
  }

  /** The board is there, perhaps again: it has forgotten everything. */
  boardUp(): void {
    for (const line of this.#options.lines.all) {
      const settings = this.#settings.get(line.port);
      if (settings !== undefined) this.#apply(line, settings);
    }
  }

  stop(): void {
    this.#tones.stop();
    for (const timer of [...this.#overlays.values(), ...this.#probes.values(), ...this.#measuring.values()])
      timer.cancel();
    for (const line of this.#options.lines.all) void line.capture?.end('The media process was stopped.');
  }

  /** While modems speak on a line, no gain of ours stands between them. */
  leaveAlone(line: Line, alone: boolean): void {
    if (line.offHook) {
      this.#options.board.command(line.port, { type: 'audio', on: true, leadMs: alone ? MODEM_LEAD_MS : 0 });
    }
    const settings = this.#settings.get(line.port);
    if (settings === undefined || (settings.earDb === 0 && settings.microphoneDb === 0)) return;
    this.#gain(line, alone ? { earDb: 0, microphoneDb: 0 } : settings);
  }

  #gain(line: Line, { earDb, microphoneDb }: Pick<LineSettings, 'earDb' | 'microphoneDb'>): boolean {
    return this.#options.board.command(line.port, {
      type: 'gain',
      receiveCentibels: Math.round(earDb * 10),
      transmitCentibels: Math.round(microphoneDb * 10),
    });
  }

  #apply(line: Line, settings: LineSettings): Result<null> {
    const told = this.#gain(line, settings);
    const shaped = this.#options.board.command(line.port, {
      type: 'impedance',
      preset: settings.impedance,
    });
    line.echo = settings.echo;
    if (told && shaped) return ok(null);
    const say = `Port ${line.port} did not take its settings; they are told again when the board comes back.`;
    return refuse({ code: 'media.boardBusy', fault: 'environment', say });
  }

  #later(timers: Map<Line, Timer>, line: Line, forMs: number | undefined, run: () => void): void {
    timers.get(line)?.cancel();
    timers.delete(line);
    if (forMs === undefined) return;
    const timer = this.#options.clock.after(forMs, 'media line command', () => {
      timers.delete(line);
      run();
    });
    timers.set(line, timer);
  }

  #capture(line: Line, forMs: number, law: 'pcm' | 'ulaw'): Result<CaptureBegun> {
    const { captureFolder, clock, emit } = this.#options;
    if (line.capture !== undefined) {
      const say = `Port ${line.port} is being recorded already.`;
      return refuse({ code: 'media.captureRunning', fault: 'caller', say });
    }
    const file = join(captureFolder ?? tmpdir(), `engawa-capture-${process.pid}-${line.port}.wav`);
    const capture = new LineCapture(file, law, forMs, (captured) => {
      line.capture = undefined;
      emit({ event: 'captured', port: line.port, ...captured });
    });
    capture.timer = clock.after(forMs + CAPTURE_WAIT_MS, 'media capture', () => {
      void capture.end('The phone was not off hook for the whole time.');
    });
    line.capture = capture;
    return ok({ file });
  }
}
