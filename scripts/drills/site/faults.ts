import { join } from 'node:path';
import type { Contract } from '../../../cloud-stub/contracts/index.ts';
import type { Box } from './box.ts';
import { BOX_HOST } from './box.ts';
import { CLOUD_HOST, type Cloud } from './cloud.ts';
import { damage } from './disk.ts';
import { FAIR, type Net } from './network.ts';
import { CARRIER } from './outside.ts';
import type { People } from './people.ts';
import type { World } from './world.ts';

/** A new configuration has reached the box by then. */
const OLD_AFTER_MS = 6_000;

/** What goes wrong in one run, and everything that must be well again before it is judged. */
export class Faults {
  readonly #world: World;
  readonly #box: Box;
  readonly #cloud: Cloud;
  readonly #net: Net;
  readonly #people: People;
  readonly #plan: Contract;
  /** What has happened, by name. */
  readonly seen = new Map<string, number>();
  /** Records on a disk that was damaged are lost, and nobody can be blamed. */
  diskDamaged = false;
  /** A configuration ran that the full disk did not take: it may be gone after a restart. */
  diskWasFull = false;
  clockStepped = false;
  #changes = 0;

  constructor(world: World, box: Box, cloud: Cloud, net: Net, people: People) {
    this.#world = world;
    this.#box = box;
    this.#cloud = cloud;
    this.#net = net;
    this.#people = people;
    this.#plan = cloud.books.contract;
  }

  happen(): void {
    const world = this.#world;
    const all: readonly (readonly [share: number, name: string, fault: () => void])[] = [
      [4, 'agent killed', () => this.#killAgent()],
      [2, 'agent restarted', () => void this.#box.restartAgent()],
      [3, 'media killed', () => this.#killMedia()],
      [3, 'cloud killed', () => this.#cloud.program?.killAfter(world.below(2) * world.below(25))],
      [3, 'line cut', () => this.#cut()],
      [3, 'bad line', () => this.#badLine()],
      [2, 'bad trunk', () => this.#badTrunk()],
      [2, 'disk full', () => this.#fullDisk()],
      [2, 'disk slow', () => this.#slowDisk()],
      [2, 'clock set', () => this.#setClock()],
      [2, 'database away', () => this.#databaseAway()],
      [1, 'answers lost', () => this.#answersLost()],
      [1, 'power cut', () => this.#powerCut()],
      [1, 'repeated', () => this.#cloud.broker?.repeat()],
      [1, 'old configuration', () => this.#oldConfiguration()],
      [4, 'contract changed', () => this.change()],
      [1, 'contract wrong', () => this.#wrongContract()],
      [0.3, 'disk damaged', () => this.#damageDisk()],
    ];
    let at = world.random.fraction() * all.reduce((sum, [share]) => sum + share, 0);
    for (const [share, name, fault] of all) {
      at -= share;
      if (at > 0) continue;
      this.seen.set(name, (this.seen.get(name) ?? 0) + 1);
      world.note('fault', name);
      fault();
      return;
    }
  }

  /** Everything is well again. */
  heal(): void {
    this.#world.note('fault', 'everything is well again');
    for (const [one, other] of [
      [BOX_HOST, CLOUD_HOST],
      [CLOUD_HOST, CARRIER.host],
    ] as const) {
      const way = this.#net.way(one, other);
      Object.assign(way, { ...FAIR, cut: way.cut });
      if (way.cut) this.#net.mend(way);
    }
    this.#box.disk.full = false;
    this.#box.disk.slowMs = 0;
    Object.assign(this.#cloud.books.health, { away: false, slowMs: 12, answersLost: 0 });
    this.#box.wall.offsetMs = 0;
    for (const program of [this.#box.agent, this.#box.media, this.#cloud.program]) {
      program?.killAfter(Number.POSITIVE_INFINITY);
    }
  }

  /** The contract gets another look: the lines have other names, and sometimes other habits. */
  change(): void {
    const world = this.#world;
    const number = ++this.#changes;
    const lineHabits = () => ({
      callWaiting: false,
      echo: false,
      ring: world.chance(0.5) ? 'normal' : 'double',
    });
    this.#cloud.change({
      ...this.#plan,
      ids: this.#plan.ids.map((id, index) => ({
        ...id,
        label: `${id.label} ${number}-${index}`,
        ...(id.port === null
          ? {}
          : { features: { ...id.features, line: lineHabits() } as NonNullable<typeof id.features> }),
      })),
    });
    void this.#cloud.publisher?.publishChanges().catch(() => undefined);
  }

  #wrongContract(): void {
    const [first] = this.#plan.ids;
    if (first === undefined) return;
    // A line on a port that the board does not have.
    const id = 'id-000001-9' as typeof first.id;
    const third = {
      ...first,
      id,
      role: 'additional' as const,
      port: 5 as typeof first.port,
      extension: '19',
    };
    this.#cloud.change({ ...this.#plan, ids: [...this.#plan.ids, third] });
    void this.#cloud.publisher?.publishChanges().catch(() => undefined);
    this.#world.later(this.#world.between(2_000, 12_000), 'correct', () => this.change());
  }

  #killAgent(): void {
    const world = this.#world;
    // At once, at some step of what it does next, or between two of its next writes.
    const way = world.random.fraction();
    if (way < 0.3) this.#box.agent?.kill();
    else if (way < 0.6) this.#box.agent?.killAfter(world.below(120));
    else this.#box.agent?.killAfter(world.below(16), true);
  }

  #killMedia(): void {
    const world = this.#world;
    const { media } = this.#box;
    if (world.chance(0.5)) media?.kill();
    else media?.killAfter(world.below(60));
    if (world.chance(0.6)) {
      world.later(world.between(0, 1_500), 'listen', () => {
        this.#people.tell('listens for dial tone', (port) => this.#people.listen(port));
      });
    }
  }

  #for(ms: number, name: string, end: () => void): void {
    this.#world.later(ms, name, end);
  }

  #cut(): void {
    const world = this.#world;
    const way = this.#net.way(BOX_HOST, CLOUD_HOST);
    if (way.cut) return;
    way.cut = true;
    this.#for(world.between(200, world.chance(0.3) ? 50_000 : 6_000), 'mend', () => {
      if (way.cut) this.#net.mend(way);
    });
  }

  #badLine(): void {
    const world = this.#world;
    const way = this.#net.way(BOX_HOST, CLOUD_HOST);
    way.loss = world.between(0.01, 0.3);
    way.delayMs = world.between(5, 200);
    way.jitterMs = world.between(0, 80);
    way.duplicate = world.between(0, 0.05);
    this.#for(world.between(1_000, 10_000), 'fair', () => Object.assign(way, { ...FAIR, cut: way.cut }));
  }

  #badTrunk(): void {
    const world = this.#world;
    const way = this.#net.way(CLOUD_HOST, CARRIER.host);
    way.loss = world.between(0.01, 0.3);
    way.duplicate = world.between(0, 0.1);
    this.#for(world.between(1_000, 10_000), 'fair', () => Object.assign(way, { ...FAIR, cut: way.cut }));
  }

  #fullDisk(): void {
    const { disk } = this.#box;
    disk.full = true;
    this.diskWasFull = true;
    this.#for(this.#world.between(500, 10_000), 'disk has room', () => {
      disk.full = false;
    });
  }

  #slowDisk(): void {
    const { disk } = this.#box;
    disk.slowMs = this.#world.between(10, 400);
    this.#for(this.#world.between(1_000, 6_000), 'disk is fast', () => {
      disk.slowMs = 0;
    });
  }

  #setClock(): void {
    const world = this.#world;
    this.clockStepped = true;
    const steps = [-7_200_000, -60_000, -1_500, 900, 45_000, 3_600_000];
    this.#box.wall.offsetMs += steps[world.below(steps.length)] ?? 0;
    world.note('box', `its clock is ${this.#box.wall.offsetMs} ms off`);
  }

  #databaseAway(): void {
    const { health } = this.#cloud.books;
    health.away = true;
    this.#for(this.#world.between(200, 9_000), 'database back', () => {
      health.away = false;
    });
  }

  #answersLost(): void {
    const { health } = this.#cloud.books;
    health.answersLost = 0.4;
    this.#for(this.#world.between(1_000, 8_000), 'answers come', () => {
      health.answersLost = 0;
    });
  }

  #powerCut(): void {
    this.#box.cutPower(this.#world.between(3_000, 9_000));
  }

  /** A broker that came back with what it knew long ago; where there has been one configuration only, another comes first. */
  #oldConfiguration(): void {
    if (this.#cloud.books.revisions.length > 1) this.#publishOld();
    else {
      this.change();
      this.#world.later(OLD_AFTER_MS, 'old configuration', () => this.#publishOld());
    }
  }

  #publishOld(): void {
    const { books, broker } = this.#cloud;
    const before = books.revisions.slice(0, -1);
    const old = before[this.#world.below(Math.max(1, before.length))];
    if (old === undefined || broker === undefined) return;
    void broker.publish(this.#cloud.desiredTopic, old.envelope, true);
    this.#for(this.#world.between(3_000, 15_000), 'published again', () => {
      void this.#cloud.publisher?.publish().catch(() => undefined);
    });
  }

  /** Found at the next start only, as a dying disk is. */
  #damageDisk(): void {
    const box = this.#box;
    box.agent?.kill();
    this.diskDamaged = true;
    const path = join(box.folder, this.#world.chance(0.5) ? 'agent.sqlite' : 'config.json');
    try {
      damage(this.#world, path);
    } catch {
      // Not there yet.
    }
  }
}
