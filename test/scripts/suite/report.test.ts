import { expect, test } from 'vitest';
import { failedFiles, readReport } from '../../../scripts/suite/report.ts';

const report = {
  numPassedTests: 7,
  numFailedTests: 1,
  numPendingTests: 1,
  numTodoTests: 1,
  testResults: [
    {
      name: '/project/test/a.test.ts',
      status: 'failed',
      message: '',
      assertionResults: [
        { status: 'passed', fullName: 'a works', failureMessages: [] },
        {
          status: 'failed',
          fullName: 'a breaks',
          failureMessages: ['expected 1\n  to be 2\nat x\nat y\nat z'],
        },
      ],
    },
    { name: '/project/test/b.test.ts', status: 'passed', message: '', assertionResults: [] },
  ],
};

test('the failed tests of a run are named with their file and the first lines of what they said', () => {
  expect(readReport(JSON.stringify(report), '/project')).toEqual({
    passed: 7,
    failed: 1,
    skipped: 2,
    failures: [{ file: 'test/a.test.ts', test: 'a breaks', why: 'expected 1 | to be 2 | at x | at y' }],
  });
});

test('a file that fails before its tests counts as one failure', () => {
  const crashed = {
    name: '/project/test/c.test.ts',
    status: 'failed',
    message: 'no such module',
    assertionResults: [],
  };
  const read = readReport(JSON.stringify({ numPassedTests: 3, testResults: [crashed] }), '/project');
  expect(read).toMatchObject({ passed: 3, failed: 1 });
  expect(read.failures).toEqual([{ file: 'test/c.test.ts', test: 'the file itself', why: 'no such module' }]);
  expect(failedFiles(read)).toEqual(['test/c.test.ts']);
});

test.each(['', '{', 'null', '[]x'])(
  'a run without a report (%j) is not green and has no file to try again',
  (text) => {
    const read = readReport(text, '/project');
    expect(read.failed).toBe(1);
    expect(failedFiles(read)).toEqual([]);
  },
);
