import type { Command } from 'commander';
import { ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { ClaimTicket } from '../sync/index.ts';
import type { Ask, Tell } from './verbs.ts';
import { inJapan } from './when.ts';

type Call = (method: 'GET' | 'POST', path: string) => Promise<Result<unknown>>;

/** `claim`, `revoke`: how a box gets the identity of a gateway, and loses it. */
export function addTrustVerbs(program: Command, ask: Ask, call: Call, tell: Tell): void {
  program
    .command('claim <contract>')
    .description(
      'a claim code for each gateway of a contract, for its order: the technician types it into the box; earlier unused codes end',
    )
    .option('--gateway <id>', 'for this one alone')
    .action(async (contract: string, options: { gateway?: string }) =>
      tell(await tickets(contract, options.gateway, call), ticketLines),
    );
  program
    .command('revoke <gateway>')
    .description(
      'ends the identity of a gateway: it is cut off at once and needs a new claim code to come back',
    )
    .requiredOption('--why <text>', 'kept with its certificates')
    .action((gateway: string, options: { why: string }) =>
      ask('POST', `/gateways/${encodeURIComponent(gateway)}/revocation`, { why: options.why }, (value) => {
        const { certificates } = value as { certificates: number };
        return `${gateway} is cut off; ${certificates} certificates were revoked.\n`;
      }),
    );
}

async function tickets(
  contract: string,
  only: string | undefined,
  call: Call,
): Promise<Result<readonly ClaimTicket[]>> {
  const answer = await call('GET', '/gateways');
  if (!answer.ok) return answer;
  const { gateways } = answer.value as { gateways: readonly { id: string; contract: string }[] };
  const wanted = gateways.filter((one) => one.contract === contract && (only ?? one.id) === one.id);
  if (wanted.length === 0) {
    const say = `${contract} has no gateway${only === undefined ? '' : ` ${only}`}; engawa-cloud gateways shows all.`;
    return refuse({ code: 'operator.noGateway', fault: 'caller', say });
  }
  const made: ClaimTicket[] = [];
  for (const { id } of wanted) {
    const ticket = await call('POST', `/gateways/${encodeURIComponent(id)}/claim`);
    if (!ticket.ok) return ticket;
    made.push(ticket.value as ClaimTicket);
  }
  return ok(made);
}

function ticketLines(made: readonly ClaimTicket[]): string {
  return made
    .map(({ gateway, code, expiresAt }) => `${gateway}  ${code}  until ${inJapan(expiresAt)}\n`)
    .join('');
}
