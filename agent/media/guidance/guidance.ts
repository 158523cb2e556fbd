import { ulawDecodeBlock } from '../../../lib/dsp/g711.ts';
import { JAPAN_TONES } from '../../../lib/dsp/tone-plan.ts';
import { TonePlayer } from '../../../lib/dsp/tone-player.ts';
import { GUIDES, type GuideName, type ToneName } from '../protocol.ts';
import { RECORDINGS } from './recordings.ts';

/** Whatever fills the next samples of an ear. */
export interface Player {
  fill(out: Int16Array): void;
}

/** Said twice with this pause, then congestion tone until the handset is down. */
const TIMES = 2;
const PAUSE_SAMPLES = 6_400;

const decoded = new Map<GuideName, Int16Array>();

/** The linear samples of a recording, 8,000 a second. */
export function guideSamples(guide: GuideName): Int16Array {
  const known = decoded.get(guide);
  if (known !== undefined) return known;
  const ulaw = Buffer.from(RECORDINGS[guide], 'base64');
  const samples = new Int16Array(ulaw.length);
  ulawDecodeBlock(ulaw, samples);
  decoded.set(guide, samples);
  return samples;
}

/** Spoken guidance from its beginning, for an ear that would hear nothing or a tone that explains nothing. */
export class GuidancePlayer implements Player {
  readonly #samples: Int16Array;
  readonly #after = new TonePlayer(JAPAN_TONES.congestion);
  #at = 0;

  constructor(guide: GuideName) {
    this.#samples = guideSamples(guide);
  }

  fill(out: Int16Array): void {
    const turn = this.#samples.length + PAUSE_SAMPLES;
    if (this.#at >= TIMES * turn) {
      this.#after.fill(out);
      return;
    }
    for (let index = 0; index < out.length; index++, this.#at++) {
      out[index] = this.#at < TIMES * turn ? (this.#samples[this.#at % turn] ?? 0) : 0;
    }
  }
}

/** True when a tone is spoken. */
export function isGuide(tone: ToneName): tone is GuideName {
  return GUIDES.some((guide) => guide === tone);
}
