import { type Instant, instant, isoInstant } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { ContractId } from '../../lib/base/ids.ts';
import { japanDate } from '../../lib/base/japan-time.ts';
import { type Period, periodNamed } from '../billing/index.ts';
import type { Contract, Order, OrderContext, OrderOutcome, OrderRefusal } from '../contracts/index.ts';
import { type InsertWith, insertContract, NameTaken, updateContract } from './contract-insert.ts';
import { readContract } from './contract-rows.ts';
import type { Database, Tx } from './database.ts';
import { postgresError } from './postgres-errors.ts';
import type { ServiceRules } from './rules.ts';

/** What is ordered, by whom. */
export interface OrderRequest {
  readonly contract: ContractId;
  readonly order: Order;
  /** Made by whoever orders: the same order sent again changes nothing. */
  readonly orderId: string;
  readonly by: string;
  /** When it counts; absent: now. Orders follow each other in time, and none is of a period that is closed. [S0-162] */
  readonly at?: Instant;
  /** The last entry that the orderer saw: when another one came since, the order is refused. */
  readonly afterSeq?: number;
}

/** An order that was accepted. */
export interface AcceptedOrder {
  readonly seq: number;
  readonly at: Instant;
  readonly contract: Contract;
  readonly notes: OrderOutcome['notes'];
  readonly promises: OrderOutcome['promises'];
  /** True when it had been accepted before, under the same name. */
  readonly again: boolean;
}

/** Why the books do not take an order that the rules might. */
export interface OrderConflict extends CodedError {
  readonly code: 'order.changedMeanwhile' | 'order.nameTaken' | 'order.tooEarly';
  readonly fault: 'caller';
}

/** One entry of a contract's history. */
export interface HistoryEntry {
  readonly seq: number;
  readonly orderId: string;
  readonly at: Instant;
  readonly by: string;
  readonly entry:
    | { readonly kind: 'opening'; readonly contract: Contract }
    | { readonly kind: 'order'; readonly order: Order };
  readonly notes: OrderOutcome['notes'];
  readonly promises: OrderOutcome['promises'];
}

/** What the orders need from outside. */
export interface OrderNeeds {
  readonly database: Database;
  readonly rules: ServiceRules;
  readonly now: () => Instant;
  /** Every contract, as last read: for questions about others. */
  readonly others: () => readonly Contract[];
  /** Secrets of what an order adds. */
  readonly insertWith: (contract: ContractId) => InsertWith;
}

interface Outcome {
  readonly notes: OrderOutcome['notes'];
  readonly promises: OrderOutcome['promises'];
}

/** Name of the entry that a contract begins with that was not made by orders. */
const OPENING = 'opening';

/** The append-only history of every contract, and the contracts that come out of it. */
export class Orders {
  readonly #needs: OrderNeeds;
  readonly #listeners: ((contract: ContractId) => void)[] = [];

  constructor(needs: OrderNeeds) {
    this.#needs = needs;
  }

  /** Whom to tell, after the commit, that a contract has changed. */
  onChange(listener: (contract: ContractId) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Judges an order by the contract as it is, writes it down and changes the contract, in one transaction. A refused
   * order leaves nothing.
   */
  async apply(request: OrderRequest): Promise<Result<AcceptedOrder, OrderRefusal | OrderConflict>> {
    try {
      const done = await this.#needs.database.transaction('order', (tx) => this.#apply(tx, request));
      if (done.ok && !done.value.again) for (const tell of this.#listeners) tell(request.contract);
      return done;
    } catch (error) {
      if (error instanceof NameTaken) {
        const say = `${error.taken} belongs to another contract; choose another one.`;
        return refuse({ code: 'order.nameTaken', fault: 'caller', say });
      }
      const known = postgresError(error);
      if (known?.code !== UNIQUE_VIOLATION) throw error;
      const say = `Something of this order was taken by another one at the same moment (${known.constraint ?? 'a name'}); look at the contract and order again.`;
      return refuse({ code: 'order.changedMeanwhile', fault: 'caller', say });
    }
  }

  /** Oldest first. */
  async history(contract: ContractId): Promise<readonly HistoryEntry[]> {
    const rows = await this.#needs.database.db
      .selectFrom('contract_order')
      .selectAll()
      .where('contract_id', '=', contract)
      .orderBy('seq')
      .execute();
    return rows.map((row) => {
      const { notes, promises } = row.outcome as Outcome;
      return {
        seq: row.seq,
        orderId: row.order_id,
        at: instant(row.at_ms),
        by: row.by_whom,
        entry:
          row.kind === 'opening'
            ? { kind: 'opening', contract: row.body as Contract }
            : { kind: 'order', order: row.body as Order },
        notes,
        promises,
      };
    });
  }

  /** The contract as its history had made it at a moment, that moment included; null before it began. */
  async replay(contract: ContractId, until: Instant): Promise<Result<Contract | null, OrderRefusal>> {
    let state: Contract | null = null;
    for (const { at, entry } of await this.history(contract)) {
      if (at > until) break;
      if (entry.kind === 'opening') state = entry.contract;
      else {
        const done = this.#needs.rules.applyOrder(state, entry.order, { now: at });
        if (!done.ok) return done;
        state = done.value.contract;
      }
    }
    return ok(state);
  }

  async #apply(tx: Tx, request: OrderRequest): Promise<Result<AcceptedOrder, OrderRefusal | OrderConflict>> {
    const { contract: id, order, orderId } = request;
    const row = await tx
      .selectFrom('contract')
      .selectAll()
      .where('contract_id', '=', id)
      .forNoKeyUpdate()
      .executeTakeFirst();
    const before = row === undefined ? null : await readContract(tx, row);
    const known = await this.#again(tx, id, orderId, before);
    if (known !== undefined) return ok(known);
    const at = request.at ?? this.#needs.now();
    const last = before === null ? undefined : await this.#last(tx, before, row?.created_at_ms ?? at);
    const conflict = conflictOf(request, last, at) ?? billedConflict(at, await billedUntil(tx, row));
    if (conflict !== undefined) return refuse(conflict);
    const judged = this.#needs.rules.applyOrder(before, order, await this.#context(tx, request, before, at));
    if (!judged.ok) return judged;
    const { contract, notes, promises } = judged.value;
    if (contract.id !== id) throw new Error(`an order of ${id} made the contract ${contract.id}`);
    const made = this.#needs.insertWith(id);
    await (before === null ? insertContract(tx, contract, made) : updateContract(tx, contract, made));
    const seq = (last?.seq ?? 0) + 1;
    const outcome: Outcome = { notes, promises };
    await this.#append(tx, { id, seq, orderId, at, kind: 'order', body: order, outcome, by: request.by });
    return ok({ seq, at, contract, notes, promises, again: false });
  }

  async #again(
    tx: Tx,
    id: ContractId,
    orderId: string,
    contract: Contract | null,
  ): Promise<AcceptedOrder | undefined> {
    if (contract === null) return undefined;
    const row = await tx
      .selectFrom('contract_order')
      .select(['seq', 'at_ms', 'outcome'])
      .where('contract_id', '=', id)
      .where('order_id', '=', orderId)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const { notes, promises } = row.outcome as Outcome;
    return { seq: row.seq, at: instant(row.at_ms), contract, notes, promises, again: true };
  }

  /** The newest entry. A contract that was written without orders gets its opening now. */
  async #last(
    tx: Tx,
    contract: Contract,
    createdAtMs: number,
  ): Promise<{ readonly seq: number; readonly at: Instant }> {
    const row = await tx
      .selectFrom('contract_order')
      .select(['seq', 'at_ms'])
      .where('contract_id', '=', contract.id)
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (row !== undefined) return { seq: row.seq, at: instant(row.at_ms) };
    const opening = openingOf(contract, createdAtMs);
    await this.#append(tx, opening);
    return { seq: opening.seq, at: opening.at };
  }

  async #append(tx: Tx, entry: Entry): Promise<void> {
    await appendEntry(tx, entry, this.#needs.now());
  }

  /** What the rules ask about other contracts. */
  async #context(
    tx: Tx,
    { contract: id, order }: OrderRequest,
    before: Contract | null,
    now: Instant,
  ): Promise<Pick<OrderContext, 'now' | 'hadTrial' | 'taken' | 'answeredFor'>> {
    const named = [...new Set(JSON.stringify(order).match(/(?<=")0[0-9]{8,12}(?=")/g) ?? [])];
    const rows =
      named.length === 0
        ? []
        : await tx
            .selectFrom('name_owner')
            .select('name')
            .where('kind', '=', 'number')
            .where('name', 'in', named)
            .where('contract_id', '<>', id)
            .where((eb) =>
              eb.or([eb('held_until_ms', 'is', null), eb('held_until_ms', '>', this.#needs.now())]),
            )
            .execute();
    const taken = new Set(rows.map(({ name }) => name));
    const others = this.#needs.others().filter((one) => one.id !== id);
    const all = before === null ? others : [...others, before];
    return {
      now,
      taken: (number) => taken.has(number),
      hadTrial: (entity) =>
        all.some((one) => one.legalEntity === entity && (one.answering?.trial ?? null) !== null),
      answeredFor: (number, entity) =>
        others.some(
          (one) =>
            one.answering !== undefined &&
            one.legalEntity !== entity &&
            one.numbers.some((held) => held.number === number),
        ),
    };
  }
}

const UNIQUE_VIOLATION = '23505';

interface Entry {
  readonly id: ContractId;
  readonly seq: number;
  readonly orderId: string;
  readonly at: Instant;
  readonly kind: 'opening' | 'order';
  readonly body: Contract | Order;
  readonly outcome: Outcome;
  readonly by: string;
}

/** The first entry of a contract that no order made: the contract as it was taken over. */
export function openingOf(contract: Contract, atMs: number): Entry {
  return {
    id: contract.id,
    seq: 1,
    orderId: OPENING,
    at: instant(atMs),
    kind: 'opening',
    body: contract,
    outcome: { notes: [], promises: [] },
    by: OPENING,
  };
}

/** Adds an entry and counts the contract's version up, so that others see that something changed. */
export async function appendEntry(tx: Tx, entry: Entry, nowMs: number): Promise<void> {
  await tx
    .insertInto('contract_order')
    .values({
      contract_id: entry.id,
      seq: entry.seq,
      order_id: entry.orderId,
      at_ms: entry.at,
      kind: entry.kind,
      body: JSON.stringify(entry.body),
      outcome: JSON.stringify(entry.outcome),
      by_whom: entry.by,
      received_at_ms: nowMs,
    })
    .execute();
  await tx.updateTable('contract').set({ version: entry.seq }).where('contract_id', '=', entry.id).execute();
}

function conflictOf(
  { contract, afterSeq }: OrderRequest,
  last: { readonly seq: number; readonly at: Instant } | undefined,
  at: Instant,
): OrderConflict | undefined {
  if (afterSeq !== undefined && afterSeq !== (last?.seq ?? 0)) {
    const say = `${contract} has changed since entry ${afterSeq}: the newest is ${last?.seq ?? 0}. Look at it and order again.`;
    return { code: 'order.changedMeanwhile', fault: 'caller', say };
  }
  if (last !== undefined && at < last.at) {
    const say = `The order is of ${isoInstant(at)}, before the last one of ${isoInstant(last.at)}; orders follow each other.`;
    return { code: 'order.tooEarly', fault: 'caller', say };
  }
  return undefined;
}

/**
 * The newest period of which a contract has its invoice. A new contract comes too late for every period whose closing has
 * begun: there is no job for it.
 */
async function billedUntil(
  tx: Tx,
  row: { readonly closed_period: string } | undefined,
): Promise<Period | undefined> {
  if (row !== undefined) return periodNamed(row.closed_period);
  const newest = await tx
    .selectFrom('closing_job')
    .select((each) => each.fn.max('period').as('period'))
    .executeTakeFirst();
  return periodNamed(newest?.period ?? '');
}

/** Fees run from the order: those of a time that is billed would be on no invoice. [S0-162] */
function billedConflict(at: Instant, billed: Period | undefined): OrderConflict | undefined {
  if (billed === undefined || at >= billed.until) return undefined;
  const say = `The order is of ${isoInstant(at)}, and the period ${billed.name}, until ${billed.closesOn} in Japan, is closed: its fees would be on no invoice. Give it a time from ${japanDate(billed.until)} on, or none, which is now.`;
  return { code: 'order.tooEarly', fault: 'caller', say };
}
