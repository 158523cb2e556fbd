import type { Clock } from '../../../lib/base/clock.ts';
import { ulawDecodeBlock, ulawEncodeBlock } from '../../../lib/dsp/g711.ts';
import { peakOf } from '../../../lib/dsp/level.ts';
import { Ear, type Heard } from '../../sim/ear.ts';

const RATE = 8_000;

/** What somebody says into the phone: a steady tone, or nothing. */
export class Microphone {
  #hz: number | null = null;
  #amplitude = 0;
  #phase = 0;

  speak(hz: number | null, levelDbm0: number): void {
    this.#hz = hz;
    this.#amplitude = peakOf(levelDbm0);
  }

  next(count: number): Int16Array {
    const out = new Int16Array(count);
    if (this.#hz === null) return out;
    const turn = (2 * Math.PI * this.#hz) / RATE;
    for (let at = 0; at < count; at++) {
      out[at] = Math.round(this.#amplitude * Math.sin(this.#phase));
      this.#phase = (this.#phase + turn) % (2 * Math.PI);
    }
    return out;
  }
}

/** A sound packet further off its place than this belongs to another talk. */
const JUMP_SAMPLES = 4_800;
const LISTENERS_MOST = 8;

interface Listener {
  readonly sinceMs: number;
  readonly samples: Int16Array;
  source: string;
  first: number;
  base: number;
}

/** The ear of the handset: whatever the call in hand brings. */
export class Receiver {
  readonly #clock: Clock;
  readonly #listeners = new Set<Listener>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Listens for `ms` from now; what nobody sent is silence. */
  hear(ms: number): Promise<Omit<Heard, 'samples'>> {
    const samples = new Int16Array(ms * 8);
    const listener: Listener = { sinceMs: this.#clock.monotonicMs(), samples, source: '', first: 0, base: 0 };
    if (this.#listeners.size < LISTENERS_MOST) this.#listeners.add(listener);
    return new Promise((resolve) => {
      this.#clock.after(ms, 'phone hears', () => {
        this.#listeners.delete(listener);
        const ear = new Ear(ms);
        ear.take(samples);
        const { levelDbm0, tones, windows } = ear.heard();
        resolve({ levelDbm0, tones, windows });
      });
    });
  }

  /** Sound of a packet, placed by its timestamp: a packet that was lost is a gap. */
  take(source: string, timestamp: number, samples: Int16Array): void {
    const nowMs = this.#clock.monotonicMs();
    for (const listener of this.#listeners) {
      const arrived = Math.round((nowMs - listener.sinceMs) * 8);
      const placed = listener.base + ((timestamp - listener.first) | 0);
      if (listener.source !== source || Math.abs(placed - arrived) > JUMP_SAMPLES) {
        listener.source = source;
        listener.first = timestamp;
        listener.base = arrived;
      }
      const at = listener.base + ((timestamp - listener.first) | 0);
      if (at >= 0 && at < listener.samples.length) {
        listener.samples.set(samples.subarray(0, listener.samples.length - at), at);
      }
    }
  }
}

const ALAW = Int16Array.from({ length: 256 }, (_, byte) => {
  const code = byte ^ 0x55;
  const segment = (code >> 4) & 7;
  const low = ((code & 0x0f) << 4) + 8;
  const value = segment === 0 ? low : (low + 0x100) << (segment - 1);
  return (code & 0x80) === 0 ? -value : value;
});

/** The nearest byte for every 16th linear value; A-law steps are 16 at least. */
const TO_ALAW = Uint8Array.from({ length: 4_096 }, (_, index) => {
  const sample = (index - 2_048) * 16 + 8;
  let best = 0;
  for (let byte = 1; byte < 256; byte++) {
    if (Math.abs((ALAW[byte] ?? 0) - sample) < Math.abs((ALAW[best] ?? 0) - sample)) best = byte;
  }
  return best;
});

/** G.711 by its payload type: 0 µ-law, 8 A-law. */
export function encodeG711(payloadType: number, samples: Int16Array): Buffer {
  if (payloadType !== 8) return Buffer.from(ulawEncodeBlock(samples));
  return Buffer.from(samples.map((sample) => TO_ALAW[(sample >> 4) + 2_048] ?? 0xd5));
}

export function decodeG711(payloadType: number, payload: Buffer): Int16Array {
  return payloadType === 8 ? Int16Array.from(payload, (byte) => ALAW[byte] ?? 0) : ulawDecodeBlock(payload);
}
