import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutsideGuard } from '../../../agent/outside/index.ts';
import { Reserve } from '../../../agent/store/reserve.ts';
import { schemaSteps } from '../../../agent/store/schema.ts';
import { SqliteFactBox } from '../../../agent/store/sqlite-fact-box.ts';
import { SqliteFaxLog } from '../../../agent/store/sqlite-fax-log.ts';
import { SqliteOutbox } from '../../../agent/store/sqlite-outbox.ts';
import { SqliteTexts } from '../../../agent/store/sqlite-texts.ts';
import type { FactId } from '../../../lib/base/ids.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import type { BoxRecord } from '../../../lib/contract/facts.ts';
import type { SpendReport } from '../../../lib/contract/spend.ts';

const MINUTE = 60_000;
const ID = 'id-000001-1';
const NUMBER = '0355550123';
const LIMIT = 24;
const PRICE = 8;

type Message = { readonly ids: readonly string[] } | { readonly report: SpendReport };

/** A box with its real store and guard, and a service that reckons what it has committed; calls cross no switch. */
class World {
  readonly #db = new DatabaseSync(':memory:');
  readonly #cloud = new VirtualClock();
  /** The clock of the box. */
  readonly #clock: VirtualClock;
  #outbox: SqliteOutbox;
  #guard: OutsideGuard;
  up = true;
  spent = 0;
  #calls = 0;
  /** What the service has committed. */
  readonly #committed = new Set<string>();
  #retained: SpendReport | undefined;
  /** On its way to the box, in order. */
  #messages: Message[] = [];

  /** `skewMs`: how far the clock of the box is ahead of that of the service. */
  constructor(skewMs = 0) {
    this.#clock = new VirtualClock(this.#cloud.now() + skewMs);
    for (const step of schemaSteps) this.#db.exec(step);
    [this.#outbox, this.#guard] = this.#open();
  }

  #open(): [SqliteOutbox, OutsideGuard] {
    const [db, clock] = [this.#db, this.#clock];
    const nextId = () => 'gw-000001/00000001/0' as FactId;
    const reserve = new Reserve(db, 0);
    const faxes = new SqliteFaxLog({ db, clock, nextId, reserve, onTrouble: () => undefined });
    const facts = new SqliteFactBox(db, clock, nextId);
    const outbox = new SqliteOutbox({ db, clock, faxes, facts, reserve });
    const cloudUp = () => this.up;
    const texts = new SqliteTexts(db, reserve);
    return [outbox, new OutsideGuard({ outbox, texts, cloudUp, calls: () => [], clock })];
  }

  restart(): void {
    [this.#outbox, this.#guard] = this.#open();
  }

  #advance(ms: number): void {
    for (const clock of [this.#cloud, this.#clock]) clock.advance(ms);
  }

  bars(): boolean {
    return this.#guard.barOut(ID, NUMBER) !== undefined;
  }

  /** Somebody calls for a minute, if the box lets him. */
  call(): boolean {
    if (this.bars()) return false;
    const at = this.#clock.now();
    this.#advance(MINUTE);
    this.spent += PRICE;
    const id = `gw-000001/00000001/${++this.#calls}`;
    const times = { startedAt: at, answeredAt: at, endedAt: at + MINUTE, talkMs: MINUTE };
    const ends = { end: 'answeredThenCallerHungUp', because: '', interrupted: false, media: null } as const;
    const parties = { direction: 'out', line: 1, serviceId: ID, from: '11', to: NUMBER } as const;
    const record: BoxRecord = { id, call: `call-${this.#calls}`, ...parties, ...times, ...ends };
    this.#outbox.put(record);
    this.#outbox.settled();
    return true;
  }

  comes(): void {
    this.up = true;
    this.#messages = this.#retained === undefined ? [] : [{ report: this.#retained }];
  }

  goes(): void {
    this.up = false;
    this.#messages = [];
  }

  /** The box sends a batch; the service commits it and acknowledges it. */
  sends(): void {
    const ids = this.#outbox.next(3).map(({ id }) => id);
    for (const id of ids) this.#committed.add(id);
    this.#messages.push({ ids });
  }

  /** The service writes a report: everything that it has committed is in it. */
  reports(): void {
    this.#advance(1_000);
    const money = { remainingMicroYen: Math.max(0, LIMIT - PRICE * this.#committed.size) };
    this.#retained = {
      v: 1,
      gateway: 'gw-000001',
      at: this.#cloud.now(),
      periodEndsAt: 8e15,
      ids: [{ serviceId: ID, limitMicroYen: LIMIT, ...money }],
      rates: [{ prefix: '', unitMs: 3 * MINUTE, microYen: PRICE }],
    };
    if (this.up) this.#messages.push({ report: this.#retained });
  }

  /** The next message arrives. */
  arrives(): void {
    const message = this.#messages.shift();
    if (message === undefined) return;
    if ('ids' in message) this.#outbox.acknowledge(message.ids);
    else this.#guard.told(message.report);
  }
}

/** The service was there, and the box knows its ceiling; then it goes away. */
function outage(skewMs = 0): World {
  const world = new World(skewMs);
  world.reports();
  world.arrives();
  world.goes();
  return world;
}

describe('a service that comes back for a moment', () => {
  it('gives no money again: what it has acknowledged is spent, though its report does not say so yet', () => {
    const world = outage();
    while (world.call());
    expect(world.spent).toBe(LIMIT);
    for (let flap = 0; flap < 3; flap++) {
      world.comes();
      world.arrives();
      for (let batch = 0; batch < 2; batch++) {
        world.sends();
        world.arrives();
      }
      world.goes();
      if (flap === 1) world.restart();
      expect(world.bars()).toBe(true);
    }
  });

  it('leaves what it says is left, once it has reckoned: nothing counts twice', () => {
    const world = outage();
    for (let n = 0; n < 2; n++) world.call();
    world.comes();
    world.sends();
    world.arrives();
    world.arrives();
    world.reports();
    world.arrives();
    world.goes();
    let more = 0;
    while (world.call()) more++;
    expect(more).toBe(LIMIT / PRICE - 2);
  });

  it('never lets a box pass its ceiling, whatever is lost, restarted or told again, and whatever its clock says', () => {
    const steps = fc.array(fc.constantFrom('sends', 'arrives', 'arrives', 'reports'), { maxLength: 8 });
    const round = fc.record({ calls: fc.nat({ max: 4 }), steps, late: fc.boolean(), restarts: fc.boolean() });
    const skews = fc.constantFrom(0, -86_400_000, 3_000_000);
    fc.assert(
      fc.property(skews, fc.array(round, { minLength: 2, maxLength: 6 }), (skewMs, rounds) => {
        const world = outage(skewMs);
        for (const { calls, steps, late, restarts } of rounds) {
          for (let n = 0; n < calls; n++) world.call();
          expect(world.spent).toBeLessThanOrEqual(LIMIT);
          world.comes();
          for (const step of steps) world[step]();
          world.goes();
          if (late) world.reports();
          if (restarts) world.restart();
        }
      }),
      { numRuns: 300 },
    );
  });
});
