import { z } from 'zod';

const id = z.int().min(0);
const call = z.string().min(1).max(40);
const hz = z.number().min(100).max(3_400);

/** Requests on an app's control socket, one JSON value a line. */
export const appRequest = z.discriminatedUnion('op', [
  z.strictObject({ id, op: z.literal('register'), expiresS: z.int().min(0).max(3_600) }),
  z.strictObject({ id, op: z.literal('call'), number: z.string().min(1).max(40), hz }),
  z.strictObject({ id, op: z.literal('calls') }),
  z.strictObject({ id, op: z.literal('answer'), call, hz }),
  z.strictObject({ id, op: z.literal('reject'), call, status: z.int().min(400).max(699) }),
  z.strictObject({ id, op: z.literal('hangUp'), call }),
  z.strictObject({ id, op: z.literal('hold'), call, on: z.boolean() }),
  z.strictObject({ id, op: z.literal('hear'), call, ms: z.number().min(0).max(30_000) }),
]);
export type AppRequest = z.infer<typeof appRequest>;
