import { setPriority } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawTestPage } from '../../../lib/dsp/fax/test-page.ts';
import { StallRig, type Way } from './stall-rig.ts';

const PAGES = [drawTestPage('letter', 'standard', 1)];
const LIMIT_MS = 75_000;

/** Boards of three kinds of fax, and how long the media process stands still in each second. */
const RIGS: readonly {
  readonly name: string;
  readonly net: string;
  readonly flags: readonly string[];
  readonly way: Way;
  readonly stallsMs: readonly number[];
}[] = [
  { name: 'T.38, plain board', net: '127.53.21', flags: [], way: 't38', stallsMs: [150, 200, 250] },
  {
    name: 'T.38, board with T.38',
    net: '127.53.22',
    flags: ['--t38'],
    way: 't38',
    stallsMs: [150, 200, 250],
  },
  // From the network our 160 ms are all there is.
  { name: 'as sound', net: '127.53.23', flags: [], way: 'sound', stallsMs: [60, 90, 120] },
];

/** The far ends are in this process, and a network does not wait for a processor. */
function goFirst(): void {
  try {
    setPriority(-10);
  } catch {
    // Not everybody may.
  }
}

/** One of the two directions of one rig. */
type Faxed = Awaited<ReturnType<StallRig['fax']>>;

describe('a media process that is not let run, again and again during a fax', () => {
  const rigs = RIGS.map(({ net }) => new StallRig(net));
  beforeAll(async () => {
    await Promise.all(rigs.map((rig, index) => rig.start(RIGS[index]?.flags ?? [])));
    goFirst();
  }, 150_000);
  afterAll(async () => {
    await Promise.all(rigs.map((rig) => rig.stop()));
  });

  it(
    'loses and inserts nothing: the pages arrive dot by dot, out and in',
    async () => {
      const outcomes = await Promise.all(
        RIGS.map(async ({ way, stallsMs }, index) => {
          const rig = rigs[index];
          if (rig === undefined) throw new Error('no rig');
          let left = 2;
          const over = (faxed: Faxed): Faxed => {
            left--;
            return faxed;
          };
          const [out, into, stalls] = await Promise.all([
            rig.fax('out', way, PAGES, LIMIT_MS).then(over),
            rig.fax('in', way, PAGES, LIMIT_MS).then(over),
            rig.stall(stallsMs, () => left === 0),
          ]);
          const state = await rig.phones?.state();
          return { out, into, stalls, waitedMs: state?.waitedMs ?? Number.POSITIVE_INFINITY };
        }),
      );
      for (const [index, { name }] of RIGS.entries()) {
        const outcome = outcomes[index];
        expect([name, outcome?.out, outcome?.into]).toMatchObject([
          name,
          { identical: true },
          { identical: true },
        ]);
        expect(outcome?.stalls).toBeGreaterThan(10);
        // The simulated board would wait for a late box; it hardly had to, though a busy machine adds stalls of its own.
        expect(outcome?.waitedMs).toBeLessThan((outcome?.stalls ?? 0) * 60);
      }
    },
    LIMIT_MS + 30_000,
  );
});
