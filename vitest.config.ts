import { defineConfig } from 'vitest/config';

/** Tests of the media process: sound in real time, one file at a time, or they would measure each other. */
const LIVE = ['test/agent/media/*.int.test.ts'];

/** Whole offices. They wait most of the time (phones start, faxes take a minute), so two run side by side. */
const OFFICES = [
  'test/system/**/*.int.test.ts',
  'test/scripts/*.int.test.ts',
  'test/scripts/lab/*.int.test.ts',
];

// biome-ignore lint/style/noDefaultExport: vitest reads the default export
export default defineConfig({
  test: {
    pool: 'forks',
    testTimeout: 15_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // No unit test leaves a trace in its process: one runs many files, and both cores are used.
          isolate: false,
          maxWorkers: 2,
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.int.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/**/*.int.test.ts'],
          exclude: [...LIVE, ...OFFICES],
          testTimeout: 120_000,
          // Real sockets, databases and programs, which wait more than they work; each file has addresses of its own.
          maxWorkers: 4,
        },
      },
      {
        extends: true,
        test: {
          name: 'offices',
          include: OFFICES,
          testTimeout: 240_000,
          hookTimeout: 240_000,
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: { name: 'live', include: LIVE, testTimeout: 120_000, fileParallelism: false },
      },
    ],
  },
});
