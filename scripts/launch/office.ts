import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { claim } from '../../agent/enrol/index.ts';
import { type CodedError, StartupError } from '../../lib/base/errors.ts';
import { ENROL_PORT, enrolment } from '../../lib/contract/enrolment.ts';
import { type Child, type ProgramSpec, startChild } from './child.ts';
import { DESK_PHONES, type DeskLan, makeDeskLan, phoneSocket } from './desk-lan.ts';
import { requestJson } from './http-over-unix.ts';
import { orderDhcp } from './lan-order.ts';
import type { Layout } from './layout.ts';
import { type Database, startDatabase } from './postgres.ts';
import {
  agentSpec,
  boardSpec,
  carrierSpec,
  cloudSpec,
  mediaSpec,
  type OfficeKind,
  phoneSpec,
  serialSpec,
} from './programs.ts';
import { claimState } from './state-lock.ts';

/** The gateway of the example office. */
export const GATEWAY = 'gw-000001';
/** A program that ends by itself is started again at once, after this long the second time, doubled at each further time. */
const RESTART_FIRST_MS = 500;
const RESTART_MOST_MS = 30_000;
/** A program that ran this long is taken as sound again. */
const SOUND_AFTER_MS = 60_000;

/** One line of "what runs where". */
export interface Running {
  readonly name: string;
  readonly pid: number;
  readonly where: string;
  readonly log: string;
}

/** A running office: database, service, carrier, board, media process, agent, and desk phones where it has a LAN. */
export interface RunningOffice {
  readonly layout: Layout;
  /** The LAN of the desk phones; undefined in an office without, or on a machine that cannot have one. */
  readonly deskLan: DeskLan | undefined;
  programs(): readonly Running[];
  /** Ends one program hard, as a fault would; it is started again, the database too. */
  kill(name: string): void;
  stop(): Promise<void>;
}

interface Program {
  readonly spec: ProgramSpec;
  readonly where: string;
  child: Child;
  startedMs: number;
  restarts: number;
}

/** Tells the person at the launcher what happens. */
export type Tell = (sentence: string) => void;

/** Starts everything, in the order in which one needs the other. On trouble, what was started ends before the error is thrown. */
export async function startOffice(layout: Layout, tell: Tell, kind: OfficeKind = {}): Promise<RunningOffice> {
  makeFolders(layout);
  const release = claimState(layout);
  const office = new Office(layout, tell, kind, release);
  try {
    await office.start();
    return office;
  } catch (error) {
    await office.stop();
    throw error;
  }
}

class Office implements RunningOffice {
  readonly layout: Layout;
  readonly #tell: Tell;
  readonly #kind: OfficeKind;
  readonly #release: () => void;
  readonly #programs = new Map<string, Program>();
  /** Those that were killed and are not started again yet. */
  readonly #killed = new Set<string>();
  #deskLan: DeskLan | undefined;
  #stopping: Promise<void> | undefined;

  constructor(layout: Layout, tell: Tell, kind: OfficeKind, release: () => void) {
    this.layout = layout;
    this.#tell = tell;
    this.#kind = kind;
    this.#release = release;
  }

  get deskLan(): DeskLan | undefined {
    return this.#deskLan;
  }

  async start(): Promise<void> {
    const { layout } = this;
    if (this.#kind.deskPhones === true || this.#kind.lan === true) this.#makeLan();
    const database = await startDatabase(layout);
    this.#adopt(
      'postgresql',
      database.child,
      `${layout.hosts.database}:${layout.databasePort}, data in ${database.folder}`,
    );
    await Promise.all([this.#startService(database), this.#startBoard()]);
    await enrolGateway(layout);
    const lan = this.#deskLan;
    if (lan !== undefined) await this.#orderLan(lan);
    const box = lan === undefined ? '' : `, LAN ${lan.net}.1 on ${lan.device}`;
    const where = `${layout.hosts.gateway}${box}, local API ${layout.sockets.agent}`;
    await this.#run(agentSpec(layout, lan), where);
    if (lan !== undefined && this.#kind.deskPhones === true) await this.#startPhones(lan);
  }

  #makeLan(): void {
    const made = makeDeskLan(this.layout, this.#kind.deskPhones === true);
    if (typeof made === 'string') this.#tell(`the office runs without its desk phones: ${made}`);
    else this.#deskLan = made;
  }

  async #orderLan(lan: DeskLan): Promise<void> {
    try {
      await orderDhcp(this.layout, lan);
    } catch (error) {
      this.#tell(`the box does not serve its LAN: ${(error as Error).message}`);
    }
  }

  async #startPhones(lan: DeskLan): Promise<void> {
    for (const phone of DESK_PHONES) {
      const what = `${phone.maker} ${phone.model}, namespace ${lan.lan.name}-${phone.name}`;
      const control = phoneSocket(this.layout, phone);
      await this.#run(phoneSpec(this.layout, lan, phone), `${what}, control ${control}`);
    }
  }

  programs(): readonly Running[] {
    return [...this.#programs.entries()].map(([name, { child, where, spec }]) => ({
      name,
      pid: child.pid,
      where,
      log: spec.logFile,
    }));
  }

  kill(name: string): void {
    const program = this.#programs.get(name);
    if (program === undefined) return;
    // Whoever is killed from outside has not failed by itself: it is started again at once, however often.
    program.restarts = 0;
    this.#killed.add(name);
    process.kill(-program.child.pid, 'SIGKILL');
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #startService(database: Database): Promise<void> {
    const { layout } = this;
    const { cloud, carrier } = layout.hosts;
    await this.#run(carrierSpec(layout), `SIP ${carrier}:5060, control ${layout.sockets.carrier}`);
    await this.#run(
      cloudSpec(layout, database, this.#kind),
      `MQTT ${cloud}:8883, SIP ${cloud}:5061 (TLS) and ${cloud}:5060 (carrier), API ${layout.sockets.cloud}`,
    );
  }

  async #startBoard(): Promise<void> {
    const { layout } = this;
    await this.#run(serialSpec(layout), `pty ${layout.serial.agent}`);
    await waitForPath(layout.serial.agent);
    const fitted = this.#kind.fax === true ? '2 analog phones and a fax machine' : '2 analog phones';
    await this.#run(boardSpec(layout, this.#kind), `${fitted}, control ${layout.sockets.board}`);
    await this.#run(
      mediaSpec(layout, this.#kind),
      `RTP ${layout.hosts.gateway}, control ${layout.sockets.media}`,
    );
  }

  async #run(spec: ProgramSpec, where: string): Promise<void> {
    if (this.#stopping !== undefined) return;
    const child = await startChild(spec);
    if (this.#stopping !== undefined) {
      // Another program's trouble ended the start in the meantime, and the list was already gone through.
      await child.stop(5_000);
      return;
    }
    const program: Program = { spec, where, child, startedMs: performance.now(), restarts: 0 };
    this.#programs.set(spec.name, program);
    this.#watch(program);
  }

  /** The database is not started again by itself: the service says that it is away, and a person looks. */
  #adopt(name: string, child: Child, where: string): void {
    const logFile = join(this.layout.log, `${name}.log`);
    const spec: ProgramSpec = { name, command: [], logFile, ready: 'spawn', readyLimitMs: 0 };
    this.#programs.set(name, { spec, where, child, startedMs: performance.now(), restarts: 0 });
    void child.ended.then((how) => {
      if (this.#stopping !== undefined) return;
      if (this.#killed.delete(name)) void this.#reviveDatabase(name, where, 0);
      else this.#tell(`${name} ${how}; its log is ${logFile}. Stop and start again.`);
    });
  }

  async #reviveDatabase(name: string, where: string, tries: number): Promise<void> {
    if (this.#stopping !== undefined) return;
    try {
      const { child } = await startDatabase(this.layout);
      if (this.#stopping !== undefined) await child.stop(5_000);
      else this.#adopt(name, child, where);
    } catch (error) {
      const delayMs = pauseBefore(tries + 1);
      const why = (error as Error).message;
      this.#tell(`${name} does not start again: ${why}; trying again in ${delayMs / 1000} s`);
      setTimeout(() => void this.#reviveDatabase(name, where, tries + 1), delayMs);
    }
  }

  #watch(program: Program): void {
    void program.child.ended.then((how) => {
      if (this.#stopping !== undefined) return;
      if (performance.now() - program.startedMs > SOUND_AFTER_MS) program.restarts = 0;
      const delayMs = pauseBefore(program.restarts++);
      this.#tell(
        `${program.spec.name} ${how}; starting it again in ${delayMs / 1000} s (log: ${program.spec.logFile})`,
      );
      setTimeout(() => void this.#restart(program), delayMs);
    });
  }

  async #restart(program: Program): Promise<void> {
    if (this.#stopping !== undefined) return;
    try {
      program.child = await startChild(program.spec);
      program.startedMs = performance.now();
      // Stopped while it was starting: the list was already gone through.
      if (this.#stopping !== undefined) await program.child.stop(5_000);
      this.#tell(`${program.spec.name} runs again (process ${program.child.pid})`);
      this.#watch(program);
    } catch (error) {
      const say = error instanceof StartupError ? error.coded.say : String(error);
      const delayMs = pauseBefore(++program.restarts);
      this.#tell(`${program.spec.name} does not start: ${say} Trying again in ${delayMs / 1000} s.`);
      setTimeout(() => void this.#restart(program), delayMs);
    }
  }

  async #stopAll(): Promise<void> {
    for (const program of [...this.#programs.values()].reverse()) await program.child.stop(9_000);
    this.#deskLan?.lan.remove();
    this.#release();
  }
}

/** Before the start of a program that has been started again `restarts` times without running soundly in between. */
function pauseBefore(restarts: number): number {
  return restarts === 0 ? 0 : Math.min(RESTART_MOST_MS, RESTART_FIRST_MS * 2 ** (restarts - 1));
}

function makeFolders(layout: Layout): void {
  try {
    makePath(layout.state);
    for (const folder of [layout.log, layout.cloud, layout.agent])
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    mkdirSync(layout.run, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StartupError(
      environment(
        'start.folder',
        `The state folder ${layout.state} cannot be made: ${(error as Error).message}. Choose another with --state.`,
      ),
    );
  }
}

/** Node's own recursive `mkdir` never returns where a file system refuses with ENOENT, as /proc does. */
function makePath(path: string): void {
  if (existsSync(path)) return;
  if (dirname(path) !== path) makePath(dirname(path));
  mkdirSync(path, { mode: 0o711 });
}

/** Enrols the gateway as a technician would, with a claim code; again when the cloud lives elsewhere or knows it no more. */
async function enrolGateway(layout: Layout): Promise<void> {
  const file = join(layout.agent, 'enrolment.json');
  if (existsSync(file) && (await stillEnrolled(layout, file))) return;
  const ticket = await requestJson(layout.sockets.cloud, 'POST', `/gateways/${GATEWAY}/claim`, {});
  const { code } = ticket as { readonly code: string };
  const service = { host: layout.hosts.cloud, port: ENROL_PORT };
  const claimed = await claim({ folder: layout.agent, service, code, serialNumber: 'EXAMPLE-1' });
  if (!claimed.ok) throw new StartupError(claimed.error);
}

async function stillEnrolled(layout: Layout, file: string): Promise<boolean> {
  try {
    const kept = enrolment.parse(JSON.parse(readFileSync(file, 'utf8')));
    const gateways = (await requestJson(layout.sockets.cloud, 'GET', '/gateways')) as {
      gateways: readonly { id: string; enrolledAt: number | null }[];
    };
    const known = gateways.gateways.find((gateway) => gateway.id === GATEWAY);
    const { validToDate } = new X509Certificate(kept.device.certificatePem);
    const authority = readFileSync(join(layout.cloud, 'ca.pem'), 'utf8').trim();
    return (
      known?.enrolledAt != null &&
      kept.mqtt.host === layout.hosts.cloud &&
      kept.caPem.trim() === authority &&
      validToDate.getTime() > Date.now()
    );
  } catch {
    return false;
  }
}

async function waitForPath(path: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (existsSync(path)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new StartupError(environment('start.pty', `socat made no pty at ${path}; is /dev/pts mounted?`));
}

function environment(code: string, say: string): CodedError {
  return { code, fault: 'environment', say };
}
