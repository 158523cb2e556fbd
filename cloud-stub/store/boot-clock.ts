import type { BoxRecord } from '../../lib/contract/facts.ts';
import type { Tx } from './database.ts';

/** One start of one gateway: record ids carry both. */
export interface Boot {
  readonly contract: string;
  readonly gateway: string;
  readonly boot: string;
}

/** The start of the box that a record is of. */
export function bootOf(record: Pick<BoxRecord, 'id'>): string {
  return record.id.split('/')[1] ?? '';
}

/** Longer than this from start to answer or end, and the wall clock was set in between. */
const LONGEST_MS = 7 * 24 * 3_600_000;

/**
 * The record with the times that its box would have written, had it known the time: `offsetMs` is wall clock minus
 * uptime. Moments that were written after the clock was set stay as they are. Pure.
 */
export function corrected(record: BoxRecord, offsetMs: number): BoxRecord {
  if (record.clock === undefined || record.clock.set) return record;
  const { startedAt, answeredAt, endedAt } = record;
  const start = offsetMs + record.clock.upMs;
  const moved = (at: number): number => {
    const sameClock = at >= startedAt && at - startedAt <= LONGEST_MS;
    return sameClock ? at - startedAt + start : at;
  };
  return {
    ...record,
    startedAt: start,
    answeredAt: answeredAt === null ? null : moved(answeredAt),
    endedAt: moved(endedAt),
  };
}

/** Wall clock minus uptime, by a record that knew both; undefined when this one does not tell. */
export function offsetOf(record: BoxRecord): number | undefined {
  return record.clock?.set === true ? record.startedAt - record.clock.upMs : undefined;
}

/** What is known of a start's clock. */
export async function knownOffset(tx: Tx, { contract, gateway, boot }: Boot): Promise<number | undefined> {
  const row = await tx
    .selectFrom('boot_clock')
    .select('offset_ms')
    .where('contract_id', '=', contract)
    .where('gateway_id', '=', gateway)
    .where('boot', '=', boot)
    .executeTakeFirst();
  return row?.offset_ms;
}

/** Keeps the first offset that is learnt of a start. True when it was this one. */
export async function learnOffset(
  tx: Tx,
  { contract, gateway, boot }: Boot,
  offsetMs: number,
  nowMs: number,
): Promise<boolean> {
  const done = await tx
    .insertInto('boot_clock')
    .values({
      contract_id: contract,
      gateway_id: gateway,
      boot,
      offset_ms: offsetMs,
      learnt_at_ms: nowMs,
    })
    .onConflict((conflict) => conflict.columns(['contract_id', 'gateway_id', 'boot']).doNothing())
    .executeTakeFirst();
  return (done.numInsertedOrUpdatedRows ?? 0n) > 0n;
}
