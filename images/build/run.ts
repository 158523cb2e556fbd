import { spawnSync } from 'node:child_process';

/** A step of the build that did not work, with the last words of the program that failed. */
export class BuildError extends Error {}

interface RunOptions {
  readonly cwd?: string;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program to its end and gives what it printed. Throws `BuildError` when it fails. */
export function run(command: readonly string[], options: RunOptions = {}): string {
  const [program = '', ...args] = command;
  const done = spawnSync(program, args, {
    cwd: options.cwd,
    input: options.input,
    env: { ...process.env, LC_ALL: 'C', ...options.env },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (done.error) throw new BuildError(`${program}: ${done.error.message}`);
  if (done.status !== 0) {
    const words = `${done.stdout}\n${done.stderr}`.trim().split('\n').slice(-12).join('\n  ');
    throw new BuildError(`${command.slice(0, 6).join(' ')} ended with ${done.status}:\n  ${words}`);
  }
  return done.stdout;
}
