import type { Selectable } from 'kysely';
import type { ContractId } from '../../lib/base/ids.ts';
import type { EndReason } from '../../lib/contract/facts.ts';
import type { RatableUsage, RatedFarEnd, UsageCategory } from '../rating/types.ts';
import type { DeviceClass, NumberClass, RoutePlan, TraceLine } from '../routing/types.ts';
import type { Database, Db, Tx } from './database.ts';
import type { Tables } from './schema.ts';

type SwitchRow = Selectable<Tables['call_record']>;
type ChargeRow = Selectable<Tables['charge']>;

/** Most calls in one answer. */
export const REPORT_LIMIT = 1_000;

/** A charge for people and programs; money in micro-yen. */
export interface ChargeView {
  readonly call: string;
  readonly source: 'switch' | 'box' | 'feed';
  readonly kind: RatableUsage['kind'];
  readonly id: string | null;
  readonly device: DeviceClass;
  readonly destination: RatedFarEnd;
  readonly at: number;
  readonly talkMs: number;
  readonly amountMicroYen: number;
  readonly units: number;
  readonly item: string;
  readonly category: UsageCategory;
  readonly trace: readonly TraceLine[];
}

/** The switch's record of a call. Times in epoch ms. */
export interface SwitchRecordView {
  readonly direction: 'in' | 'out';
  readonly id: string | null;
  readonly device: DeviceClass | null;
  readonly from: string;
  readonly to: string;
  readonly destination: NumberClass;
  readonly startedAt: number;
  readonly answeredAt: number | null;
  readonly endedAt: number | null;
  readonly talkMs: number | null;
  readonly end: EndReason | null;
  readonly because: string | null;
  readonly interrupted: boolean;
  readonly plan: RoutePlan;
  readonly trace: readonly TraceLine[];
}

/** One leg as a box saw it. */
export interface BoxRecordView {
  readonly record: string;
  readonly gateway: string;
  readonly direction: 'out' | 'in' | 'internal';
  readonly line: number;
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly startedAt: number;
  readonly answeredAt: number | null;
  readonly endedAt: number;
  readonly talkMs: number;
  readonly end: EndReason;
  readonly because: string;
  readonly interrupted: boolean;
  readonly media: unknown;
  readonly discrepancy: string | null;
  readonly settled: 'waiting' | 'joined' | 'charged' | 'notCharged';
}

/** A record that is not believed, and why. */
export interface QuarantinedView {
  readonly id: string;
  readonly gateway: string;
  readonly code: string;
  readonly say: string;
  readonly record: unknown;
  readonly receivedAt: number;
  /** The field that is doubted, and the rule that it breaks. */
  readonly field: string;
  readonly rule: string;
  readonly source: 'box' | 'feed';
  /** What a person, or the clock, decided; null while nobody has. */
  readonly decision: {
    readonly what: 'released' | 'voided';
    readonly by: string;
    readonly reason: string;
  } | null;
}

/** Everything known about one call. */
export interface CallView {
  readonly call: string;
  readonly startedAt: number;
  readonly switch: SwitchRecordView | null;
  readonly boxes: readonly BoxRecordView[];
  readonly charge: ChargeView | null;
  /** Set when the catalogue has no price for it. */
  readonly unrated: { readonly code: string; readonly say: string } | null;
}

/** Reads what was written, for the operator and for billing. */
export class Reports {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Calls of a contract that started at or after `sinceMs`, oldest first, at most {@link REPORT_LIMIT}. */
  async calls(contract: ContractId, sinceMs: number): Promise<readonly CallView[]> {
    const { db } = this.#database;
    const of = { contract_id: contract as string };
    const records = await db
      .selectFrom('call_record')
      .selectAll()
      .where('contract_id', '=', of.contract_id)
      .where('started_at_ms', '>=', sinceMs)
      .orderBy('started_at_ms')
      .limit(REPORT_LIMIT)
      .execute();
    const alone = await db
      .selectFrom('box_record')
      .select('call_id')
      .where('contract_id', '=', of.contract_id)
      .where('started_at_ms', '>=', sinceMs)
      .orderBy('started_at_ms')
      .limit(REPORT_LIMIT)
      .execute();
    const ids = [...new Set([...records, ...alone].map(({ call_id }) => call_id))];
    if (ids.length === 0) return [];
    const boxes = await this.#boxes(contract, ids);
    const charges = await this.#chargesOf(contract, ids);
    const unrated = await db
      .selectFrom('unrated_call')
      .select(['call_id', 'code', 'say'])
      .where('contract_id', '=', of.contract_id)
      .where('call_id', 'in', ids)
      .execute();
    const views = ids.map((call): CallView => {
      const row = records.find(({ call_id }) => call_id === call);
      const legs = boxes.filter((box) => box.call === call).map(({ call: _call, ...leg }) => leg);
      const charge = charges.find((one) => one.call === call);
      const refused = unrated.find(({ call_id }) => call_id === call);
      return {
        call,
        startedAt: row?.started_at_ms ?? Math.min(...legs.map(({ startedAt }) => startedAt)),
        switch: row === undefined ? null : switchView(row),
        boxes: legs,
        charge: charge ?? null,
        unrated:
          refused === undefined || charge !== undefined ? null : { code: refused.code, say: refused.say },
      };
    });
    return views
      .sort((left, right) => left.startedAt - right.startedAt || (left.call < right.call ? -1 : 1))
      .slice(0, REPORT_LIMIT);
  }

  /** Charges of a contract in [fromMs, untilMs), by the time that decides the period. */
  charges(contract: ContractId, fromMs: number, untilMs: number): Promise<readonly ChargeView[]> {
    return Reports.chargesIn(this.#database.db, contract, fromMs, untilMs);
  }

  static async chargesIn(
    db: Db | Tx,
    contract: ContractId,
    fromMs: number,
    untilMs: number,
  ): Promise<readonly ChargeView[]> {
    const rows = await db
      .selectFrom('charge')
      .selectAll()
      .where('contract_id', '=', contract)
      .where('at_ms', '>=', fromMs)
      .where('at_ms', '<', untilMs)
      .orderBy('at_ms')
      .orderBy('call_id')
      .execute();
    return rows.map(chargeView);
  }

  /** Doubtful records of a contract's gateways, newest first. */
  async quarantine(contract: ContractId): Promise<readonly QuarantinedView[]> {
    const rows = await this.#database.db
      .selectFrom('box_quarantine as q')
      .leftJoin('quarantine_decision as d', (join) =>
        join.onRef('d.contract_id', '=', 'q.contract_id').onRef('d.record_id', '=', 'q.record_id'),
      )
      .selectAll('q')
      .select(['d.decision', 'd.by_whom', 'd.reason'])
      .where('q.contract_id', '=', contract)
      .orderBy('q.received_at_ms', 'desc')
      .limit(REPORT_LIMIT)
      .execute();
    return rows.map((row) => ({
      id: row.record_id,
      gateway: row.gateway_id,
      code: row.code,
      say: row.say,
      record: row.record,
      receivedAt: row.received_at_ms,
      field: row.field,
      rule: row.rule,
      source: row.source,
      decision:
        row.decision === null
          ? null
          : { what: row.decision, by: row.by_whom ?? '', reason: row.reason ?? '' },
    }));
  }

  async #chargesOf(contract: ContractId, calls: readonly string[]): Promise<readonly ChargeView[]> {
    const rows = await this.#database.db
      .selectFrom('charge')
      .selectAll()
      .where('contract_id', '=', contract)
      .where('call_id', 'in', calls)
      .execute();
    return rows.map(chargeView);
  }

  async #boxes(
    contract: ContractId,
    calls: readonly string[],
  ): Promise<readonly (BoxRecordView & { readonly call: string })[]> {
    const rows = await this.#database.db
      .selectFrom('box_record')
      .selectAll()
      .where('contract_id', '=', contract)
      .where('call_id', 'in', calls)
      .orderBy('record_id')
      .execute();
    return rows.map((row) => ({
      call: row.call_id,
      record: row.record_id,
      gateway: row.gateway_id,
      direction: row.direction,
      line: row.line,
      id: row.service_id,
      from: row.from_number,
      to: row.to_number,
      startedAt: row.started_at_ms,
      answeredAt: row.answered_at_ms,
      endedAt: row.ended_at_ms,
      talkMs: row.talk_ms,
      end: row.end_reason,
      because: row.because,
      interrupted: row.interrupted,
      media: row.media,
      discrepancy: row.discrepancy,
      settled: row.settled,
    }));
  }
}

function switchView(row: SwitchRow): SwitchRecordView {
  return {
    direction: row.direction,
    id: row.service_id,
    device: row.device,
    from: row.from_number,
    to: row.to_number,
    destination: row.destination,
    startedAt: row.started_at_ms,
    answeredAt: row.answered_at_ms,
    endedAt: row.ended_at_ms,
    talkMs: row.talk_ms,
    end: row.end_reason,
    because: row.because,
    interrupted: row.interrupted,
    plan: row.plan as RoutePlan,
    trace: row.trace as readonly TraceLine[],
  };
}

function chargeView(row: ChargeRow): ChargeView {
  return {
    call: row.call_id,
    source: row.source,
    kind: row.kind,
    id: row.service_id,
    device: row.device,
    destination: row.destination,
    at: row.at_ms,
    talkMs: row.talk_ms,
    amountMicroYen: row.amount_micro_yen,
    units: row.units,
    item: row.item,
    category: row.category,
    trace: row.trace as readonly TraceLine[],
  };
}
