import type { Clock, Timer } from '../../lib/base/clock.ts';
import type { MediaEvent, TracedDatagram } from './protocol.ts';

/** Together often enough for a live picture, and seldom enough that a packet costs no write of its own. */
const FLUSH_MS = 100;
/** Of one batch: a line to the agent has 1 MiB, in base64 and with the sound of eight lines beside it. */
const BATCH_MOST = 1_000;
const BATCH_BYTES_MOST = 200_000;
/** Sound of one line in a batch, at 8 kHz: a stall of the process is no longer. */
const SOUND_BYTES_MOST = 16_000;

/** What the tap is asked for. */
export interface TapOrder {
  /** Datagrams a second at most; 0: none. */
  readonly perSecond: number;
  /** The sound of lines, both directions. */
  readonly sound: boolean;
}

/** An end of a session's way. */
export interface TapPlace {
  readonly host: string;
  readonly port: number;
}

interface Sound {
  readonly microphone: Uint8Array[];
  readonly ear: Uint8Array[];
  readonly fromMs: number;
  bytes: number;
}

/**
 * Where the sound of the box can be watched: datagrams of sessions, decrypted, and what lines say and hear. While nobody
 * watches, each costs a look at a flag. What is too much is counted and left out: sound never waits for a watcher. Its times
 * are of the monotonic clock: the agent knows the time of day as well, and when it was set.
 */
export class MediaTap {
  /** Whether datagrams are wanted. */
  packets = false;
  /** Whether the sound of lines is wanted. */
  sound = false;
  readonly #clock: Clock;
  readonly #emit: (event: MediaEvent) => void;
  /** Whether the agent takes what it is told. */
  readonly #hasRoom: () => boolean;
  #perSecond = 0;
  #tokens = 0;
  #filledMs = 0;
  #batch: TracedDatagram[] = [];
  #batchBytes = 0;
  #sounds = new Map<number, Sound>();
  #dropped = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock, emit: (event: MediaEvent) => void, hasRoom: () => boolean) {
    this.#clock = clock;
    this.#emit = emit;
    this.#hasRoom = hasRoom;
  }

  /** Watches from now on as told, instead of as before. */
  order({ perSecond, sound }: TapOrder): void {
    const nowMs = this.#clock.monotonicMs();
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
    this.#filledMs = nowMs;
    this.packets = perSecond > 0;
    this.sound = sound;
    if (!this.packets && !sound) this.#end();
    else this.#timer ??= this.#later();
  }

  /** Nobody is there any more to watch. */
  off(): void {
    this.order({ perSecond: 0, sound: false });
  }

  /** A datagram of a session. Its bytes are copied. */
  datagram(
    of: Pick<TracedDatagram, 'session' | 'way' | 'carries' | 'decrypted'>,
    local: TapPlace,
    remote: TapPlace,
    bytes: Uint8Array,
  ): void {
    const nowMs = this.#clock.monotonicMs();
    if (this.#batchBytes + bytes.length > BATCH_BYTES_MOST || !this.#mayTell(nowMs)) {
      this.#dropped++;
      return;
    }
    this.#batchBytes += bytes.length;
    this.#batch.push({
      ...of,
      ...{ atMs: nowMs, local, remote },
      data: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64'),
    });
  }

  /** 10 ms of a line, µ-law. Copied. */
  heard(port: number, microphone: Uint8Array, ear: Uint8Array): void {
    const fromMs = this.#clock.monotonicMs();
    const sound: Sound = this.#sounds.get(port) ?? { microphone: [], ear: [], fromMs, bytes: 0 };
    this.#sounds.set(port, sound);
    if (sound.bytes + ear.length > SOUND_BYTES_MOST) {
      this.#dropped++;
      return;
    }
    sound.microphone.push(Uint8Array.from(microphone));
    sound.ear.push(Uint8Array.from(ear));
    sound.bytes += ear.length;
  }

  #mayTell(nowMs: number): boolean {
    this.#tokens = Math.min(
      this.#perSecond,
      this.#tokens + ((nowMs - this.#filledMs) * this.#perSecond) / 1_000,
    );
    this.#filledMs = nowMs;
    if (this.#tokens < 1 || this.#batch.length >= BATCH_MOST) return false;
    this.#tokens--;
    return true;
  }

  #later(): Timer {
    return this.#clock.after(FLUSH_MS, 'media tap', () => {
      this.#flush();
      this.#timer = this.#later();
    });
  }

  #flush(): void {
    const datagrams = this.#batch;
    const sounds = this.#sounds;
    this.#batch = [];
    this.#batchBytes = 0;
    this.#sounds = new Map();
    if (datagrams.length === 0 && sounds.size === 0 && this.#dropped === 0) return;
    if (!this.#hasRoom()) {
      this.#dropped += datagrams.length + sounds.size;
      return;
    }
    const sound = [...sounds].map(([port, { fromMs, microphone, ear }]) => ({
      ...{ port, fromMs },
      microphone: Buffer.concat(microphone).toString('base64'),
      ear: Buffer.concat(ear).toString('base64'),
    }));
    const dropped = this.#dropped;
    this.#dropped = 0;
    this.#emit({ event: 'traced', sentMs: this.#clock.monotonicMs(), datagrams, sound, dropped });
  }

  #end(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#batch = [];
    this.#batchBytes = 0;
    this.#sounds = new Map();
    this.#dropped = 0;
  }
}
