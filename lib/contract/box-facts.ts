import { z } from 'zod';
import { factId } from './fact-id.ts';

const epochMs = z.int().min(0).max(8.64e15);
const sentence = z.string().max(300);
/** `W-TRK-301`, or about one line or thing `W-TRK-301/2`. */
const warningCode = z.string().regex(/^W-[A-Z]{2,8}-[0-9]{3}(\/.{1,48})?$/);

/** Most warnings, lines and phones that one fact names. */
export const BOX_FACT_LIMITS = { warnings: 32, lines: 8, phones: 64, hurtCalls: 16, figures: 80 } as const;

/** One thing that is wrong, as the box's registry has it. */
export const boxWarning = z.strictObject({
  code: warningCode,
  severity: z.enum(['error', 'warning', 'info']),
  say: sentence,
  /** What the code means whenever it appears, and what to do about it. */
  means: sentence,
  remedy: sentence,
  since: epochMs,
  /** Lines (their ports) and calls that it hurts. */
  lines: z.array(z.int().min(1).max(132)).max(40),
  calls: z.array(z.string().max(40)).max(BOX_FACT_LIMITS.hurtCalls),
});
export type BoxWarning = z.infer<typeof boxWarning>;

/** A warning came up or went. Every one is told, also what came and went while the service was away. */
export const warningFact = z.strictObject({
  id: factId,
  kind: z.literal('warning'),
  at: epochMs,
  raised: z.boolean(),
  warning: boxWarning,
});

/** How the box is: whole each time, the newest counts. One that has not been sent gives way to a newer one. */
export const stateFact = z.strictObject({
  id: factId,
  kind: z.literal('state'),
  at: epochMs,
  version: z.string().max(40),
  board: z.boolean(),
  media: z.boolean(),
  lines: z
    .array(
      z.strictObject({
        port: z.int().min(1).max(8),
        serviceId: z.string().max(40),
        /** Of the line machine: `onHook`, `talking`… */
        state: z.string().max(40),
        registered: z.boolean(),
      }),
    )
    .max(BOX_FACT_LIMITS.lines),
  phones: z
    .array(z.strictObject({ mac: z.string().regex(/^[0-9a-f]{12}$/), registered: z.boolean() }))
    .max(BOX_FACT_LIMITS.phones),
  warnings: z.array(boxWarning).max(BOX_FACT_LIMITS.warnings),
});
export type StateFact = z.infer<typeof stateFact>;

/** Figures of the box. They count since its start; some may never arrive. */
export const countersFact = z.strictObject({
  id: factId,
  kind: z.literal('counters'),
  at: epochMs,
  /** By name: `engawa_box_…`, small letters and underscores, as they stand in the service's metrics. */
  figures: z.record(z.string().regex(/^[a-z][a-z0-9_]{1,60}$/), z.number().finite()),
  /** Facts of any kind but call records and faxes that were pushed out before they could be sent, since the store was begun. */
  dropped: z.int().min(0),
});
export type CountersFact = z.infer<typeof countersFact>;

/**
 * gateway → cloud on `up/cdr`, beside call records: what may be dropped when too much of it waits. Known by its id, acknowledged as
 * call records are.
 */
export const boxFact = z.discriminatedUnion('kind', [warningFact, stateFact, countersFact]);
export type BoxFact = z.infer<typeof boxFact>;
