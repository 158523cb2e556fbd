import type { Clock, Timer } from '../../lib/base/clock.ts';
import { unreachable } from '../../lib/base/errors.ts';
import type { PortNumber } from '../../lib/base/ids.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { Random } from '../../lib/base/random.ts';
import { BOARD_FRAME_MS, type BoardCapability, type BoardIdentity, type PortAudio } from '../board.ts';
import { BOARD_BAUD_RATE } from '../driver/board-driver.ts';
import { type OpenSerialLine, openSerialLine, type SerialLine } from '../driver/serial-line.ts';
import { FRAME, PAYLOAD_LIMIT_BYTES, PROTOCOL_MAJOR, PROTOCOL_MINOR } from '../link/frame.ts';
import type { WireCommand } from '../link/port-messages.ts';
import { BoardLink } from './board-link.ts';
import { type SimBoardState, stateOfPort } from './board-state.ts';
import type { DisplayPhone } from './display-phone.ts';
import type { FaxDevice } from './fax-device.ts';
import { TICKS_PER_MS } from './line-card.ts';
import type { LineCondition } from './line-faults.ts';
import { Measurements } from './measurements.ts';
import type { Phone } from './phone.ts';
import { newSampleClock, nextFrameMs, type SampleClock, takeDueFrames } from './sample-clock.ts';
import { SimPort } from './sim-port.ts';

/** Receive buffer of the simulated board's processor. */
const RECEIVE_BYTES = 32_768;
/** A device that is gone is opened again after this long. */
const REOPEN_MS = 200;
/** A restart by software takes this long. */
const RESTART_MS = 50;
/** So late a box is waited for; what is later than that is a fault of the box, and is heard. */
const BOX_LATE_MS = 250;
/** While it waits it looks this often. */
const LOOK_AGAIN_MS = 2;

/** Commands that only some boards can carry out. */
const NEEDED_CAPABILITY: Readonly<
  Partial<Record<WireCommand['type'], { readonly capability: BoardCapability; readonly frame: number }>>
> = {
  t38: { capability: 't38', frame: FRAME.t38 },
  faxMode: { capability: 't38', frame: FRAME.faxMode },
  measure: { capability: 'gr909', frame: FRAME.measure },
  callerId: { capability: 'callerIdAudio', frame: FRAME.callerId },
  polarity: { capability: 'polarity', frame: FRAME.polarity },
};

export interface SimulatedBoardOptions {
  readonly device: string;
  /** 1–8. */
  readonly ports: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly capabilities?: readonly BoardCapability[];
  /** Announced major version; for tests of foreign boards. */
  readonly protocolMajor?: number;
  readonly open?: OpenSerialLine;
}

/**
 * A board with analog phones, at the other end of a serial device. It speaks the same bytes as hardware and owns the
 * clock of all its audio. Faults can be ordered: see {@link vanish}, {@link restart}, {@link garbage}.
 */
export class SimulatedBoard {
  readonly #options: SimulatedBoardOptions;
  readonly #ports: readonly SimPort[];
  readonly #link: BoardLink;
  readonly #ringListeners: ((port: PortNumber, on: boolean, atMs: number) => void)[] = [];
  readonly #t38Listeners: ((port: PortNumber, sequence: number, ifp: Uint8Array) => void)[] = [];
  #bootReason: BoardIdentity['bootReason'] = 'powerOn';
  #sampleClock: SampleClock = newSampleClock(0);
  #tick = 0;
  /** The board's time since its start, whole ms: the same as `#tick`, without its end. */
  #passedMs = 0;
  #startedMs = 0;
  #offUntilTick: number | undefined;
  readonly #measurements = new Measurements();
  #line: SerialLine | undefined;
  #timer: Timer | undefined;
  #reopenTimer: Timer | undefined;
  #running = false;
  /** Frames are due, and the box has not said what they hold. */
  #waiting = false;
  #starvedSinceMs: number | undefined;
  #waitedMs = 0;

  constructor(options: SimulatedBoardOptions) {
    this.#options = options;
    const events = {
      onEvent: (event: Parameters<BoardLink['sendEvent']>[0]) => this.#link.sendEvent(event),
      onBell: (port: PortNumber, on: boolean) => this.#onBell(port, on),
    };
    this.#ports = Array.from(
      { length: options.ports },
      (_, index) => new SimPort((index + 1) as PortNumber, events),
    );
    this.#link = new BoardLink({
      identity: () => this.#identity(),
      nowMs: () => options.clock.monotonicMs(),
      tick: () => this.#tick,
      write: (bytes) => this.#write(bytes),
      behind: () => this.#line?.behind ?? true,
      onSession: (up) => this.#onSession(up),
      onCommand: (port, command) => this.#onCommand(port, command),
      onAudio: (frames) => this.#onAudio(frames),
    });
  }

  /** Opens the device; a device that is not there is tried again until it is. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#startedMs = this.#options.clock.monotonicMs();
    this.#sampleClock = newSampleClock(this.#startedMs);
    this.#passedMs = 0;
    this.#link.boot();
    this.#openLine();
    this.#arm();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#timer?.cancel();
    this.#reopenTimer?.cancel();
    for (const port of this.#ports) {
      port.fax.stop();
      port.setFaxMode(undefined);
    }
    await this.#line?.close();
    this.#line = undefined;
  }

  /** The phone behind a port, if there is such a port. */
  phone(port: number): Phone | undefined {
    return this.#ports[port - 1]?.phone;
  }

  /** The fax machine behind a port, if there is such a port. */
  fax(port: number): FaxDevice | undefined {
    return this.#ports[port - 1]?.fax;
  }

  /** The display of the phone behind a port. */
  display(port: number): DisplayPhone | undefined {
    return this.#ports[port - 1]?.display;
  }

  /** What is wrong with the wires of a port from now on; undefined: nothing. */
  setFault(port: number, fault: Partial<LineCondition> | undefined): void {
    this.#ports[port - 1]?.setFault(fault);
  }

  /** Caller-ID audio that the box sent for a port, when it has come whole. */
  callerId(port: number): Uint8Array | undefined {
    return this.#ports[port - 1]?.callerId;
  }

  onRing(listener: (port: PortNumber, on: boolean, atMs: number) => void): void {
    this.#ringListeners.push(listener);
  }

  /** Power fails for `ms`: nothing is said and nothing heard, then it boots. */
  vanish(ms: number): void {
    this.#reset(ms, 'powerOn');
  }

  /** The firmware starts again by itself. */
  restart(): void {
    this.#reset(RESTART_MS, 'software');
  }

  /** Random bytes go into the stream between two frames. */
  garbage(bytes: number): void {
    this.#line?.write(this.#options.random.bytes(bytes));
  }

  /** What the box sends to the board's fax processor. */
  onT38(listener: (port: PortNumber, sequence: number, ifp: Uint8Array) => void): void {
    this.#t38Listeners.push(listener);
  }

  /** The board's fax processor sends an IFP packet (boards with `t38` only). */
  sendT38(port: PortNumber, sequence: number, copies: number, ifp: Uint8Array): void {
    this.#link.sendEvent({ type: 't38', port, sequence, copies, ifp });
  }

  state(): SimBoardState {
    return {
      powered: this.#offUntilTick === undefined,
      session: this.#link.up,
      tick: this.#tick,
      slips: this.#sampleClock.slips,
      waitedMs: this.#waitedMs,
      counters: this.#link.counters,
      ports: this.#ports.map(stateOfPort),
    };
  }

  #identity(): BoardIdentity {
    const { capabilities = ['pcm', 'gr909', 'callerIdAudio', 'polarity'], protocolMajor } = this.#options;
    return {
      protocol: { major: protocolMajor ?? PROTOCOL_MAJOR, minor: PROTOCOL_MINOR },
      model: 'Engawa FXS simulator',
      serial: 'SIM-0001',
      firmware: '1.0.0',
      ports: this.#ports.length,
      bootReason: this.#bootReason,
      capabilities,
      limits: { receiveBytes: RECEIVE_BYTES, frameBytes: PAYLOAD_LIMIT_BYTES },
    };
  }

  #openLine(): void {
    const { device, open = openSerialLine, clock, log } = this.#options;
    const again = (why: string): void => {
      this.#line = undefined;
      if (!this.#running) return;
      log.debug({ device, why }, 'the device is closed');
      this.#reopenTimer = clock.after(REOPEN_MS, 'simulated board: open again', () => this.#openLine());
    };
    const onBytes = (bytes: Buffer): void => {
      if (this.#offUntilTick === undefined) this.#link.receive(bytes);
    };
    open(device, BOARD_BAUD_RATE, { onBytes, onClosed: again }).then(
      (line) => {
        if (!this.#running) return line.close();
        this.#line = line;
        return undefined;
      },
      (error: unknown) => again(String(error)),
    );
  }

  #write(bytes: Buffer): void {
    if (this.#offUntilTick === undefined) this.#line?.write(bytes);
  }

  #arm(): void {
    const { clock } = this.#options;
    this.#timer = clock.after(
      Math.max(this.#waiting ? LOOK_AGAIN_MS : 0, nextFrameMs(this.#sampleClock) - clock.monotonicMs()),
      'simulated board: frame',
      () => {
        if (!this.#running) return;
        this.#passDueFrames();
        this.#arm();
      },
    );
  }

  /** Frames one by one, as long as the box keeps up with them. */
  #passDueFrames(): void {
    for (;;) {
      const nowMs = this.#options.clock.monotonicMs();
      const { clock, due } = takeDueFrames(this.#sampleClock, nowMs);
      this.#waiting = due > 0 && this.#waitsForBox(nowMs);
      if (due === 0 || this.#waiting) return;
      this.#sampleClock = { ...clock, frames: clock.frames - due + 1 };
      this.#passFrame();
    }
  }

  /**
   * True while a port that was playing has nothing to play, for a little while. On a busy machine the box is late because
   * it was not let run, which no box beside real hardware would be: the world stands still instead of dropping sound.
   */
  #waitsForBox(nowMs: number): boolean {
    const starved = this.#link.up && this.#ports.some((port) => port.audio && port.playout.starved);
    if (!starved) {
      this.#waitedMs += this.#starvedSinceMs === undefined ? 0 : nowMs - this.#starvedSinceMs;
      this.#starvedSinceMs = undefined;
    } else this.#starvedSinceMs ??= nowMs;
    return this.#starvedSinceMs !== undefined && nowMs - this.#starvedSinceMs < BOX_LATE_MS;
  }

  /** 10 ms of the world: wires, then microphones, then ears. */
  #passFrame(): void {
    const frameTick = this.#tick;
    for (let ms = 0; ms < BOARD_FRAME_MS; ms++) {
      this.#tick = (this.#tick + TICKS_PER_MS) >>> 0;
      this.#passedMs++;
      for (const port of this.#ports) port.passMs(this.#tick, this.#offUntilTick === undefined);
    }
    if (this.#offUntilTick !== undefined && ((this.#tick - this.#offUntilTick) | 0) >= 0) this.#boot();
    const audio: PortAudio[] = [];
    for (const port of this.#ports) {
      port.fax.pass();
      const ulaw = port.microphone();
      if (port.audio) audio.push({ port: port.port, ulaw });
      port.earpiece();
    }
    if (this.#offUntilTick !== undefined) return;
    if (audio.length > 0) this.#link.sendAudio(audio, frameTick);
    for (const measured of this.#measurements.finish(this.#tick)) {
      this.#link.sendEvent({ type: 'measured', ...measured });
    }
    this.#link.poll();
  }

  #reset(offMs: number, bootReason: BoardIdentity['bootReason']): void {
    this.#bootReason = bootReason;
    this.#offUntilTick = (this.#tick + offMs * TICKS_PER_MS) >>> 0;
    for (const port of this.#ports) port.resetCard(this.#tick);
    this.#measurements.clear();
  }

  #boot(): void {
    this.#offUntilTick = undefined;
    this.#link.boot();
  }

  /** A new session is told which phones are off hook: on hook is what the box assumes. */
  #onSession(up: boolean): void {
    for (const port of this.#ports) port.resetSettings(this.#tick);
    this.#measurements.clear();
    this.#options.log.info(
      { event: up ? 'session' : 'sessionEnd' },
      up ? 'the box is here' : 'the box is gone',
    );
    if (!up) return;
    for (const port of this.#ports) {
      if (!port.offHook) continue;
      this.#link.sendEvent({ type: 'hook', port: port.port, offHook: true, tick: this.#tick });
    }
  }

  #onCommand(channel: number, command: WireCommand): void {
    const port = this.#ports[channel - 1];
    if (port === undefined) return;
    const needed = NEEDED_CAPABILITY[command.type];
    if (needed !== undefined && !this.#identity().capabilities.includes(needed.capability)) {
      this.#link.refuse(channel, needed.frame, 'notFitted');
      return;
    }
    switch (command.type) {
      case 'ring':
        if (port.offHook) this.#link.refuse(channel, FRAME.ring, 'busy');
        else port.input(command, this.#tick);
        return;
      case 'ringStop':
        port.input(command, this.#tick);
        return;
      case 'polarity':
        port.setReversed(command.reversed);
        return;
      case 'power':
        port.setPower(command.on);
        return;
      case 'gain':
        port.setGain(command.receiveCentibels, command.transmitCentibels);
        return;
      case 'impedance':
        port.setImpedance(command.preset);
        return;
      case 'callerId':
        port.takeCallerId(command.chunk);
        return;
      case 'audio':
        port.setAudio(command.on, command.leadMs);
        return;
      case 'measure':
        if (!this.#measurements.order(port, command.request, this.#tick))
          this.#link.refuse(channel, FRAME.measure, 'busy');
        return;
      case 'faxMode':
        if (!port.setFaxMode(command.on ? command : undefined))
          this.#link.refuse(channel, FRAME.faxMode, 'notFitted');
        return;
      case 't38':
        port.takeIfp(command.sequence, command.ifp);
        for (const listener of this.#t38Listeners) listener(port.port, command.sequence, command.ifp);
        return;
      default:
        unreachable(command);
    }
  }

  #onAudio(frames: readonly PortAudio[]): void {
    for (const { port, ulaw } of frames) {
      const to = this.#ports[port - 1];
      if (to?.audio === true && !to.faxMode) to.playout.push(ulaw);
    }
  }

  #onBell(port: PortNumber, on: boolean): void {
    // As the board's own clock has it: a stall of this process is none of the ring generator's.
    const atMs = this.#startedMs + this.#passedMs;
    this.#ports[port - 1]?.phone.bell(on, atMs);
    this.#ports[port - 1]?.fax.bell(on);
    for (const listener of this.#ringListeners) listener(port, on, atMs);
  }
}
