import { createHash } from 'node:crypto';
import { type Clock, type Instant, instant } from '../../lib/base/clock.ts';
import { ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { ContractId } from '../../lib/base/ids.ts';
import { japanDate } from '../../lib/base/japan-time.ts';
import {
  type Closing as Closed,
  canonicalJson,
  closeContract,
  type DraftInvoice,
  draftInvoice,
  type Issuer,
  issueInvoice,
  type Period,
  periodOf,
} from '../billing/index.ts';
import { catalogue } from '../catalogue/index.ts';
import { type Contract, subscriptionsOf } from '../contracts/index.ts';
import {
  openAdjustments,
  type Settled,
  settleCounted,
  type Unbilled,
  unbilledCharges,
} from './closing-facts.ts';
import { type ClosingRefusal, outOfTurn, skipping } from './closing-order.ts';
import { readContract } from './contract-rows.ts';
import type { Database, Tx } from './database.ts';
import { nextNumber, writeLedger } from './documents.ts';
import type { ServiceRules } from './rules.ts';
import { writeSettled } from './settling.ts';

export type { ClosingRefusal } from './closing-order.ts';

/** What closing needs from outside. */
export interface ClosingNeeds {
  readonly database: Database;
  readonly rules: ServiceRules;
  readonly issuer: Issuer;
  readonly clock: Clock;
}

/** How far the closing of a period is. */
export interface ClosingState {
  readonly period: string;
  readonly waiting: number;
  readonly closed: number;
  readonly failed: readonly { readonly contract: string; readonly say: string }[];
}

/** What a worker did. */
export interface ClosingWork {
  readonly closed: number;
  readonly failed: number;
  readonly invoices: number;
}

type Outcome = 'invoice' | 'nothing' | 'failed';

/** Most jobs that one answer lists. */
const FAILED_LIMIT = 1_000;

/**
 * Closes periods. A period is opened as jobs, one for each contract; any number of workers, in any number of processes,
 * take them with SKIP LOCKED. A contract is closed in one transaction: job, invoice, number, bookings. Whoever is killed
 * leaves the job as it was; whoever closes again finds nothing to do.
 */
export class Closing {
  readonly #needs: ClosingNeeds;

  constructor(needs: ClosingNeeds) {
    this.#needs = needs;
  }

  /**
   * Makes the jobs of a period that is over; those that failed before wait again. Answers how many wait. Refused while a period
   * before it was never opened: its fixed fees and deposits would be on no invoice. [S0-160] [S0-162]
   */
  async open(period: Period): Promise<Result<number, ClosingRefusal>> {
    const { clock, database } = this.#needs;
    const nowMs = clock.now();
    if (nowMs < period.until) {
      const say = `The period ${period.name} runs until ${japanDate(instant(period.until - 1))} in Japan; close it after that day.`;
      return refuse({ code: 'closing.periodOpen', fault: 'caller', say });
    }
    return database.transaction('open closing', async (tx) => {
      const skipped = await skipping(tx, period);
      if (skipped !== undefined) return refuse(skipped);
      await tx
        .insertInto('closing_job')
        .columns(['contract_id', 'period', 'state', 'say', 'made_at_ms'])
        .expression((build) =>
          build
            .selectFrom('contract')
            .select((each) => [
              'contract_id',
              each.val(period.name).as('period'),
              each.val('waiting' as const).as('state'),
              each.val('').as('say'),
              each.val(nowMs).as('made_at_ms'),
            ])
            .orderBy('contract_id'),
        )
        .onConflict((conflict) =>
          conflict
            .columns(['contract_id', 'period'])
            .doUpdateSet({ state: 'waiting', say: '' })
            .where('closing_job.state', '=', 'failed'),
        )
        .execute();
      const row = await tx
        .selectFrom('closing_job')
        .select((each) => each.fn.countAll<number>().as('count'))
        .where('period', '=', period.name)
        .where('state', '=', 'waiting')
        .executeTakeFirstOrThrow();
      return ok(Number(row.count));
    });
  }

  /** Works off jobs of a period until none is left to take, or until `most` are done. */
  async work(period: Period, most = Number.POSITIVE_INFINITY): Promise<ClosingWork> {
    const done: Record<Outcome, number> = { invoice: 0, nothing: 0, failed: 0 };
    let after = '';
    while (done.invoice + done.nothing + done.failed < most) {
      const step = await this.#step(period, after);
      if (step !== undefined) {
        done[step.outcome]++;
        after = step.contract;
      } else if (after === '') break;
      else after = '';
    }
    return { closed: done.invoice + done.nothing, failed: done.failed, invoices: done.invoice };
  }

  /**
   * The invoice of a period as it stands, by the same facts and rules as closing: ordinary use of the period, toll-free
   * use of two periods before, and what came late. Writes nothing and takes no number.
   */
  async draft(contract: Contract, period: Period): Promise<Result<DraftInvoice, ClosingRefusal>> {
    const { db } = this.#needs.database;
    const before = periodOf(instant(period.from - 1)).name;
    const booked = await unbilledCharges(db, contract.id, before, period);
    const adjustments = await openAdjustments(db, contract.id, period);
    const made = this.#compute(contract, booked, adjustments, period);
    if (!made.ok) return made;
    const { body } = made.value;
    if (body !== null) return ok({ v: 1, status: 'draft', number: null, ...body });
    const nothing = { ...this.#facts(contract, period), calls: [] };
    const empty = draftInvoice(nothing);
    if (empty.ok) return empty;
    return refuse({ code: 'closing.refused', fault: 'us', say: empty.error.say });
  }

  async state(period: Period): Promise<ClosingState> {
    const { db } = this.#needs.database;
    const rows = await db
      .selectFrom('closing_job')
      .select((each) => ['state', each.fn.countAll<number>().as('count')])
      .where('period', '=', period.name)
      .groupBy('state')
      .execute();
    const failed = await db
      .selectFrom('closing_job')
      .select(['contract_id', 'say'])
      .where('period', '=', period.name)
      .where('state', '=', 'failed')
      .orderBy('contract_id')
      .limit(FAILED_LIMIT)
      .execute();
    const count = (state: 'waiting' | 'closed'): number =>
      Number(rows.find((row) => row.state === state)?.count ?? 0);
    return {
      period: period.name,
      waiting: count('waiting'),
      closed: count('closed'),
      failed: failed.map(({ contract_id, say }) => ({ contract: contract_id, say })),
    };
  }

  /** Takes one job and closes it, in one transaction. Undefined when none is left behind `after`. */
  async #step(
    period: Period,
    after: string,
  ): Promise<{ readonly contract: string; readonly outcome: Outcome } | undefined> {
    return this.#needs.database.transaction('close contract', async (tx) => {
      const job = await tx
        .selectFrom('closing_job')
        .select('contract_id')
        .where('period', '=', period.name)
        .where('state', '=', 'waiting')
        .where('contract_id', '>', after)
        // Periods of a contract are closed in their order: one that another worker has at hand comes first.
        .where(({ exists, not, selectFrom }) =>
          not(
            exists(
              selectFrom('closing_job as earlier')
                .select('earlier.contract_id')
                .whereRef('earlier.contract_id', '=', 'closing_job.contract_id')
                .where('earlier.period', '<', period.name)
                .where('earlier.state', '=', 'waiting'),
            ),
          ),
        )
        .orderBy('contract_id')
        .limit(1)
        .forUpdate()
        .skipLocked()
        .executeTakeFirst();
      if (job === undefined) return undefined;
      const closed = await this.#close(tx, job.contract_id as ContractId, period);
      if (!closed.ok) await this.#finish(tx, job.contract_id, period, closed.error.say);
      const outcome = closed.ok ? closed.value : 'failed';
      return { contract: job.contract_id, outcome };
    });
  }

  /** A `say` tells why the job has failed; without one it is closed. */
  async #finish(tx: Tx, contract: string, period: Period, say = ''): Promise<void> {
    await tx
      .updateTable('closing_job')
      .set({ state: say === '' ? 'closed' : 'failed', say, done_at_ms: this.#needs.clock.now() })
      .where('contract_id', '=', contract)
      .where('period', '=', period.name)
      .execute();
  }

  async #close(
    tx: Tx,
    id: ContractId,
    period: Period,
  ): Promise<Result<'invoice' | 'nothing', ClosingRefusal>> {
    // From here on no charge of the contract can be written until we commit.
    const row = await tx
      .selectFrom('contract')
      .selectAll()
      .where('contract_id', '=', id)
      .forNoKeyUpdate()
      .executeTakeFirstOrThrow();
    if (row.closed_period === period.name) {
      await this.#finish(tx, id, period);
      return ok('nothing');
    }
    const early = await outOfTurn(tx, row, period);
    if (early !== undefined) return refuse(early);
    const contract = await readContract(tx, row);
    const booked = await unbilledCharges(tx, id, row.closed_period, period);
    const adjustments = await openAdjustments(tx, id, period);
    const made = this.#compute(contract, booked, adjustments, period);
    if (!made.ok) return made;
    const { body, ledger, settled } = made.value;
    await writeSettled(tx, id, settled);
    await tx
      .updateTable('contract')
      .set({ closed_period: period.name })
      .where('contract_id', '=', id)
      .execute();
    await this.#finish(tx, id, period);
    if (body === null) return ok('nothing');
    // The counter of numbers is everybody's: taken last, so that no other worker waits for our reckoning.
    const number = await nextNumber(tx, 'E');
    const nowMs = this.#needs.clock.now();
    const text = canonicalJson(issueInvoice(body, { number, issuedOn: japanDate(nowMs) }));
    await tx
      .insertInto('document')
      .values({
        contract_id: id,
        number,
        kind: 'invoice',
        period: period.name,
        body: text,
        sha256: createHash('sha256').update(text).digest('hex'),
        total_yen: body.totalYen,
        issued_at_ms: nowMs,
        order_id: null,
      })
      .execute();
    await writeLedger(tx, number, ledger, nowMs);
    await markBilled(
      tx,
      id,
      number,
      booked.late,
      adjustments.map((one) => one.id),
    );
    return ok('invoice');
  }

  /** The invoice that the facts make, without touching anything. */
  #compute(
    contract: Contract,
    booked: Unbilled,
    adjustments: Awaited<ReturnType<typeof openAdjustments>>,
    period: Period,
  ): Result<Closed & { readonly settled: readonly Settled[] }, ClosingRefusal> {
    const { rules } = this.#needs;
    const nameOf = (at: Instant): string => periodOf(at).name;
    const { charges, settled } = settleCounted(booked.counted, contract, rules, nameOf);
    const closed = closeContract({
      ...this.#facts(contract, period),
      charges,
      sums: booked.sums,
      adjustments,
    });
    if (closed.ok) return ok({ ...closed.value, settled });
    return refuse({ code: 'closing.refused', fault: 'us', say: closed.error.say });
  }

  #facts(contract: Contract, period: Period) {
    return {
      contract: { id: contract.id, name: contract.name },
      issuer: this.#needs.issuer,
      period,
      catalogue,
      subscriptions: subscriptionsOf(contract),
    };
  }
}

async function markBilled(
  tx: Tx,
  contract: ContractId,
  number: string,
  late: boolean,
  adjustments: readonly string[],
): Promise<void> {
  // The contract is held: what is late and on no invoice now is what was read.
  if (late) {
    await tx
      .updateTable('charge')
      .set({ billed_in: number })
      .where('contract_id', '=', contract)
      .where('late', '=', true)
      .where('billed_in', 'is', null)
      .execute();
  }
  if (adjustments.length > 0) {
    await tx
      .updateTable('adjustment')
      .set({ document: number })
      .where('contract_id', '=', contract)
      .where('adjustment_id', 'in', adjustments)
      .execute();
  }
}
