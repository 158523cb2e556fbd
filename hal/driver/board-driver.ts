import type { Clock, Timer } from '../../lib/base/clock.ts';
import type { PortNumber } from '../../lib/base/ids.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { Random } from '../../lib/base/random.ts';
import type {
  BoardDownCode,
  BoardEvent,
  BoardIdentity,
  FxsBoard,
  LinkCounters,
  PortAudio,
  PortCommand,
} from '../board.ts';
import type { BoardGpio } from '../gpio/gpio.ts';
import { decodeAudio, encodeAudio } from '../link/audio-message.ts';
import {
  encodeFrame,
  FLAG_RELIABLE,
  FRAME,
  type Frame,
  PAYLOAD_LIMIT_BYTES,
  PROTOCOL_MAJOR,
  PROTOCOL_MINOR,
} from '../link/frame.ts';
import { FrameReader, type ReadItem } from '../link/frame-reader.ts';
import { linkDeadlineMs, stepLink } from '../link/link-machine.ts';
import { decodeHello, encodeHelloRequest, type Heartbeat } from '../link/link-messages.ts';
import { type LinkInput, type LinkState, startLink, zeroCounters } from '../link/link-state.ts';
import { decodeEvent, encodeCommand, type PortMessage } from '../link/port-messages.ts';
import { decodeRefusal } from '../link/refusal-message.ts';
import { baudRateIsOff, type OpenSerialLine, openSerialLine, type SerialLine } from './serial-line.ts';
import { newSession, type Session, type SessionInput, sessionDeadlineMs, stepSession } from './session.ts';
import { WarningGate } from './warning-gate.ts';

/** Speed of the board link, 8N1 (hal/README.md says why). */
export const BOARD_BAUD_RATE = 3_000_000;
/** Our receive buffer as told to the board. */
const RECEIVE_BYTES = 65_536;
/** How long the reset line is pulled. */
const RESET_MS = 20;
/** A warning of one code is told at most this often. */
const WARNING_INTERVAL_MS = 1_000;

export interface BoardDriverOptions {
  readonly device: string;
  /** Default {@link BOARD_BAUD_RATE}. */
  readonly baudRate?: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Resets a board that stays silent, tells whether it has power, shows on the line lamp that it is up. */
  readonly gpio?: BoardGpio;
  /** Default: `serialport`. */
  readonly open?: OpenSerialLine;
}

/**
 * The board at the other end of a serial device. Nothing that the board or the device does makes it throw: every fault
 * is a `down` or `warning` event and a recovery. Codes of warnings: `board.garbage`, `board.hearsBadly`, `board.badMessage`,
 * `board.refused`, `board.queueFull`, `board.baud`, `board.power`.
 */
export function createBoardDriver(options: BoardDriverOptions): FxsBoard {
  return new BoardDriver(options);
}

class BoardDriver implements FxsBoard {
  readonly #options: BoardDriverOptions;
  readonly #reader = new FrameReader();
  readonly #gate = new WarningGate(WARNING_INTERVAL_MS);
  readonly #eventListeners: ((event: BoardEvent) => void)[] = [];
  readonly #audioListeners: ((frames: readonly PortAudio[], tick: number, lost: number) => void)[] = [];
  #session: Session = { at: 'stopped' };
  #link: LinkState | undefined;
  #counters: Readonly<LinkCounters> = zeroCounters();
  #line: SerialLine | undefined;
  #generation = 0;
  #boardTick = 0;
  #timer: { handle: Timer; dueMs: number } | undefined;
  #powerWatched = false;
  #closing: Promise<void> = Promise.resolve();

  constructor(options: BoardDriverOptions) {
    this.#options = options;
  }

  get counters(): Readonly<LinkCounters> {
    return this.#link?.counters ?? this.#counters;
  }

  get identity(): BoardIdentity | undefined {
    return this.#session.at === 'up' ? this.#session.identity : undefined;
  }

  onEvent(listener: (event: BoardEvent) => void): void {
    this.#eventListeners.push(listener);
  }

  onAudio(listener: (frames: readonly PortAudio[], tick: number, lostFrames: number) => void): void {
    this.#audioListeners.push(listener);
  }

  start(): void {
    if (this.#session.at !== 'stopped') return;
    this.#session = newSession(this.#nowMs());
    this.#watchPower();
    this.#toSession({ type: 'timer' });
  }

  async stop(): Promise<void> {
    this.#toSession({ type: 'stop' });
    this.#timer?.handle.cancel();
    this.#timer = undefined;
    await this.#closing;
  }

  command(port: PortNumber, command: PortCommand): boolean {
    const link = this.#link;
    const identity = this.identity;
    if (link === undefined || identity === undefined || port < 1 || port > identity.ports) return false;
    const messages = encodeCommand(port, command);
    if (messages.some(({ payload }) => payload.length > payloadLimit(identity))) return false;
    const refusedBefore = link.counters.controlDroppedQueueFull;
    for (const message of messages) this.#sendControl(message);
    return this.counters.controlDroppedQueueFull === refusedBefore;
  }

  sendAudio(frames: readonly PortAudio[]): void {
    const identity = this.identity;
    if (identity === undefined || this.#line === undefined || frames.length === 0) return;
    const payload = encodeAudio(frames);
    const refused = this.#line.behind || payload.length > payloadLimit(identity);
    if (refused) this.#toLink({ type: 'audioRefused' });
    else this.#toLink({ type: 'audio', payload, tick: this.#boardTick });
  }

  #sendControl(message: PortMessage): void {
    this.#toLink({ type: 'control', message: { ...message, tick: this.#boardTick } });
  }

  #nowMs(): number {
    return this.#options.clock.monotonicMs();
  }

  #toSession(input: SessionInput): void {
    const { device, random } = this.#options;
    const freshNonce = random.bytes(4).readUInt32LE(0) || 1;
    const aids = { nowMs: this.#nowMs(), freshNonce, device, ownMajor: PROTOCOL_MAJOR };
    const step = stepSession(this.#session, input, aids);
    this.#session = step.session;
    for (const effect of step.effects) {
      if (effect.do === 'open') this.#open();
      else if (effect.do === 'close') this.#close();
      else if (effect.do === 'reset') this.#reset();
      else if (effect.do === 'ask') this.#ask(effect.nonce);
      else if (effect.do === 'up') this.#up(effect.identity);
      else this.#down(effect.code, effect.say);
    }
    this.#arm();
  }

  #open(): void {
    const { device, baudRate = BOARD_BAUD_RATE, open = openSerialLine } = this.#options;
    const generation = ++this.#generation;
    const current = (): boolean => generation === this.#generation;
    const events = {
      onBytes: (bytes: Buffer) => {
        if (current()) this.#onBytes(bytes);
      },
      onClosed: (why: string) => {
        if (current()) this.#toSession({ type: 'deviceGone', why });
      },
    };
    this.#closing
      .then(() => open(device, baudRate, events))
      .then(
        (line) => {
          if (!current()) return line.close();
          this.#line = line;
          this.#reader.reset();
          if (baudRateIsOff(baudRate, line.realBaudRate)) {
            const say = `${device} runs at ${line.realBaudRate} baud instead of ${baudRate}. Check the UART's clock.`;
            this.#warn('board.baud', say);
          }
          this.#toSession({ type: 'opened' });
          return undefined;
        },
        (error: unknown) => {
          const why = error instanceof Error ? error.message : String(error);
          if (current()) this.#toSession({ type: 'openFailed', why });
        },
      );
  }

  #close(): void {
    this.#generation++;
    this.#dropLink();
    const line = this.#line;
    this.#line = undefined;
    if (line !== undefined) this.#closing = line.close();
  }

  #reset(): void {
    const { gpio, clock, log } = this.#options;
    if (gpio === undefined) return;
    log.warn({ event: 'board.reset' }, 'the silent FXS board is reset');
    gpio.setReset(true);
    clock.after(RESET_MS, 'board driver: reset', () => gpio.setReset(false));
  }

  #watchPower(): void {
    if (this.#powerWatched) return;
    this.#powerWatched = true;
    this.#options.gpio?.onPowerGood((good) => {
      if (!good) this.#warn('board.power', 'The FXS board has lost its supply (power-good is off).');
    });
  }

  #ask(nonce: number): void {
    this.#dropLink();
    const payload = encodeHelloRequest({
      major: PROTOCOL_MAJOR,
      minor: PROTOCOL_MINOR,
      nonce,
      receiveBytes: RECEIVE_BYTES,
    });
    const header = { version: PROTOCOL_MAJOR, channel: 0, flags: 0, seq: 0, ack: 0, tick: 0 };
    this.#line?.write(encodeFrame({ ...header, type: FRAME.helloRequest, payload }));
  }

  #up(identity: BoardIdentity): void {
    this.#link = startLink({
      nowMs: this.#nowMs(),
      receiveBytes: RECEIVE_BYTES,
      peerReceiveBytes: identity.limits.receiveBytes,
      counters: this.#counters,
    });
    this.#options.gpio?.setLed('line', true);
    this.#options.log.info({ event: 'board.up', board: identity }, 'board is up');
    this.#toLink({ type: 'timer', tick: this.#boardTick });
    this.#emit({ type: 'up', board: identity });
  }

  #down(code: BoardDownCode, say: string): void {
    this.#dropLink();
    if (code === 'board.restarted')
      this.#counters = { ...this.#counters, restarts: this.#counters.restarts + 1 };
    this.#options.gpio?.setLed('line', false);
    this.#options.log.warn({ event: 'board.down', code, say }, say);
    this.#emit({ type: 'down', code, say });
  }

  #dropLink(): void {
    this.#counters = this.counters;
    this.#link = undefined;
  }

  #onBytes(bytes: Buffer): void {
    for (const item of this.#reader.push(bytes)) this.#onItem(item);
    if (this.#link !== undefined) this.#toLink({ type: 'flush', tick: this.#boardTick });
  }

  #onItem(item: ReadItem): void {
    if (item.kind === 'bad') {
      this.#onBad(item.fault);
      return;
    }
    if (item.frame.type === FRAME.hello) {
      this.#onHello(item.frame);
      return;
    }
    if (this.#link === undefined) return;
    this.#boardTick = item.frame.tick;
    const before = this.#link.peer;
    this.#toLink({ type: 'frame', frame: item.frame, wireBytes: item.wireBytes });
    const now = this.#link?.peer;
    if (before !== undefined && now !== undefined && damageOf(now) > damageOf(before)) {
      const say = `The FXS board hears the box badly (${damageOf(now)} damaged frames). Check cable and ground.`;
      this.#warn('board.hearsBadly', say);
    }
  }

  /** Before HELLO the rest of an old frame is to be expected, and only counted. */
  #onBad(fault: Extract<ReadItem, { kind: 'bad' }>['fault']): void {
    if (this.#link === undefined) return;
    this.#toLink({ type: 'bad', fault });
    this.#warn(
      'board.garbage',
      `Bytes from the FXS board were not a frame (${fault}). Check cable and ground.`,
    );
  }

  #onHello(frame: Frame): void {
    const hello = decodeHello(frame.payload, PROTOCOL_MAJOR);
    if (hello === undefined) this.#warn('board.badMessage', 'The HELLO of the FXS board cannot be read.');
    else this.#toSession({ type: 'hello', ...hello });
  }

  #toLink(input: LinkInput): void {
    if (this.#link === undefined) return;
    const step = stepLink(this.#link, input, this.#nowMs());
    this.#link = step.state;
    for (const effect of step.effects) {
      if (effect.do === 'send') this.#line?.write(effect.bytes);
      else if (effect.do === 'deliver') this.#deliver(effect.frame, effect.lostAudioFrames);
      else if (effect.do === 'lost') this.#toSession({ type: 'linkLost', why: effect.why });
      else this.#warn('board.queueFull', 'Too many commands wait for the FXS board; one was dropped.');
    }
    this.#arm();
  }

  #deliver(frame: Frame, lostFrames: number): void {
    if (frame.type === FRAME.audio) {
      const frames = decodeAudio(frame.payload);
      if (frames === undefined) this.#warnBadMessage(frame);
      else for (const listener of this.#audioListeners) listener(frames, frame.tick, lostFrames);
      return;
    }
    if (frame.type === FRAME.refused) {
      const refusal = decodeRefusal(frame.payload);
      const what = refusal && `command 0x${refusal.commandType.toString(16)}: ${refusal.reason}`;
      this.#warn(
        'board.refused',
        `The FXS board refused on port ${frame.channel} (${what ?? 'unreadable'}).`,
      );
      return;
    }
    const event = decodeEvent(frame);
    const ports = this.identity?.ports ?? 0;
    if (event !== undefined && frame.channel >= 1 && frame.channel <= ports) this.#emit(event);
    else if (!isUnknownType(frame)) this.#warnBadMessage(frame);
  }

  #warnBadMessage(frame: Frame): void {
    const type = `0x${frame.type.toString(16).padStart(2, '0')}`;
    this.#warn(
      'board.badMessage',
      `A message ${type} of the FXS board on port ${frame.channel} cannot be read.`,
    );
  }

  #warn(code: string, sentence: string): void {
    const count = this.#gate.admit(code, this.#nowMs());
    if (count === 0) return;
    const say = count === 1 ? sentence : `${sentence} (${count} times)`;
    this.#options.log.warn({ event: 'board.warning', code, say }, say);
    this.#emit({ type: 'warning', code, say });
  }

  #emit(event: BoardEvent): void {
    for (const listener of this.#eventListeners) listener(event);
  }

  /** One timer for session and link together. It may fire early and then only arms again. */
  #arm(): void {
    if (this.#session.at === 'stopped') return;
    const linkMs = this.#link === undefined ? Number.POSITIVE_INFINITY : linkDeadlineMs(this.#link);
    const dueMs = Math.min(sessionDeadlineMs(this.#session), linkMs);
    if (dueMs === Number.POSITIVE_INFINITY || (this.#timer !== undefined && this.#timer.dueMs <= dueMs))
      return;
    this.#timer?.handle.cancel();
    const handle = this.#options.clock.after(Math.max(0, dueMs - this.#nowMs()), 'board driver', () => {
      this.#timer = undefined;
      this.#toSession({ type: 'timer' });
      this.#toLink({ type: 'timer', tick: this.#boardTick });
      this.#arm();
    });
    this.#timer = { handle, dueMs };
  }
}

/** What a board announces is not trusted beyond what the protocol allows. */
function payloadLimit(identity: BoardIdentity): number {
  return Math.min(identity.limits.frameBytes, PAYLOAD_LIMIT_BYTES);
}

/** Frames of ours that the board could not read, as its HEARTBEAT counts them. */
function damageOf(beat: Heartbeat): number {
  return beat.crcErrors + beat.framingErrors + beat.overruns;
}

/** A newer minor version may add types; they are acknowledged and otherwise ignored. */
function isUnknownType(frame: Frame): boolean {
  const known: readonly number[] = Object.values(FRAME);
  return !known.includes(frame.type) || (frame.flags & FLAG_RELIABLE) === 0;
}
