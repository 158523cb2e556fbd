import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { JsonLineReader } from '../../lib/base/json-lines.ts';
import { SOURCE_ENVIRONMENT, SOURCE_NODE } from '../../scripts/launch/source-program.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** How long a program may take to say that it is ready. */
const READY_LIMIT_MS = 60_000;

/** A program of the project, run as a process of its own: its log lines, its end. */
export class Program {
  readonly lines: Readonly<Record<string, unknown>>[] = [];
  readonly ended: Promise<number>;
  readonly #child: ChildProcess;
  #onLine: () => void = () => {};

  /** `through` runs it as its last words say (`setpriv …`, `ip netns exec …`). */
  constructor(
    file: string,
    args: readonly string[],
    {
      through = [],
      env = {},
    }: { readonly through?: readonly string[]; readonly env?: Readonly<Record<string, string>> } = {},
  ) {
    const own = [...SOURCE_NODE, join(ROOT, file), ...args];
    const [program = '', ...rest] = [...through, ...own];
    this.#child = spawn(program, rest, {
      cwd: ROOT,
      env: { ...process.env, ...SOURCE_ENVIRONMENT, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const reader = new JsonLineReader();
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      for (const line of reader.push(chunk)) {
        if (line.kind === 'value') this.lines.push(line.value as Readonly<Record<string, unknown>>);
      }
      this.#onLine();
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.lines.push({ stderr: chunk.toString() });
    });
    this.ended = new Promise((resolve) =>
      this.#child.on('exit', (code, signal) => {
        resolve(code ?? (signal === null ? -1 : -2));
        this.#onLine();
      }),
    );
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Waits for the log line `event: "ready"`; rejects with what was said instead. */
  ready(): Promise<void> {
    return new Promise((resolve, reject) => {
      const said = (): string => JSON.stringify(this.lines.slice(-3));
      const limit = setTimeout(() => reject(new Error(`not ready: ${said()}`)), READY_LIMIT_MS);
      const look = (): void => {
        const done = this.lines.some((line) => line['event'] === 'ready');
        if (!done && this.running) return;
        clearTimeout(limit);
        if (done) resolve();
        else reject(new Error(`it ended: ${said()}`));
      };
      this.#onLine = look;
      look();
    });
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (!this.running) return;
    this.#child.kill(signal);
    await this.ended;
  }
}
