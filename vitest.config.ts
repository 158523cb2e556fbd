import { defineConfig } from 'vitest/config';

/**
 * Tests in which sound and signalling run in real time through whole processes: side by side they would measure each
 * other. Everything else that needs real sockets, databases and programs runs two files at a time; each file has loopback
 * addresses of its own.
 */
const LIVE = [
  'test/system/**/*.int.test.ts',
  'test/scripts/**/*.int.test.ts',
  'test/agent/media/*.int.test.ts',
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
          exclude: LIVE,
          testTimeout: 120_000,
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
