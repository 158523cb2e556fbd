import { describe, expect, it } from 'vitest';
import type { PortEvent } from '../../../hal/link/port-messages.ts';
import { type LineCard, type LineCardEffect, newLineCard, stepLineCard } from '../../../hal/sim/line-card.ts';
import type { PortNumber } from '../../../lib/base/ids.ts';

const port = 1 as PortNumber;

/** A line card on a bench: the loop is driven ms by ms. */
class Bench {
  card: LineCard = newLineCard(port, 0);
  ms = 0;
  readonly effects: LineCardEffect[] = [];

  loop(closed: boolean, forMs: number): this {
    for (let ms = 0; ms < forMs; ms++) {
      this.ms++;
      this.#take(stepLineCard(this.card, { type: 'loop', closed }, this.ms * 8));
    }
    return this;
  }

  ring(...cadence: number[]): this {
    this.#take(stepLineCard(this.card, { type: 'ring', cadence }, this.ms * 8));
    return this;
  }

  get events(): string[] {
    return this.effects.flatMap((effect) => (effect.do === 'event' ? [nameOf(effect.event)] : []));
  }

  get bells(): boolean[] {
    return this.effects.flatMap((effect) => (effect.do === 'bell' ? [effect.on] : []));
  }

  #take(step: { card: LineCard; effects: readonly LineCardEffect[] }): void {
    this.card = step.card;
    this.effects.push(...step.effects);
  }
}

function nameOf(event: PortEvent): string {
  if (event.type === 'hook') return event.offHook ? 'off' : 'on';
  if (event.type === 'flash') return `flash ${event.durationMs}`;
  return event.type === 'pulseDigit' ? event.digit : event.type;
}

/** Dials one digit by breaks of the loop. */
function dial(bench: Bench, pulses: number, breakMs: number, makeMs: number): Bench {
  for (let pulse = 0; pulse < pulses; pulse++) bench.loop(false, breakMs).loop(true, makeMs);
  return bench.loop(true, 450 - makeMs);
}

describe('loop detector', () => {
  it('scratches shorter than 5 ms are no change', () => {
    const bench = new Bench().loop(true, 4).loop(false, 50).loop(true, 20);
    expect(bench.events).toEqual(['off']);
    expect(bench.loop(false, 4).loop(true, 1_200).events).toEqual(['off']);
  });

  it.each([
    ['10 pps, longest break', 78, 33],
    ['10 pps, make 42 %', 58, 42],
    ['20 pps, make 30 %', 35, 15],
    ['20 pps, make 36 %', 32, 18],
  ])('pulses at the limits of the regulation are digits: %s', (_name, breakMs, makeMs) => {
    for (let digit = 1; digit <= 10; digit++) {
      const bench = dial(new Bench().loop(true, 100), digit, breakMs, makeMs);
      expect(bench.events).toEqual(['off', String(digit % 10)]);
    }
  });

  it('eleven pulses are no digit', () => {
    expect(dial(new Bench().loop(true, 100), 11, 66, 34).events).toEqual(['off']);
  });

  it.each([
    [99, ['off', '1']],
    [100, ['off', 'flash 100']],
    [1_000, ['off', 'flash 1000']],
    [1_010, ['off', 'on', 'off']],
  ])('a break of %d ms gives %j', (breakMs, wanted) => {
    expect(new Bench().loop(true, 100).loop(false, breakMs).loop(true, 400).events).toEqual(wanted);
  });

  it('on hook is timed at the beginning of the break', () => {
    const bench = new Bench().loop(true, 100).loop(false, 1_200);
    const last = bench.effects.at(-1);
    expect(last?.do === 'event' && 'tick' in last.event && last.event.tick).toBe(101 * 8);
  });
});

describe('ring generator', () => {
  it('rings 1 s on, 2 s off, as in Japan', () => {
    const bench = new Bench().ring(1_000, 2_000);
    const changes: number[] = [];
    let bells = bench.bells.length;
    for (let ms = 0; ms < 6_500; ms++) {
      bench.loop(false, 1);
      if (bench.bells.length !== bells) changes.push(bench.ms);
      bells = bench.bells.length;
    }
    expect(bench.bells).toEqual([true, false, true, false, true]);
    expect(changes).toEqual([1_000, 3_000, 4_000, 6_000]);
  });

  it.each([
    ['while the bell rings', 500],
    ['in the pause', 1_500],
  ])('trips %s: bell off, ring trip, then off hook', (_name, afterMs) => {
    const bench = new Bench().ring(1_000, 2_000).loop(false, afterMs).loop(true, 50);
    expect(bench.events).toEqual(['ringTrip', 'off']);
    expect(bench.bells.at(-1)).toBe(false);
    expect(bench.loop(true, 5_000).bells.length).toBe(2);
  });

  it('the same order again does not begin the cadence anew; off hook it is not rung', () => {
    const bench = new Bench().ring(1_000, 2_000).loop(false, 900).ring(1_000, 2_000).loop(false, 200);
    expect(bench.bells).toEqual([true, false]);
    expect(new Bench().loop(true, 50).ring(1_000, 2_000).loop(true, 50).bells).toEqual([]);
    expect(new Bench().ring(0, 0).loop(false, 50).bells).toEqual([]);
  });
});
