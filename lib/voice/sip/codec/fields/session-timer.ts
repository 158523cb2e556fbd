import type { Params } from '../params.ts';
import { parseUint } from '../text.ts';
import { parseTokenParams, SECONDS_MAX, single } from './field.ts';

/** Session-Expires, RFC 4028 §4: `1800;refresher=uac`. */
export interface SessionExpires {
  readonly deltaS: number;
  readonly refresher: 'uac' | 'uas' | undefined;
  readonly params: Params;
}

/** RFC 4028 §4, compact `x`. A refresher of another name is malformed. */
export const SESSION_EXPIRES = single('session-expires', (value): SessionExpires | undefined => {
  const parsed = parseTokenParams(value);
  const deltaS = parseUint(parsed?.token ?? '', SECONDS_MAX);
  if (parsed === undefined || deltaS === undefined) return undefined;
  const refresher = parsed.params.get('refresher')?.toLowerCase();
  if (refresher !== undefined && refresher !== 'uac' && refresher !== 'uas') return undefined;
  return { deltaS, refresher, params: parsed.params };
});

/** Min-SE in seconds, RFC 4028 §5. */
export const MIN_SE = single('min-se', (value) =>
  parseUint(parseTokenParams(value)?.token ?? '', SECONDS_MAX),
);

/** Session-Expires as it goes on the wire. */
export function writeSessionExpires(timer: Pick<SessionExpires, 'deltaS' | 'refresher'>): string {
  return timer.refresher === undefined
    ? String(timer.deltaS)
    : `${timer.deltaS};refresher=${timer.refresher}`;
}
