import type {
  BoardEvent,
  BoardIdentity,
  FxsBoard,
  LinkCounters,
  PortAudio,
  PortCommand,
} from '../../../hal/board.ts';
import type { PortNumber } from '../../../lib/base/ids.ts';
import { ULAW_SILENCE } from '../../../lib/dsp/g711.ts';
import type { Program, World } from './world.ts';

const FRAME_MS = 10;
const FRAME_BYTES = 80;
/** Between the start of a media process and the board's word that it is there. */
const HANDSHAKE_MS = 150;

const IDENTITY: BoardIdentity = {
  protocol: { major: 1, minor: 0 },
  model: 'simulated',
  serial: 'S-1',
  firmware: '1.0.0',
  ports: 2,
  bootReason: 'powerOn',
  capabilities: ['pcm'],
  limits: { receiveBytes: 4_096, frameBytes: 1_024 },
};

/** What a phone notices. */
export interface Phone {
  readonly port: PortNumber;
  offHook: boolean;
  ringing: boolean;
  /** What it says into its microphone in the next 10 ms, one byte over and over. */
  says: () => number;
  /** What its ear gets, every 10 ms while it is lifted; the byte in the middle. */
  hears: (byte: number, frame: Uint8Array) => void;
}

/** The board and its phones: they outlive every program. */
export class Hardware {
  readonly world: World;
  readonly phones: readonly Phone[];
  #driver: Driver | undefined;
  #ticking = false;

  constructor(world: World, ports: number) {
    this.world = world;
    this.phones = Array.from({ length: ports }, (_, index) => ({
      port: (index + 1) as PortNumber,
      offHook: false,
      ringing: false,
      says: () => ULAW_SILENCE,
      hears: () => undefined,
    }));
  }

  phone(port: number): Phone {
    const phone = this.phones[port - 1];
    if (phone === undefined) throw new Error(`the board has no port ${port}`);
    return phone;
  }

  /** The end of the serial line in a media process. */
  driver(program: Program): FxsBoard {
    const driver = new Driver(this, program);
    this.#driver = driver;
    program.onDeath(() => {
      if (this.#driver !== driver) return;
      this.#driver = undefined;
      // A board whose box is silent stops ringing.
      for (const phone of this.phones) phone.ringing = false;
    });
    return driver;
  }

  hook(port: number, offHook: boolean): void {
    const phone = this.phone(port);
    if (phone.offHook === offHook) return;
    phone.offHook = offHook;
    const tripped = offHook && phone.ringing;
    phone.ringing = false;
    this.#driver?.happens(
      tripped
        ? { type: 'ringTrip', port: phone.port, tick: 0 }
        : { type: 'hook', port: phone.port, offHook, tick: 0 },
    );
  }

  pulse(port: number, digit: string): void {
    this.#driver?.happens({ type: 'pulseDigit', port: this.phone(port).port, digit, tick: 0 });
  }

  flash(port: number): void {
    this.#driver?.happens({ type: 'flash', port: this.phone(port).port, durationMs: 300, tick: 0 });
  }

  /** The board's own clock; it stands still while nobody has sound. */
  tick(): void {
    if (this.#ticking) return;
    this.#ticking = true;
    const next = (): void => {
      if (this.#driver?.frame() === true || this.phones.some((phone) => phone.offHook)) {
        this.world.later(FRAME_MS, 'board', next);
      } else this.#ticking = false;
    };
    this.world.later(FRAME_MS, 'board', next);
  }
}

/** One run of the driver. */
class Driver implements FxsBoard {
  readonly counters: LinkCounters = noCounters();
  identity: BoardIdentity | undefined;
  readonly #hardware: Hardware;
  readonly #program: Program;
  readonly #sound = new Set<number>();
  #event: ((event: BoardEvent) => void)[] = [];
  #audio: (frames: readonly PortAudio[], tick: number, lost: number) => void = () => undefined;
  #tick = 0;

  constructor(hardware: Hardware, program: Program) {
    this.#hardware = hardware;
    this.#program = program;
  }

  start(): void {
    this.#program.after(HANDSHAKE_MS, 'board', () => {
      this.identity = IDENTITY;
      this.#tell({ type: 'up', board: IDENTITY });
      for (const { port, offHook } of this.#hardware.phones) {
        if (offHook) this.#tell({ type: 'hook', port, offHook, tick: this.#tick });
      }
    });
  }

  async stop(): Promise<void> {}

  command(port: PortNumber, command: PortCommand): boolean {
    if (!this.#program.step(`board: ${command.type}`)) return false;
    const phone = this.#hardware.phone(port);
    if (command.type === 'ring') phone.ringing = !phone.offHook;
    if (command.type === 'ringStop') phone.ringing = false;
    if (command.type === 'audio') {
      if (command.on) this.#sound.add(port);
      else this.#sound.delete(port);
      this.#hardware.tick();
    }
    return true;
  }

  sendAudio(frames: readonly PortAudio[]): void {
    if (!this.#program.alive) return;
    for (const { port, ulaw } of frames) {
      const phone = this.#hardware.phone(port);
      if (phone.offHook) phone.hears(ulaw[FRAME_BYTES / 2] ?? ULAW_SILENCE, ulaw);
    }
  }

  onEvent(listener: (event: BoardEvent) => void): void {
    this.#event.push(listener);
  }

  onAudio(listener: (frames: readonly PortAudio[], tick: number, lost: number) => void): void {
    this.#audio = listener;
  }

  happens(event: BoardEvent): void {
    if (this.identity !== undefined) this.#program.run(() => this.#tell(event));
  }

  /** 10 ms have passed. False: nobody has sound. */
  frame(): boolean {
    if (!this.#program.alive || this.identity === undefined || this.#sound.size === 0) return false;
    this.#tick += FRAME_BYTES;
    const frames = [...this.#sound].map((port) => ({
      port: port as PortNumber,
      ulaw: new Uint8Array(FRAME_BYTES).fill(this.#hardware.phone(port).says()),
    }));
    this.#program.run(() => this.#audio(frames, this.#tick, 0));
    return true;
  }

  #tell(event: BoardEvent): void {
    for (const listener of this.#event) listener(event);
  }
}

function noCounters(): LinkCounters {
  return {
    framesReceived: 0,
    framesSent: 0,
    bytesReceived: 0,
    bytesSent: 0,
    crcErrors: 0,
    framingErrors: 0,
    oversize: 0,
    controlRetransmits: 0,
    controlDuplicates: 0,
    audioGaps: 0,
    audioDroppedForCredit: 0,
    controlDroppedQueueFull: 0,
    restarts: 0,
  };
}
