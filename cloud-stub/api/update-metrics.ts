import type { RolloutView } from '../rollout/index.ts';
import { counter, type Family, gauge, snake, words } from './exposition.ts';
import type { OperatorSource } from './source.ts';

/** What the figures of updates are made of. */
export interface UpdateParts {
  readonly rollouts: readonly RolloutView[];
  readonly systems: Awaited<ReturnType<OperatorSource['systems']>>;
  readonly downloads: ReturnType<OperatorSource['downloads']>;
}

/** Pure: rollouts that can still change, which system each box runs, and what is fetched. */
export function updateFamilies({ downloads, rollouts, systems }: UpdateParts): readonly Family[] {
  const { busy, ...counters } = downloads;
  const live = rollouts.filter(({ state }) => state.at !== 'aborted' && state.at !== 'superseded');
  const labelsOf = ({ id, plan }: RolloutView) => ({ rollout: id, version: plan.release.version });
  return [
    gauge(
      'engawa_rollout_boxes',
      'Boxes of a rollout in force, by where they are.',
      live.flatMap((one) =>
        Object.entries(one.tally).map(([at, value]) => ({
          labels: { ...labelsOf(one), at: snake(at) },
          value,
        })),
      ),
    ),
    gauge(
      'engawa_rollout_state',
      'How a rollout is; those that were given up with the others.',
      rollouts.map((one) => ({ labels: { ...labelsOf(one), state: one.state.at }, value: 1 })),
    ),
    gauge(
      'engawa_rollout_wave',
      'Which wave of a rollout runs, from 1.',
      live.map((one) => ({ labels: labelsOf(one), value: one.wave })),
    ),
    gauge(
      'engawa_box_system',
      'Which system a box runs, as it told last; 0 while that is on trial.',
      systems.flatMap(({ contract, gateway, report }) => {
        if (report === null) return [];
        const { confirmed, slot, version } = report.report.running;
        return [{ labels: { gateway, contract, version, slot }, value: confirmed ? 1 : 0 }];
      }),
    ),
    gauge('engawa_downloads_now', 'Boxes that fetch a release now.', [{ value: busy }]),
    ...Object.entries(counters).map(([name, value]) =>
      counter(`engawa_downloads_${snake(name)}_total`, `Of releases that boxes fetch: ${words(name)}.`, [
        { value },
      ]),
    ),
  ];
}
