import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemRandom } from '../../../lib/base/random.ts';
import { bundledPackages } from './bundled-packages.ts';

/** Thirty starts take long on a busy machine. */
export const KILL_TEST_LIMIT_MS = 300_000;

/**
 * When a program is killed: after a number of lines below `lines`, and then within `ms`. Lines rather than time, so that
 * a slow machine sees as much done as a quick one.
 */
export interface KillWithin {
  readonly lines: number;
  readonly ms: number;
}

/** Kills programs of this folder again and again; what they have compiled is kept between two starts. */
export class Killer {
  readonly #compiled = mkdtempSync(join(tmpdir(), 'engawa-compiled-'));
  readonly #packages = bundledPackages(join(this.#compiled, 'packages'));

  /**
   * Runs a program until it has said its first line, then kills it (-9) at a random moment. Answers the whole lines that
   * it said.
   */
  run(program: string, args: readonly string[], within: KillWithin): Promise<readonly string[]> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, this.command(program, args), {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: this.env(),
      });
      const kill: { at?: NodeJS.Timeout } = {};
      let left = 1 + Math.floor(systemRandom.fraction() * within.lines);
      let said = '';
      let complaint = '';
      child.stderr.on('data', (chunk: Buffer) => {
        complaint += chunk.toString();
      });
      child.stdout.on('data', (chunk: Buffer) => {
        const text = chunk.toString();
        said += text;
        left -= text.split('\n').length - 1;
        if (left <= 0)
          kill.at ??= setTimeout(() => child.kill('SIGKILL'), systemRandom.fraction() * within.ms);
      });
      child.once('close', (code, signal) => {
        if (signal === 'SIGKILL') resolve(said.split('\n').slice(0, -1));
        else
          reject(
            new Error(
              `${program} ended by itself (${signal ?? `code ${code}`}) after "${said.slice(-200)}": ${complaint}`,
            ),
          );
      });
    });
  }

  /** What Node is called with for a program of this folder. */
  command(program: string, args: readonly string[]): string[] {
    return ['--import', this.#packages, fileURLToPath(new URL(program, import.meta.url)), ...args];
  }

  /** For programs that end by themselves. */
  env(): NodeJS.ProcessEnv {
    return { ...process.env, NODE_COMPILE_CACHE: this.#compiled };
  }

  clear(): void {
    rmSync(this.#compiled, { recursive: true, force: true });
  }
}
