import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createVitest } from 'vitest/node';

/** What the parent asks: run the tests that name `fact` in `files`, with one file altered meanwhile. */
export interface Job {
  readonly fact: string;
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
  bail: 1,
});

async function run(job: Job): Promise<JobResult> {
  vitest.setGlobalTestNamePattern(new RegExp(`\\b${job.fact}\\b`));
  const project = vitest.getRootProject();
  const specifications = job.files.map((file) => project.createSpecification(`${root}/${file}`));
  const ran = await vitest.runTestSpecifications(specifications);
  // The runner remembers files of earlier runs too.
  const testModules = ran.testModules.filter((module) =>
    specifications.some((one) => one.moduleId === module.moduleId),
  );
  const tests = testModules.flatMap((module) => [...module.children.allTests()]);
  for (const error of testModules.flatMap((module) => module.errors()))
    if (job.change === null) process.stderr.write(`${error.message}\n`);
  for (const test of tests)
    if (job.change === null && test.result().state === 'failed')
      process.stderr.write(`${test.fullName}: ${test.result().errors?.[0]?.message}\n`);
  return {
    passed: tests.filter((test) => test.result().state === 'passed').length,
    failed: tests.filter((test) => test.result().state === 'failed').length,
    broke: testModules.filter((module) => module.errors().length > 0).length,
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
