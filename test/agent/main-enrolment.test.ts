import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readEnrolment } from '../../agent/read-enrolment.ts';
import { StartupError } from '../../lib/base/errors.ts';
import { testEnrolment } from '../support/enrolment.ts';

const folder = mkdtempSync(join(tmpdir(), 'engawa-enrolment-'));
const path = join(folder, 'enrolment.json');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const good = testEnrolment();

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof StartupError) return error.coded.code;
    throw error;
  }
  return 'none';
}

it('reads what the gateway was given', () => {
  writeFileSync(path, JSON.stringify(good));
  expect(readEnrolment(path)).toEqual(good);
});

it('says what to do when there is none', () => {
  expect(codeOf(() => readEnrolment(join(folder, 'absent.json')))).toBe('enrolment.missing');
});

it.each([
  ['is not JSON', 'x'],
  ['lacks a field', JSON.stringify({ ...good, mqtt: undefined })],
  ['has a field too many', JSON.stringify({ ...good, more: 1 })],
  ['names another kind of gateway', JSON.stringify({ ...good, gateway: 'gw-1' })],
  ['is larger than any enrolment', `"${'x'.repeat(70_000)}"`],
])('refuses one that %s', (_name, text) => {
  writeFileSync(path, text);
  expect(codeOf(() => readEnrolment(path))).toBe('enrolment.damaged');
});
