import { describe, expect, it } from 'vitest';
import { type LineCard, newLineCard, stepLineCard, TICKS_PER_MS } from '../../../hal/sim/line-card.ts';
import type { PortNumber } from '../../../lib/base/ids.ts';
import { type Random, seededRandom } from '../../../lib/base/random.ts';

/** Dial pulses as regulated (事業用電気通信設備規則): speed, make share, pause. Each pulse train is drawn from one of these. */
const SPEEDS = [
  { pps: [9, 11], make: [0.3, 0.42], pauseMs: [600, 1_100] },
  { pps: [18.4, 21.6], make: [0.3, 0.36], pauseMs: [450, 900] },
] as const;
/** Contacts chatter after every change. */
const BOUNCE_MS = 3;

const between = (random: Random, [least, most]: readonly [number, number]): number =>
  least + random.fraction() * (most - least);

/** A loop in steps of 1 ms, and what the card says of it. */
class Wire {
  #card: LineCard = newLineCard(1 as PortNumber, 0);
  #tick = 0;
  readonly said: string[] = [];
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  hold(closed: boolean, ms: number): void {
    for (let at = 0; at < Math.round(ms); at++) {
      const chatters = at > 0 && at < BOUNCE_MS && this.#random.fraction() < 0.5;
      this.#tick = (this.#tick + TICKS_PER_MS) >>> 0;
      const step = stepLineCard(this.#card, { type: 'loop', closed: closed !== chatters }, this.#tick);
      this.#card = step.card;
      for (const effect of step.effects) {
        if (effect.do !== 'event') continue;
        this.said.push(effect.event.type === 'pulseDigit' ? effect.event.digit : effect.event.type);
      }
    }
  }
}

describe('dial pulses over a seeded corpus', () => {
  it('are counted exactly, at every speed and make share that the regulation allows', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = seededRandom(seed);
      const speed = SPEEDS[seed % 2] ?? SPEEDS[0];
      const wire = new Wire(random);
      wire.hold(true, 800);
      let dialled = '';
      for (let count = 0; count < 6; count++) {
        const digit = Math.floor(random.fraction() * 10);
        dialled += String(digit);
        const periodMs = 1_000 / between(random, speed.pps);
        const make = between(random, speed.make);
        for (let pulse = 0; pulse < (digit === 0 ? 10 : digit); pulse++) {
          wire.hold(false, periodMs * (1 - make));
          wire.hold(true, periodMs * make);
        }
        wire.hold(true, between(random, speed.pauseMs));
      }
      expect({ seed, said: wire.said.join(' ') }).toEqual({ seed, said: ['hook', ...dialled].join(' ') });
    }
  });

  it('are not heard in a talk on a bad wire: scratches of less than 20 ms are nothing', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const random = seededRandom(seed);
      const wire = new Wire(random);
      wire.hold(true, 800);
      for (let scratch = 0; scratch < 30; scratch++) {
        wire.hold(false, between(random, [1, 14]));
        wire.hold(true, between(random, [20, 300]));
      }
      expect({ seed, said: wire.said }).toEqual({ seed, said: ['hook'] });
    }
  });

  it('are no hook flash, and a hook flash is no digit', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const random = seededRandom(seed);
      const wire = new Wire(random);
      wire.hold(true, 800);
      wire.hold(false, between(random, [110, 900]));
      wire.hold(true, 800);
      expect({ seed, said: wire.said }).toEqual({ seed, said: ['hook', 'flash'] });
    }
  });
});
