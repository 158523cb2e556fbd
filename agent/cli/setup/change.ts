import type { TrialAnswer } from '../../local-api/index.ts';
import type { LocalChange } from '../../trial/index.ts';
import type { SetupWorld } from './world.ts';

/** Long enough to look at what became of it; a setup that dies undoes it. */
const MINUTES = 3;

/**
 * Tries changes, has `sound` look at what they did, and keeps them or undoes them. A sentence when they were not taken, or were
 * undone.
 */
export async function changeSafely(
  world: SetupWorld,
  changes: readonly LocalChange[],
  sound: () => Promise<string | undefined>,
): Promise<string | undefined> {
  const body = { changes, minutes: MINUTES, by: world.options.by, session: true };
  const begun = await world.post<TrialAnswer>('/v1/trial', body);
  if (!begun.ok) return begun.error.say;
  for (const say of begun.value.local.trial?.say ?? []) world.row('--', 'tried', say);
  let wrong: string | undefined;
  try {
    wrong = await sound();
  } catch (error) {
    await world.post<TrialAnswer>('/v1/trial/undo', {});
    throw error;
  }
  const end = await world.post<TrialAnswer>(`/v1/trial/${wrong === undefined ? 'keep' : 'undo'}`, {});
  if (wrong !== undefined) return `${wrong}; undone`;
  return end.ok ? undefined : end.error.say;
}
