import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** What one part of the suite found. */
export interface PartResult {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly tookMs: number;
}

/** Runs a command to its end, its output on ours. Resolves with the exit code. */
export function run(
  root: string,
  command: string,
  args: readonly string[],
  limitMs: number,
): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
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
    child.on('exit', (code) => {
      clearTimeout(limit);
      resolve(code ?? 1);
    });
  });
}

/** A part that either passes or fails as a whole. */
export async function whole(
  root: string,
  name: string,
  command: string,
  args: readonly string[],
): Promise<PartResult> {
  heading(name);
  const startedMs = performance.now();
  const code = await run(root, command, args, 300_000);
  return {
    name,
    passed: code === 0 ? 1 : 0,
    failed: code === 0 ? 0 : 1,
    skipped: 0,
    tookMs: performance.now() - startedMs,
  };
}

/** A vitest project; its tests are counted one by one. */
export async function vitestProject(root: string, project: string, limitMs: number): Promise<PartResult> {
  heading(`${project} tests`);
  const startedMs = performance.now();
  const report = join(root, 'dist', 'test', `${project}.json`);
  mkdirSync(join(root, 'dist', 'test'), { recursive: true });
  rmSync(report, { force: true });
  const code = await run(
    root,
    join(root, 'node_modules/.bin/vitest'),
    ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    limitMs,
  );
  const counts = readReport(report);
  // A suite that crashed outside a test must not look green.
  const failed = counts.failed === 0 && code !== 0 ? 1 : counts.failed;
  return { name: `${project} tests`, ...counts, failed, tookMs: performance.now() - startedMs };
}

function readReport(file: string): { passed: number; failed: number; skipped: number } {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    const count = (key: string): number => (typeof report[key] === 'number' ? report[key] : 0);
    return {
      passed: count('numPassedTests'),
      failed: count('numFailedTests'),
      skipped: count('numPendingTests') + count('numTodoTests'),
    };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
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
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  return failed === 0 && passed > 0 ? 0 : 1;
}
