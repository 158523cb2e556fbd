import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Failure, failedFiles, readReport, type SuiteReport } from './report.ts';

/** What one part of the suite found. */
export interface PartResult {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures?: readonly Failure[];
  /** What failed at first and passed at the second try. */
  readonly onlyThen?: readonly Failure[];
  readonly tookMs: number;
}

/** Runs a command to its end, its output on ours, or handed to `gather`. Resolves with the exit code. */
function run(
  root: string,
  command: string,
  args: readonly string[],
  limitMs: number,
  gather?: (piece: Buffer) => void,
): Promise<number> {
  return new Promise((resolve) => {
    const out = gather === undefined ? 'inherit' : 'pipe';
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', out, out] });
    if (gather !== undefined) for (const stream of [child.stdout, child.stderr]) stream?.on('data', gather);
    const limit = setTimeout(() => {
      process.stderr.write(
        `engawa: ${command} ${args[0] ?? ''} did not end in ${limitMs / 1000} s and is ended\n`,
      );
      child.kill('SIGKILL');
    }, limitMs);
    child.on('error', (error) => {
      process.stderr.write(`engawa: ${command}: ${error.message}\n`);
      clearTimeout(limit);
      resolve(127);
    });
    child.on('close', (code) => {
      clearTimeout(limit);
      resolve(code ?? 1);
    });
  });
}

/** A part that either passes or fails as a whole. Its output stays together: others may run beside it. */
export async function whole(
  root: string,
  name: string,
  command: string,
  args: readonly string[],
): Promise<PartResult> {
  const startedMs = performance.now();
  const pieces: Buffer[] = [];
  const code = await run(root, command, args, 300_000, (piece) => pieces.push(piece));
  heading(name);
  process.stdout.write(Buffer.concat(pieces));
  return {
    name,
    passed: code === 0 ? 1 : 0,
    failed: code === 0 ? 0 : 1,
    skipped: 0,
    tookMs: performance.now() - startedMs,
  };
}

/** How many files may be tried once more; more than that is no bad luck. */
const SECOND_TRIES = 5;
const SECOND_TRY_MS = 400_000;

/**
 * A vitest project; its tests are counted one by one. With `secondTry`, files that failed are run once more, alone:
 * tests of real time with programs of others lose to a machine that stood still for a moment. What passes only then is
 * named in the table.
 */
export async function vitestProject(
  root: string,
  project: string,
  limitMs: number,
  { secondTry = false } = {},
): Promise<PartResult> {
  heading(`${project} tests`);
  const startedMs = performance.now();
  const first = await vitest(root, project, [], limitMs);
  const files = failedFiles(first);
  const name = `${project} tests`;
  if (!secondTry || files.length === 0 || files.length > SECOND_TRIES)
    return { name, ...first, tookMs: performance.now() - startedMs };
  heading(`${project} tests, once more: ${files.join(' ')}`);
  const second = await vitest(root, project, [...files, '--no-file-parallelism'], SECOND_TRY_MS);
  return {
    name,
    passed: first.passed + first.failed - second.failed,
    failed: second.failed,
    skipped: first.skipped,
    failures: second.failures,
    onlyThen: first.failures.filter(
      (one) => !second.failures.some(({ file, test }) => file === one.file && test === one.test),
    ),
    tookMs: performance.now() - startedMs,
  };
}

async function vitest(
  root: string,
  project: string,
  args: readonly string[],
  limitMs: number,
): Promise<SuiteReport> {
  const folder = join(root, 'dist', 'test');
  const file = join(folder, `${project}.json`);
  mkdirSync(folder, { recursive: true });
  rmSync(file, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const program = join(root, 'node_modules/.bin/vitest');
  const code = await run(root, program, ['run', '--project', project, ...reporters, ...args], limitMs);
  const report = readReport(readOr(file), root);
  // A suite that crashed outside a test must not look green.
  return report.failed === 0 && code !== 0 ? { ...report, failed: 1 } : report;
}

function readOr(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Says which part begins. */
export function heading(name: string): void {
  process.stdout.write(`\n--- ${name}\n`);
}

/** The table of parts and, as the very last line, the sum. Returns the exit code. */
export function summarize(parts: readonly PartResult[]): number {
  const passed = parts.reduce((sum, part) => sum + part.passed, 0);
  const failed = parts.reduce((sum, part) => sum + part.failed, 0);
  process.stdout.write('\n');
  for (const part of parts) {
    const verdict = part.failed === 0 ? 'OK  ' : 'FAIL';
    const skipped = part.skipped > 0 ? `, ${part.skipped} skipped` : '';
    const took = `${(part.tookMs / 1000).toFixed(1)} s`;
    process.stdout.write(
      `${verdict} ${part.name.padEnd(24)} ${part.passed} passed, ${part.failed} failed${skipped}  ${took}\n`,
    );
  }
  for (const { failures = [], onlyThen = [] } of parts) {
    for (const one of failures.slice(0, NAMED)) process.stdout.write(`\nFAIL ${named(one)}`);
    for (const one of onlyThen) process.stdout.write(`\nOK at the second try: ${named(one)}`);
  }
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

/** Failures of a part that are named at the end; all of them stand further up. */
const NAMED = 5;

function named({ file, test, why }: Failure): string {
  return `${file} > ${test}\n     ${why}\n`;
}
