import type { Context } from 'hono';
import type { z } from 'zod';
import type { CodedError, Result } from '../../lib/base/errors.ts';
import type { ApiError } from './source.ts';

/** Longest body that a route of a technician's tool takes. */
export const BODY_LIMIT_BYTES = 16_384;

/** HTTP statuses of a room's refusals. */
export type Statuses = Readonly<Record<string, 400 | 404 | 409 | 503 | 504>>;

/** Reads a body by its schema, or answers 400 with what is wrong in it. An empty body is `{}`. */
export async function withBody<Body>(
  context: Context,
  schema: z.ZodType<Body>,
  act: (body: Body) => Response | Promise<Response>,
): Promise<Response> {
  const read = schema.safeParse(parsed(await context.req.text()));
  if (read.success) return act(read.data);
  const issue = read.error.issues[0];
  const say = `${issue?.path.join('.') || 'the body'}: ${issue?.message ?? 'not understood'}`;
  return context.json(error('api.badRequest', say.slice(0, 300)), 400);
}

/** What a tool did, as `{v: 1, [name]: value}`, or its refusal; one without a status of its own is a conflict. */
export function done<Value>(
  context: Context,
  name: string,
  result: Result<Value, CodedError>,
  statuses: Statuses = {},
): Response {
  if (result.ok) return context.json({ v: 1, [name]: result.value });
  const { code, say } = result.error;
  return context.json(error(code, say), statuses[code] ?? 409);
}

/** Every answer that is not 200. */
export function error(code: string, say: string): ApiError {
  return { v: 1, code, say };
}

function parsed(text: string): unknown {
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
