import { configDiff } from '../lib/contract/config-diff.ts';
import type { ConfigDiffAnswer } from './local-api/index.ts';
import type { ConfigStore } from './store/index.ts';

/** What the last configuration changed: the one that runs, or the one that was taken back. Both lie on the disk. */
export function configDiffOf(
  store: Pick<ConfigStore, 'load' | 'previous' | 'failed'>,
): Omit<ConfigDiffAnswer, 'v'> {
  const running = store.load();
  const failed = store.failed();
  const takenBack = failed !== undefined && running !== undefined && failed.rev > running.rev;
  const [before, after] = takenBack ? [running, failed] : [store.previous(), running];
  if (before === undefined || after === undefined) return { compared: null, changes: [] };
  return {
    compared: { from: before.rev, to: after.rev, takenBack },
    changes: configDiff(before.config, after.config),
  };
}
