import { z } from 'zod';
import { carrierCallStates } from './call-view.ts';
import { FAX_NUMBERS } from './number-table.ts';

const id = z.int().min(0);
const call = z.string().min(1).max(40);

const faxHabits = z.strictObject({
  ident: z
    .string()
    .regex(/^[0-9+ ]{0,20}$/)
    .optional(),
  ecm: z.boolean().optional(),
  modems: z.enum(['v17', 'v29', 'v27ter']).optional(),
  t38: z.enum(['accept', 'refuse', 'ignore', 'audioOnly']).optional(),
  offers: z.enum(['none', 'fax', 'both']).optional(),
  version: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)]).optional(),
  redundancy: z.int().min(0).max(8).optional(),
  vanishAfterMs: z.number().min(0).max(600_000).nullable().optional(),
});

/** Requests on the control socket, one JSON value a line. */
export const controlRequest = z.discriminatedUnion('op', [
  z.strictObject({
    id,
    op: z.literal('call'),
    from: z.string().max(40),
    to: z.string().max(40),
    hz: z.number(),
    origin: z.string().max(200).optional(),
  }),
  z.strictObject({ id, op: z.literal('state'), call }),
  z.strictObject({
    id,
    op: z.literal('wait'),
    call,
    state: z.enum(carrierCallStates),
    timeoutMs: z.number().min(0).max(600_000),
  }),
  z.strictObject({ id, op: z.literal('hear'), call, ms: z.number().min(0).max(30_000) }),
  z.strictObject({ id, op: z.literal('hangUp'), call }),
  z.strictObject({ id, op: z.literal('calls') }),
  z.strictObject({
    id,
    op: z.literal('faxSend'),
    from: z.string().max(40),
    to: z.string().max(40),
    origin: z.string().max(200).optional(),
    file: z.string().max(1_024).optional(),
    pages: z
      .array(z.enum(['white', 'text', 'ramp', 'grid', 'letter']))
      .min(1)
      .max(30)
      .optional(),
    resolution: z.enum(['standard', 'fine']).optional(),
    habits: faxHabits.optional(),
  }),
  z.strictObject({ id, op: z.literal('faxHabits'), number: z.enum(FAX_NUMBERS), habits: faxHabits }),
  z.strictObject({ id, op: z.literal('faxResult'), call, waitMs: z.number().min(0).max(720_000) }),
]);
export type ControlRequest = z.infer<typeof controlRequest>;
