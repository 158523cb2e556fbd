import { spawn } from 'node:child_process';
import { LabError } from './lab-error.ts';

const LAST_WORDS = 1_000;

/** Where a program runs, and what is different there. */
export interface ProgramPlace {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a program to its end while the world around the box goes on, and gives what it printed. It does not outlive this one.
 * Rejects with the program's last words.
 */
export async function program(
  command: readonly string[],
  { cwd, env = {} }: ProgramPlace = {},
): Promise<string> {
  const changes = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', '--', 'env', ...changes, ...command], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd,
  });
  let [printed, said] = ['', ''];
  child.stdout.on('data', (piece: Buffer) => (printed += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => {
    said = (said + piece.toString()).slice(-LAST_WORDS);
  });
  const code = await new Promise<number | string | null>((resolve) => {
    child.on('close', resolve);
    child.on('error', ({ message }) => resolve(message));
  });
  if (code === 0) return printed;
  const words = `${said}\n${printed.slice(-LAST_WORDS)}`.trim();
  throw new LabError(`${command.slice(0, 6).join(' ')} ended with ${code}: ${words}`);
}
