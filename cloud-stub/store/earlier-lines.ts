import { sql } from 'kysely';
import type { ContractId } from '../../lib/base/ids.ts';
import type { BoxRecord } from '../../lib/contract/facts.ts';
import { type Doubt, FIRST_PHONE_LINE, type KnownLines } from './box-doubt.ts';
import type { Tx } from './database.ts';

/** How long after a configuration has taken an ID off a line records of calls there are still believed: a box may be away for a while. */
const BELIEVED_FOR_MS = 45 * 24 * 3_600_000;

type Whose = Pick<BoxRecord, 'serviceId' | 'line'>;

/**
 * The lines by which a doubtful record is to be judged, if its ID was on that line by a configuration that its gateway was
 * given: IDs are moved between ports, devices and gateways, and calls of before are told afterwards. Undefined when no
 * configuration said so, or it is too long ago for a call that started then.
 */
export async function linesThen<Known extends KnownLines>(
  tx: Tx,
  known: Known & { readonly contract: ContractId },
  record: Whose,
  startedAtMs: number,
  doubt: Doubt,
): Promise<Known | undefined> {
  if (doubt.code !== 'record.unknownLine' && doubt.code !== 'record.foreignService') return undefined;
  const { contract, gateway } = known;
  const { line, serviceId } = record;
  const isPhone = line >= FIRST_PHONE_LINE;
  const payload = sql`(c.envelope::jsonb ->> 'payload')::jsonb`;
  const entry = isPhone
    ? sql`${payload} -> 'lan' -> 'phones' @> ${JSON.stringify([{ serviceId }])}::jsonb`
    : sql`${payload} -> 'lines' @> ${JSON.stringify([{ serviceId, port: line }])}::jsonb`;
  const found = await sql<{ readonly rev: number }>`
    select c.rev from desired_config c
    left join desired_config n
      on n.contract_id = c.contract_id and n.gateway_id = c.gateway_id and n.rev = c.rev + 1
    where c.contract_id = ${contract} and c.gateway_id = ${gateway}
      and (n.made_at_ms is null or n.made_at_ms >= ${Math.max(0, startedAtMs - BELIEVED_FOR_MS)})
      and ${entry}
    limit 1`.execute(tx);
  if (found.rows.length === 0) return undefined;
  const others = known.lines.filter((each) => each.serviceId !== serviceId);
  return { ...known, lines: [...others, { serviceId, port: isPhone ? null : line }] };
}
