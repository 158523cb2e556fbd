import type { Params } from '../params.ts';
import { type Field, listed, numberParam, parseTokenParams } from './field.ts';

/** One value of Reason, RFC 3326 §2. */
export interface ReasonValue {
  /** Lower case: `q.850`, `sip`, `preemption`. */
  readonly protocol: string;
  readonly cause: number | undefined;
  readonly text: string;
  readonly params: Params;
}

/** All reasons as they stand; which of them counts is told by `parseReason` in `../reason.ts`. */
export const REASON: Field<readonly ReasonValue[]> = listed('reason', (piece): ReasonValue | undefined => {
  const parsed = parseTokenParams(piece);
  if (parsed === undefined) return undefined;
  const { token: protocol, params } = parsed;
  const cause = numberParam(params, 'cause', 999);
  return cause === 'malformed' ? undefined : { protocol, cause, text: params.get('text') ?? '', params };
});
