import { type ChildProcess, spawn } from 'node:child_process';
import { OFFICE_NUMBER, Stage } from '../demo/stage.ts';
import { pause, until } from '../demo/story.ts';
import { requestJson } from '../launch/http-over-unix.ts';
import { giveOrders } from '../launch/lan-order.ts';
import type { RunningOffice } from '../launch/office.ts';
import { GapMeter, type GapReport } from './hour-gaps.ts';

/** Lines of the largest board. */
export const LINES = 8;
const ADAPTER = 'adapter-000001';
const OUTSIDE_NUMBER = '0355550150';
/** A call is as long as that, and then the line makes another one. */
const TALK_MS = { least: 15_000, most: 90_000 };
const DRILL_EVERY_MS = 600_000;
const DRILL_S = 60;
const CHANGE_EVERY_MS = 150_000;
const RESTART_EVERY_MS = 230_000;
const READY_LIMIT_MS = 90_000;

/** What an hour of calls came to. */
export interface HourReport {
  readonly minutes: number;
  readonly lines: number;
  readonly calls: Readonly<Record<string, number>>;
  readonly mostAtOnce: number;
  readonly changes: number;
  readonly agentRestarts: number;
  readonly drills: readonly unknown[];
  readonly gaps: GapReport;
  readonly records: number;
  readonly memoryMb: { readonly first: readonly number[]; readonly last: readonly number[] };
  readonly trouble: readonly string[];
}

/**
 * Mixed calls on every line of a full board, with an outage drill every ten minutes, changes of the configuration and
 * restarts of the agent in between. What counts is on the wire: the gaps between the packets that the box sends.
 */
export async function hourDrill(
  office: RunningOffice,
  minutes: number,
  fraction: () => number,
  tell: (say: string) => void,
): Promise<HourReport> {
  const hour = new Hour(office, minutes, fraction, tell);
  return hour.run();
}

class Hour {
  readonly #office: RunningOffice;
  readonly #minutes: number;
  readonly #fraction: () => number;
  readonly #tell: (say: string) => void;
  readonly #untilMs: number;
  readonly #meter = new GapMeter();
  readonly #calls: Record<string, number> = {};
  readonly #drills: unknown[] = [];
  readonly #trouble: string[] = [];
  #talking = 0;
  #mostAtOnce = 0;
  #changes = 0;
  #restarts = 0;

  constructor(office: RunningOffice, minutes: number, fraction: () => number, tell: (say: string) => void) {
    this.#office = office;
    this.#minutes = minutes;
    this.#fraction = fraction;
    this.#tell = tell;
    this.#untilMs = performance.now() + minutes * 60_000;
  }

  async run(): Promise<HourReport> {
    const sinceMs = Date.now();
    await this.#addLines();
    const sniffer = this.#listen();
    const first = await this.#memory();
    try {
      await Promise.all([
        ...Array.from({ length: LINES }, (_, index) => this.#callOn(index + 1)),
        this.#every(CHANGE_EVERY_MS, () => this.#change()),
        this.#every(RESTART_EVERY_MS, () => this.#restart()),
        this.#every(DRILL_EVERY_MS, () => this.#drill(), this.#untilMs - DRILL_EVERY_MS / 2),
      ]);
      await pause(3_000);
    } finally {
      sniffer.kill();
    }
    const stage = await Stage.open(this.#office.layout);
    const answer = (await stage.cloud(`/contracts/c-000001/records?since=${sinceMs}`)) as {
      records: unknown[];
    };
    stage.close();
    const gaps = this.#meter.report();
    for (const beside of gaps.caused) this.#trouble.push(`gaps over 60 ms beside: ${beside}`);
    return {
      ...{ minutes: this.#minutes, lines: LINES, calls: this.#calls, mostAtOnce: this.#mostAtOnce },
      ...{ changes: this.#changes, agentRestarts: this.#restarts, drills: this.#drills, gaps },
      records: answer.records.length,
      memoryMb: { first, last: await this.#memory() },
      trouble: this.#trouble,
    };
  }

  /** The contract takes an ID for each port that has none yet; with them come as many channels. */
  async #addLines(): Promise<void> {
    const orders = Array.from({ length: LINES - 2 }, (_, index) => {
      const port = index + 3;
      const id = {
        id: `id-000001-${port}`,
        device: ADAPTER,
        port,
        extension: String(10 + port),
        label: `席 ${port}`,
      };
      return { kind: 'addId', id };
    });
    await giveOrders(this.#office.layout, orders);
    const ready = await until(READY_LIMIT_MS, async () => {
      const stage = await Stage.open(this.#office.layout);
      try {
        const { lines } = await stage.agent();
        const registered = lines.filter(({ registration }) => registration.at === 'registered');
        return registered.length === LINES ? true : undefined;
      } finally {
        stage.close();
      }
    });
    if (ready === undefined) throw new Error(`not all of ${LINES} lines are registered`);
  }

  /** Every packet that the box sends to the cloud, by the kernel's clock. */
  #listen(): ChildProcess {
    const { gateway, cloud } = this.#office.layout.hosts;
    const filter = `udp and src host ${gateway} and dst host ${cloud}`;
    const fields = ['-e', 'frame.time_epoch', '-e', 'udp.srcport', '-e', 'udp.length'];
    const child = spawn('tshark', ['-i', 'lo', '-l', '-n', '-Q', '-f', filter, '-T', 'fields', ...fields], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let rest = '';
    child.stdout.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const [at, port, length] = line.split('\t').map(Number);
        if (at !== undefined && port !== undefined && length !== undefined) {
          this.#meter.packet(at * 1_000, port, length);
        }
      }
    });
    return child;
  }

  // --- calls ---

  async #callOn(port: number): Promise<void> {
    await pause(this.#fraction() * 8_000);
    while (performance.now() < this.#untilMs) {
      const kind =
        port % 4 === 0 && this.#fraction() < 0.3 ? 'internal' : this.#fraction() < 0.7 ? 'out' : 'in';
      try {
        const stage = await Stage.open(this.#office.layout);
        try {
          if (await this.#call(stage, port, kind)) this.#calls[kind] = (this.#calls[kind] ?? 0) + 1;
          else this.#calls[`${kind}, not up`] = (this.#calls[`${kind}, not up`] ?? 0) + 1;
        } finally {
          await stage.phones.hangUp(port).catch(() => undefined);
          stage.close();
        }
      } catch (error) {
        this.#tell(`line ${port}: ${(error as Error).message}`);
      }
      await pause(1_000 + this.#fraction() * 1_500);
    }
  }

  async #call(stage: Stage, port: number, kind: 'out' | 'in' | 'internal'): Promise<boolean> {
    const talkMs = TALK_MS.least + this.#fraction() * (TALK_MS.most - TALK_MS.least);
    if (kind === 'in') return this.#callIn(stage, port, talkMs);
    await stage.phones.lift(port);
    await pause(500);
    const number = kind === 'out' ? OUTSIDE_NUMBER : String(10 + (port === 8 ? 4 : 8));
    await stage.phones.dial(port, number, 'dtmf');
    await pause(2_000);
    const { lines } = await stage.agent();
    const up = lines.find((line) => line.port === port)?.state === 'talking';
    if (up) await this.#talk(stage, port, talkMs);
    return up;
  }

  async #callIn(stage: Stage, port: number, talkMs: number): Promise<boolean> {
    if (!(await stage.phones.ringing(port)).ringing) {
      const call = await stage.carrier.call({ from: '0312340002', to: OFFICE_NUMBER, hz: 700 });
      const rings = await until(4_000, async () =>
        (await stage.phones.ringing(port)).ringing ? true : undefined,
      );
      if (rings !== true) {
        await stage.carrier.hangUp(call).catch(() => undefined);
        return false;
      }
    }
    await stage.phones.lift(port);
    await this.#talk(stage, port, talkMs);
    return true;
  }

  async #talk(stage: Stage, port: number, talkMs: number): Promise<void> {
    this.#mostAtOnce = Math.max(this.#mostAtOnce, ++this.#talking);
    await stage.phones.speak(port, 500 + port * 40);
    await pause(Math.max(0, Math.min(talkMs, this.#untilMs - performance.now())));
    this.#talking--;
  }

  // --- what happens meanwhile ---

  async #every(ms: number, act: () => Promise<void>, firstMs?: number): Promise<void> {
    const first = firstMs === undefined ? performance.now() + ms : Math.min(firstMs, performance.now() + ms);
    for (let nextMs = first; ; nextMs += ms) {
      if (nextMs > this.#untilMs - 5_000) return;
      await pause(Math.max(0, nextMs - performance.now()));
      await act().catch((error: unknown) => this.#tell(`it failed: ${(error as Error).message}`));
    }
  }

  async #change(): Promise<void> {
    this.#changes++;
    const change = { gains: { earDb: this.#changes % 2 === 0 ? 0 : -1 } };
    await giveOrders(this.#office.layout, [{ kind: 'changeLine', id: 'id-000001-1', change }]);
    this.#meter.event('configuration', Date.now(), 12_000);
    this.#tell(`change ${this.#changes} of the configuration`);
  }

  async #restart(): Promise<void> {
    this.#restarts++;
    this.#meter.event('agent restart', Date.now(), 12_000);
    this.#tell(`restart ${this.#restarts} of the agent`);
    this.#office.kill('agent');
    await pause(1_000);
  }

  async #drill(): Promise<void> {
    const { agent } = this.#office.layout.sockets;
    this.#meter.event('drill', Date.now(), (DRILL_S + 30) * 1_000);
    await requestJson(agent, 'POST', '/v1/drill/outage', { seconds: DRILL_S });
    this.#tell(`outage drill of ${DRILL_S} s`);
    await pause((DRILL_S + 25) * 1_000);
    this.#drills.push(await requestJson(agent, 'GET', '/v1/drill'));
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
