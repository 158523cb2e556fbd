const SAMPLE_RATE = 8_000;
/** Samples of one bit at 1,200 bit/s. */
const BIT_SAMPLES = SAMPLE_RATE / 1_200;
/** Between the two tones of V.23: above it is a zero, below a one. */
const CENTRE_HZ = 1_700;
/** A raised cosine of so many samples lets 700 to 2,700 Hz through and stops what mixing leaves beyond. */
const SMOOTH_SAMPLES = 9;
const SMOOTH = Float64Array.from(
  { length: SMOOTH_SAMPLES },
  (_, at) => (1 - Math.cos((2 * Math.PI * (at + 1)) / (SMOOTH_SAMPLES + 1))) / (SMOOTH_SAMPLES + 1),
);
/** Weaker is no carrier: about −45 dBm0. */
const LEAST_POWER = 90 * 90;
/** Ones that must have been heard before a character may begin: 20 ms. */
const LEAST_MARK_SAMPLES = 160;

/**
 * The ear of a phone with a display: a frequency discriminator behind a mixer, and a start-stop receiver. It shares nothing
 * with the signal's maker, so that both cannot be wrong in the same way.
 */
export class DisplayDemodulator {
  readonly #i = new Float64Array(SMOOTH_SAMPLES);
  readonly #q = new Float64Array(SMOOTH_SAMPLES);
  #at = 0;
  #angle = 0;
  #lastI = 0;
  #lastQ = 0;
  #marks = 0;
  #carrier = false;
  /** Samples since the beginning of the start bit; undefined between characters. */
  #since: number | undefined;
  #bits = 0;
  #byte = 0;
  #framingErrors = 0;

  /** Characters whose stop bit was no one. */
  get framingErrors(): number {
    return this.#framingErrors;
  }

  /** Takes what the ear heard; answers the bytes that became whole. */
  push(samples: Int16Array): readonly number[] {
    const bytes: number[] = [];
    for (const sample of samples) {
      const bit = this.#discriminate(sample);
      const byte = bit === undefined ? this.#silence() : this.#receive(bit);
      if (byte !== undefined) bytes.push(byte);
    }
    return bytes;
  }

  #discriminate(sample: number): 0 | 1 | undefined {
    this.#i[this.#at] = sample * Math.cos(this.#angle);
    this.#q[this.#at] = -sample * Math.sin(this.#angle);
    this.#at = (this.#at + 1) % SMOOTH_SAMPLES;
    this.#angle = (this.#angle + (2 * Math.PI * CENTRE_HZ) / SAMPLE_RATE) % (2 * Math.PI);
    const i = this.#smooth(this.#i);
    const q = this.#smooth(this.#q);
    const turn = this.#lastI * q - i * this.#lastQ;
    this.#lastI = i;
    this.#lastQ = q;
    if (i * i + q * q < LEAST_POWER) return undefined;
    return turn > 0 ? 0 : 1;
  }

  #smooth(ring: Float64Array): number {
    let sum = 0;
    for (let tap = 0; tap < SMOOTH_SAMPLES; tap++) {
      sum += (SMOOTH[tap] ?? 0) * (ring[(this.#at + tap) % SMOOTH_SAMPLES] ?? 0);
    }
    return sum;
  }

  #silence(): undefined {
    this.#carrier = false;
    this.#marks = 0;
    this.#since = undefined;
  }

  #receive(bit: 0 | 1): number | undefined {
    if (this.#since === undefined) {
      this.#waitForStart(bit);
      return undefined;
    }
    this.#since++;
    if (this.#since < (this.#bits + 0.5) * BIT_SAMPLES) return undefined;
    return this.#takeBit(bit);
  }

  #waitForStart(bit: 0 | 1): void {
    if (bit === 1) {
      if (++this.#marks >= LEAST_MARK_SAMPLES) this.#carrier = true;
      return;
    }
    this.#marks = 0;
    if (!this.#carrier) return;
    this.#since = 0;
    this.#bits = 0;
    this.#byte = 0;
  }

  /** In the middle of the start bit, the eight of the character, the stop bit. */
  #takeBit(bit: 0 | 1): number | undefined {
    const which = this.#bits++;
    if (which === 0) {
      if (bit === 1) this.#since = undefined;
      return undefined;
    }
    if (which <= 8) {
      this.#byte |= bit << (which - 1);
      return undefined;
    }
    this.#since = undefined;
    if (bit === 1) return this.#byte;
    this.#framingErrors++;
    this.#carrier = false;
    return undefined;
  }
}
