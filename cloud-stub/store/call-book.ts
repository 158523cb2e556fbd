import { type Selectable, sql } from 'kysely';
import type { Clock, Instant } from '../../lib/base/clock.ts';
import type { CallId, ServiceId } from '../../lib/base/ids.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { Decision, DeviceClass, RoutePlan, TollFreeCall } from '../routing/types.ts';
import type { CallBook, SwitchCallEnd, SwitchCallStart, SwitchLegStart } from '../switch/ports.ts';
import type { Accounts } from './accounts.ts';
import { answerLeg, beginLeg, closeLegs, endLeg } from './call-legs.ts';
import { callUsage, writeCharge } from './charges.ts';
import type { Database, Tx } from './database.ts';
import { joinBoxRecords } from './join-records.ts';
import { rememberRouting } from './routing-memory.ts';
import type { ServiceRules } from './rules.ts';
import { NO_CONTRACT, type Tables } from './schema.ts';
import type { SpendWatch } from './spend-watch.ts';

/** How long a start or an answer is tried: somebody holds a receiver meanwhile. */
const CALLER_WAITS_MS = 6_000;
/** How long the end of a call is tried before it is left to the next start. */
const END_LIMIT_MS = 60_000;
/** An emergency call waits for its record no longer than this; the record follows when the database is back. */
const EMERGENCY_WAIT_MS = 1_000;
/** Calls of a dead run that are closed in one transaction. */
const RECOVER_BATCH = 100;

/** What the book needs from outside. */
export interface CallBookNeeds {
  readonly database: Database;
  readonly rules: ServiceRules;
  readonly accounts: Accounts;
  /** Told when a contract was charged. */
  readonly spend: SpendWatch;
  readonly clock: Clock;
  readonly log: Logger;
  /** Name of this run of the service, different at every start. */
  readonly run: string;
}

interface OpenCall {
  readonly contract: string;
  readonly emergency: boolean;
  /** The work on one call runs in the order in which it was asked for. */
  tail: Promise<void>;
}

/** The switch's call records in PostgreSQL. Writes are promised only after their commit. */
export class PostgresCallBook implements CallBook {
  readonly #needs: CallBookNeeds;
  readonly #open = new Map<CallId, OpenCall>();

  constructor(needs: CallBookNeeds) {
    this.#needs = needs;
  }

  async begin(start: SwitchCallStart): Promise<void> {
    const contract = start.contract ?? NO_CONTRACT;
    if (this.#open.has(start.call)) throw new Error(`call ${start.call} is already in the book`);
    const { plan } = start.decision;
    const emergency = plan.verb === 'network' && plan.emergency;
    const open: OpenCall = { contract, emergency, tail: Promise.resolve() };
    this.#open.set(start.call, open);
    try {
      await this.#write(start.call, open, () => this.#insert(contract, start, emergency));
    } catch (error) {
      this.#open.delete(start.call);
      throw error;
    }
  }

  async answered(
    call: CallId,
    at: Instant,
    by: { readonly id: ServiceId; readonly device: DeviceClass } | null,
  ): Promise<void> {
    const open = this.#known(call);
    const { database } = this.#needs;
    const work = async (tx: Tx): Promise<void> => {
      const done = await tx
        .updateTable('call_record')
        .set({
          answered_at_ms: at,
          heartbeat_at_ms: at,
          ...(by === null ? {} : answerer(by)),
        })
        .where('contract_id', '=', open.contract)
        .where('call_id', '=', call)
        .where('ended_at_ms', 'is', null)
        .executeTakeFirst();
      if (done.numUpdatedRows === 0n) throw new Error(`call ${call} is not open`);
    };
    const limitMs = open.emergency ? END_LIMIT_MS : CALLER_WAITS_MS;
    await this.#write(call, open, () => database.transaction('call answered', work, limitMs));
  }

  /** Also rates the call and joins the box's records, in the same transaction. Asking twice changes nothing. */
  async ended(call: CallId, end: SwitchCallEnd): Promise<void> {
    const open = this.#open.get(call);
    if (open === undefined) return;
    await this.#inOrder(open, async () => {
      if (this.#open.get(call) !== open) return;
      await this.#needs.database.transaction(
        'call ended',
        (tx) => this.#close(tx, open.contract, call, end),
        END_LIMIT_MS,
      );
      this.#open.delete(call);
      await this.#charged(open.contract);
    });
  }

  /** A leg that is sent out; a row that was written before stays as it is. */
  async legBegin(leg: SwitchLegStart): Promise<void> {
    const open = this.#open.get(leg.call);
    if (open === undefined) return;
    await this.#write(leg.call, open, () =>
      this.#needs.database.transaction(
        'leg begun',
        (tx) => beginLeg(tx, open.contract, leg),
        CALLER_WAITS_MS,
      ),
    );
  }

  async legAnswered(call: CallId, leg: number, at: Instant): Promise<void> {
    const open = this.#open.get(call);
    if (open === undefined) return;
    const work = (tx: Tx): Promise<void> => answerLeg(tx, { contract: open.contract, call, leg }, at);
    await this.#write(call, open, () =>
      this.#needs.database.transaction('leg answered', work, CALLER_WAITS_MS),
    );
  }

  /** Also rates what the contract pays for by itself: members outside and forwarding targets. [S1-003] [S0-047] */
  async legEnded(call: CallId, leg: number, end: SwitchCallEnd): Promise<void> {
    const open = this.#open.get(call);
    if (open === undefined) return;
    const { accounts, clock, database } = this.#needs;
    const account = accounts.of(open.contract);
    await this.#inOrder(open, async () => {
      await database.transaction(
        'leg ended',
        (tx) => endLeg(tx, account, { contract: open.contract, call, leg }, end, clock.now()),
        END_LIMIT_MS,
      );
      await this.#charged(open.contract);
    });
  }

  /** The charge stands; if what is used cannot be read again now, the next look finds it. */
  async #charged(contract: string): Promise<void> {
    const { log, spend } = this.#needs;
    await spend
      .renew(contract)
      .catch((error: unknown) => log.warn({ err: error, contract }, 'cannot read what is used'));
  }

  async heartbeat(calls: readonly CallId[], at: Instant): Promise<void> {
    const known = calls.flatMap((call) => {
      const open = this.#open.get(call);
      return open === undefined ? [] : [{ call, contract: open.contract }];
    });
    if (known.length === 0) return;
    const contracts = known.map(({ contract }) => contract);
    const ids = known.map(({ call }) => call as string);
    await sql`update call_record r set heartbeat_at_ms = ${at}
      from unnest(${contracts}::text[], ${ids}::text[]) as alive (contract_id, call_id)
      where r.contract_id = alive.contract_id and r.call_id = alive.call_id
        and r.ended_at_ms is null and r.heartbeat_at_ms < ${at}`.execute(this.#needs.database.db);
  }

  /**
   * Closes what runs before this one left open, at the last heartbeat, and rates it. Answers how many. To be called when
   * this run holds the service's ports, so that a second start beside a living service does no harm.
   */
  async recover(): Promise<number> {
    let closed = 0;
    for (let batch = 1; batch > 0; ) {
      batch = await this.#needs.database.transaction('recover calls', (tx) => this.#recoverBatch(tx));
      closed += batch;
    }
    return closed;
  }

  async #recoverBatch(tx: Tx): Promise<number> {
    const rows = await tx
      .selectFrom('call_record')
      .selectAll()
      .where('ended_at_ms', 'is', null)
      .where('run_id', '<>', this.#needs.run)
      .orderBy('contract_id')
      .orderBy('call_id')
      .limit(RECOVER_BATCH)
      .forUpdate()
      .skipLocked()
      .execute();
    for (const row of rows) {
      const last = row.heartbeat_at_ms;
      const end: Selectable<Tables['call_record']> = {
        ...row,
        ended_at_ms: last,
        talk_ms: row.answered_at_ms === null ? 0 : Math.max(0, last - row.answered_at_ms),
        end_reason: 'interrupted',
        because: 'The service stopped while the call was up; closed at its last heartbeat.',
        interrupted: true,
      };
      await this.#settle(tx, end);
    }
    return rows.length;
  }

  async #insert(contract: string, start: SwitchCallStart, emergency: boolean): Promise<void> {
    const { database, run } = this.#needs;
    const work = async (tx: Tx): Promise<void> => {
      const done = await tx
        .insertInto('call_record')
        .values({
          contract_id: contract,
          call_id: start.call,
          run_id: run,
          direction: start.direction,
          service_id: start.id,
          device: start.device,
          from_number: start.from,
          to_number: start.to,
          destination: start.destination,
          started_at_ms: start.startedAt,
          answered_at_ms: null,
          heartbeat_at_ms: start.startedAt,
          ended_at_ms: null,
          talk_ms: null,
          end_reason: null,
          because: null,
          plan: JSON.stringify(withPayer(start.decision)),
          trace: JSON.stringify(start.decision.trace),
        })
        .onConflict((conflict) => conflict.columns(['contract_id', 'call_id']).doNothing())
        .executeTakeFirst();
      if ((done.numInsertedOrUpdatedRows ?? 0n) > 0n) {
        await rememberRouting(tx, contract, start);
        return;
      }
      // Either a call id that was used before, or our own row whose commit was not heard of.
      const row = await tx
        .selectFrom('call_record')
        .select(['run_id', 'started_at_ms', 'ended_at_ms'])
        .where('contract_id', '=', contract)
        .where('call_id', '=', start.call)
        .executeTakeFirst();
      const ours = row?.run_id === run && row.started_at_ms === start.startedAt && row.ended_at_ms === null;
      if (!ours) throw new Error(`call id ${start.call} was used before`);
    };
    await database.transaction('call begun', work, emergency ? END_LIMIT_MS : CALLER_WAITS_MS);
  }

  async #close(tx: Tx, contract: string, call: CallId, end: SwitchCallEnd): Promise<void> {
    const row = await tx
      .selectFrom('call_record')
      .selectAll()
      .where('contract_id', '=', contract)
      .where('call_id', '=', call)
      .forUpdate()
      .executeTakeFirst();
    if (row === undefined || row.ended_at_ms !== null) return;
    await this.#settle(tx, {
      ...row,
      ended_at_ms: end.endedAt,
      talk_ms: Math.max(0, Math.round(end.talkMs)),
      end_reason: end.end,
      because: end.because,
      interrupted: false,
    });
  }

  /** Writes an end, its charge, and what the box said, in the caller's transaction. */
  async #settle(tx: Tx, row: Selectable<Tables['call_record']>): Promise<void> {
    await tx
      .updateTable('call_record')
      .set({
        ended_at_ms: row.ended_at_ms,
        talk_ms: row.talk_ms,
        end_reason: row.end_reason,
        because: row.because,
        interrupted: row.interrupted,
      })
      .where('contract_id', '=', row.contract_id)
      .where('call_id', '=', row.call_id)
      .execute();
    if (row.contract_id === NO_CONTRACT) return;
    const plan = row.plan as StoredPlan;
    const { tollFree } = plan;
    const called = callUsage({
      kind: tollFree === undefined ? this.#needs.rules.kind(row.direction, plan) : 'tollFreeIn',
      id: row.service_id,
      // Nobody's device: only calls in that nobody answered have none, and those cost nothing.
      device: row.device ?? 'adapter',
      destination: tollFree?.callerClass ?? row.destination,
      answeredAtMs: row.answered_at_ms,
      talkMs: row.talk_ms ?? 0,
      number: plan.verb === 'network' ? plan.number : null,
    });
    const usage = plan.freePartner === true ? { ...called, freePartner: true } : called;
    const charge = { call: row.call_id, source: 'switch', usage, startedAtMs: row.started_at_ms } as const;
    const account = this.#needs.accounts.of(row.contract_id);
    const nowMs = this.#needs.clock.now();
    await writeCharge(tx, account, charge, nowMs);
    await closeLegs(tx, account, row, nowMs);
    await joinBoxRecords(tx, row);
  }

  #known(call: CallId): OpenCall {
    const open = this.#open.get(call);
    if (open === undefined) throw new Error(`call ${call} is not in the book`);
    return open;
  }

  /**
   * The work in its order. Emergency first (decision 11): such a call is not held up by a database that is away. What its
   * record lacks in the end, the box's record has.
   */
  #write(call: CallId, open: OpenCall, work: () => Promise<void>): Promise<void> {
    const done = this.#inOrder(open, work);
    if (!open.emergency) return done;
    const { clock, log } = this.#needs;
    return new Promise((resolve) => {
      const limit = clock.after(EMERGENCY_WAIT_MS, 'emergency record', resolve);
      done
        .catch((error: unknown) =>
          log.error({ err: error, call }, 'an emergency call could not be written down'),
        )
        .finally(() => {
          limit.cancel();
          resolve();
        });
    });
  }

  #inOrder(open: OpenCall, work: () => Promise<void>): Promise<void> {
    const done = open.tail.then(work);
    open.tail = done.catch(() => undefined);
    return done;
  }
}

/** A plan as it is kept, with what the decision knows for the price: who pays [S2-019], and free partners [S3-033]. */
type StoredPlan = RoutePlan & { readonly tollFree?: TollFreeCall; readonly freePartner?: true };

function withPayer({ plan, tollFree, outgoing }: Decision): StoredPlan {
  const free = outgoing?.freePartner === true ? ({ freePartner: true } as const) : {};
  return { ...plan, ...(tollFree === undefined ? {} : { tollFree }), ...free };
}

/** Whoever answers a call in is the one who has it; a call out stays its caller's. */
function answerer(by: { readonly id: ServiceId; readonly device: DeviceClass }) {
  return {
    service_id: sql<string | null>`case when direction = 'in' then ${by.id}::text else service_id end`,
    device: sql<DeviceClass | null>`case when direction = 'in' then ${by.device}::text else device end`,
  };
}
