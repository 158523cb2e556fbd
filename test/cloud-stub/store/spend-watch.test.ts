import {
  type CompiledQuery,
  type DatabaseConnection,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';
import { expect, it } from 'vitest';
import type { Database, Db } from '../../../cloud-stub/store/database.ts';
import { SpendWatch } from '../../../cloud-stub/store/spend-watch.ts';
import type { ContractId } from '../../../lib/base/ids.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';

const CONTRACT = 'c-000001' as ContractId;

/** A database that answers when told, in any order. */
function slowDatabase() {
  const asked: ((used: number) => void)[] = [];
  class Slow extends DummyDriver {
    override async acquireConnection(): Promise<DatabaseConnection> {
      return {
        executeQuery: <Row>(_query: CompiledQuery) =>
          new Promise<QueryResult<Row>>((resolve) => {
            asked.push((used) => resolve({ rows: [{ contract: CONTRACT, used } as Row] }));
          }),
        streamQuery: () => {
          throw new Error('not asked for');
        },
      };
    }
  }
  const db = new Kysely({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new Slow(),
      createIntrospector: (of) => new PostgresIntrospector(of),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
  return { database: { db: db as unknown as Db } as Database, asked };
}

it('what is used never goes back to what was read before: of two reads the one that began later counts', async () => {
  const { database, asked } = slowDatabase();
  const ceiling = { limitMicroYen: 100, warnPercent: 80 };
  const accounts = { withCeiling: () => [CONTRACT], of: () => ({ ceiling }) };
  const watch = new SpendWatch({ database, accounts: accounts as never, clock: new VirtualClock() });
  const chore = watch.refresh();
  const acknowledges = watch.renew(CONTRACT);
  while (asked.length < 2) await new Promise((resolve) => setImmediate(resolve));
  asked[1]?.(50);
  await acknowledges;
  expect(watch.of(CONTRACT)).toBe(50);
  asked[0]?.(0);
  await chore;
  expect(watch.of(CONTRACT)).toBe(50);
});
