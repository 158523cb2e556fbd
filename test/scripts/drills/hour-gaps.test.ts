import { describe, expect, it } from 'vitest';
import { GapMeter } from '../../../scripts/drills/hour-gaps.ts';

const PACKETS = 200;
const LATE_AT = 150;
const LATE_MS = 80;

/** A stream of 50 packets a second; from packet `LATE_AT` on it is `LATE_MS` later, where it is to be. */
function stream(
  meter: GapMeter,
  sent: boolean,
  socket: string,
  fromMs: number,
  late: boolean,
): (() => void)[] {
  return Array.from({ length: PACKETS }, (_, sequence) => {
    const atMs = fromMs + sequence * 20 + (late && sequence >= LATE_AT ? LATE_MS : 0);
    return Object.assign(() => meter.packet({ atMs, sent, socket, ssrc: sent ? 1 : 2, sequence }), { atMs });
  });
}

function play(...streams: (() => void)[][]): void {
  const all = streams.flat() as ((() => void) & { readonly atMs: number })[];
  for (const pass of all.sort((one, other) => one.atMs - other.atMs)) pass();
}

describe('whose doing a gap is', () => {
  it('what the box makes late is its own doing, beside what happened', () => {
    const meter = new GapMeter();
    meter.event('drill', LATE_AT * 20, 10_000);
    play(stream(meter, true, 'trunk:1', 0, true));
    expect(meter.report().over60).toEqual({ drill: { box: 1 } });
  });

  it('gaps of one moment are told as one, and how long it was beside what', () => {
    const meter = new GapMeter();
    meter.event('drill', LATE_AT * 20, 10_000);
    play(stream(meter, true, 'trunk:1', 0, true), stream(meter, true, 'trunk:2', 7, true));
    const { over60, boxMoments, minutes } = meter.report();
    expect(over60).toEqual({ drill: { box: 2 } });
    expect(boxMoments).toEqual({ drill: 1 });
    expect(minutes).toEqual({ quiet: 0.05, drill: 0.02 });
  });

  it('what the host took is known a little later', () => {
    const meter = new GapMeter();
    play(stream(meter, true, 'trunk:1', 0, true));
    const endMs = LATE_AT * 20 + LATE_MS;
    meter.machine({ fromMs: endMs + 5, toMs: endMs + 15, what: 'steal', ms: 60 });
    expect(meter.report().over60).toEqual({ quiet: { machine: 1 } });
  });

  it('of a machine that had no time for board, wire or media process it is the machine’s', () => {
    const meter = new GapMeter();
    play(stream(meter, true, 'trunk:1', 0, true));
    meter.machine({ fromMs: LATE_AT * 20, toMs: LATE_AT * 20 + 60, what: 'board', ms: 20 });
    meter.machine({ fromMs: LATE_AT * 20, toMs: LATE_AT * 20 + 60, what: 'media', ms: 25 });
    expect(meter.report().over60).toEqual({ quiet: { machine: 1 } });
  });

  it('at the moment in which others come late together it is the machine’s, as they have nothing else in common', () => {
    const alone = new GapMeter();
    const together = new GapMeter();
    for (const [meter, others] of [
      [alone, 1],
      [together, 2],
    ] as const) {
      const passed = Array.from({ length: others }, (_, at) => [
        stream(meter, false, `lan:${at}`, at, true),
        stream(meter, true, `trunk:${at}`, at + 0.5, true),
        stream(meter, false, `trunk:${at}`, at + 7, false),
        stream(meter, true, `lan:${at}`, at + 7.5, false),
      ]).flat();
      play(...passed, stream(meter, true, 'trunk:9', 4, true));
    }
    expect(alone.report().over60).toEqual({ quiet: { cameSo: 1, box: 1 } });
    expect(together.report().over60).toEqual({ quiet: { cameSo: 2, machine: 1 } });
  });

  it('what is passed on late because it came late, came so; what was held back did not', () => {
    const [came, held] = [new GapMeter(), new GapMeter()];
    for (const [meter, late] of [
      [came, true],
      [held, false],
    ] as const) {
      play(
        stream(meter, false, 'lan:1', 0, late),
        stream(meter, true, 'trunk:1', 0.5, true),
        stream(meter, false, 'trunk:1', 7, false),
        stream(meter, true, 'lan:1', 7.5, false),
      );
    }
    expect(came.report().over60).toEqual({ quiet: { cameSo: 1 } });
    expect(held.report().over60).toEqual({ quiet: { box: 1 } });
  });
});
