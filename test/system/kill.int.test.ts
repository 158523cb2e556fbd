import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../lib/base/random.ts';
import { killDrill } from '../../scripts/drills/kill-drill.ts';
import { layoutOf } from '../../scripts/launch/layout.ts';
import { type RunningOffice, startOffice } from '../../scripts/launch/office.ts';
import { temporaryState } from '../../scripts/launch/temporary-state.ts';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const ROUNDS = 6;

describe('a program killed with -9 in the middle of calls', () => {
  const folder = temporaryState('test');
  let office: RunningOffice;
  beforeAll(async () => {
    office = await startOffice(layoutOf(ROOT, folder.path, '127.58.3'), () => {});
  });
  afterAll(async () => {
    await office.stop();
    folder.remove();
  });

  it('loses no call and doubles none, whichever side dies at whatever moment', async () => {
    const report = await killDrill(office, ROUNDS, seededRandom(20261121).fraction, () => {});
    expect(report.trouble).toEqual([]);
    expect(report.kills).toBe(ROUNDS);
    expect(report.answered).toBeGreaterThan(0);
    expect(report.records).toBeGreaterThanOrEqual(report.answered);
  });
});
