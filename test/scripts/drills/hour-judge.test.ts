import { expect, it } from 'vitest';
import { causedGaps } from '../../../scripts/drills/hour-judge.ts';

it('a gap beside a change is its doing where the quiet time has none', () => {
  const minutes = { quiet: 40, configuration: 5 };
  expect(causedGaps({ minutes, boxMoments: { configuration: 1 } })).toEqual([
    "1 moments beside configuration with gaps over 60 ms that are the box's own doing; the quiet time would have 0.0",
  ]);
  expect(causedGaps({ minutes, boxMoments: {} })).toEqual([]);
});

it('gaps beside a drill are its doing only when the quiet time has fewer, by more than chance', () => {
  const minutes = { quiet: 40, drill: 10 };
  expect(causedGaps({ minutes, boxMoments: { quiet: 40, drill: 12 } })).toEqual([]);
  expect(causedGaps({ minutes, boxMoments: { quiet: 40, drill: 25 } })).toHaveLength(1);
});
