import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FaxLinkLab, type FaxLinkOptions } from '../../../../scripts/benches/fax-link.part.ts';

/** Seeds for each cell here; `scripts/bench fax` measures 200. */
const SEEDS = [1, 2, 3, 4, 5, 6];

let lab: FaxLinkLab;
beforeAll(() => {
  lab = new FaxLinkLab();
});
afterAll(() => lab.close());

/** Which seeds did not bring every page, dot by dot. */
const failures = (some: Partial<FaxLinkOptions>, seeds: readonly number[] = SEEDS): string[] =>
  seeds.flatMap((seed) => {
    const outcome = lab.run({ ...some, seed });
    return outcome.identical
      ? []
      : [`seed ${seed}: ${outcome.endedBy}, ${outcome.sender?.say} / ${outcome.receiver?.say}`];
  });

/** Two boxes; and a box with a fax server, both ways. */
const ENDS: readonly Pick<FaxLinkOptions, 'far' | 'direction'>[] = [
  { far: 'box', direction: 'out' },
  { far: 'server', direction: 'out' },
  { far: 'server', direction: 'in' },
];

const name = ({ far, direction }: Pick<FaxLinkOptions, 'far' | 'direction'>): string => `${far} ${direction}`;

describe('a page over T.38 arrives dot by dot', () => {
  for (const ends of ENDS) {
    for (const ecm of [true, false]) {
      it(`${name(ends)}, error correction ${ecm ? 'on' : 'off'}: at 0 to 10 % loss with redundancy 3`, () => {
        for (const loss of [0, 0.03]) expect(failures({ ...ends, ecm, loss }, [1, 2])).toEqual([]);
        for (const loss of [0.05, 0.1]) expect(failures({ ...ends, ecm, loss })).toEqual([]);
      });
    }
  }

  it('at 5 % loss with parity', () => {
    for (const ends of ENDS)
      for (const ecm of [true, false])
        expect(failures({ ...ends, ecm, loss: 0.05, errorCorrection: 'fec' }, [1, 2, 3])).toEqual([]);
  });

  it('in every version of the grammar', () => {
    for (const version of [0, 1, 2, 3] as const)
      for (const ends of ENDS) expect(failures({ ...ends, version, loss: 0.03 }, [1])).toEqual([]);
  });

  it('to a peer that takes only the smallest datagrams', () => {
    expect(failures({ maxDatagramBytes: 72, loss: 0.01 }, [1, 2])).toEqual([]);
  });

  it('at 9,600 bit/s when a line is told V.29 only', () => {
    const outcome = lab.run({ modems: 'v29', loss: 0.03 });
    expect(outcome).toMatchObject({ identical: true, sender: { bitRate: 9_600 } });
  });
});

describe('a page over T.38 in a bad place', () => {
  it.each([100, 300, 500, 800])('arrives over a network that takes %i ms each way', (delayMs) => {
    for (const ends of ENDS.slice(1)) expect(failures({ ...ends, delayMs }, [1])).toEqual([]);
  });

  it('arrives from box to box over 500 ms each way', () => {
    expect(failures({ delayMs: 500 }, [1])).toEqual([]);
  });

  it.each([40, 100])('arrives at a jitter of %i ms, out of order and with some lost', (jitterMs) => {
    for (const ends of ENDS)
      for (const ecm of [true, false])
        expect(failures({ ...ends, ecm, jitterMs, loss: 0.03 }, [1, 2])).toEqual([]);
  });

  it.each([1, 3, 6])('arrives when the call becomes T.38 only after %i s', (seconds) => {
    expect(failures({ t38FromMs: seconds * 1_000 }, [1])).toEqual([]);
  });

  it.each([-64, -55, -49])('arrives over a line with noise of %i dBm0, V.29', (noiseDbm0) => {
    for (const ends of ENDS) expect(failures({ ...ends, modems: 'v29', noiseDbm0 }, [1])).toEqual([]);
  });

  it('ends in words on both sides when the network vanishes', () => {
    const outcome = lab.run({ cutAtMs: 12_000 });
    expect(outcome.identical).toBe(false);
    expect(outcome.endedBy).not.toBe('watchdog');
    for (const end of [outcome.sender, outcome.receiver]) {
      expect(end?.ok).toBe(false);
      expect(end?.say).not.toBe('');
    }
  });
});

describe('a page over G.711', () => {
  it('arrives without loss, error correction on and off', () => {
    for (const ecm of [true, false])
      expect(failures({ t38FromMs: Number.POSITIVE_INFINITY, ecm }, [1])).toEqual([]);
  });

  it('survives 0.5 % loss behind a fixed buffer with filled gaps, more often at V.29', () => {
    const passthrough = { t38FromMs: Number.POSITIVE_INFINITY, loss: 0.005 };
    expect(failures({ ...passthrough, modems: 'v17' }).length).toBeLessThanOrEqual(3);
    expect(failures({ ...passthrough, modems: 'v29' }).length).toBeLessThanOrEqual(1);
  });
});
