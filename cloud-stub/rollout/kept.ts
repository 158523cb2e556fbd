import { z } from 'zod';
import { release, restartWindow, updateState } from '../../lib/contract/update.ts';
import { abortSchema, rateSchema, scopeSchema, waveSchema } from './plan.ts';
import {
  type BoxAt,
  leftWhys,
  type Rollout,
  type RolloutPlan,
  type RolloutState,
  troubles,
} from './types.ts';

const ms = z.int();
const reason = z.strictObject({ code: z.string(), say: z.string() });

export const keptPlan: z.ZodType<RolloutPlan> = z.strictObject({
  release,
  scope: scopeSchema,
  waves: z.array(waveSchema),
  soakMs: ms,
  rate: rateSchema,
  window: restartWindow.nullable(),
  windows: z.record(z.string(), restartWindow.nullable()),
  leadMs: ms,
  abort: abortSchema,
  silentMs: ms,
  patienceMs: ms,
  allowOlder: z.boolean(),
  note: z.string(),
});

export const keptState: z.ZodType<RolloutState> = z.discriminatedUnion('at', [
  z.strictObject({ at: z.literal('running') }),
  z.strictObject({ at: z.literal('paused'), why: z.string() }),
  z.strictObject({ at: z.literal('complete') }),
  z.strictObject({ at: z.literal('aborted'), why: z.string(), by: z.enum(['operator', 'share']) }),
  z.strictObject({ at: z.literal('superseded'), by: z.string() }),
]);

export const keptBoxAt: z.ZodType<BoxAt> = z.discriminatedUnion('at', [
  z.strictObject({ at: z.literal('waiting') }),
  z.strictObject({
    at: z.literal('ordered'),
    firstSerial: ms,
    serial: ms,
    orderedAt: ms,
    held: z.boolean(),
    heard: z.strictObject({ state: updateState, at: ms }).nullable(),
    trouble: z.enum(troubles).nullable(),
  }),
  z.strictObject({ at: z.literal('done'), endedAt: ms }),
  z.strictObject({ at: z.literal('failed'), endedAt: ms, reason }),
  z.strictObject({ at: z.literal('rolledBack'), endedAt: ms, reason }),
  z.strictObject({ at: z.literal('already'), endedAt: ms }),
  z.strictObject({ at: z.literal('left'), endedAt: ms, why: z.enum(leftWhys) }),
]);

const keptHead = z.strictObject({
  plan: keptPlan,
  state: keptState,
  wave: z.int().min(0),
  soakFrom: ms.nullable(),
  recent: z.array(ms),
});

/** Everything of a rollout but its boxes, as JSON text. */
export function packHead({ plan, recent, soakFrom, state, wave }: Rollout): string {
  return JSON.stringify({ plan, state, wave, soakFrom, recent });
}

/** The same, read. Throws on what this program never wrote. */
export function openHead(kept: unknown): Omit<Rollout, 'id' | 'startedAt' | 'boxes'> {
  return keptHead.parse(kept);
}

/** Where a box is, read. Throws on what this program never wrote. */
export function openBoxAt(kept: unknown): BoxAt {
  return keptBoxAt.parse(kept);
}
