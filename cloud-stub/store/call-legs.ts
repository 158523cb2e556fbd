import type { Selectable } from 'kysely';
import type { RatableCall } from '../rating/types.ts';
import { legKind } from '../routing/index.ts';
import type { SwitchCallEnd, SwitchLegStart } from '../switch/ports.ts';
import type { Account } from './accounts.ts';
import { callUsage, writeCharge } from './charges.ts';
import type { Tx } from './database.ts';
import { NO_CONTRACT, type Tables } from './schema.ts';

type LegRow = Selectable<Tables['call_leg']>;

/** One leg of one call. */
export interface LegKey {
  readonly contract: string;
  readonly call: string;
  readonly leg: number;
}

/** Legs that the contract pays for beside the call. [S1-003] [S0-047] [S0-052] */
export function paidByItself(kind: SwitchLegStart['kind']): boolean {
  return kind === 'external' || kind === 'forward' || kind === 'answering';
}

/** The price list that such a leg is on. */
export function chargedAs(kind: SwitchLegStart['kind']): RatableCall['kind'] {
  return legKind(kind === 'answering' ? { answering: true } : {});
}

/** Writes a leg down before it is sent out. */
export async function beginLeg(tx: Tx, contract: string, leg: SwitchLegStart): Promise<void> {
  await tx
    .insertInto('call_leg')
    .values({
      contract_id: contract,
      call_id: leg.call,
      leg: leg.leg,
      kind: leg.kind,
      service_id: leg.id,
      device: leg.device,
      called_number: leg.called,
      to_number: leg.to,
      presents: leg.presents,
      destination: leg.destination,
      started_at_ms: leg.startedAt,
      answered_at_ms: null,
      ended_at_ms: null,
      talk_ms: null,
      end_reason: null,
      because: null,
    })
    .onConflict((conflict) => conflict.columns(['contract_id', 'call_id', 'leg']).doNothing())
    .execute();
}

/** Notes that somebody answered a leg. */
export async function answerLeg(tx: Tx, key: LegKey, atMs: number): Promise<void> {
  await tx
    .updateTable('call_leg')
    .set({ answered_at_ms: atMs })
    .where('contract_id', '=', key.contract)
    .where('call_id', '=', key.call)
    .where('leg', '=', key.leg)
    .where('ended_at_ms', 'is', null)
    .execute();
}

/** Ends a leg and charges it when it is charged by itself. Asking twice changes nothing. */
export async function endLeg(
  tx: Tx,
  account: Account,
  key: LegKey,
  end: SwitchCallEnd,
  nowMs: number,
): Promise<void> {
  const row = await tx
    .selectFrom('call_leg')
    .selectAll()
    .where('contract_id', '=', key.contract)
    .where('call_id', '=', key.call)
    .where('leg', '=', key.leg)
    .where('ended_at_ms', 'is', null)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) return;
  const talkMs = Math.max(0, Math.round(end.talkMs));
  await settleLeg(tx, account, { ...row, talk_ms: talkMs, interrupted: false }, end, nowMs);
}

/** Closes the legs that a call leaves open when it ends: those of a run that died. */
export async function closeLegs(
  tx: Tx,
  account: Account,
  call: Selectable<Tables['call_record']>,
  nowMs: number,
): Promise<void> {
  const rows = await tx
    .selectFrom('call_leg')
    .selectAll()
    .where('contract_id', '=', call.contract_id)
    .where('call_id', '=', call.call_id)
    .where('ended_at_ms', 'is', null)
    .orderBy('leg')
    .forUpdate()
    .execute();
  const endedAtMs = call.ended_at_ms ?? call.heartbeat_at_ms;
  for (const row of rows) {
    const talkMs = row.answered_at_ms === null ? 0 : Math.max(0, endedAtMs - row.answered_at_ms);
    const end = {
      endedAt: endedAtMs,
      end: call.end_reason ?? 'interrupted',
      because: 'closed with its call',
    } as const;
    await settleLeg(tx, account, { ...row, talk_ms: talkMs, interrupted: true }, end, nowMs);
  }
}

async function settleLeg(
  tx: Tx,
  account: Account,
  row: LegRow,
  end: Pick<SwitchCallEnd, 'end' | 'because'> & { readonly endedAt: number },
  nowMs: number,
): Promise<void> {
  await tx
    .updateTable('call_leg')
    .set({
      ended_at_ms: end.endedAt,
      talk_ms: row.talk_ms,
      end_reason: end.end,
      because: end.because,
      interrupted: row.interrupted,
    })
    .where('contract_id', '=', row.contract_id)
    .where('call_id', '=', row.call_id)
    .where('leg', '=', row.leg)
    .execute();
  if (!paidByItself(row.kind) || row.contract_id === NO_CONTRACT) return;
  const usage = callUsage({
    kind: chargedAs(row.kind),
    id: null,
    device: row.device ?? 'app',
    destination: row.destination,
    answeredAtMs: row.answered_at_ms,
    talkMs: row.talk_ms ?? 0,
    number: row.to_number,
  });
  const call = `${row.call_id}/${row.leg}`;
  await writeCharge(tx, account, { call, source: 'switch', usage, startedAtMs: row.started_at_ms }, nowMs);
}
