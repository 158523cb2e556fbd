import type { Clock } from '../../lib/base/clock.ts';
import { microYen } from '../../lib/base/units.ts';
import { authorise, type CallToAuthorise } from '../rating/index.ts';
import type {
  Authorisation,
  AuthorisationRequest,
  SwitchCallStart,
  SwitchLegStart,
} from '../switch/ports.ts';
import type { Accounts } from './accounts.ts';
import { chargedAs, paidByItself } from './call-legs.ts';
import type { Database } from './database.ts';
import { readUsed } from './spend-book.ts';

/** What authorisation needs from outside. */
export interface AuthoriseNeeds {
  readonly database: Database;
  readonly accounts: Accounts;
  readonly clock: Clock;
}

const GRANTED: Authorisation = { verdict: 'granted' };

/**
 * Whether a leg that costs money may be sent out, by what the books say is used this period. Contracts without a ceiling
 * are not looked up. Only a ceiling refuses: what has no price is for somebody to look at, not for the caller.
 */
export function authoriser(needs: AuthoriseNeeds): (request: AuthorisationRequest) => Promise<Authorisation> {
  const { accounts, clock, database } = needs;
  return async ({ start, leg }) => {
    const account = accounts.of(leg.contract);
    const ceiling = account.ceiling ?? null;
    if (ceiling === null) return GRANTED;
    const now = clock.now();
    const used = await readUsed(database.db, [leg.contract], now);
    const spend = { microYen: microYen(used.get(leg.contract) ?? 0) };
    const { rater, allowance } = account;
    const answer = authorise(callOf(start, leg), { spend, ceiling, allowance }, rater, now);
    if (answer.granted || answer.rule !== 'authorise.ceiling') return GRANTED;
    return { verdict: 'refused', rule: answer.rule, say: answer.say };
  };
}

/**
 * What would be charged first when this leg answers. A leg that is part of the call costs what the call costs: of a call to
 * a toll-free number the office pays for the caller, also when its own devices answer. [S2-019] [S0-051]
 */
function callOf(start: SwitchCallStart, leg: SwitchLegStart): CallToAuthorise {
  const { tollFree, outgoing } = start.decision;
  const device = leg.device ?? start.device ?? 'adapter';
  if (leg.kind === 'member' && tollFree !== undefined) {
    return { kind: 'tollFreeIn', device, destination: tollFree.callerClass };
  }
  return {
    kind: paidByItself(leg.kind) ? chargedAs(leg.kind) : 'out',
    device,
    destination: leg.destination,
    number: leg.to,
    ...(leg.kind === 'network' && outgoing?.freePartner === true ? { freePartner: true } : {}),
    ...(start.id === null ? {} : { id: start.id }),
  };
}
