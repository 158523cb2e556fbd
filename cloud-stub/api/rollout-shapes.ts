import { z } from 'zod';
import { updateState } from '../../lib/contract/update.ts';
import { keptPlan, keptState } from '../rollout/index.ts';

const text = z.string();
const count = z.int().min(0);
const epochMs = z.int().describe('Epoch ms');
const PLACES = [
  ...['waiting', 'underWay', 'held', 'silent', 'lost', 'away', 'late'],
  ...['done', 'failed', 'rolledBack', 'already', 'left'],
] as const;

export const release = z.strictObject({
  version: text,
  compatible: text,
  sizeBytes: count,
  sha256: text,
  signatureChecked: z.boolean().describe('Held against the authority that the service was given'),
  addedAt: epochMs,
});
export const releases = z.strictObject({ releases: z.array(release) });
export const removed = z.strictObject({ version: text });

const rolloutHead = z.strictObject({
  id: text,
  startedAt: epochMs,
  plan: keptPlan,
  state: keptState,
  wave: z.int().min(1).describe('From 1; the last is that of the rest'),
  waves: z.int().min(1),
  waveBoxes: count.nullable().describe('How many are through when this wave is'),
  nextWaveAt: epochMs.nullable(),
  perMinute: count.describe('Orders a minute by now'),
  tally: z.strictObject(Object.fromEntries(PLACES.map((place) => [place, count]))),
});
export const rollouts = z.strictObject({ rollouts: z.array(rolloutHead) });

const steps = updateState.options.map((option) => option.shape.at.value);
export const rollout = rolloutHead.extend({
  boxes: z.array(
    z.strictObject({
      gateway: text,
      contract: text,
      at: z.enum(PLACES),
      since: epochMs.nullable(),
      step: z.enum(steps as [string, ...string[]]).nullable(),
      say: text,
    }),
  ),
});
