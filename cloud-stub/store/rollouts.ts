import { sql } from 'kysely';
import type { ContractId, GatewayId } from '../../lib/base/ids.ts';
import { type UpdateOrder, updateReport } from '../../lib/contract/update.ts';
import {
  type FleetBox,
  type KeptRelease,
  openBoxAt,
  openHead,
  packHead,
  type ReleaseStore,
  type Rollout,
  type RolloutBox,
  type RolloutChange,
  type RolloutStore,
  type RolloutSummary,
  type Tally,
  tallyOf,
} from '../rollout/index.ts';
import type { Database, Tx } from './database.ts';

/** Rows of one statement: PostgreSQL takes 65,535 values. */
const ROWS_AT_ONCE = 2_000;

/** Releases, rollouts, orders and reports of updates. */
export class Rollouts implements ReleaseStore, RolloutStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async releases(): Promise<readonly KeptRelease[]> {
    const rows = await this.#database.db.selectFrom('release').selectAll().orderBy('added_at_ms').execute();
    return rows.map((row) => ({
      ...{ version: row.version, compatible: row.compatible, sizeBytes: row.size_bytes, sha256: row.sha256 },
      ...{ signatureChecked: row.signature_checked, addedAt: row.added_at_ms },
    }));
  }

  async addRelease(release: KeptRelease): Promise<boolean> {
    const { addedAt, compatible, sha256, signatureChecked, sizeBytes, version } = release;
    const done = await this.#database.db
      .insertInto('release')
      .values({
        ...{ version, compatible, size_bytes: sizeBytes, sha256 },
        ...{ signature_checked: signatureChecked, added_at_ms: addedAt },
      })
      .onConflict((conflict) => conflict.column('version').doNothing())
      .executeTakeFirst();
    return (done.numInsertedOrUpdatedRows ?? 0n) > 0n;
  }

  async removeRelease(version: string): Promise<boolean> {
    const done = await this.#database.db
      .deleteFrom('release')
      .where('version', '=', version)
      .executeTakeFirst();
    return done.numDeletedRows > 0n;
  }

  async summaries(): Promise<readonly RolloutSummary[]> {
    const { db } = this.#database;
    const heads = await db
      .selectFrom('rollout')
      .selectAll()
      .orderBy('started_at_ms')
      .orderBy('rollout_id')
      .execute();
    const at = sql<keyof Tally>`case when place->>'at' <> 'ordered' then place->>'at'
      when (place->>'held')::boolean then 'held' else coalesce(place->>'trouble', 'underWay') end`;
    const counts = await db
      .selectFrom('rollout_box')
      .select((each) => ['rollout_id', at.as('at'), each.fn.countAll<string>().as('boxes')])
      .groupBy(['rollout_id', at])
      .execute();
    return heads.map(({ head, rollout_id: id, started_at_ms: startedAt }) => {
      const tally: Tally = { ...tallyOf([]) };
      for (const row of counts) if (row.rollout_id === id) tally[row.at] = Number(row.boxes);
      return { rollout: { id, startedAt, ...openHead(head) }, tally };
    });
  }

  async rollout(id: string): Promise<Rollout | undefined> {
    const { db } = this.#database;
    const row = await db.selectFrom('rollout').selectAll().where('rollout_id', '=', id).executeTakeFirst();
    if (row === undefined) return undefined;
    const kept = await db
      .selectFrom('rollout_box')
      .selectAll()
      .where('rollout_id', '=', id)
      .orderBy('gateway_id')
      .execute();
    const boxes = kept.map((box): RolloutBox => {
      const [contract, gateway] = [box.contract_id as ContractId, box.gateway_id as GatewayId];
      return { contract, gateway, enrolledAt: box.enrolled_at_ms, now: openBoxAt(box.place) };
    });
    const head = openHead(row.head);
    return {
      id,
      startedAt: row.started_at_ms,
      ...head,
      boxes: new Map(boxes.map((box) => [box.gateway, box])),
    };
  }

  async fleet(): Promise<readonly Omit<FleetBox, 'taken'>[]> {
    const rows = await this.#database.db
      .selectFrom('gateway as g')
      .innerJoin('name_owner as n', (join) =>
        join
          .onRef('n.contract_id', '=', 'g.contract_id')
          .onRef('n.name', '=', 'g.gateway_id')
          .on('n.kind', '=', 'gateway'),
      )
      .leftJoin('presence as p', (join) =>
        join.onRef('p.contract_id', '=', 'g.contract_id').onRef('p.gateway_id', '=', 'g.gateway_id'),
      )
      .leftJoin('update_report as r', (join) =>
        join.onRef('r.contract_id', '=', 'g.contract_id').onRef('r.gateway_id', '=', 'g.gateway_id'),
      )
      // Serial numbers grow for a gateway, in whichever contract it was.
      .leftJoin(
        (from) =>
          from
            .selectFrom('update_order')
            .distinctOn('gateway_id')
            .select(['gateway_id', 'serial', 'issued'])
            .orderBy('gateway_id')
            .orderBy('serial', 'desc')
            .as('o'),
        (join) => join.onRef('o.gateway_id', '=', 'g.gateway_id'),
      )
      .select(['g.contract_id', 'g.gateway_id', 'g.enrolled_at_ms', 'p.online', 'p.changed_at_ms'])
      .select(['r.report', 'r.received_at_ms', 'o.serial', 'o.issued'])
      .where('g.enrolled_at_ms', 'is not', null)
      .orderBy('g.gateway_id')
      .execute();
    return rows.map((row) => ({
      ...{ gateway: row.gateway_id as GatewayId, contract: row.contract_id as ContractId },
      ...{ enrolledAt: row.enrolled_at_ms ?? 0, online: row.online ?? false },
      since: row.changed_at_ms ?? row.enrolled_at_ms ?? 0,
      report: reportOf(row.report, row.received_at_ms),
      lastOrder: lastOrderOf(row.serial, row.issued),
    }));
  }

  async keep({ orders, reports, rollouts }: RolloutChange): Promise<void> {
    await this.#database.transaction('rollout', async (tx) => {
      for (const { contract, gateway, receivedAt, report } of reports) {
        const values = { report: JSON.stringify(report), received_at_ms: receivedAt };
        await tx
          .insertInto('update_report')
          .values({ contract_id: contract, gateway_id: gateway, ...values })
          .onConflict((conflict) => conflict.columns(['contract_id', 'gateway_id']).doUpdateSet(values))
          .execute();
      }
      for (const { boxes, rollout } of rollouts) {
        await keepHead(tx, rollout);
        for (const some of chunks(boxes)) await keepBoxes(tx, rollout.id, some);
      }
      for (const some of chunks(orders)) await keepOrders(tx, some);
    });
  }

  async orders(): Promise<readonly UpdateOrder[]> {
    const rows = await this.#database.db
      .selectFrom('update_order')
      .distinctOn('gateway_id')
      .select('issued')
      .orderBy('gateway_id')
      .orderBy('serial', 'desc')
      .execute();
    return rows.map(({ issued }) => issued as UpdateOrder);
  }
}

async function keepHead(tx: Tx, rollout: Rollout): Promise<void> {
  const head = packHead(rollout);
  await tx
    .insertInto('rollout')
    .values({ rollout_id: rollout.id, started_at_ms: rollout.startedAt, head })
    .onConflict((conflict) => conflict.column('rollout_id').doUpdateSet({ head }))
    .execute();
}

async function keepBoxes(tx: Tx, rollout: string, boxes: readonly RolloutBox[]): Promise<void> {
  await tx
    .insertInto('rollout_box')
    .values(
      boxes.map(({ contract, enrolledAt, gateway, now }) => ({
        ...{ contract_id: contract, rollout_id: rollout, gateway_id: gateway },
        ...{ enrolled_at_ms: enrolledAt, place: JSON.stringify(now) },
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(['contract_id', 'rollout_id', 'gateway_id']).doUpdateSet((from) => ({
        enrolled_at_ms: from.ref('excluded.enrolled_at_ms'),
        place: from.ref('excluded.place'),
      })),
    )
    .execute();
}

async function keepOrders(tx: Tx, orders: RolloutChange['orders']): Promise<void> {
  await tx
    .insertInto('update_order')
    .values(
      orders.map(({ contract, order }) => ({
        ...{ contract_id: contract, gateway_id: order.gateway },
        ...{ serial: order.serial, issued: JSON.stringify(order) },
      })),
    )
    .onConflict((conflict) =>
      conflict
        .columns(['contract_id', 'gateway_id'])
        .doUpdateSet((from) => ({ serial: from.ref('excluded.serial'), issued: from.ref('excluded.issued') }))
        .where('update_order.serial', '<', (from) => from.ref('excluded.serial')),
    )
    .execute();
}

function chunks<Value>(values: readonly Value[]): readonly (readonly Value[])[] {
  const count = Math.ceil(values.length / ROWS_AT_ONCE);
  return Array.from({ length: count }, (_, index) =>
    values.slice(index * ROWS_AT_ONCE, (index + 1) * ROWS_AT_ONCE),
  );
}

/** What another version of this program kept is no report. */
function reportOf(report: unknown, receivedAt: number | null): FleetBox['report'] {
  const read = updateReport.safeParse(report);
  return read.success && receivedAt !== null ? { report: read.data, receivedAt } : null;
}

function lastOrderOf(serial: number | null, issued: unknown): FleetBox['lastOrder'] {
  if (serial === null) return null;
  const { action, rollout } = issued as UpdateOrder;
  return { serial, action, rollout };
}
