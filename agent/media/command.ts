import { isIP } from 'node:net';
import { z } from 'zod';
import { ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { MediaRequest } from './protocol.ts';

/** A board has eight ports at most. */
const port = z.int().min(1).max(8);
const session = z.string().min(1).max(80);
const address = z.string().refine((text) => isIP(text) !== 0, 'not an IP address');
const payloadType = z.int().min(0).max(127);
const tone = z.enum(['dial', 'secondDial', 'ringback', 'busy', 'congestion', 'howler']);

const attachment = z.discriminatedUnion('to', [
  z.object({ to: z.literal('silence') }),
  z.object({ to: z.literal('tone'), tone }),
  z.object({ to: z.literal('rtp'), session }),
  z.object({ to: z.literal('line'), port }),
]);

const id = z.int().min(0);

const request = z.discriminatedUnion('type', [
  z.object({ id, type: z.literal('hello'), protocol: z.int() }),
  z.object({
    id,
    type: z.literal('ring'),
    port,
    cadence: z.array(z.int().min(50).max(10_000)).min(2).max(8),
  }),
  z.object({ id, type: z.literal('ringStop'), port }),
  z.object({ id, type: z.literal('attach'), port, attachment }),
  z.object({ id, type: z.literal('rtpOpen'), session, localHost: address, note: z.string().max(4_096) }),
  z.object({
    id,
    type: z.literal('rtpConnect'),
    session,
    host: address,
    port: z.int().min(1).max(65_535),
    payloadType,
    dtmfPayloadType: payloadType.nullable(),
  }),
  z.object({ id, type: z.literal('rtpClose'), session }),
  z.object({ id, type: z.literal('rtpFigures'), session }),
  z.object({ id, type: z.literal('measure'), port }),
  z.object({ id, type: z.literal('figures') }),
]);

/** A request as it came off the wire, or a refusal `media.badRequest` that says which field is wrong. */
export function parseRequest(value: unknown): Result<MediaRequest> {
  const parsed = request.safeParse(value);
  if (parsed.success) return ok(parsed.data);
  const issue = parsed.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? 'the request' : issue.path.join('.');
  return refuse({
    code: 'media.badRequest',
    fault: 'caller',
    say: `${where}: ${issue?.message ?? 'not understood'}`.slice(0, 300),
  });
}

/** The id of a request that was not understood, so that its refusal can be matched; −1 when it has none. */
export function requestId(value: unknown): number {
  const found = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined;
  return typeof found === 'number' && Number.isSafeInteger(found) ? found : -1;
}
