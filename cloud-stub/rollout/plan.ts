import { z } from 'zod';
import { type Release, restartWindow } from '../../lib/contract/update.ts';
import type { RolloutPlan, Scope } from './types.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const gateway = z.string().regex(/^gw-[0-9]{6}$/, 'a gateway, such as gw-000001');
const contract = z.string().regex(/^c-[0-9]{6}$/, 'a contract, such as c-000001');
const duration = z
  .int()
  .min(0)
  .max(30 * 24 * HOUR_MS);

export const scopeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('all') }),
  z.strictObject({ kind: z.literal('contracts'), contracts: z.array(contract).min(1).max(10_000) }),
  z.strictObject({ kind: z.literal('gateways'), gateways: z.array(gateway).min(1).max(10_000) }),
]);

export const waveSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('boxes'), boxes: z.int().min(1).max(1_000_000) }),
  z.strictObject({ kind: z.literal('percent'), percent: z.number().gt(0).max(100) }),
]);

export const rateSchema = z.strictObject({
  perMinute: z.int().min(1).max(10_000).describe('Orders a minute at first'),
  growBy: z.number().min(1).max(10).describe('Times that much …'),
  growEvery: z.int().min(1).max(1_000_000).describe('… for each so many boxes that are done'),
  mostPerMinute: z.int().min(1).max(10_000),
});

export const abortSchema = z.strictObject({
  sharePercent: z.number().gt(0).max(100).describe('Given up when so many of a hundred went wrong'),
  least: z.int().min(1).max(1_000_000).describe('… of at least so many, or at the end of a wave'),
});

/** What an operator may say of a rollout; everything but version and scope has a sensible value of its own. */
export const rolloutRequest = z.strictObject({
  version: z.string().max(60),
  scope: scopeSchema,
  waves: z.array(waveSchema).max(20).optional().describe('Absent: 1 box, 5 %, 25 %; the rest follows'),
  soakMs: duration.optional().describe('Absent: 30 minutes'),
  rate: rateSchema.optional().describe('Absent: 10 a minute, twice as many for each 50 done, 100 at most'),
  window: restartWindow
    .nullable()
    .optional()
    .describe('When boxes may restart, in Japan; absent: 02:00–05:00'),
  windows: z.record(contract, restartWindow.nullable()).optional().describe('The same, of one contract'),
  leadMs: duration.optional().describe('Orders go out so long before the window; absent: 30 minutes'),
  abort: abortSchema.optional().describe('Absent: 5 % of at least 5'),
  silentMs: duration.min(MINUTE_MS).optional().describe('Absent: 2 hours'),
  patienceMs: duration.min(MINUTE_MS).optional().describe('Absent: 26 hours'),
  allowOlder: z
    .boolean()
    .optional()
    .describe('Boxes that run something newer go back; absent: they are left'),
  note: z.string().max(200).optional(),
});
export type RolloutRequest = z.infer<typeof rolloutRequest>;

/** Pure: the whole plan. */
export function planOf(request: RolloutRequest, release: Release): RolloutPlan {
  return {
    release,
    scope: request.scope as Scope,
    waves: request.waves ?? [
      { kind: 'boxes', boxes: 1 },
      { kind: 'percent', percent: 5 },
      { kind: 'percent', percent: 25 },
    ],
    soakMs: request.soakMs ?? 30 * MINUTE_MS,
    rate: request.rate ?? { perMinute: 10, growBy: 2, growEvery: 50, mostPerMinute: 100 },
    window: request.window === undefined ? { fromMinute: 120, toMinute: 300 } : request.window,
    windows: request.windows ?? {},
    leadMs: request.leadMs ?? 30 * MINUTE_MS,
    abort: request.abort ?? { sharePercent: 5, least: 5 },
    silentMs: request.silentMs ?? 2 * HOUR_MS,
    patienceMs: request.patienceMs ?? 26 * HOUR_MS,
    allowOlder: request.allowOlder ?? false,
    note: request.note ?? '',
  };
}
