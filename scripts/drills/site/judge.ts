import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Books } from './books.ts';
import type { Box } from './box.ts';
import { BOX_HOST } from './box.ts';
import { CLOUD_HOST, type Cloud, type CloudWitness } from './cloud.ts';
import type { DiskWitness } from './disk.ts';
import type { Faults } from './faults.ts';
import type { Net } from './network.ts';
import { MEMBERS } from './office.ts';
import type { Outside } from './outside.ts';
import type { PartyCall } from './party.ts';
import type { World } from './world.ts';

/** An idle agent has a handful of timers; many of one name are a leak. */
const TIMERS_MOST = 40;
const TIMERS_OF_A_NAME_MOST = 8;
/** How often what runs is compared with what was published. */
const LOOK_MS = 250;

/** Knows what was promised to whom, and holds it against what is there. */
export class Judge implements DiskWitness, CloudWitness {
  readonly #world: World;
  /** Records whose beginning is on the box's disk. */
  readonly #begun = new Set<string>();
  readonly #forgotten = new Set<string>();
  #lastRev = 0;
  #lastConfig: unknown;
  #looks = 0;
  #lastAgent = 0;
  books: Books | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  get records(): number {
    return this.#begun.size;
  }

  begun(id: string): void {
    if (this.#begun.has(id)) this.#world.wrong('records.twice', `${id} was begun twice`);
    this.#begun.add(id);
  }

  forgotten(id: string): void {
    this.#forgotten.add(id);
    if (!this.#isKept(id)) {
      this.#world.wrong('records.forgotten', `the box has let go of ${id}, which is not in the database`);
    }
  }

  acknowledged(ids: readonly string[]): void {
    for (const id of ids) {
      if (!this.#isKept(id))
        this.#world.wrong('records.ack', `${id} is acknowledged and not in the database`);
    }
  }

  #isKept(id: string): boolean {
    return this.books?.isKept(id) === true;
  }

  /** While it goes on: what runs is what was published, all of it, and never an older one. */
  watch(box: Box, cloud: Cloud, faults: Faults): void {
    const look = (): void => {
      this.#compareConfig(box, cloud, faults);
      this.#world.later(LOOK_MS, 'look', look);
    };
    look();
  }

  #compareConfig(box: Box, cloud: Cloud, faults: Faults): void {
    const { source } = box;
    if (source === undefined) return;
    const config = source.config();
    if (config === undefined) return;
    const changed = config !== this.#lastConfig || box.agentStarts !== this.#lastAgent;
    if (!changed && this.#looks++ % 40 !== 0) return;
    this.#lastConfig = config;
    const published = cloud.published.get(JSON.stringify(config));
    if (published === undefined) {
      this.#world.wrong('config.unknown', 'a configuration runs that was never published');
      return;
    }
    const { state, appliedRev } = source.status().config;
    if (appliedRev !== published.rev) {
      this.#world.wrong('config.named', `revision ${published.rev} runs, ${appliedRev} is reported`);
    }
    const restarted = box.agentStarts !== this.#lastAgent;
    const excused = state === 'rolledBack' || (restarted && (faults.diskWasFull || faults.diskDamaged));
    if (published.rev < this.#lastRev && !excused) {
      this.#world.wrong('config.older', `revision ${published.rev} runs after ${this.#lastRev}`);
    }
    this.#lastRev = published.rev;
    this.#lastAgent = box.agentStarts;
    this.#compareLines(box, config.lines);
  }

  #compareLines(
    box: Box,
    wanted: readonly { readonly port: number; readonly label: string; readonly extension: string }[],
  ): void {
    const lines = box.source?.lines() ?? [];
    for (const line of wanted) {
      const there = lines.find(({ port }) => port === line.port);
      if (there === undefined || there.label !== line.label || there.extension !== line.extension) {
        this.#world.wrong('config.half', `line ${line.port} is not as the configuration has it`);
      }
    }
  }

  /** At the end, when everything has been well for a long time. */
  judge(box: Box, cloud: Cloud, faults: Faults, outside: Outside, net: Net): void {
    this.#judgeRecords(cloud.books, faults);
    this.#judgeCalls(cloud.books, outside);
    this.#judgeConfig(box, cloud);
    this.#judgeLeft(box, cloud, outside, net);
  }

  #judgeRecords(books: Books, faults: Faults): void {
    const world = this.#world;
    for (const id of this.#begun) {
      if (!this.#isKept(id) && !faults.diskDamaged)
        world.wrong('records.lost', `${id} was begun and is nowhere`);
    }
    const lines = new Map<string, string>();
    for (const [id, { record }] of books.boxRecords) {
      const leg = `${record.call} on line ${record.line}`;
      const twin = lines.get(leg);
      if (twin !== undefined) world.wrong('records.doubled', `${id} and ${twin} are both ${leg}`);
      lines.set(leg, id);
      const { startedAt, answeredAt, endedAt, talkMs } = record;
      if (endedAt < startedAt || (answeredAt === null) !== (talkMs === 0 && answeredAt === null)) {
        world.wrong('records.times', `${id}: ${JSON.stringify({ startedAt, answeredAt, endedAt, talkMs })}`);
      }
    }
    for (const [id, { code, say }] of books.quarantine) {
      if (code === 'record.times' && faults.clockStepped) continue;
      world.wrong('records.quarantine', `${id}: ${code}, ${say}`);
    }
    for (const [id, row] of books.boxRecords) {
      if (row.settled === 'waiting') world.wrong('records.waiting', `${id} is neither joined nor charged`);
    }
  }

  #judgeCalls(books: Books, outside: Outside): void {
    const world = this.#world;
    const charges = new Map<string, number>();
    for (const { call, source } of books.chargeLog) {
      const key = `${call} ${source}`;
      charges.set(key, (charges.get(key) ?? 0) + 1);
    }
    for (const [key, times] of charges) {
      if (times > 1) world.wrong('charges.doubled', `${key} was charged ${times} times`);
    }
    for (const [call, row] of books.calls) {
      if (row.end === null) world.wrong('calls.open', `${call} is still open`);
      else if (!books.charges.has(call)) world.wrong('charges.lost', `${call} has no charge`);
    }
    for (const direction of ['out', 'in'] as const) {
      const up = outside.calls.filter((call) => call.direction === direction && wasUp(call)).length;
      const written = [...books.calls.values()].filter(
        (row) => row.start.direction === direction && row.answeredAt !== null,
      ).length;
      if (written < up)
        world.wrong('calls.lost', `${up} calls ${direction} were up, ${written} are written down`);
    }
    for (const call of outside.calls) {
      if (call.overMs === undefined) world.wrong('calls.endless', `${call.name} never ended`);
    }
  }

  #judgeConfig(box: Box, cloud: Cloud): void {
    const world = this.#world;
    const newest = cloud.books.revisions.at(-1);
    const report = box.source?.status().config;
    if (newest === undefined || report === undefined) {
      world.wrong('config.none', 'no configuration, or no agent, at the end');
      return;
    }
    if (report.appliedRev !== newest.rev || report.state !== 'applied') {
      const say = `revision ${newest.rev} is the newest, ${report.appliedRev} runs (${report.state})`;
      world.wrong('config.stale', `${say}: ${report.refusal?.say ?? ''}`);
    }
    if (cloud.books.reported?.appliedRev !== newest.rev) {
      world.wrong('config.report', `the cloud believes that ${cloud.books.reported?.appliedRev ?? 0} runs`);
    }
    if (cloud.books.presence?.online !== true) world.wrong('presence', 'the cloud believes the box is away');
  }

  #judgeLeft(box: Box, cloud: Cloud, outside: Outside, net: Net): void {
    const world = this.#world;
    const left = (what: string, count: number): void => {
      if (count !== 0) world.wrong('left', `${count} ${what} are left`);
    };
    const status = box.source?.status();
    left('records in the outbox', status?.cloud.outbox ?? -1);
    left('calls of the office', status?.calls.now ?? -1);
    left('sockets of sound', net.open(BOX_HOST));
    left('calls at the switch', cloud.sip?.figures().calls ?? -1);
    left('relays', cloud.relays?.open ?? -1);
    left('registrations missing', MEMBERS.length - (cloud.sip?.figures().registered ?? 0));
    left('connections too many at the broker', (cloud.broker?.connections ?? 0) - 1);
    left('sockets at the cloud', net.open(CLOUD_HOST) - 1);
    left('timers of the outside', outside.timers.length);
    for (const phone of box.hardware.phones) left('ringing phones', phone.ringing ? 1 : 0);
    for (const [name, program] of [
      ['agent', box.agent],
      ['media', box.media],
      ['cloud', cloud.program],
    ] as const) {
      const timers = program?.timers ?? [];
      const byName = new Map<string, number>();
      for (const timer of timers) byName.set(timer, (byName.get(timer) ?? 0) + 1);
      const many = [...byName].filter(([, count]) => count > TIMERS_OF_A_NAME_MOST);
      if (timers.length > TIMERS_MOST || many.length > 0) {
        world.wrong(
          'left',
          `${name} has ${timers.length} timers: ${JSON.stringify(Object.fromEntries(byName))}`,
        );
      }
    }
    this.#judgeDisk(join(box.folder, 'agent.sqlite'));
  }

  /** The agent is stopped by now: what is on its disk is looked at from outside. */
  #judgeDisk(path: string): void {
    let db: DatabaseSync | undefined;
    try {
      db = new DatabaseSync(path, { readOnly: true, timeout: 0 });
      const rows = db.prepare('SELECT count(*) AS legs FROM leg').get();
      if (Number(rows?.['legs']) !== 0)
        this.#world.wrong('left', `${rows?.['legs']} open legs are on the disk`);
    } catch {
      // The agent holds it: then the agent itself has said how many calls there are.
    } finally {
      db?.close();
    }
  }
}

/** Whoever is called answers before anybody knows of it: the call is up when he hears the office. */
function wasUp({ direction, upMs, heard }: PartyCall): boolean {
  return upMs !== undefined && (direction === 'in' || heard > 0);
}
