import { z } from 'zod';
import { carrierCallStates } from './call-view.ts';

const id = z.int().min(0);
const call = z.string().min(1).max(40);

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
]);
export type ControlRequest = z.infer<typeof controlRequest>;
