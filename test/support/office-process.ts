import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OWN_NETWORK, whyNoLan } from '../../scripts/lab/lan.ts';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/**
 * The network that a program is run in: one of its own, which goes with it; the machine's; or one of its own without the
 * right to make namespaces.
 */
export type Network = 'own' | 'machine' | 'powerless';

const POWERLESS = ['setpriv', '--bounding-set=-sys_admin', '--inh-caps=-sys_admin', '--'];

function networked(network: Network, command: readonly string[]): readonly string[] {
  if (network === 'machine' || whyNoLan() !== undefined) return command;
  return [...OWN_NETWORK, ...(network === 'powerless' ? POWERLESS : []), ...command];
}

/**
 * `scripts/start` as a person runs it: a process of its own with a state folder of its own, and with a network of its own:
 * the LAN that it makes for its desk phones never touches the machine's.
 */
export class OfficeProcess {
  readonly state: string;
  readonly #child: ChildProcess;
  #out = '';
  #err = '';
  readonly ended: Promise<number>;

  constructor(state: string, net: string, args: readonly string[] = [], network: Network = 'own') {
    this.state = state;
    const start = [join(ROOT, 'scripts/start'), '--state', state, '--net', net, ...args];
    const [program = '', ...rest] = networked(network, start);
    this.#child = spawn(program, rest, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.#out += chunk.toString('utf8');
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#err += chunk.toString('utf8');
    });
    this.ended = new Promise((resolve) => this.#child.on('exit', (code) => resolve(code ?? -1)));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get out(): string {
    return this.#out;
  }

  get err(): string {
    return this.#err;
  }

  /** Resolves when the list of programs is printed; throws with what was said when it ends before. */
  async running(limitMs = 150_000): Promise<void> {
    const until = Date.now() + limitMs;
    while (!this.#out.includes('Ctrl-C ends everything')) {
      if (this.#child.exitCode !== null || Date.now() > until)
        throw new Error(`not running: ${this.#out}${this.#err}`);
      await pause(100);
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it whatever a failed test left of it. */
  async abandon(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGTERM');
    await this.ended;
  }
}

/** Command lines of processes that mention the state folder, zombies apart: what a launcher left behind. */
export function processesOf(state: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name) && Number(name) !== process.pid)
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return '';
      }
    })
    .filter((line) => line.includes(state));
}

/** Resolves when no process mentions the state folder, or throws with those that do. */
export async function nothingLeft(state: string, limitMs: number): Promise<void> {
  const until = Date.now() + limitMs;
  for (;;) {
    const left = processesOf(state);
    if (left.length === 0) return;
    if (Date.now() > until) throw new Error(`still running: ${left.join(' | ')}`);
    await pause(100);
  }
}

/** Runs `npx engawa` against a running office. */
export function engawa(
  state: string,
  ...args: string[]
): { readonly code: number; readonly out: string; readonly err: string } {
  const ran = spawnSync('npx', ['engawa', '--state', state, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return { code: ran.status ?? -1, out: ran.stdout, err: ran.stderr };
}

/** Waits. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
