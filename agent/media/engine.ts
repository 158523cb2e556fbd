import type { BoardEvent, BoardIdentity, FxsBoard, PortAudio } from '../../hal/board.ts';
import type { Clock, Timer } from '../../lib/base/clock.ts';
import { ok, type Result, refuse, unreachable } from '../../lib/base/errors.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { Random } from '../../lib/base/random.ts';
import { DatagramPool, type Datagrams } from '../../lib/net/datagram-pool.ts';
import { PortRange } from '../../lib/voice/rtp/port-range.ts';
import { Delays } from './delays.ts';
import { FaxCommands } from './fax-commands.ts';
import { KeyPresser } from './key-presser.ts';
import type { Keyed } from './key-watch.ts';
import type { Line } from './line.ts';
import { LineBook, noSuchPort } from './line-book.ts';
import { LineCommands } from './line-commands.ts';
import type { DisplayTimes } from './line-display.ts';
import { LineRinging } from './line-ringing.ts';
import { MediaTap } from './media-tap.ts';
import {
  type FaxTone,
  MEDIA_PROTOCOL,
  type MediaCommand,
  type MediaEvent,
  type MediaFigures,
  type MediaSnapshot,
} from './protocol.ts';
import { QuietFiller } from './quiet-filler.ts';
import type { RtpSession } from './rtp-session.ts';
import { SessionBook } from './session-book.ts';

/** Frames that were lost on the way from the board and are made up, so that time does not shrink; more is a stall. */
const LOST_FRAMES_MADE_UP = 20;
/** How long the media process waits for a new agent before it clears up what nobody needs any more. */
const ORPHAN_LIMIT_MS = 60_000;

export interface MediaEngineOptions {
  readonly board: FxsBoard;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly ports?: PortRange;
  /** Sockets of sound. */
  readonly pool?: Datagrams;
  /** Folder for recordings of lines. */
  readonly captureFolder?: string;
  /** Times of Number Display that differ from an exchange's. */
  readonly displayTimes?: Partial<DisplayTimes> | undefined;
}

/**
 * Joins lines to tones, to the network and to each other. Every 10 ms the board's frame drives all of it: microphones in,
 * packets out, ears out. There is no timer in the sound's way: after a stall the frames that waited are worked off at once,
 * and the packets carry the times they should.
 */
export class MediaEngine {
  readonly #board: FxsBoard;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #startedAt: number;
  readonly #lines = new LineBook((session) => this.#sessions.find(session));
  readonly #delays = new Delays();
  readonly #sessions: SessionBook;
  readonly #lineCommands: LineCommands;
  readonly #ringing: LineRinging;
  readonly #faxCommands: FaxCommands;
  readonly #keys: KeyPresser;
  readonly #quiet: QuietFiller;
  readonly #pool: Datagrams;
  readonly #tap: MediaTap;
  readonly #heardKeys = (session: RtpSession, keyed: Keyed): void => this.#keys.heard(session, keyed);
  #boardDown: MediaSnapshot['boardDown'] = {
    code: 'board.absent',
    say: 'The board has not been heard of yet.',
  };
  #tell: ((event: MediaEvent) => void) | undefined;
  #hasRoom: () => boolean = () => true;
  #orphanTimer: Timer | undefined;
  #measurements = 0;

  constructor(options: MediaEngineOptions) {
    this.#board = options.board;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#startedAt = options.clock.now();
    this.#keys = new KeyPresser(options.clock);
    this.#quiet = new QuietFiller(options.clock);
    this.#pool = options.pool ?? new DatagramPool(options.clock);
    this.#tap = new MediaTap(
      options.clock,
      (event) => this.#emit(event),
      () => this.#hasRoom(),
    );
    const around = {
      tap: this.#tap,
      pool: this.#pool,
      clock: options.clock,
      random: options.random,
      ports: options.ports ?? new PortRange(options.random),
      delays: this.#delays,
      onDigit: (session: string, digit: string) => this.#rtpDigit(session, digit),
      onUntaken: (session: RtpSession, digit: string) => void this.#keys.press(session, digit),
      onKeyed: this.#heardKeys,
      onQuiet: (session: RtpSession, levelDbov: number | undefined) => this.#quiet.set(session, levelDbov),
      onFaxTone: (session: string, from: 'line' | 'network', tone: FaxTone) =>
        this.#emit({ event: 'faxTone', session, from, tone }),
    };
    this.#sessions = new SessionBook(around, (event) => this.#emit(event));
    this.#faxCommands = new FaxCommands(options.board, this.#lines, this.#sessions, (line, alone) =>
      this.#lineCommands.leaveAlone(line, alone),
    );
    this.#lineCommands = new LineCommands({
      board: options.board,
      clock: options.clock,
      lines: this.#lines,
      sessions: this.#sessions,
      captureFolder: options.captureFolder,
      emit: (event) => this.#emit(event),
    });
    this.#ringing = new LineRinging({
      board: options.board,
      clock: options.clock,
      times: options.displayTimes,
      onLifted: (line) => this.#hook(line, true),
      warn: (code, say) => this.warn(code, say),
    });
  }

  start(): void {
    this.#board.onEvent((event) => this.#boardEvent(event));
    this.#board.onAudio((frames, _tick, lostFrames) => this.#audio(frames, lostFrames));
    this.#board.start();
  }

  async stop(): Promise<void> {
    this.#orphanTimer?.cancel();
    this.#tap.off();
    this.#lineCommands.stop();
    this.#keys.stop();
    this.#quiet.stop();
    this.#ringing.stop();
    this.#sessions.closeAll();
    for (const line of this.#lines.all) line.close();
    await this.#board.stop();
  }

  /**
   * An agent is there: it gets every event from now on, and the state so far as the answer. What is only watched is left
   * out while the agent `hasRoom` for no more.
   */
  adopt(tell: (event: MediaEvent) => void, hasRoom: () => boolean = () => true): MediaSnapshot {
    this.#tell = tell;
    this.#hasRoom = hasRoom;
    this.#tap.off();
    this.#orphanTimer?.cancel();
    this.#orphanTimer = undefined;
    return {
      protocol: MEDIA_PROTOCOL,
      startedAt: this.#startedAt,
      board: this.#board.identity ?? null,
      boardDown: this.#boardDown,
      lines: this.#lines.all.map((line) => line.snapshot),
      sessions: this.#sessions.snapshot,
    };
  }

  /** The agent is gone. Talk goes on; ringing that nobody would hear answered, and calls hung up, end after a minute. */
  orphan(): void {
    this.#tell = undefined;
    this.#tap.off();
    this.#clearUpLater();
  }

  /** Tells the agent of something that is wrong. */
  warn(code: string, say: string): void {
    this.#log.warn({ code }, say);
    this.#emit({ event: 'warning', code, say });
  }

  /** Carries out one command of the agent. Never throws; `hello` is the server's. */
  async execute(command: MediaCommand): Promise<Result<unknown>> {
    switch (command.type) {
      case 'hello':
        return refuse({ code: 'media.helloTwice', fault: 'caller', say: 'hello was said already.' });
      case 'logLevel':
        return refuse({ code: 'media.noLog', fault: 'caller', say: 'Only a program has a log level.' });
      case 'lamps':
        return refuse({ code: 'media.noLamps', fault: 'caller', say: 'Only a program has lamps.' });
      case 'ring':
        return this.#withLine(command.port, (line) =>
          this.#ringing.ring(line, command.cadence, command.display, command.forMs),
        );
      case 'ringStop':
        return this.#withLine(command.port, (line) => this.#ringing.ringStop(line));
      case 'attach':
        return this.#withLine(command.port, (line) => this.#lines.attach(line, command.attachment));
      case 'bridge':
      case 'sessionTone':
        return this.#lineCommands.session(command);
      case 'overlay':
      case 'lineSettings':
      case 'probe':
      case 'capture':
      case 'captureStop':
        return this.#withLine(command.port, (line) => this.#lineCommands.line(line, command));
      case 'faxWatch':
      case 'faxMute':
      case 'faxOpen':
      case 'faxPassthrough':
      case 'faxClose':
        return this.#faxCommands.execute(command);
      case 'rtpOpen': {
        const opened = this.#sessions.open(command.session, command.localHost, command.note);
        return opened.ok ? ok(opened.value.opened) : opened;
      }
      case 'rtpConnect': {
        const found = this.#sessions.find(command.session);
        return found.ok ? found.value.connect(command) : found;
      }
      case 'dtmf':
        return this.#press(command.session, command.digits, command.durationMs);
      case 'rtpClose':
        return this.#closeSession(command.session);
      case 'rtpFigures': {
        const found = this.#sessions.find(command.session);
        return found.ok ? ok(found.value.figures) : found;
      }
      case 'measure':
        return this.#withLine(command.port, (line) =>
          this.#lineCommands.measure(line, ++this.#measurements & 0xff),
        );
      case 'trace':
        this.#tap.order(command);
        return ok(null);
      case 'figures':
        return ok(this.#figures());
      default:
        return unreachable(command);
    }
  }

  #press(session: string, digits: string, durationMs: number | undefined): Result<null> {
    const found = this.#sessions.find(session);
    if (!found.ok) return found;
    if (this.#keys.press(found.value, digits, durationMs)) return ok(null);
    const say = `The keys ${digits} cannot be pressed: too many wait already.`;
    return refuse({ code: 'media.keys', fault: 'caller', say });
  }

  #figures(): MediaFigures {
    return {
      link: { ...this.#board.counters },
      rssBytes: process.memoryUsage.rss(),
      heapBytes: process.memoryUsage().heapUsed,
      boardToRtpMs: this.#delays.figures,
      sessions: this.#sessions.size,
    };
  }

  #closeSession(session: string): Result<unknown> {
    const found = this.#sessions.find(session);
    if (!found.ok) return found;
    this.#faxCommands.closing(found.value);
    this.#lines.release(found.value);
    this.#sessions.close(session);
    return ok(found.value.figures);
  }

  #withLine<Value>(port: number, act: (line: Line) => Result<Value>): Result<Value> {
    const line = this.#lines.get(port);
    if (line !== undefined) return act(line);
    const say = this.#boardDown?.say ?? 'The board is down.';
    return this.#lines.size === 0
      ? refuse({ code: 'media.boardDown', fault: 'environment', say })
      : noSuchPort(port, this.#lines.size);
  }

  #boardEvent(event: BoardEvent): void {
    switch (event.type) {
      case 'up':
        this.#boardUp(event.board);
        return;
      case 'down':
        this.#boardDown = { code: event.code, say: event.say };
        // First the reason, then what follows from it: nobody hung up.
        this.#emit({ event: 'board', up: false, code: event.code, say: event.say });
        this.#ringing.lost();
        for (const line of this.#lines.all) {
          line.ringing = false;
          this.#hook(line, false);
        }
        return;
      case 'hook':
      case 'ringTrip': {
        const line = this.#lines.get(event.port);
        if (line === undefined) return;
        const offHook = event.type === 'ringTrip' || event.offHook;
        if (!this.#ringing.loop(line, offHook)) this.#hook(line, offHook);
        return;
      }
      case 'flash':
        this.#emit({ event: 'flash', port: event.port, durationMs: event.durationMs });
        return;
      case 'pulseDigit':
        this.#emit({ event: 'digit', port: event.port, digit: event.digit, by: 'pulse' });
        return;
      case 'fault':
        this.#emit({ event: 'fault', port: event.port, fault: event.fault, present: event.present });
        return;
      case 'measured':
        this.#lineCommands.measured(event.port);
        this.#emit({ event: 'measured', port: event.port, result: event.result });
        return;
      case 'warning':
        this.#emit({ event: 'warning', code: event.code, say: event.say });
        return;
      case 't38':
      case 'faxFrame':
      case 'faxFigures':
        this.#faxCommands.boardSays(event);
        return;
      default:
        unreachable(event);
    }
  }

  #boardUp(board: BoardIdentity): void {
    this.#boardDown = null;
    this.#lines.resize(board.ports);
    this.#lineCommands.boardUp();
    this.#emit({ event: 'board', up: true, board });
  }

  #hook(line: Line, offHook: boolean): void {
    if (line.offHook === offHook) return;
    line.setHook(offHook);
    if (offHook) {
      if (line.ringing) this.#board.command(line.port, { type: 'ringStop' });
      line.ringing = false;
    } else this.#hungUp(line);
    this.#board.command(line.port, { type: 'audio', on: offHook });
    this.#emit({ event: 'hook', port: line.port, offHook });
  }

  /**
   * The call's session is marked, because an agent may be gone, or go before it has ended the call: the next one finds the
   * mark. With no agent there the line falls silent by itself.
   */
  #hungUp(line: Line): void {
    for (const rtp of this.#lines.leftBy(line)) rtp.hungUp(this.#clock.now());
    if (this.#tell !== undefined) return;
    this.#lines.silence(line);
    this.#clearUpLater();
  }

  #clearUpLater(): void {
    this.#orphanTimer?.cancel();
    this.#orphanTimer = this.#clock.after(ORPHAN_LIMIT_MS, 'media orphan', () => {
      this.#orphanTimer = undefined;
      this.#log.warn({ code: 'media.orphan' }, 'no agent came back within a minute');
      this.#sessions.closeHungUp();
      for (const line of this.#lines.all) {
        if (line.ringing) this.#ringing.ringStop(line);
      }
    });
  }

  #audio(frames: readonly PortAudio[], lostFrames: number): void {
    // What has come is filed before it is asked for.
    this.#pool.look();
    const nowMs = this.#clock.monotonicMs();
    const lines: Line[] = [];
    for (const frame of frames) {
      const line = this.#lines.get(frame.port);
      if (line?.offHook) lines.push(line);
    }
    for (let lost = Math.min(lostFrames, LOST_FRAMES_MADE_UP); lost > 0; lost--) {
      for (const line of lines) line.hearMicrophone('lost', nowMs, this.#heardKeys);
      this.#sendEars(lines, nowMs);
    }
    for (const frame of frames) {
      const line = this.#lines.get(frame.port);
      if (!line?.offHook) continue;
      const digits = line.hearMicrophone(frame.ulaw, nowMs, this.#heardKeys);
      for (const digit of digits) this.#emit({ event: 'digit', port: line.port, digit, by: 'dtmf' });
    }
    this.#sendEars(lines, nowMs);
  }

  #sendEars(lines: readonly Line[], nowMs: number): void {
    this.#lines.mix(lines, nowMs);
    if (lines.length > 0) {
      this.#board.sendAudio(lines.map((line) => ({ port: line.port, ulaw: this.#earOf(line) })));
    }
  }

  #earOf(line: Line): Uint8Array {
    const ear = line.nextEar();
    if (this.#tap.sound) this.#tap.heard(line.port, line.microphone, ear);
    return ear;
  }

  #rtpDigit(session: string, digit: string): void {
    for (const line of this.#lines.all) {
      if (this.#lines.hears(line, session)) {
        this.#emit({ event: 'digit', port: line.port, digit, by: 'rtp' });
      }
    }
  }

  #emit(event: MediaEvent): void {
    this.#tell?.(event);
  }
}
