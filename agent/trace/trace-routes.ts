import { Hono } from 'hono';
import { z } from 'zod';
import type { Clock } from '../../lib/base/clock.ts';
import { parseMac } from '../../lib/net/mac-address.ts';
import { TRACE_LIMITS } from './budget.ts';
import { traceStream } from './trace-feed.ts';
import type { TraceRoom } from './trace-room.ts';
import { TRACE_KINDS } from './traced.ts';

const within = ({ least, usual, most }: { least: number; usual: number; most: number }) =>
  z.coerce.number().int().min(least).max(most).default(usual);

const query = z.strictObject({
  kinds: z
    .string()
    .max(40)
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(TRACE_KINDS)).min(1).max(TRACE_KINDS.length)),
  call: z.string().min(1).max(200).optional(),
  line: z.coerce.number().int().min(1).max(8).optional(),
  phone: z
    .string()
    .max(20)
    .transform((text) => parseMac(text))
    .refine((mac) => mac !== undefined, 'not a hardware address')
    .optional(),
  peer: z.string().min(1).max(100).optional(),
  seconds: within(TRACE_LIMITS.seconds),
  bytes: within(TRACE_LIMITS.bytes),
  rate: within(TRACE_LIMITS.perSecond),
  secrets: z.enum(['yes', 'no']).default('no'),
});

/** `GET /v1/trace?kinds=sip,mqtt&call=last…`: lines of JSON until the limits or the reader end it. */
export function traceRoutes(room: TraceRoom, clock: Clock, lastCall: () => string | undefined): Hono {
  const app = new Hono();
  app.get('/', (context) => {
    const asked = query.safeParse(context.req.query());
    if (!asked.success) {
      const issue = asked.error.issues[0];
      const say = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not understood'}`.slice(0, 300);
      return context.json({ v: 1, code: 'api.badRequest', say }, 400);
    }
    const { kinds, line, phone, peer, seconds, bytes, rate, secrets } = asked.data;
    const call = asked.data.call === 'last' ? lastCall() : asked.data.call;
    if (asked.data.call === 'last' && call === undefined) {
      return context.json({ v: 1, code: 'call.none', say: 'There has been no call yet.' }, 404);
    }
    const stream = traceStream(
      room,
      {
        filter: { kinds, call, line, phone, peer },
        limits: { seconds, bytes, perSecond: rate },
        ...{ secrets: secrets === 'yes', sound: false },
      },
      clock,
    );
    if (!stream.ok) return context.json({ v: 1, code: stream.error.code, say: stream.error.say }, 503);
    return context.body(stream.value, 200, { 'content-type': 'application/x-ndjson' });
  });
  return app;
}
