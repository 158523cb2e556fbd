import { unreachable } from '../../lib/base/errors.ts';
import type { Rate, Rollout, RolloutBox, Wave } from './types.ts';

/** How many boxes of a rollout are where. */
export interface Tally {
  waiting: number;
  /** Ordered to, and on its way or allowed to take its time. */
  underWay: number;
  /** Told to stand still. */
  held: number;
  silent: number;
  lost: number;
  away: number;
  late: number;
  done: number;
  failed: number;
  rolledBack: number;
  already: number;
  left: number;
}

/** Pure: counts. */
export function tallyOf(boxes: Iterable<RolloutBox>): Readonly<Tally> {
  const tally: Tally = {
    ...{ waiting: 0, underWay: 0, held: 0, silent: 0, lost: 0, away: 0, late: 0 },
    ...{ done: 0, failed: 0, rolledBack: 0, already: 0, left: 0 },
  };
  for (const { now } of boxes) {
    if (now.at !== 'ordered') tally[now.at]++;
    else if (now.held) tally.held++;
    else tally[now.trouble ?? 'underWay']++;
  }
  return tally;
}

/** What went wrong, what is feared to have gone wrong among it. */
export function wrongOf({ failed, rolledBack, silent, lost }: Readonly<Tally>): number {
  return failed + rolledBack + silent + lost;
}

/** What came to an end that says something about the release, feared ends among it. */
export function provedOf(tally: Readonly<Tally>): number {
  return tally.done + wrongOf(tally);
}

/** Whether so much went wrong that the rollout is given up; `whole`: however few they are. */
export function tooManyWrong(rollout: Rollout, tally: Readonly<Tally>, whole: boolean): boolean {
  const { sharePercent, least } = rollout.plan.abort;
  const [wrong, proved] = [wrongOf(tally), provedOf(tally)];
  return wrong > 0 && (whole || proved >= least) && wrong * 100 >= sharePercent * proved;
}

/** How many boxes may be through or under way until wave `index` is through; all of them in the last one. */
export function quotaOf(waves: readonly Wave[], index: number, tally: Readonly<Tally>): number {
  const wave = waves[index];
  if (wave === undefined) return Number.POSITIVE_INFINITY;
  switch (wave.kind) {
    case 'boxes':
      return wave.boxes;
    case 'percent': {
      const { already, left, ...concerned } = tally;
      const all = Object.values(concerned).reduce((sum, one) => sum + one, 0);
      return Math.max(1, Math.ceil((all * wave.percent) / 100));
    }
    default:
      return unreachable(wave);
  }
}

/** Orders a minute, by what is done so far. */
export function perMinuteNow({ perMinute, growBy, growEvery, mostPerMinute }: Rate, done: number): number {
  return Math.floor(Math.min(mostPerMinute, perMinute * growBy ** Math.floor(done / growEvery)));
}
