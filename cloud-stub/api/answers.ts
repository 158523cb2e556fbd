import type { Context } from 'hono';
import type { z } from 'zod';
import type { CodedError } from '../../lib/base/errors.ts';
import type { ContractId } from '../../lib/base/ids.ts';
import type { Contract } from '../contracts/index.ts';
import { checkAs } from '../offices/index.ts';
import type { OperatorSource } from './source.ts';

/** A refusal of the caller's question. */
export function refused(context: Context, status: 400 | 404 | 413, code: string, say: string): Response {
  return answer(context, status, { code, fault: 'caller', say });
}

/** Any refusal as every one looks. */
export function answer(
  context: Context,
  status: 400 | 404 | 409 | 413 | 422 | 500 | 503 | 504,
  error: CodedError,
): Response {
  return context.json(error, status);
}

/** Works on the contract of the path, where there is one. */
export async function withContract(
  context: Context,
  source: Pick<OperatorSource, 'contract'>,
  work: (contract: Contract) => Promise<Response>,
): Promise<Response> {
  const contract = await source.contract((context.req.param('id') ?? '') as ContractId);
  return contract === undefined
    ? refused(context, 404, 'api.noContract', `There is no contract ${context.req.param('id')}.`)
    : work(contract);
}

/** Works on a body that is as its schema says; refuses any other by the field. */
export async function withBody<Schema extends z.ZodType>(
  context: Context,
  schema: Schema,
  work: (body: z.infer<Schema>) => Promise<Response>,
): Promise<Response> {
  const body: unknown = await context.req.json().catch(() => undefined);
  const read = checkAs(body, schema);
  return read.ok ? work(read.value) : refused(context, 400, 'api.body', read.error.say);
}

/** A period has no such name. */
export function badPeriod(context: Context): Response {
  return refused(context, 400, 'api.period', 'A period is named by the month in which it closes: 2026-12.');
}
