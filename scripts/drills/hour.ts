import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DrillAnswer } from '../../agent/local-api/index.ts';
import { Stage } from '../demo/stage.ts';
import { pause, until } from '../demo/story.ts';
import { spacesOf } from '../lab/spaces.ts';
import { favour } from '../launch/child.ts';
import type { DeskLan } from '../launch/desk-lan.ts';
import { requestJson } from '../launch/http-over-unix.ts';
import { giveOrders } from '../launch/lan-order.ts';
import type { RunningOffice } from '../launch/office.ts';
import { type BooksReport, HourBooks } from './hour-books.ts';
import { DeskSoftphone, deskSeat } from './hour-desk.ts';
import { GapMeter, type GapReport } from './hour-gaps.ts';
import { causedGaps } from './hour-judge.ts';
import { DeskParty, LINES, LineParty, type Party, partyOrders } from './hour-parties.ts';
import { listenToWire } from './hour-wire.ts';

/** So many calls at once are wanted. */
const AT_ONCE = 20;
/** Desk phones beside the lines, usually: some of all are between two calls at any moment. */
export const DESK_PHONES = 16;
const FAR_NUMBER = '0355550150';
/** A call is as long as that, and then the line makes another one. */
const TALK_MS = { least: 15_000, most: 90_000 };
/** Whoever lifts again within 900 ms flashes the hook: the call that he means to end is passed on to the next one. */
const REST_MS = { least: 1_000, most: 2_000 };
const INTERNAL_SHARE = 0.15;
const DRILL_EVERY_MS = 600_000;
const FIRST_DRILL_MS = 90_000;
const DRILL_S = 60;
/** How long after its end a drill may still be what a gap is of. */
const AFTER_DRILL_MS = 30_000;
const CHANGE_EVERY_MS = 150_000;
/** Restarts fall between the drills; one drill has its own, in the middle. */
const RESTART_EVERY_MS = 240_000;
const KILLED_DRILL = 4;
/** A drill tells when the links are back, which may take 150 s (`agent/drill`). */
const REPORT_LIMIT_MS = 160_000;
const ASK_EVERY_MS = 2_000;
const BESIDE_MS = 12_000;
/** What a call that does not come up was given. */
const SETUP_MS = 4_000;
const READY_LIMIT_MS = 90_000;
/** A board and phones are hardware: what they stand for waits for nobody. The media process comes before all other programs. */
const FIRST_PRIORITY = -20;

/** How long, and with how many desk phones beside the lines of the board. */
export interface HourLength {
  readonly minutes: number;
  readonly deskPhones: number;
}

/** What an hour of calls came to. */
export interface HourReport {
  readonly minutes: number;
  readonly lines: number;
  readonly deskPhones: number;
  readonly calls: Readonly<Record<string, number>>;
  readonly atOnce: { readonly most: number; readonly mean: number; readonly shareOf20: number };
  readonly changes: number;
  readonly agentRestarts: number;
  /** What each outage drill came to: one that a restart of the agent has hit has ended early. */
  readonly drills: readonly DrillOutcome[];
  readonly gaps: GapReport;
  readonly books: BooksReport;
  /** Share of the time in which some process had to wait for a processor (`/proc/pressure/cpu`), in percent. */
  readonly pressurePercent: { readonly mean: number; readonly most: number };
  readonly memoryMb: { readonly first: readonly number[]; readonly last: readonly number[] };
  readonly trouble: readonly string[];
}

/** An outage drill, and how many features it found well. */
interface DrillOutcome extends Pick<DrillAnswer['reports'][number], 'verdict' | 'say'> {
  readonly features: number;
}

interface Standing {
  readonly party: Party;
  idle: boolean;
  /** The call that another party makes with this one. */
  engaged: Promise<unknown> | undefined;
}

/**
 * Mixed calls, twenty at once, on every line of a full board and on desk phones, with an outage drill every ten minutes,
 * changes of the configuration and restarts of the agent in between. What counts is on the wire: the gaps between the packets
 * that the box sends, and whose doing they are.
 */
export async function hourDrill(
  office: RunningOffice,
  length: HourLength,
  fraction: () => number,
  tell: (say: string) => void,
): Promise<HourReport> {
  const hour = new Hour(office, length, fraction, tell);
  return hour.run();
}

class Hour {
  readonly #office: RunningOffice;
  readonly #minutes: number;
  readonly #deskPhones: number;
  readonly #fraction: () => number;
  readonly #tell: (say: string) => void;
  readonly #meter = new GapMeter();
  readonly #calls: Record<string, number> = {};
  readonly #drills: DrillOutcome[] = [];
  readonly #trouble: string[] = [];
  readonly #standings: Standing[] = [];
  readonly #beside: ChildProcess[] = [];
  readonly #samples: { readonly atOnce: number[]; readonly pressure: number[] } = {
    atOnce: [],
    pressure: [],
  };
  readonly #turns = new Map<string, Promise<unknown>>();
  #stage: Stage | undefined;
  #untilMs = 0;
  #drilling = false;
  #talking = 0;
  #changes = 0;
  #restarts = 0;
  #callers = 0;

  constructor(
    office: RunningOffice,
    { minutes, deskPhones }: HourLength,
    fraction: () => number,
    tell: (say: string) => void,
  ) {
    this.#office = office;
    this.#minutes = minutes;
    this.#deskPhones = deskPhones;
    this.#fraction = fraction;
    this.#tell = tell;
  }

  async run(): Promise<HourReport> {
    const phones = await this.#addParties();
    this.#stage = await Stage.open(this.#office.layout);
    const sinceMs = Date.now();
    const books = new HourBooks(this.#office.layout, sinceMs);
    this.#listen();
    const first = await this.#memory();
    this.#untilMs = performance.now() + this.#minutes * 60_000;
    this.#tell(`${this.#standings.length} parties begin`);
    try {
      await Promise.all([
        ...this.#standings.map((standing) => this.#live(standing)),
        this.#look(books),
        this.#every(CHANGE_EVERY_MS, () => this.#change(), CHANGE_EVERY_MS / 4),
        this.#every(RESTART_EVERY_MS, () => this.#restart(), RESTART_EVERY_MS / 4),
        this.#every(DRILL_EVERY_MS, () => this.#drill(), FIRST_DRILL_MS),
      ]);
      await pause(3_000);
    } finally {
      for (const child of this.#beside) child.kill();
      this.#stage.close();
    }
    const compared = await books.compare();
    const gaps = this.#meter.report();
    const { atOnce, pressure } = this.#samples;
    return {
      ...{ minutes: this.#minutes, lines: LINES, deskPhones: phones, calls: this.#calls },
      atOnce: {
        most: Math.max(0, ...atOnce),
        mean: mean(atOnce),
        shareOf20: mean(atOnce.map((calls) => (calls >= AT_ONCE ? 1 : 0))),
      },
      ...{
        changes: this.#changes,
        agentRestarts: this.#restarts,
        drills: this.#drills,
        gaps,
        books: compared,
      },
      pressurePercent: { mean: mean(pressure), most: Math.max(0, ...pressure) },
      memoryMb: { first, last: await this.#memory() },
      trouble: [...this.#trouble, ...compared.trouble, ...causedGaps(gaps)],
    };
  }

  /** The contract takes an ID and a number for each line and phone that has none yet; with them come as many channels. */
  async #addParties(): Promise<number> {
    const { layout, deskLan } = this.#office;
    const count = deskLan === undefined ? 0 : this.#deskPhones;
    const seats = Array.from({ length: count }, (_, index) => deskSeat(index, deskLan?.net ?? ''));
    await giveOrders(layout, partyOrders(seats));
    const ready = await until(READY_LIMIT_MS, async () => {
      const stage = await Stage.open(layout);
      try {
        const { lines } = await stage.agent();
        const registered = lines.filter(({ registration }) => registration.at === 'registered');
        return registered.length >= LINES && registered.length === lines.length ? true : undefined;
      } finally {
        stage.close();
      }
    });
    if (ready === undefined) throw new Error(`not all of ${LINES} lines are registered`);
    for (let port = 1; port <= LINES; port++) this.#join(new LineParty(port));
    if (deskLan === undefined) return 0;
    for (const seat of seats) this.#join(new DeskParty(await DeskSoftphone.start(layout, deskLan, seat)));
    return count;
  }

  #join(party: Party): void {
    this.#standings.push({ party, idle: false, engaged: undefined });
  }

  /** Every packet of sound that the box sends or gets, and what the machine does to those who have to be in time. */
  #listen(): void {
    const { layout, deskLan } = this.#office;
    const { gateway, cloud } = layout.hosts;
    const lan = deskLan === undefined ? [] : [`${deskLan.net}.1`];
    const filter = [`(host ${gateway} and host ${cloud})`, ...lan.map((host) => `host ${host}`)].join(' or ');
    this.#beside.push(listenToWire([gateway, ...lan], filter, (packet) => this.#meter.packet(packet)));
    const hardware = ['board', 'serial-line'];
    const programs = this.#office.programs();
    const first = programs.filter(({ name }) => [...hardware, 'media'].includes(name));
    for (const { pid } of first) favour(pid, FIRST_PRIORITY);
    if (deskLan !== undefined) for (const pid of pidsOf(deskLan)) favour(pid, FIRST_PRIORITY);
    const control = spawn(
      process.execPath,
      [
        ...['--import', 'tsx', join(layout.root, 'scripts/drills/hour-control.ts')],
        ...first.map(({ name, pid }) => `${name}=${pid}`),
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    let rest = '';
    control.stdout.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#meter.machine(JSON.parse(line));
    });
    this.#beside.push(control);
  }

  // --- calls ---

  async #live(standing: Standing): Promise<void> {
    await pause(this.#fraction() * 8_000);
    while (performance.now() < this.#untilMs) {
      standing.idle = true;
      await pause(REST_MS.least + this.#fraction() * (REST_MS.most - REST_MS.least));
      standing.idle = false;
      if (standing.engaged !== undefined) await standing.engaged;
      else await this.#callWith(standing);
    }
  }

  async #callWith(standing: Standing): Promise<void> {
    const inside =
      standing.party.number === undefined && (this.#drilling || this.#fraction() < INTERNAL_SHARE);
    const free = (each: Standing): boolean =>
      each.idle && each !== standing && each.engaged === undefined && each.party.number === undefined;
    const partner = inside ? this.#standings.find(free) : undefined;
    if (partner === undefined) await this.#outside(standing);
    else {
      partner.idle = false;
      partner.engaged = this.#internal(standing, partner);
      await partner.engaged;
      partner.engaged = undefined;
    }
  }

  async #outside({ party }: Standing): Promise<void> {
    const to = party.number;
    await this.#with(to === undefined ? 'out' : 'in', [party], async (stage) => {
      if (to === undefined) return party.dial(stage, FAR_NUMBER);
      const from = `0312${String(++this.#callers).padStart(6, '0')}`;
      return this.#inTurn(to, async () => {
        let call: string | undefined;
        const up = await party.take(stage, async () => {
          call = await stage.carrier.call({ from, to, hz: 700 });
        });
        if (!up && call !== undefined) await stage.carrier.hangUp(call).catch(() => undefined);
        return up;
      });
    });
  }

  /** Callers of one number come one after the other: two at once ring the same phones, and each takes the other's call. */
  #inTurn(number: string, act: () => Promise<boolean>): Promise<boolean> {
    const mine = (this.#turns.get(number) ?? Promise.resolve()).then(act);
    this.#turns.set(
      number,
      mine.catch(() => undefined),
    );
    return mine;
  }

  async #internal({ party }: Standing, { party: other }: Standing): Promise<void> {
    await this.#with('internal', [party, other], async (stage) => {
      const dialled = { up: false };
      await other.take(stage, async () => {
        // A line hears its partner's answer only once that is there: nobody waits for the other.
        void party.dial(stage, other.extension).then(
          (up) => {
            dialled.up = up;
          },
          () => undefined,
        );
      });
      await pause(2_500);
      return dialled.up;
    });
  }

  /** Makes one call and hangs up, whatever happens in it. */
  async #with(
    kind: string,
    parties: readonly Party[],
    call: (stage: Stage) => Promise<boolean>,
  ): Promise<void> {
    const stage = this.#stage;
    if (stage === undefined) return;
    try {
      const up = await call(stage);
      // A call that waited for its turn is not begun before it.
      const beside = this.#meter.besideAt(Date.now() - SETUP_MS);
      const name = up ? kind : `${kind}, not up (${beside})`;
      this.#calls[name] = (this.#calls[name] ?? 0) + 1;
      if (up) await this.#talk();
      else {
        const stand = await Promise.all(
          parties.map(async (party) => `${party.name}: ${await party.stands(stage)}`),
        );
        this.#tell(`a call did not come up: ${name}; ${stand.join('; ')}`);
      }
    } catch (error) {
      this.#tell(`${parties.map(({ name }) => name).join(' and ')}: ${(error as Error).message}`);
    }
    for (const party of parties) await party.hangUp(stage).catch(() => undefined);
    await pause(500);
  }

  async #talk(): Promise<void> {
    this.#talking++;
    const talkMs = TALK_MS.least + this.#fraction() * (TALK_MS.most - TALK_MS.least);
    await pause(Math.max(0, Math.min(talkMs, this.#untilMs - performance.now())));
    this.#talking--;
  }

  // --- what happens meanwhile ---

  async #look(books: HourBooks): Promise<void> {
    const stage = await Stage.open(this.#office.layout);
    for (let second = 0; performance.now() < this.#untilMs; second++) {
      await pause(1_000);
      // The first calls have to come up, and nobody calls out while a drill cuts the line.
      if (!this.#drilling && second > 20) this.#samples.atOnce.push(this.#talking);
      if (second % 20 !== 0) continue;
      books.note(await stage.carrier.calls());
      this.#samples.pressure.push(pressure());
      this.#tell(`${this.#talking} calls at once, pressure ${pressure()} %; ${this.#meter.soFar}`);
    }
    stage.close();
  }

  async #every(ms: number, act: () => Promise<void>, firstMs: number): Promise<void> {
    for (let nextMs = performance.now() + firstMs; nextMs < this.#untilMs - 10_000; nextMs += ms) {
      await pause(Math.max(0, nextMs - performance.now()));
      await act().catch((error: unknown) => {
        this.#trouble.push(`it failed: ${(error as Error).message}`);
        this.#tell(`it failed: ${(error as Error).message}`);
      });
    }
  }

  async #change(): Promise<void> {
    this.#changes++;
    const change = { gains: { earDb: this.#changes % 2 === 0 ? 0 : -1 } };
    this.#meter.event('configuration', Date.now(), BESIDE_MS);
    await giveOrders(this.#office.layout, [{ kind: 'changeLine', id: 'id-000001-1', change }]);
    this.#tell(`change ${this.#changes} of the configuration`);
  }

  async #restart(): Promise<void> {
    this.#restarts++;
    this.#meter.event('agent restart', Date.now(), BESIDE_MS);
    this.#tell(`restart ${this.#restarts} of the agent`);
    this.#office.kill('agent');
    await pause(1_000);
  }

  async #drill(): Promise<void> {
    const { agent } = this.#office.layout.sockets;
    const orderedAt = Date.now();
    this.#meter.event('drill', orderedAt, DRILL_S * 1_000 + AFTER_DRILL_MS);
    await requestJson(agent, 'POST', '/v1/drill/outage', { seconds: DRILL_S });
    this.#drilling = true;
    this.#tell(`outage drill of ${DRILL_S} s`);
    await pause((DRILL_S / 2) * 1_000);
    if (this.#drills.length + 1 === KILLED_DRILL) await this.#restart();
    await pause((DRILL_S / 2 + 5) * 1_000);
    this.#drilling = false;
    await pause(20_000);
    const newest = await until(REPORT_LIMIT_MS, async () => {
      await pause(ASK_EVERY_MS);
      const answer = await requestJson(agent, 'GET', '/v1/drill').catch(() => undefined);
      return (answer as DrillAnswer | undefined)?.reports.find(({ startedAt }) => startedAt >= orderedAt);
    });
    if (newest === undefined) throw new Error('the outage drill left no report');
    const { verdict, say, checks } = newest;
    const features = checks.filter((check) => check.verdict === 'OK').length;
    this.#drills.push({ verdict, say, features });
    if (verdict === 'FAIL') this.#trouble.push(`outage drill ${this.#drills.length}: ${say}`);
  }

  async #memory(): Promise<readonly number[]> {
    const stage = await Stage.open(this.#office.layout);
    try {
      const { memory } = await stage.agent();
      return [memory.agentBytes, memory.mediaBytes].map((bytes) => Math.round(bytes / 1e5) / 10);
    } finally {
      stage.close();
    }
  }
}

/** Of the phones on the LAN. */
function pidsOf({ lan }: DeskLan): readonly number[] {
  return spacesOf(`${lan.name}-desk-`).flatMap((space) => {
    const { stdout } = spawnSync('ip', ['netns', 'pids', space], { encoding: 'utf8' });
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map(Number);
  });
}

/** Of the last ten seconds, in percent. */
function pressure(): number {
  return Number(/some avg10=([0-9.]+)/.exec(readFileSync('/proc/pressure/cpu', 'utf8'))?.[1] ?? 0);
}

function mean(values: readonly number[]): number {
  if (values.length === 0) return 0;
  return Math.round((values.reduce((sum, value) => sum + value, 0) / values.length) * 100) / 100;
}
