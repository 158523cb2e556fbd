import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Job, JobResult } from './worker.ts';

/** For the start of the runner, and for all tests together. */
const PATIENCE_CLEAN_MS = 600_000;

/** A copy of the tree in which files can be altered, with a test runner that stays up between runs. */
export class MutationBench {
  readonly #root: string;
  readonly #folder: string;
  readonly #patienceMs: number;
  #child: ChildProcess | null = null;
  #lines: Interface | null = null;

  constructor(root: string, folder: string, patienceMs: number) {
    this.#root = root;
    this.#folder = folder;
    this.#patienceMs = patienceMs;
  }

  /** Makes the copy anew, from the last commit; nothing in the working tree is ever altered. */
  copy(): void {
    rmSync(this.#folder, { recursive: true, force: true });
    mkdirSync(this.#folder, { recursive: true });
    const archive = execFileSync('git', ['-C', this.#root, 'archive', 'HEAD'], { maxBuffer: 1 << 30 });
    execFileSync('tar', ['-x', '-C', this.#folder], { input: archive });
    symlinkSync(join(this.#root, 'node_modules'), join(this.#folder, 'node_modules'));
  }

  /** Runs one job; null when it took longer than the patience, which an altered loop may do. */
  async run(job: Job): Promise<JobResult | null> {
    const child = this.#child ?? (await this.#start());
    const answer = this.#next('result ', job.change === null ? PATIENCE_CLEAN_MS : this.#patienceMs);
    child.stdin?.write(`${JSON.stringify(job)}\n`);
    const line = await answer;
    if (line === null) {
      this.stop();
      return null;
    }
    return JSON.parse(line) as JobResult;
  }

  /** Puts back a file that a stopped run left altered. */
  restore(path: string, text: string): void {
    writeFileSync(join(this.#folder, path), text);
  }

  stop(): void {
    const pid = this.#child?.pid;
    this.#child = null;
    this.#lines = null;
    if (pid !== undefined) {
      try {
        process.kill(-pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
  }

  async #start(): Promise<ChildProcess> {
    const worker = join(this.#root, 'scripts/mutation/worker.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', worker], {
      cwd: this.#folder,
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout });
    if ((await this.#next('ready', PATIENCE_CLEAN_MS)) === null)
      throw new Error('the test runner does not start');
    return child;
  }

  #next(prefix: string, patienceMs: number): Promise<string | null> {
    const lines = this.#lines;
    return new Promise((resolve) => {
      const timer = setTimeout(() => done(null), patienceMs);
      const onLine = (line: string) => {
        if (line.startsWith(prefix)) done(line.slice(prefix.length));
      };
      const onClose = () => done(null);
      const done = (value: string | null) => {
        clearTimeout(timer);
        lines?.off('line', onLine);
        lines?.off('close', onClose);
        resolve(value);
      };
      lines?.on('line', onLine);
      lines?.on('close', onClose);
    });
  }
}
