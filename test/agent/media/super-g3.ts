import { Ansam } from '../../../hal/sim/ansam.ts';
import { peakOf } from '../../../lib/dsp/level.ts';
import { ModemTones } from '../../../lib/dsp/modem-tones.ts';

/** V.21 channel 1, in which a calling machine says CM (ITU-T V.8 §5, V.21): mark and space, 300 bit/s. */
const MARK_HZ = 980;
const SPACE_HZ = 1_180;
const BIT_SAMPLES = 8_000 / 300;
const LEVEL_DBM0 = -15;
/** So long a machine says CM for an answer before it goes on as G3. */
const CM_SAMPLES = 4 * 8_000;

/** What a Super G3 machine does before G3: the one that answers says ANSam, the one that calls answers it with CM. */
export class SuperG3 {
  readonly #tones: ModemTones;
  readonly #ansam: Ansam | undefined;
  #cmLeft = 0;
  #phase = 0;
  #sample = 0;
  /** CM was said: ANSam had come through. */
  saidCm = false;

  constructor(calling: boolean) {
    const opened = ModemTones.open();
    if (!opened.ok) throw new Error(opened.error.say);
    this.#tones = opened.value;
    this.#ansam = calling ? undefined : new Ansam();
  }

  /** What the machine hears. */
  hear(samples: Int16Array): void {
    const found = this.#tones.push(samples);
    if (this.#ansam !== undefined || this.saidCm) return;
    if (!found.some((tone) => tone === 'ansam' || tone === 'ansamPr')) return;
    this.saidCm = true;
    this.#cmLeft = CM_SAMPLES;
  }

  /** Over what its G3 part says. */
  cover(samples: Int16Array): void {
    this.#ansam?.cover(samples);
    for (let index = 0; index < samples.length && this.#cmLeft > 0; index++, this.#cmLeft--) {
      const bit = Math.floor(this.#sample++ / BIT_SAMPLES);
      this.#phase += (2 * Math.PI * ((bit * 7) % 3 === 0 ? SPACE_HZ : MARK_HZ)) / 8_000;
      samples[index] = Math.round(peakOf(LEVEL_DBM0) * Math.sin(this.#phase));
    }
  }

  close(): void {
    this.#tones.close();
  }
}
