import type { GapReport } from './hour-gaps.ts';

/** Less likely than that is no chance. */
const CHANCE = 0.001;

/**
 * What gaps of the box changes, restarts and drills caused, in words; empty when none. On a machine whose host takes its
 * processors away some gaps stay at the box that nobody can lay to the machine. They come at any time, and so beside an event
 * too: an event has caused gaps when there are more moments of them beside it than the quiet time has, by more than chance.
 */
export function causedGaps({ boxMoments, minutes }: Pick<GapReport, 'boxMoments' | 'minutes'>): string[] {
  const quiet = (boxMoments['quiet'] ?? 0) / (minutes['quiet'] || 1);
  return Object.entries(boxMoments).flatMap(([beside, count]) => {
    const expected = quiet * (minutes[beside] ?? 0);
    if (beside === 'quiet' || atLeast(count, expected) >= CHANCE) return [];
    const say = `${count} moments beside ${beside} with gaps over 60 ms that are the box's own doing`;
    return [`${say}; the quiet time would have ${expected.toFixed(1)}`];
  });
}

/** How likely `count` or more are where `expected` are usual (Poisson). */
function atLeast(count: number, expected: number): number {
  let term = Math.exp(-expected);
  let fewer = 0;
  for (let each = 0; each < count; each++) {
    fewer += term;
    term *= expected / (each + 1);
  }
  return Math.max(0, 1 - fewer);
}
