import type { Clock } from '../../lib/base/clock.ts';
import type { Logger } from '../../lib/base/log.ts';
import { within } from './book-writes.ts';
import type { Authorisation, AuthorisationRequest } from './ports.ts';

/** The one question before a leg that costs money. */
export type Authorise = (request: AuthorisationRequest) => Authorisation | Promise<Authorisation>;

/** An authorisation that takes longer is granted: the ceiling is for the bill, and the caller is waiting. */
const AUTHORISE_LIMIT_MS = 2_000;

/** Asks, and grants when the answer fails or takes too long. */
export function ask(
  needs: { readonly clock: Clock; readonly log: Logger },
  authorise: Authorise,
  request: AuthorisationRequest,
): Promise<Authorisation> {
  const asked = Promise.resolve().then(() => authorise(request));
  return within(needs.clock, AUTHORISE_LIMIT_MS, asked).catch((error: unknown) => {
    needs.log.error({ err: error, call: request.start.call }, 'cannot ask for authorisation');
    return { verdict: 'granted' };
  });
}
