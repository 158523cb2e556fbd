import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type CodedError, StartupError } from '../../lib/base/errors.ts';
import { enrolment } from '../../lib/contract/enrolment.ts';
import { type Child, type ProgramSpec, startChild } from './child.ts';
import { requestJson } from './http-over-unix.ts';
import type { Layout } from './layout.ts';
import { type Database, startDatabase } from './postgres.ts';
import { claimState } from './state-lock.ts';

/** The gateway of the example office. */
export const GATEWAY = 'gw-000001';
/** Ports of the simulated board: two telephones, and a fax machine where the office has one. */
const PHONES = 2;
const PHONES_AND_FAX = 3;
/** A program that ends by itself is started again after this long, doubled at each further time. */
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

/** A running office: database, service, carrier, board, media process and agent. */
export interface RunningOffice {
  readonly layout: Layout;
  programs(): readonly Running[];
  /** Ends one program hard, as a fault would; it is started again. */
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

/** What the office has beyond two telephones. */
export interface OfficeKind {
  /** A fax machine on port 3, with a number of its own. A state folder keeps the office that it began with. */
  readonly fax?: boolean;
  /** The board has a T.38 processor of its own. */
  readonly t38Board?: boolean;
}

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
  #stopping: Promise<void> | undefined;

  constructor(layout: Layout, tell: Tell, kind: OfficeKind, release: () => void) {
    this.layout = layout;
    this.#tell = tell;
    this.#kind = kind;
    this.#release = release;
  }

  async start(): Promise<void> {
    const { layout } = this;
    const database = await startDatabase(layout);
    this.#adopt(
      'postgresql',
      database.child,
      `${layout.hosts.database}:${layout.databasePort}, data in ${database.folder}`,
    );
    await Promise.all([this.#startService(database), this.#startBoard()]);
    await enrolGateway(layout);
    await this.#run(agentSpec(layout), `${layout.hosts.gateway}, local API ${layout.sockets.agent}`);
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
    if (program !== undefined) process.kill(-program.child.pid, 'SIGKILL');
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
    await this.#run(mediaSpec(layout), `RTP ${layout.hosts.gateway}, control ${layout.sockets.media}`);
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
      if (this.#stopping === undefined)
        this.#tell(`${name} ${how}; its log is ${logFile}. Stop and start again.`);
    });
  }

  #watch(program: Program): void {
    void program.child.ended.then((how) => {
      if (this.#stopping !== undefined) return;
      if (performance.now() - program.startedMs > SOUND_AFTER_MS) program.restarts = 0;
      const delayMs = Math.min(RESTART_MOST_MS, RESTART_FIRST_MS * 2 ** program.restarts++);
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
      const delayMs = Math.min(RESTART_MOST_MS, RESTART_FIRST_MS * 2 ** program.restarts++);
      this.#tell(`${program.spec.name} does not start: ${say} Trying again in ${delayMs / 1000} s.`);
      setTimeout(() => void this.#restart(program), delayMs);
    }
  }

  async #stopAll(): Promise<void> {
    for (const program of [...this.#programs.values()].reverse()) await program.child.stop(9_000);
    this.#release();
  }
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

/** Fetches what the gateway needs to speak to the cloud, once, or again when the cloud lives elsewhere or knows it no more. */
async function enrolGateway(layout: Layout): Promise<void> {
  const file = join(layout.agent, 'enrolment.json');
  if (existsSync(file) && (await stillEnrolled(layout, file))) return;
  const answer = enrolment.parse(
    await requestJson(layout.sockets.cloud, 'POST', `/gateways/${GATEWAY}/enrolment`, {}),
  );
  rmSync(file, { force: true });
  writeFileSync(file, `${JSON.stringify(answer, null, 2)}\n`, { mode: 0o600 });
}

async function stillEnrolled(layout: Layout, file: string): Promise<boolean> {
  try {
    const kept = enrolment.parse(JSON.parse(readFileSync(file, 'utf8')));
    const gateways = (await requestJson(layout.sockets.cloud, 'GET', '/gateways')) as {
      gateways: readonly { id: string; enrolledAt: number | null }[];
    };
    const known = gateways.gateways.find((gateway) => gateway.id === GATEWAY);
    const authority = readFileSync(join(layout.cloud, 'ca.pem'), 'utf8').trim();
    return (
      known?.enrolledAt != null && kept.mqtt.host === layout.hosts.cloud && kept.caPem.trim() === authority
    );
  } catch {
    return false;
  }
}

function program(layout: Layout, name: string, entry: string, flags: readonly string[]): ProgramSpec {
  const command = [process.execPath, '--import', 'tsx', join(layout.root, entry), '--follow-stdin', ...flags];
  return { name, command, logFile: join(layout.log, `${name}.log`), ready: 'event', readyLimitMs: 60_000 };
}

function cloudSpec(layout: Layout, database: Database, kind: OfficeKind): ProgramSpec {
  const { hosts, sockets } = layout;
  return program(layout, 'cloud', 'cloud-stub/main.ts', [
    ...['--state', layout.cloud, '--host', hosts.cloud, '--database', database.url],
    ...['--database-password-file', database.passwordFile],
    ...['--api', sockets.cloud, '--carrier', `${hosts.carrier}:5060`],
    kind.fax === true ? '--example-fax-office' : '--example-office',
  ]);
}

function carrierSpec(layout: Layout): ProgramSpec {
  const { hosts, sockets } = layout;
  return program(layout, 'carrier', 'cloud-stub/carrier/main.ts', [
    ...['--host', hosts.carrier, '--trunk', `${hosts.cloud}:5060`, '--control', sockets.carrier],
    ...['--fax-folder', layout.fax],
  ]);
}

function serialSpec(layout: Layout): ProgramSpec {
  const { serial } = layout;
  const end = (link: string): string => `pty,raw,echo=0,link=${link}`;
  return {
    name: 'serial-line',
    // socat has no lifeline of its own: it is to end with the launcher, even when that is killed.
    command: ['setpriv', '--pdeathsig', 'TERM', '--', 'socat', end(serial.agent), end(serial.board)],
    logFile: join(layout.log, 'serial-line.log'),
    ready: 'spawn',
    readyLimitMs: 5_000,
  };
}

function boardSpec(layout: Layout, kind: OfficeKind): ProgramSpec {
  const ports = String(kind.fax === true ? PHONES_AND_FAX : PHONES);
  return program(layout, 'board', 'hal/sim/main.ts', [
    ...['--device', layout.serial.board, '--control', layout.sockets.board, '--ports', ports],
    ...(kind.t38Board === true ? ['--t38'] : []),
  ]);
}

function mediaSpec(layout: Layout): ProgramSpec {
  return program(layout, 'media', 'agent/media/main.ts', [
    ...['--device', layout.serial.agent, '--socket', layout.sockets.media, '--host', layout.hosts.gateway],
  ]);
}

function agentSpec(layout: Layout): ProgramSpec {
  const { sockets, hosts } = layout;
  return program(layout, 'agent', 'agent/main.ts', [
    ...['--state', layout.agent, '--media', sockets.media, '--api', sockets.agent, '--host', hosts.gateway],
  ]);
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
