import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createVitest, type TestCase } from 'vitest/node';

/** What the parent asks: run the tests that name one of `facts` in `files`, or all of them, with one file altered meanwhile. */
export interface Job {
  readonly facts: readonly string[];
  readonly files: readonly string[];
  readonly change: {
    readonly path: string;
    readonly from: number;
    readonly to: number;
    readonly instead: string;
  } | null;
}

/** How the tests went; `broke` is a file that could not even be loaded. */
export interface JobResult {
  readonly passed: number;
  readonly failed: number;
  readonly broke: number;
  /** The names of all that ran, only of a run without a change. */
  readonly names: readonly { readonly name: string; readonly passed: boolean }[];
}

/** Runs in the scratch copy, which is its working folder; one line of JSON in, one out. */
const root = process.cwd();
const vitest = await createVitest('test', {
  root,
  config: false,
  watch: false,
  pool: 'threads',
  maxWorkers: 1,
  reporters: [{}],
  include: ['test/**/*.test.ts'],
  testTimeout: 15_000,
  cache: false,
});

function nameOf(test: TestCase): JobResult['names'][number] {
  return { name: test.fullName, passed: test.result().state === 'passed' };
}

async function run(job: Job): Promise<JobResult> {
  vitest.setGlobalTestNamePattern(
    job.facts.length === 0 ? /./ : new RegExp(`\\b(${job.facts.join('|')})\\b`),
  );
  const project = vitest.getRootProject();
  const specifications = job.files.map((file) => project.createSpecification(`${root}/${file}`));
  const ran = await vitest.runTestSpecifications(specifications);
  // The runner remembers files of earlier runs too.
  const testModules = ran.testModules.filter((module) =>
    specifications.some((one) => one.moduleId === module.moduleId),
  );
  const tests = testModules.flatMap((module) => [...module.children.allTests()]);
  return {
    passed: tests.filter((test) => test.result().state === 'passed').length,
    failed: tests.filter((test) => test.result().state === 'failed').length,
    broke: testModules.filter((module) => module.errors().length > 0).length,
    names: job.change === null ? tests.filter((test) => test.result().state !== 'skipped').map(nameOf) : [],
  };
}

async function altered(job: Job): Promise<JobResult> {
  if (job.change === null) return run(job);
  const path = `${root}/${job.change.path}`;
  const text = readFileSync(path, 'utf8');
  try {
    writeFileSync(path, text.slice(0, job.change.from) + job.change.instead + text.slice(job.change.to));
    vitest.invalidateFile(path);
    return await run(job);
  } finally {
    writeFileSync(path, text);
    vitest.invalidateFile(path);
  }
}

process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  const result = await altered(JSON.parse(line) as Job);
  process.stdout.write(`result ${JSON.stringify(result)}\n`);
}
await vitest.close();
process.exit(0);
