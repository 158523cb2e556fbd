/** Samples of one step of playing: 10 ms. */
export const FRAME_SAMPLES = 80;

/** Sound that is remembered: long enough to compare two periods of the deepest voice. */
const HISTORY_SAMPLES = 400;
/** Pitch is looked for between 66 and 200 Hz: voices below repeat well with a multiple of their period. */
const SHORTEST_PERIOD = 40;
const LONGEST_PERIOD = 120;
/** Sound that is compared to find the period: 20 ms. */
const COMPARED_SAMPLES = 160;
/** The first 10 ms are repeated at full level, then it fades, and after 60 ms there is silence. */
const FADE_FROM_SAMPLES = 80;
const FADE_TO_SAMPLES = 480;
/** Real and made-up sound are blended over 4 ms when the real one comes back. */
const BLEND_SAMPLES = 32;

/**
 * Hides lost packets of voice: repeats the last period of the sound with a fade, joined without a click, and blends back
 * when sound returns. The method is that of ITU-T G.711 Appendix I, without its delay of 3.75 ms.
 */
export class Concealer {
  #history = new Int16Array(HISTORY_SAMPLES);
  readonly #period = new Float64Array(LONGEST_PERIOD);
  #periodSamples = 0;
  /** Samples made up since sound was last real; 0 while it is. */
  #madeUp = 0;
  #at = 0;

  /** Whether the last frame was made up. */
  get concealing(): boolean {
    return this.#madeUp > 0;
  }

  /** Whether the fade has ended: further frames are silence. */
  get faded(): boolean {
    return this.#madeUp >= FADE_TO_SAMPLES;
  }

  /** Takes 10 ms of real sound; blends its beginning, in place, when a gap ends here. */
  good(frame: Int16Array): void {
    if (this.#madeUp > 0) {
      for (let index = 0; index < BLEND_SAMPLES; index++) {
        const share = (index + 1) / (BLEND_SAMPLES + 1);
        frame[index] = Math.round((frame[index] ?? 0) * share + this.#next() * (1 - share));
      }
      this.#madeUp = 0;
    }
    this.#remember(frame);
  }

  /** Makes up 10 ms into `out`. */
  lost(out: Int16Array): void {
    if (this.#madeUp === 0) this.#findPeriod();
    for (let index = 0; index < out.length; index++) out[index] = Math.round(this.#next());
    this.#remember(out);
  }

  #next(): number {
    const past = this.#madeUp++;
    const gain =
      past < FADE_FROM_SAMPLES
        ? 1
        : Math.max(0, 1 - (past - FADE_FROM_SAMPLES) / (FADE_TO_SAMPLES - FADE_FROM_SAMPLES));
    const value = (this.#period[this.#at] ?? 0) * gain;
    this.#at = (this.#at + 1) % this.#periodSamples;
    return value;
  }

  #remember(frame: Int16Array): void {
    this.#history.copyWithin(0, frame.length);
    this.#history.set(frame, HISTORY_SAMPLES - frame.length);
  }

  /** The lag at which the last 20 ms are most like what came before (normalised correlation). */
  #findPeriod(): void {
    const history = this.#history;
    const from = HISTORY_SAMPLES - COMPARED_SAMPLES;
    let best = -Infinity;
    let bestLag = LONGEST_PERIOD;
    for (let lag = SHORTEST_PERIOD; lag <= LONGEST_PERIOD; lag++) {
      let product = 0;
      let energy = 1;
      for (let at = from; at < HISTORY_SAMPLES; at++) {
        const before = history[at - lag] ?? 0;
        product += (history[at] ?? 0) * before;
        energy += before * before;
      }
      const score = product / Math.sqrt(energy);
      if (score > best) {
        best = score;
        bestLag = lag;
      }
    }
    this.#takePeriod(bestLag);
  }

  /** Keeps the last period; its end is blended into what stood before its beginning, so that it loops without a click. */
  #takePeriod(lag: number): void {
    const start = HISTORY_SAMPLES - lag;
    const overlap = lag >> 2;
    for (let index = 0; index < lag; index++) {
      const sample = this.#history[start + index] ?? 0;
      const intoOverlap = index - (lag - overlap);
      if (intoOverlap < 0) this.#period[index] = sample;
      else {
        const share = (intoOverlap + 1) / (overlap + 1);
        this.#period[index] = sample * (1 - share) + (this.#history[start - lag + index] ?? 0) * share;
      }
    }
    this.#periodSamples = lag;
    this.#at = 0;
  }
}
