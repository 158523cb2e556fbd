import { describe, expect, it } from 'vitest';
import { simulateSite } from '../../scripts/drills/site/site.ts';

/** What the seeds have seen, all together. */
const seen = new Map<string, number>();
/** A seed takes half a second; a machine may be busy. */
const LIMIT_MS = 120_000;
let talks = 0;
let packets = 0;

describe('the whole site and the cloud, simulated', () => {
  it.each(Array.from({ length: 20 }, (_, index) => index + 1))(
    'loses and doubles nothing, runs what was published, drops no sound and leaves nothing behind, seed %i',
    async (seed) => {
      const { report, trace } = await simulateSite(seed);
      expect(report.trouble, trace.slice(-200).join('\n')).toEqual([]);
      expect(report.records).toBeGreaterThan(0);
      expect(report.charges).toBeGreaterThan(0);
      for (const [name, count] of Object.entries(report.faults))
        seen.set(name, (seen.get(name) ?? 0) + count);
      talks += report.talks;
      packets += report.sound.packetsSent + report.sound.packetsArrived;
    },
    LIMIT_MS,
  );

  it('has seen kills of every program, bad networks, bad disks and wrong clocks in these seeds', () => {
    const wanted = [
      'agent killed',
      'media killed',
      'cloud killed',
      'line cut',
      'disk full',
      'disk slow',
      'clock set',
    ];
    for (const name of wanted) expect([...seen.keys()]).toContain(name);
    expect(talks).toBeGreaterThan(50);
    expect(packets).toBeGreaterThan(20_000);
  });

  it(
    'goes the same way again from the same seed',
    async () => {
      const [one, other] = [await simulateSite(3), await simulateSite(3)];
      expect(other.trace).toEqual(one.trace);
    },
    LIMIT_MS,
  );
});
