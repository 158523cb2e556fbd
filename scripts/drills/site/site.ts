import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { standardRules } from '../../../cloud-stub/store/standard-rules.ts';
import { Books } from './books.ts';
import { Box } from './box.ts';
import { Cloud, NETWORK_SIDE } from './cloud.ts';
import { DeskPhone } from './desk-phone.ts';
import { Faults } from './faults.ts';
import { Judge } from './judge.ts';
import { Net } from './network.ts';
import { siteOffice } from './office.ts';
import { NUMBERS, Outside } from './outside.ts';
import { People } from './people.ts';
import { type SoundFigures, SoundWatch } from './sound-watch.ts';
import { World } from './world.ts';

/** What one simulated afternoon came to. `trouble` is empty when every rule held. */
export interface SiteReport {
  readonly seed: number;
  readonly simulatedS: number;
  readonly calls: number;
  readonly talks: number;
  readonly records: number;
  readonly charges: number;
  readonly revisions: number;
  readonly agentStarts: number;
  readonly mediaStarts: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly sound: SoundFigures;
  readonly trouble: readonly string[];
}

/** One run, and how it went, line by line. */
export interface SiteRun {
  readonly report: SiteReport;
  readonly trace: readonly string[];
}

const SETTLE_IN_MS = 4_000;
const STORIES = 9;
const FAULTS = 8;
const TROUBLED_MS = 45_000;
/** Everything that waits (the outbox, the broker, the grace of 10 min for a box's own charge) has had its turn. */
const AFTERMATH_MS = 13 * 60_000;

/** Packets: what two legs of 50 ms and a jitter buffer hold, twice over. */
const ON_THE_WAY = 20;

const rules = standardRules();

/** The whole site and the cloud for an afternoon: everything in it is chosen by `seed`. */
export async function simulateSite(seed: number): Promise<SiteRun> {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'engawa-site-'));
  try {
    return await new Site(seed, folder).run();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

class Site {
  readonly #seed: number;
  readonly #world: World;
  readonly #net: Net;
  readonly #books: Books;
  readonly #judge: Judge;
  readonly #sounds: SoundWatch;
  readonly #cloud: Cloud;
  readonly #box: Box;
  readonly #outside: Outside;
  readonly #desk: DeskPhone;
  readonly #people: People;
  readonly #faults: Faults;
  /** Nobody does anything any more. */
  #quiet = false;

  constructor(seed: number, folder: string) {
    this.#seed = seed;
    const world = new World(seed);
    this.#world = world;
    this.#net = new Net(world);
    this.#books = new Books(world, siteOffice, rules);
    this.#judge = new Judge(world);
    this.#judge.books = this.#books;
    this.#sounds = new SoundWatch(world, () => this.#box.hardware);
    this.#net.taps.push(this.#sounds);
    this.#cloud = new Cloud(world, this.#net, this.#books, this.#judge);
    this.#box = new Box(world, this.#net, folder, this.#judge, this.#sounds);
    this.#outside = new Outside(world, this.#net, NETWORK_SIDE);
    this.#desk = new DeskPhone(world, this.#net);
    this.#people = new People(world, this.#box, this.#outside, this.#desk, this.#sounds);
    this.#faults = new Faults(world, this.#box, this.#cloud, this.#net, this.#people);
  }

  async run(): Promise<SiteRun> {
    const world = this.#world;
    const rejected = (reason: unknown): void =>
      world.wrong(
        'crash',
        `a promise was rejected: ${reason instanceof Error ? reason.stack : String(reason)}`,
      );
    process.on('unhandledRejection', rejected);
    try {
      await this.#begin();
      await this.#afternoon();
      await this.#evening();
      await this.#end();
    } finally {
      process.off('unhandledRejection', rejected);
    }
    return { report: this.#report(), trace: world.trace };
  }

  async #begin(): Promise<void> {
    await this.#outside.start();
    await this.#desk.start();
    this.#faults.change();
    this.#cloud.start();
    this.#box.start();
    this.#judge.watch(this.#box, this.#cloud, this.#faults);
    this.#keepWell();
    await this.#world.pass(SETTLE_IN_MS);
  }

  /** Since when both programs of the box have been left alone. */
  #keepWell(): void {
    const look = (): void => {
      const { agent, disk, source } = this.#box;
      // Without any configuration there is no line; a damaged disk may have none left.
      const hasLines = !this.#faults.diskDamaged || source?.config() !== undefined;
      const well = agent?.alive === true && source !== undefined && disk.slowMs === 0 && agent.lagMs === 0;
      if (!well || !hasLines) {
        this.#people.wellSinceMs = this.#world.nowMs;
      }
      if (!this.#quiet) this.#world.later(50, 'look', look);
    };
    look();
  }

  async #afternoon(): Promise<void> {
    const world = this.#world;
    for (let count = 0; count < STORIES; count++) {
      world.later(world.between(0, TROUBLED_MS), 'story', () => this.#people.begin());
    }
    const faults = 1 + world.below(FAULTS);
    for (let count = 0; count < faults; count++) {
      world.later(world.between(0, TROUBLED_MS), 'fault', () => this.#faults.happen());
    }
    await world.pass(TROUBLED_MS);
    this.#faults.heal();
    await world.pass(90_000);
  }

  /** Everything is well again: the office works as on its first day. */
  async #evening(): Promise<void> {
    const world = this.#world;
    this.#faults.change();
    await world.pass(10_000);
    const { calls } = this.#outside;
    const before = calls.length;
    this.#people.tell('calls out at last', (port) => this.#people.callOut(port, NUMBERS.answers));
    await world.pass(20_000);
    this.#people.tell('is called at last', (port) => this.#people.callIn(port));
    await world.pass(20_000);
    this.#people.tell('calls the other at last', (port) => this.#people.internal(port));
    await world.pass(20_000);
    const out = calls.slice(before).find(({ direction }) => direction === 'out');
    if (out?.upMs === undefined) world.wrong('office', 'no call out comes up when everything is well');
    else if (out.heard < 10)
      world.wrong('office', `the far end heard ${out.heard} packets of the last call out`);
    await this.#deskAtLast();
    this.#quiet = true;
    await world.pass(AFTERMATH_MS);
  }

  /** The desk phone is known, calls out, and is heard at both ends. */
  async #deskAtLast(): Promise<void> {
    const world = this.#world;
    if (!this.#desk.registered)
      world.wrong('office', 'the desk phone is not registered when everything is well');
    const { calls } = this.#outside;
    const before = calls.length;
    this.#people.tellDesk('calls out at last', () => this.#people.deskOut(NUMBERS.answers));
    await world.pass(20_000);
    const [there, here] = [calls.at(before), this.#desk.calls.at(-1)];
    if (there === undefined || here === undefined || Math.min(there.heard, here.heard) < 10) {
      world.wrong(
        'office',
        `the last call of the desk phone: ${here?.heard} packets here, ${there?.heard} outside`,
      );
      return;
    }
    // Some are on their way when somebody hangs up.
    const lost = Math.max(there.sent - here.heard, here.sent - there.heard);
    if (lost > ON_THE_WAY) world.wrong('sound.missing', `${lost} packets of the last call of the desk phone`);
  }

  async #end(): Promise<void> {
    const world = this.#world;
    if (this.#people.running > 0) world.wrong('office', `${this.#people.running} stories never ended`);
    this.#judge.judge(this.#box, this.#cloud, this.#faults, this.#outside, this.#net);
    if (this.#desk.calls.some(({ overMs }) => overMs === undefined))
      world.wrong('calls.endless', 'a call of the desk phone never ended');
    // Who stops may wait for somebody: time passes meanwhile.
    void this.#box.stop();
    void this.#outside.stop();
    void this.#desk.stop();
    await world.pass(5_000);
    void this.#cloud.stop();
    await world.pass(10_000);
    this.#cloud.end();
    this.#box.end();
  }

  #report(): SiteReport {
    return {
      seed: this.#seed,
      simulatedS: Math.round(this.#world.nowMs / 1_000),
      calls: this.#outside.calls.length,
      talks: this.#people.figures.talks,
      records: this.#judge.records,
      charges: this.#books.charges.size,
      revisions: this.#books.revisions.length,
      agentStarts: this.#box.agentStarts,
      mediaStarts: this.#box.mediaStarts,
      faults: Object.fromEntries(this.#faults.seen),
      sound: this.#sounds.figures,
      trouble: this.#world.trouble,
    };
  }
}
