import type { Clock } from '../../lib/base/clock.ts';
import { ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { ContractId, GatewayId } from '../../lib/base/ids.ts';
import type { BoxFact } from '../../lib/contract/box-facts.ts';
import { type BoxRecord, boxRecord, type FaxFact, faxFact } from '../../lib/contract/facts.ts';
import type { DeviceClass } from '../routing/types.ts';
import type { Accounts } from './accounts.ts';
import { bootOf, corrected, knownOffset, learnOffset, offsetOf } from './boot-clock.ts';
import type { BatchItem } from './box-batch.ts';
import { DOUBTS, type Doubt, doubtOf, doubtWhose, type KnownLines } from './box-doubt.ts';
import { insertFact } from './box-facts.ts';
import { insertFax } from './box-faxes.ts';
import { boxUsage, heldFor } from './box-usage.ts';
import { callUsage, writeCharge } from './charges.ts';
import type { Database, Tx } from './database.ts';
import { linesThen } from './earlier-lines.ts';
import { joinBoxRecords } from './join-records.ts';
import type { ServiceRules } from './rules.ts';
import type { SpendWatch } from './spend-watch.ts';

/** How long the switch's record of an outside call is waited for before the box's is charged. */
export const BOX_ONLY_GRACE_MS = 10 * 60_000;
/** Box records that are settled in one transaction. */
const SETTLE_BATCH = 200;

/** What happened to a batch. `ids` are committed, whatever they hold: they may be acknowledged. */
export interface Ingested {
  readonly ids: readonly string[];
  readonly stored: number;
  readonly duplicates: number;
  readonly quarantined: number;
}

/** What the box records need from outside. */
export interface BoxRecordNeeds {
  readonly database: Database;
  readonly rules: ServiceRules;
  readonly accounts: Accounts;
  /** Told of records, whose calls count from then on. */
  readonly spend: Pick<SpendWatch, 'renew'>;
  readonly clock: Clock;
}

interface Sender extends KnownLines {
  readonly contract: ContractId;
  readonly gateway: GatewayId;
  readonly devices: ReadonlyMap<string, DeviceClass>;
}

/** What became of one record. */
type Fate = 'stored' | 'duplicate' | 'quarantined';

/** Call records of the gateways. */
export class BoxRecords {
  readonly #needs: BoxRecordNeeds;

  constructor(needs: BoxRecordNeeds) {
    this.#needs = needs;
  }

  /**
   * Claims and writes a batch in one transaction: when this resolves, all of it is committed, and what its calls cost is in what
   * boxes are told may still be spent: they forget them by the acknowledgement. A record that came before is a duplicate and
   * changes nothing; a doubtful one goes to quarantine.
   */
  async ingest(contract: ContractId, gateway: GatewayId, items: readonly BatchItem[]): Promise<Ingested> {
    const { database, spend } = this.#needs;
    // One order for everybody, so that two batches never wait for each other.
    const inOrder = [...items].sort((left, right) => (idOf(left) < idOf(right) ? -1 : 1));
    const ingested = await database.transaction('box records', async (tx) => {
      const sender = await readSender(tx, contract, gateway);
      const fates: Fate[] = [];
      for (const item of inOrder) fates.push(await this.#ingestOne(tx, sender, item));
      const count = (fate: Fate): number => fates.filter((each) => each === fate).length;
      return {
        ids: items.map(idOf),
        stored: count('stored'),
        duplicates: count('duplicate'),
        quarantined: count('quarantined'),
      };
    });
    // Where it fails nothing is acknowledged, and the same batch comes again.
    if (items.some(({ kind }) => kind === 'good')) await spend.renew(contract);
    return ingested;
  }

  /**
   * Charges calls that the switch never saw, once their switch record is overdue (decision 10). Answers how many calls.
   * May run in several places at once: work is claimed with SKIP LOCKED.
   */
  async settleBoxOnly(nowMs: number, graceMs: number = BOX_ONLY_GRACE_MS): Promise<number> {
    return this.#needs.database.transaction('settle box records', async (tx) => {
      const overdue = await tx
        .selectFrom('box_record')
        .selectAll()
        .where('settled', '=', 'waiting')
        .where('received_at_ms', '<=', nowMs - graceMs)
        .orderBy('contract_id')
        .orderBy('call_id')
        .limit(SETTLE_BATCH)
        .forUpdate()
        .skipLocked()
        .execute();
      const calls = new Map(overdue.map((row) => [`${row.contract_id} ${row.call_id}`, row]));
      let charged = 0;
      for (const { contract_id, call_id } of calls.values()) {
        if (await this.#settleCall(tx, contract_id, call_id, nowMs)) charged++;
      }
      return charged;
    });
  }

  /**
   * Takes a record out of quarantine as a person has put it right. Whose it is may be overruled, its shape and its times
   * may not: they are what is charged.
   */
  async release(
    contract: ContractId,
    gateway: string,
    value: unknown,
  ): Promise<Result<'stored' | 'duplicate'>> {
    const fax = faxFact.safeParse(value);
    if (fax.success) {
      const nowMs = this.#needs.clock.now();
      const from = { contract, gateway };
      return this.#needs.database.transaction('release fax', async (tx) =>
        ok((await insertFax(tx, from, fax.data, nowMs)) ? 'stored' : 'duplicate'),
      );
    }
    const parsed = boxRecord.safeParse(value);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      const say = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'wrong'}. Rule: ${DOUBTS['record.schema']}.`;
      return refuse({ code: 'record.schema', fault: 'caller', say });
    }
    const record = parsed.data;
    return this.#needs.database.transaction('release box record', async (tx) => {
      const sender = await readSender(tx, contract, gateway as GatewayId);
      const nowMs = this.#needs.clock.now();
      const doubt = doubtOf(record, sender, nowMs);
      if (doubt?.code === 'record.times') {
        const say = `${doubt.field}: ${doubt.say} Rule: ${DOUBTS[doubt.code]}.`;
        return refuse({ code: doubt.code, fault: 'caller', say });
      }
      return ok(await this.#store(tx, sender, record, nowMs));
    });
  }

  async #ingestOne(tx: Tx, sender: Sender, item: BatchItem): Promise<Fate> {
    const nowMs = this.#needs.clock.now();
    if (item.kind === 'doubtful') {
      const doubt: Doubt = { code: 'record.schema', field: item.say.split(':')[0] ?? '', say: item.say };
      return quarantine(tx, sender, item.id, doubt, item.record, nowMs);
    }
    if (item.kind === 'fax') return this.#ingestFax(tx, sender, item.fax, nowMs);
    if (item.kind === 'fact') return this.#ingestFact(tx, sender, item.fact, nowMs);
    const timed = await timedRecord(tx, sender, item.record);
    if ('code' in timed) return quarantine(tx, sender, item.record.id, timed, item.record, nowMs);
    const doubt =
      (await doubtThen(tx, sender, timed, nowMs)) ??
      (timed.direction === 'internal' ? await doubtInternal(tx, sender, timed) : undefined);
    if (doubt !== undefined) return quarantine(tx, sender, item.record.id, doubt, item.record, nowMs);
    const fate = await this.#store(tx, sender, timed, nowMs);
    const offsetMs = offsetOf(timed);
    if (offsetMs !== undefined) await this.#learn(tx, sender, bootOf(timed), offsetMs, nowMs);
    return fate;
  }

  /** A fax is charged by its call; here stands what the machines said. It is never refused: in doubt it is kept apart. */
  async #ingestFax(tx: Tx, sender: Sender, fax: FaxFact, nowMs: number): Promise<Fate> {
    const doubt = doubtWhose(fax, sender);
    const then = doubt && (await linesThen(tx, sender, fax, fax.startedAt, doubt));
    if (doubt !== undefined && then === undefined) {
      return quarantine(tx, sender, fax.id, doubt, fax, nowMs);
    }
    return (await insertFax(tx, sender, fax, nowMs)) ? 'stored' : 'duplicate';
  }

  /** What a box tells of itself costs nothing; only that it is its own is asked. */
  async #ingestFact(tx: Tx, sender: Sender, fact: BoxFact, nowMs: number): Promise<Fate> {
    if (!fact.id.startsWith(`${sender.gateway}/`)) {
      const say = 'it is numbered by another gateway.';
      return quarantine(tx, sender, fact.id, { code: 'record.foreignId', field: 'id', say }, fact, nowMs);
    }
    return (await insertFact(tx, sender, fact, nowMs)) ? 'stored' : 'duplicate';
  }

  async #store(tx: Tx, sender: Sender, record: BoxRecord, nowMs: number): Promise<'stored' | 'duplicate'> {
    const { accounts, rules } = this.#needs;
    const heldMicroYen = heldFor(rules, accounts.of(sender.contract), record);
    if (!(await insertRecord(tx, sender, record, { heldMicroYen, nowMs }))) return 'duplicate';
    if (record.direction === 'internal') await this.#chargeInternal(tx, sender, record, nowMs);
    else await joinIfEnded(tx, sender.contract, record.call);
    return 'stored';
  }

  /** Once the time of a start is known, what waited for it is put right and goes its way. */
  async #learn(tx: Tx, sender: Sender, boot: string, offsetMs: number, nowMs: number): Promise<void> {
    const { contract, gateway } = sender;
    if (!(await learnOffset(tx, { contract, gateway, boot }, offsetMs, nowMs))) return;
    const waiting = await tx
      .selectFrom('box_quarantine as q')
      .leftJoin('quarantine_decision as d', (join) =>
        join.onRef('d.contract_id', '=', 'q.contract_id').onRef('d.record_id', '=', 'q.record_id'),
      )
      .select(['q.record_id', 'q.record'])
      .where('q.contract_id', '=', contract)
      .where('q.gateway_id', '=', gateway)
      .where('q.code', '=', 'record.noTime')
      .where('q.record_id', 'like', `%/${boot}/%`)
      .where('d.decision', 'is', null)
      .orderBy('q.record_id')
      .execute();
    for (const { record_id, record } of waiting) {
      const right = corrected(boxRecord.parse(record), offsetMs);
      if ((await doubtThen(tx, sender, right, nowMs)) !== undefined) continue;
      await this.#store(tx, sender, right, nowMs);
      await tx
        .insertInto('quarantine_decision')
        .values({
          contract_id: contract,
          record_id,
          decision: 'released',
          order_id: `clock/${boot}`,
          by_whom: 'clock',
          reason: 'the box has learnt the time since',
          correction: JSON.stringify({ startedAt: right.startedAt }),
          at_ms: nowMs,
        })
        .onConflict((conflict) => conflict.columns(['contract_id', 'record_id']).doNothing())
        .execute();
    }
  }

  /** 内線通話: calls inside the office are free, and stand on the list all the same. [S0-050] */
  async #chargeInternal(tx: Tx, sender: Sender, record: BoxRecord, nowMs: number): Promise<void> {
    const charged = await writeCharge(
      tx,
      this.#needs.accounts.of(sender.contract),
      {
        call: record.call,
        source: 'box',
        usage: callUsage({
          kind: 'internal',
          id: record.serviceId,
          device: sender.devices.get(record.serviceId) ?? 'adapter',
          destination: 'unknown',
          answeredAtMs: record.answeredAt,
          talkMs: record.talkMs,
          number: null,
        }),
        startedAtMs: record.startedAt,
      },
      nowMs,
    );
    await tx
      .updateTable('box_record')
      .set({ settled: charged ? 'charged' : 'notCharged' })
      .where('contract_id', '=', sender.contract)
      .where('record_id', '=', record.id)
      .execute();
  }

  async #settleCall(tx: Tx, contract: string, call: string, nowMs: number): Promise<boolean> {
    if ((await joinIfEnded(tx, contract, call)) !== 'noSwitchRecord') return false;
    const legs = await tx
      .selectFrom('box_record')
      .selectAll()
      .where('contract_id', '=', contract)
      .where('call_id', '=', call)
      .where('settled', '=', 'waiting')
      .orderBy('talk_ms', 'desc')
      .orderBy('record_id')
      .execute();
    const leg = legs.find(({ answered_at_ms }) => answered_at_ms !== null) ?? legs[0];
    if (leg === undefined || leg.direction === 'internal') return false;
    const usage = boxUsage(this.#needs.rules, {
      direction: leg.direction,
      serviceId: leg.service_id,
      line: leg.line,
      to: leg.to_number,
      startedAt: leg.started_at_ms,
      answeredAt: leg.answered_at_ms,
      talkMs: leg.talk_ms,
    });
    const charged = await writeCharge(
      tx,
      this.#needs.accounts.of(contract),
      { call, source: 'box', usage, startedAtMs: leg.started_at_ms },
      nowMs,
    );
    await tx
      .updateTable('box_record')
      .set({
        settled: charged ? 'charged' : 'notCharged',
        discrepancy: 'The switch has no record of this call.',
      })
      .where('contract_id', '=', contract)
      .where('call_id', '=', call)
      .where('settled', '=', 'waiting')
      .execute();
    return charged;
  }
}

function idOf(item: BatchItem): string {
  switch (item.kind) {
    case 'good':
      return item.record.id;
    case 'fax':
      return item.fax.id;
    case 'fact':
      return item.fact.id;
    case 'doubtful':
      return item.id;
  }
}

async function readSender(tx: Tx, contract: ContractId, gateway: GatewayId): Promise<Sender> {
  const rows = await tx
    .selectFrom('service_id as s')
    .innerJoin('device as d', (join) =>
      join.onRef('d.contract_id', '=', 's.contract_id').onRef('d.device_id', '=', 's.device_id'),
    )
    .select(['s.service_id', 's.port', 'd.kind'])
    .where('s.contract_id', '=', contract)
    .where('d.gateway_id', '=', gateway)
    .execute();
  return {
    contract,
    gateway,
    lines: rows.map((row) => ({ port: row.port, serviceId: row.service_id })),
    devices: new Map(rows.map((row) => [row.service_id, row.kind])),
  };
}

/** Why a record is not believed, by the lines as they are now or were when the call was made. */
async function doubtThen(
  tx: Tx,
  sender: Sender,
  record: BoxRecord,
  nowMs: number,
): Promise<Doubt | undefined> {
  const doubt = doubtOf(record, sender, nowMs);
  const then = doubt && (await linesThen(tx, sender, record, record.startedAt, doubt));
  return then === undefined ? doubt : doubtOf(record, then, nowMs);
}

/** The record with its times put right, or the doubt that they cannot be yet. */
async function timedRecord(tx: Tx, sender: Sender, record: BoxRecord): Promise<BoxRecord | Doubt> {
  if (record.clock === undefined || record.clock.set) return record;
  const { contract, gateway } = sender;
  const offsetMs = await knownOffset(tx, { contract, gateway, boot: bootOf(record) });
  if (offsetMs !== undefined) return corrected(record, offsetMs);
  const say = 'The box did not know the time yet.';
  return { code: 'record.noTime', field: 'startedAt', say };
}

/** A box may not call an outside call internal: the switch has seen it. */
async function doubtInternal(tx: Tx, sender: Sender, record: BoxRecord): Promise<Doubt | undefined> {
  const row = await tx
    .selectFrom('call_record')
    .select('call_id')
    .where('contract_id', '=', sender.contract)
    .where('call_id', '=', record.call)
    .executeTakeFirst();
  return (
    row && {
      code: 'record.callOfSwitch',
      field: 'direction',
      say: 'The box says internal, but the switch carried this call.',
    }
  );
}

/** Joins at once when the switch's record is there and ended; its row's lock makes the two sides see each other. */
async function joinIfEnded(
  tx: Tx,
  contract: string,
  call: string,
): Promise<'noSwitchRecord' | 'open' | 'joined'> {
  const row = await tx
    .selectFrom('call_record')
    .selectAll()
    .where('contract_id', '=', contract)
    .where('call_id', '=', call)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) return 'noSwitchRecord';
  if (row.ended_at_ms === null) return 'open';
  await joinBoxRecords(tx, row);
  return 'joined';
}

async function insertRecord(
  tx: Tx,
  sender: Sender,
  record: BoxRecord,
  { heldMicroYen, nowMs }: { readonly heldMicroYen: number; readonly nowMs: number },
): Promise<boolean> {
  const done = await tx
    .insertInto('box_record')
    .values({
      contract_id: sender.contract,
      record_id: record.id,
      gateway_id: sender.gateway,
      call_id: record.call,
      direction: record.direction,
      line: record.line,
      service_id: record.serviceId,
      from_number: record.from,
      to_number: record.to,
      started_at_ms: record.startedAt,
      answered_at_ms: record.answeredAt,
      ended_at_ms: record.endedAt,
      talk_ms: record.talkMs,
      end_reason: record.end,
      because: record.because,
      interrupted: record.interrupted,
      media: record.media === null ? null : JSON.stringify(record.media),
      received_at_ms: nowMs,
      discrepancy: null,
      settled: 'waiting',
      held_micro_yen: heldMicroYen,
    })
    .onConflict((conflict) => conflict.columns(['contract_id', 'record_id']).doNothing())
    .executeTakeFirst();
  return (done.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

async function quarantine(
  tx: Tx,
  sender: Sender,
  id: string,
  doubt: Doubt,
  record: unknown,
  nowMs: number,
): Promise<Fate> {
  const done = await tx
    .insertInto('box_quarantine')
    .values({
      contract_id: sender.contract,
      record_id: id,
      gateway_id: sender.gateway,
      code: doubt.code,
      field: doubt.field,
      rule: DOUBTS[doubt.code],
      say: doubt.say,
      record: JSON.stringify(record),
      received_at_ms: nowMs,
    })
    .onConflict((conflict) => conflict.columns(['contract_id', 'record_id']).doNothing())
    .executeTakeFirst();
  return (done.numInsertedOrUpdatedRows ?? 0n) > 0n ? 'quarantined' : 'duplicate';
}
