import type { Selectable } from 'kysely';
import type { RoutePlan } from '../routing/types.ts';
import { compareRecords } from './compare.ts';
import type { Tx } from './database.ts';
import type { Tables } from './schema.ts';

/** Verbs with which a call out rings, or asks, devices of its own office. */
const INSIDE: readonly RoutePlan['verb'][] = ['ring', 'relay'];

type CallRow = Selectable<Tables['call_record']>;

/**
 * Joins the box records that wait for an ended call of the switch, and notes what differs. Runs inside the transaction
 * that holds the lock of the call's row, so that of two transactions that bring the two halves one sees both.
 */
export async function joinBoxRecords(tx: Tx, call: CallRow): Promise<number> {
  const waiting = await tx
    .selectFrom('box_record')
    .selectAll()
    .where('contract_id', '=', call.contract_id)
    .where('call_id', '=', call.call_id)
    .where('settled', '=', 'waiting')
    .orderBy('record_id')
    .execute();
  for (const box of waiting) {
    const discrepancy = compareRecords(
      {
        direction: call.direction,
        id: call.service_id,
        answeredAtMs: call.answered_at_ms,
        talkMs: call.talk_ms ?? 0,
        interrupted: call.interrupted,
        inside: call.direction === 'out' && INSIDE.includes((call.plan as RoutePlan).verb),
      },
      {
        direction: box.direction,
        id: box.service_id,
        answeredAtMs: box.answered_at_ms,
        talkMs: box.talk_ms,
        interrupted: box.interrupted,
      },
    );
    await tx
      .updateTable('box_record')
      .set({ settled: 'joined', discrepancy })
      .where('contract_id', '=', box.contract_id)
      .where('record_id', '=', box.record_id)
      .execute();
  }
  return waiting.length;
}
