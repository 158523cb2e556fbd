/** What the playing should do now. */
export type Slip = 'none' | 'insert' | 'skip';

/** Limits of the delay, all in samples (8 a ms). */
export interface DelayLimits {
  readonly startSamples: number;
  readonly leastSamples: number;
  readonly mostSamples: number;
}

/** 10 ms, the length of every slip. */
const SLIP_SAMPLES = 80;
/** Packets that are looked back on: two seconds of 20 ms packets. */
const WINDOW = 100;
/** Fewer than this tell nothing. */
const WINDOW_LEAST = 10;
/** How many of the worst are forgiven: 2 %. */
const FORGIVEN = 2;
/** Beyond the spread that was seen: two frames. */
const SAFETY_SAMPLES = 160;
const GROW_SLACK_SAMPLES = 40;
const SHRINK_SLACK_SAMPLES = 120;
/** Frames between slips: growing repairs what is heard already, shrinking has time. */
const GROW_PAUSE_FRAMES = 10;
const SHRINK_PAUSE_FRAMES = 20;
/** How long shrinking waits for a quiet frame. */
const SHRINK_PATIENCE_FRAMES = 100;

/**
 * Decides how far playing runs behind arrival. Looks at the margins of the last packets: how many samples before its turn
 * each one came. The delay wanted is the spread of the margins plus two frames, within limits. It follows a sender whose
 * clock drifts, too: the margins then wander to one side until one slip of 10 ms brings them back.
 */
export class PlayoutDelay {
  readonly #limits: DelayLimits;
  #margins: number[] = [];
  #next = 0;
  #sinceSlip = 0;
  #wantedToShrinkFor = 0;

  constructor(limits: DelayLimits) {
    this.#limits = limits;
  }

  get startSamples(): number {
    return this.#limits.startSamples;
  }

  /** Forgets everything: the stream began anew. */
  reset(): void {
    this.#margins = [];
    this.#next = 0;
    this.#sinceSlip = 0;
    this.#wantedToShrinkFor = 0;
  }

  /** Mean time from a packet's arrival to its turn, in samples; the start's before anything came. */
  get meanSamples(): number {
    if (this.#margins.length === 0) return this.#limits.startSamples;
    return this.#margins.reduce((sum, margin) => sum + margin, 0) / this.#margins.length;
  }

  get mostSamples(): number {
    return this.#limits.mostSamples;
  }

  /** A packet came `marginSamples` before its turn; negative is late. */
  note(marginSamples: number): void {
    this.#margins[this.#next] = marginSamples;
    this.#next = (this.#next + 1) % WINDOW;
  }

  /** What to do with the next frame; `quiet` tells that skipping it would not be heard. Called once a frame. */
  decide(quiet: boolean): Slip {
    this.#sinceSlip++;
    if (this.#margins.length < WINDOW_LEAST) return 'none';
    const sorted = [...this.#margins].sort((one, other) => one - other);
    const most = sorted[sorted.length - 1] ?? 0;
    const least = sorted[sorted.length >= WINDOW ? FORGIVEN : 0] ?? 0;
    const { leastSamples, mostSamples } = this.#limits;
    const wanted = Math.min(mostSamples, Math.max(leastSamples, most - least + SAFETY_SAMPLES));
    if (most < wanted - GROW_SLACK_SAMPLES && this.#sinceSlip >= GROW_PAUSE_FRAMES) {
      this.#slipped(SLIP_SAMPLES);
      return 'insert';
    }
    if (most <= wanted + SHRINK_SLACK_SAMPLES) {
      this.#wantedToShrinkFor = 0;
      return 'none';
    }
    this.#wantedToShrinkFor++;
    const patient = !quiet && this.#wantedToShrinkFor < SHRINK_PATIENCE_FRAMES;
    if (patient || this.#sinceSlip < SHRINK_PAUSE_FRAMES) return 'none';
    this.#slipped(-SLIP_SAMPLES);
    return 'skip';
  }

  #slipped(bySamples: number): void {
    this.#margins = this.#margins.map((margin) => margin + bySamples);
    this.#sinceSlip = 0;
    this.#wantedToShrinkFor = 0;
  }
}
