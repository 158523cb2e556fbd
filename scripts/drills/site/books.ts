import type { Contract } from '../../../cloud-stub/contracts/index.ts';
import { type BatchItem, readBatch } from '../../../cloud-stub/store/box-batch.ts';
import { doubtOf, type KnownLines } from '../../../cloud-stub/store/box-doubt.ts';
import { callUsage } from '../../../cloud-stub/store/charges.ts';
import { compareRecords } from '../../../cloud-stub/store/compare.ts';
import type { ServiceRules } from '../../../cloud-stub/store/rules.ts';
import type { CallBook, SwitchCallEnd, SwitchCallStart } from '../../../cloud-stub/switch/ports.ts';
import type { StoredRevision } from '../../../cloud-stub/sync/desired.ts';
import type { BatchOutcome, FactSink } from '../../../cloud-stub/sync/uplink.ts';
import { type Instant, instant } from '../../../lib/base/clock.ts';
import type { CallId, ContractId, GatewayId, ServiceId } from '../../../lib/base/ids.ts';
import type { BoxRecord, Presence, ReportedConfig } from '../../../lib/contract/facts.ts';
import type { Program, World } from './world.ts';

/** How long a transaction that fails for a reason that passes is tried again. */
const TRIES_MS = 6_000;
const TRY_AGAIN_MS = 150;
/** How long the switch's record of a call is waited for before the box's is charged. */
const GRACE_MS = 10 * 60_000;

/** One call as the switch wrote it down. */
export interface CallRow {
  readonly start: SwitchCallStart;
  readonly run: string;
  answeredAt: Instant | null;
  by: ServiceId | null;
  end: SwitchCallEnd | null;
  heartbeatAt: Instant;
  interrupted: boolean;
  ends: number;
}

/** One leg as a box wrote it down. */
export interface BoxRow {
  readonly record: BoxRecord;
  readonly receivedAt: number;
  settled: 'waiting' | 'joined' | 'charged';
  discrepancy: string | null;
}

export interface ChargeRow {
  readonly call: string;
  readonly source: 'switch' | 'box';
  readonly microYen: number;
}

/** How the database is. */
export interface BooksHealth {
  away: boolean;
  /** Most that a transaction takes. */
  slowMs: number;
  /** Share of commits whose answer is lost. */
  answersLost: number;
}

/**
 * The cloud's database in memory, with the contract of the one in PostgreSQL: a promise that resolves is a commit, a
 * transaction happens whole or not at all, keys are unique, and an answer may be lost although the commit was done.
 */
export class Books {
  readonly world: World;
  readonly health: BooksHealth = { away: false, slowMs: 12, answersLost: 0 };
  readonly boxRecords = new Map<string, BoxRow>();
  readonly quarantine = new Map<
    string,
    { readonly code: string; readonly say: string; readonly record: unknown }
  >();
  /** Faxes and what else a box tells, by id. */
  readonly facts = new Set<string>();
  readonly calls = new Map<CallId, CallRow>();
  readonly charges = new Map<string, ChargeRow>();
  /** Every charge that ever was, those that took another's place too. */
  readonly chargeLog: ChargeRow[] = [];
  readonly revisions: StoredRevision[] = [];
  contract: Contract;
  reported: ReportedConfig | undefined;
  presence: Presence | undefined;
  readonly #rules: ServiceRules;

  constructor(world: World, contract: Contract, rules: ServiceRules) {
    this.world = world;
    this.contract = contract;
    this.#rules = rules;
  }

  /** Runs `work` at one moment, as a commit is one; before and after it time passes, and whoever asked may die. */
  async transaction<Value>(program: Program, what: string, work: () => Value): Promise<Value> {
    const sinceMs = this.world.nowMs;
    for (;;) {
      await sleep(program, this.world.between(0.5, this.health.slowMs));
      if (!this.health.away) {
        if (!program.step(`commit ${what}`)) return never();
        const value = work();
        const lost = this.health.answersLost > 0 && this.world.chance(this.health.answersLost);
        await sleep(program, this.world.between(0.2, this.health.slowMs / 2));
        if (!lost) return value;
      }
      if (this.world.nowMs - sinceMs > TRIES_MS) throw new Error(`the database is away: ${what}`);
      await sleep(program, TRY_AGAIN_MS);
    }
  }

  /** Whether something that a box told is in the database. */
  isKept(id: string): boolean {
    return this.boxRecords.has(id) || this.facts.has(id) || this.quarantine.has(id);
  }

  /** The tables of configurations, as one program sees them. */
  revisionStore(program: Program) {
    return {
      latestDesired: () => this.transaction(program, 'read revision', () => this.revisions.at(-1)),
      addDesired: (_contract: ContractId, _gateway: GatewayId, revision: StoredRevision) =>
        this.transaction(program, `revision ${revision.rev}`, () => {
          const there = this.revisions.find(({ rev }) => rev === revision.rev);
          if (there === undefined) this.revisions.push(revision);
          return there === undefined || there.envelope === revision.envelope;
        }),
    };
  }

  /** Where facts go. */
  sink(program: Program): FactSink {
    return {
      contractOf: async () => this.contract.id,
      reported: (_contract, _gateway, report) =>
        this.transaction(program, 'reported', () => {
          this.reported = report;
        }),
      presence: (_contract, _gateway, presence) =>
        this.transaction(program, 'presence', () => {
          this.presence = presence;
        }),
      lan: async () => undefined,
      commandResult: async () => undefined,
      updateReport: async () => undefined,
      records: (_contract, gateway, payload) => this.#ingest(program, gateway, payload),
    } as FactSink;
  }

  /** As `BoxRecords.ingest`: one transaction for a batch, whole or not at all. */
  async #ingest(program: Program, gateway: GatewayId, payload: Buffer): Promise<BatchOutcome | undefined> {
    const batch = readBatch(payload);
    if (!batch.ok) return undefined;
    const { items, nameless } = batch.value;
    return this.transaction(program, `${items.length} box records`, () => {
      const outcome = { ids: [] as string[], stored: 0, duplicates: 0, quarantined: 0, nameless };
      for (const item of items) {
        const id = idOf(item);
        outcome.ids.push(id);
        if (this.isKept(id)) outcome.duplicates++;
        else if (item.kind === 'fact' || item.kind === 'fax') {
          this.facts.add(id);
          outcome.stored++;
        } else if (item.kind === 'good' && this.#store(gateway, item.record)) outcome.stored++;
        else {
          outcome.quarantined++;
          const say = item.kind === 'doubtful' ? item.say : 'not taken';
          if (!this.quarantine.has(id)) this.quarantine.set(id, { code: 'record.schema', say, record: item });
        }
      }
      return outcome;
    });
  }

  #store(gateway: GatewayId, record: BoxRecord): boolean {
    const doubt = doubtOf(record, this.#lines(gateway), this.world.clock.now());
    if (doubt !== undefined) {
      this.quarantine.set(record.id, { code: doubt.code, say: doubt.say, record });
      return false;
    }
    const row: BoxRow = { record, receivedAt: this.world.nowMs, settled: 'waiting', discrepancy: null };
    this.boxRecords.set(record.id, row);
    const { direction, line, end, because } = record;
    this.world.note('books', `record of line ${line}, ${direction}: ${end}, ${because}`);
    if (record.direction === 'internal') this.#chargeBox(row);
    else this.#join(record.call as CallId);
    return true;
  }

  #lines(gateway: GatewayId): KnownLines {
    return { gateway, lines: this.contract.ids.map(({ id, port }) => ({ port, serviceId: id })) };
  }

  /** Charges calls that the switch never saw. */
  settleBoxOnly(program: Program): Promise<void> {
    return this.transaction(program, 'settle', () => {
      for (const row of this.boxRecords.values()) {
        if (row.settled !== 'waiting' || this.world.nowMs - row.receivedAt < GRACE_MS) continue;
        this.#join(row.record.call as CallId);
        if (row.settled === 'waiting' && !this.calls.has(row.record.call as CallId)) this.#chargeBox(row);
      }
    });
  }

  #chargeBox(row: BoxRow): void {
    const { record } = row;
    row.settled = 'charged';
    const far = this.#rules.classify(record.to, instant(record.startedAt));
    this.#charge(record.call, 'box', {
      kind: record.direction,
      destination: record.direction === 'out' ? far.destination : 'unknown',
      answeredAtMs: record.answeredAt,
      talkMs: record.talkMs,
      number: record.direction === 'out' ? far.national : null,
      id: record.serviceId,
    });
  }

  #join(call: CallId): void {
    const row = this.calls.get(call);
    if (row?.end == null) return;
    for (const box of this.boxRecords.values()) {
      if (box.record.call !== call || box.settled !== 'waiting') continue;
      box.settled = 'joined';
      box.discrepancy = compareRecords(
        {
          direction: row.start.direction,
          id: row.start.direction === 'out' ? row.start.id : row.by,
          answeredAtMs: row.answeredAt,
          talkMs: row.end.talkMs,
          interrupted: row.interrupted,
          inside: false,
        },
        {
          direction: box.record.direction,
          id: box.record.serviceId,
          answeredAtMs: box.record.answeredAt,
          talkMs: box.record.talkMs,
          interrupted: box.record.interrupted,
        },
      );
    }
  }

  #charge(
    call: string,
    source: 'switch' | 'box',
    use: Omit<Parameters<typeof callUsage>[0], 'device'>,
  ): void {
    const rating = this.#rules.rate(callUsage({ ...use, device: 'adapter' }));
    if (!rating.ok) {
      this.world.wrong('rating', `${call}: ${rating.say}`);
      return;
    }
    const before = this.charges.get(call);
    // The switch's charge takes the place of a box's, never the other way round.
    if (before !== undefined && !(source === 'switch' && before.source === 'box')) return;
    const charge = { call, source, microYen: rating.charge.amount };
    this.charges.set(call, charge);
    this.chargeLog.push(charge);
  }

  /** The switch's book, as one run of the cloud writes it. */
  book(program: Program, run: string): CallBook {
    const row = (call: CallId): CallRow => {
      const found = this.calls.get(call);
      if (found === undefined) throw new Error(`call ${call} is not in the book`);
      return found;
    };
    return {
      begin: (start) =>
        this.transaction(program, `call ${start.direction} begun`, () => {
          if (this.calls.has(start.call)) return;
          const heartbeatAt = start.startedAt;
          const ends = { answeredAt: null, by: null, end: null, interrupted: false, ends: 0 };
          this.calls.set(start.call, { start, run, heartbeatAt, ...ends });
        }),
      answered: (call, at, by) =>
        this.transaction(program, 'call answered', () => {
          const open = row(call);
          if (open.end !== null) throw new Error(`call ${call} is over`);
          open.answeredAt = at;
          open.by = by?.id ?? null;
          open.heartbeatAt = at;
        }),
      ended: (call, end) =>
        this.transaction(program, 'call ended', () => {
          if (this.calls.has(call)) this.#end(row(call), end, false);
        }),
      heartbeat: (calls, at) =>
        this.transaction(program, 'heartbeat', () => {
          for (const call of calls) {
            const open = this.calls.get(call);
            if (open?.end === null) open.heartbeatAt = at;
          }
        }),
    };
  }

  /** Closes what earlier runs left open, at the last heartbeat. */
  recover(program: Program, run: string): Promise<number> {
    return this.transaction(program, 'recover', () => {
      let closed = 0;
      for (const open of this.calls.values()) {
        if (open.end !== null || open.run === run) continue;
        closed++;
        const endedAt = open.heartbeatAt;
        const talkMs = open.answeredAt === null ? 0 : Math.max(0, endedAt - open.answeredAt);
        this.#end(open, { endedAt, talkMs, end: 'interrupted', because: 'the service was restarted' }, true);
      }
      return closed;
    });
  }

  #end(row: CallRow, end: SwitchCallEnd, interrupted: boolean): void {
    if (row.end !== null) return;
    row.end = end;
    row.ends++;
    row.interrupted = interrupted;
    this.world.note('books', `call ${row.start.direction} to ${row.start.to}: ${end.end}, ${end.because}`);
    const { call, direction, destination, id, to, decision } = row.start;
    this.#charge(call, 'switch', {
      kind: this.#rules.kind(direction, decision.plan),
      destination,
      answeredAtMs: row.answeredAt,
      talkMs: row.answeredAt === null ? 0 : end.talkMs,
      number: direction === 'out' ? to : null,
      id,
    });
    this.#join(call);
  }
}

function sleep(program: Program, ms: number): Promise<void> {
  return new Promise((resolve) => program.after(ms, 'database', resolve));
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

/** Who is dead waits for ever. */
function never<Value>(): Promise<Value> {
  return new Promise(() => undefined);
}
