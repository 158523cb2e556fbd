import type {
  BoardEvent,
  BoardIdentity,
  FxsBoard,
  LinkCounters,
  PortAudio,
  PortCommand,
} from '../../hal/board.ts';
import type { PortNumber } from '../../lib/base/ids.ts';
import { ULAW_SILENCE, ulawDecodeBlock, ulawEncodeBlock } from '../../lib/dsp/g711.ts';

const NO_COUNTERS: LinkCounters = {
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

/** What a fake board says it is. */
export const FAKE_BOARD: BoardIdentity = {
  protocol: { major: 1, minor: 0 },
  model: 'fake',
  serial: 'F-1',
  firmware: '1.0.0',
  ports: 2,
  bootReason: 'powerOn',
  capabilities: ['pcm'],
  limits: { receiveBytes: 4_096, frameBytes: 1_024 },
};

/** A board without a wire: the test is its clock and its phones. */
export class FakeBoard implements FxsBoard {
  readonly commands: { readonly port: number; readonly command: PortCommand }[] = [];
  /** What each ear heard, as linear samples, frame by frame. */
  readonly ears = new Map<number, Int16Array[]>();
  readonly counters: LinkCounters = { ...NO_COUNTERS };
  identity: BoardIdentity | undefined;
  takesCommands = true;
  /** What each microphone says: answers one sample for a position of its port. */
  readonly microphones = new Map<number, (position: number) => number>();
  readonly #audioOn = new Set<number>();
  readonly #listeners: ((event: BoardEvent) => void)[] = [];
  #audio: (frames: readonly PortAudio[], tick: number, lost: number) => void = () => {};
  #tick = 0;

  start(): void {}

  async stop(): Promise<void> {}

  command(port: PortNumber, command: PortCommand): boolean {
    if (!this.takesCommands) return false;
    this.commands.push({ port, command });
    if (command.type === 'audio') {
      if (command.on) this.#audioOn.add(port);
      else this.#audioOn.delete(port);
    }
    return true;
  }

  sendAudio(frames: readonly PortAudio[]): void {
    for (const { port, ulaw } of frames) {
      const heard = this.ears.get(port) ?? [];
      heard.push(ulawDecodeBlock(ulaw));
      this.ears.set(port, heard);
    }
  }

  onEvent(listener: (event: BoardEvent) => void): void {
    this.#listeners.push(listener);
  }

  onAudio(listener: (frames: readonly PortAudio[], tick: number, lost: number) => void): void {
    this.#audio = listener;
  }

  emit(event: BoardEvent): void {
    if (event.type === 'up') this.identity = event.board;
    if (event.type === 'down') this.identity = undefined;
    for (const listener of this.#listeners) listener(event);
  }

  hook(port: number, offHook: boolean): void {
    this.emit({ type: 'hook', port: port as PortNumber, offHook, tick: this.#tick });
  }

  /** 10 ms pass; `lost` frames before this one did not arrive. */
  frame(lost = 0): void {
    this.#tick += lost * 80;
    const frames = [...this.#audioOn].map((port) => ({ port: port as PortNumber, ulaw: this.#speak(port) }));
    this.#tick += 80;
    if (frames.length > 0) this.#audio(frames, this.#tick, lost);
  }

  /** All that an ear heard, in one piece. */
  heard(port: number): Int16Array {
    const frames = this.ears.get(port) ?? [];
    const out = new Int16Array(frames.length * 80);
    for (const [index, frame] of frames.entries()) out.set(frame, index * 80);
    return out;
  }

  #speak(port: number): Uint8Array {
    const microphone = this.microphones.get(port);
    if (microphone === undefined) return new Uint8Array(80).fill(ULAW_SILENCE);
    return ulawEncodeBlock(Int16Array.from({ length: 80 }, (_, at) => microphone(this.#tick + at)));
  }
}
