import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AgentStore, openAgentStore } from '../../../agent/store/index.ts';
import { readBatch, type Store } from '../../../cloud-stub/store/index.ts';
import { type Clock, type Instant, instant } from '../../../lib/base/clock.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { legEnd, legStart } from '../../agent/store/legs.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { CONTRACT, GATEWAY, later, START } from './call-samples.ts';
import { clockAt } from './feed-samples.ts';
import { openTestStore, prepareExampleOffice } from './open-test-store.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres(prepareExampleOffice);
});
afterAll(() => postgres.stop());

/** A box that has started without a battery: its wall clock begins at 1970 and is set by the network later. */
class BoxClock implements Clock {
  readonly #real = new VirtualClock(START);
  #setAhead = false;

  now(): Instant {
    return this.#setAhead ? this.#real.now() : instant(this.#real.monotonicMs());
  }
  monotonicMs(): number {
    return this.#real.monotonicMs();
  }
  after(...args: Parameters<Clock['after']>): ReturnType<Clock['after']> {
    return this.#real.after(...args);
  }
  advance(ms: number): void {
    this.#real.advance(ms);
  }
  hearTheTime(): void {
    this.#setAhead = true;
  }
}

/** A call between the two phones, ten seconds of talk. */
function talk(box: AgentStore, clock: BoxClock, n: number, midway: () => void = () => undefined): void {
  const id = box.journal.begin({ ...legStart(n), direction: 'internal', startedAt: clock.now() });
  clock.advance(1_000);
  box.journal.answered(id, clock.now());
  clock.advance(5_000);
  midway();
  clock.advance(5_000);
  box.journal.end(id, { ...legEnd(n), endedAt: clock.now(), talkMs: 10_000 });
}

/** What waits in the box goes to the service as it would over the wire, and dies in the box when it is acknowledged. */
async function deliver(box: AgentStore, store: Store): Promise<{ stored: number; quarantined: number }> {
  const batch = readBatch(Buffer.from(JSON.stringify({ v: 1, records: box.outbox.next(100) })));
  if (!batch.ok) throw new Error(batch.error.say);
  const outcome = await store.boxRecords.ingest(CONTRACT, GATEWAY, batch.value.items);
  box.outbox.acknowledge(outcome.ids);
  return outcome;
}

it('calls made before the box knew the time stand with their true times, once it has heard it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'engawa-boot-clock-'));
  const store = await openTestStore(await postgres.database(), { clock: clockAt(later(3_600_000)) });
  const clock = new BoxClock();
  const path = join(folder, 'agent.sqlite');
  const box = openAgentStore({ path, clock, random: seededRandom(1), gateway: GATEWAY });
  try {
    clock.advance(30_000);
    talk(box, clock, 1);
    expect(await deliver(box, store)).toMatchObject({ stored: 0, quarantined: 1 });
    expect(box.outbox.size()).toBe(0);
    clock.advance(60_000);
    // The second one begins in 1970 and ends today.
    talk(box, clock, 2, () => clock.hearTheTime());
    expect(await deliver(box, store)).toMatchObject({ quarantined: 1 });
    clock.advance(60_000);
    talk(box, clock, 3);
    expect(await deliver(box, store)).toMatchObject({ stored: 1, quarantined: 0 });
    const times = (await store.reports.calls(CONTRACT, 0))
      .flatMap(({ boxes }) => boxes)
      .map((record) => [record.startedAt - START, (record.answeredAt ?? 0) - START, record.endedAt - START])
      .sort((one, other) => (one[0] ?? 0) - (other[0] ?? 0));
    expect(times).toEqual([
      [30_000, 31_000, 41_000],
      [101_000, 102_000, 112_000],
      [172_000, 173_000, 183_000],
    ]);
    const decided = await store.reports.quarantine(CONTRACT);
    expect(decided.map(({ code, decision }) => [code, decision?.by])).toEqual([
      ['record.noTime', 'clock'],
      ['record.noTime', 'clock'],
    ]);
  } finally {
    box.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
