import { relative } from 'node:path';

/** A test that failed, or a file that did before any test of it ran. */
export interface Failure {
  /** From the root of the project. */
  readonly file: string;
  readonly test: string;
  /** The first lines of what it said. */
  readonly why: string;
}

/** What a run of vitest wrote down. */
export interface SuiteReport {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly Failure[];
}

/** As vitest writes it, as far as it is read here. */
interface Written {
  readonly name?: unknown;
  readonly status?: unknown;
  readonly message?: unknown;
  readonly fullName?: unknown;
  readonly failureMessages?: unknown;
  readonly assertionResults?: unknown;
  readonly testResults?: unknown;
  readonly numPassedTests?: unknown;
  readonly numFailedTests?: unknown;
  readonly numPendingTests?: unknown;
  readonly numTodoTests?: unknown;
}

const WHY_LINES = 4;
const WHY_CHARACTERS = 400;

/** Reads vitest's JSON report. What is not one counts as one failure, so that a run that crashed is not green. */
export function readReport(text: string, root: string): SuiteReport {
  const report = parse(text);
  if (report === undefined) {
    const why = 'The run wrote no report: it was ended, or did not start.';
    return { passed: 0, failed: 1, skipped: 0, failures: [{ file: '', test: 'the run itself', why }] };
  }
  const failures = list(report.testResults).flatMap((result) => failuresOf(result, root));
  return {
    passed: count(report.numPassedTests),
    failed: Math.max(count(report.numFailedTests), failures.length),
    skipped: count(report.numPendingTests) + count(report.numTodoTests),
    failures,
  };
}

/** The files to try once more. */
export function failedFiles(report: SuiteReport): readonly string[] {
  return [...new Set(report.failures.map(({ file }) => file))].filter((file) => file !== '');
}

function failuresOf(result: Written, root: string): readonly Failure[] {
  const file = relative(root, String(result.name));
  const tests = list(result.assertionResults)
    .filter(({ status }) => status === 'failed')
    .map((test) => ({ file, test: String(test.fullName), why: firstLines(strings(test.failureMessages)) }));
  if (tests.length > 0 || result.status !== 'failed') return tests;
  return [{ file, test: 'the file itself', why: firstLines(String(result.message)) }];
}

function firstLines(text: string): string {
  const lines = text.split('\n').slice(0, WHY_LINES);
  return lines
    .map((line) => line.trim())
    .join(' | ')
    .slice(0, WHY_CHARACTERS);
}

function count(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function strings(value: unknown): string {
  return Array.isArray(value) ? value.map(String).join('\n') : '';
}

function list(value: unknown): readonly Written[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'object' && one !== null) : [];
}

function parse(text: string): Written | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
