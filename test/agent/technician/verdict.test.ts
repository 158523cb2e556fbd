import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineTestScreen } from '../../../agent/cli/screens/line-test.ts';
import { displayWidth } from '../../../agent/cli/text.ts';
import { judgeLine } from '../../../agent/technician/verdict.ts';
import type { LineMeasurement } from '../../../hal/board.ts';
import { HEALTHY_LINE, type LineCondition, measureLine } from '../../../hal/sim/line-faults.ts';

const IDLE = { inCall: false, offHook: false };

function judged(fault: Partial<LineCondition>, now: { inCall: boolean; offHook: boolean } = IDLE): string[] {
  const test = judgeLine(1, 0, measureLine({ ...HEALTHY_LINE, ...fault }, now));
  return [
    test.verdict,
    ...test.checks.flatMap((check) => (check.advice === null ? [] : [`${check.name} ${check.advice.code}`])),
  ];
}

describe('what a measurement means', () => {
  it('is good for a dry line with one phone', () => {
    expect(judged({})).toEqual(['OK']);
  });

  it('fails at the limits of GR-909, and warns where Japan asks for more', () => {
    expect(judged({ leakageKohm: 1_000 })).toEqual(['OK']);
    expect(judged({ leakageKohm: 999 })).toEqual(['WARN', 'leakage E-LINE-204']);
    expect(judged({ leakageKohm: 149 })).toEqual(['FAIL', 'leakage E-LINE-204']);
    expect(judged({ foreignAcVrms: 10 })).toEqual(['OK']);
    expect(judged({ foreignDcV: 6.1 })).toEqual(['FAIL', 'voltage E-LINE-203']);
    expect(judged({ hazardousAcVrms: 100 })).toEqual(['FAIL', 'voltage E-LINE-202']);
    expect(judged({ ren: 0 })).toEqual(['FAIL', 'ringer E-LINE-207']);
    expect(judged({ ren: 3.5 })).toEqual(['WARN', 'ringer E-LINE-208']);
    expect(judged({ ren: 5.5 })).toEqual(['FAIL', 'ringer E-LINE-208']);
  });

  it('asks for the handset to be put down, and calls nothing good that was not measured', () => {
    expect(judged({ receiverOffHook: true })).toEqual(['WARN', 'loop E-LINE-205']);
    expect(judged({}, { inCall: true, offHook: true })).toEqual([
      'WARN',
      'board E-LINE-201',
      'loop E-LINE-205',
    ]);
    const test = judgeLine(1, 0, measureLine({ ...HEALTHY_LINE, hazardousDcV: 200 }, IDLE));
    expect(test.checks.map((check) => check.verdict)).toEqual(['OK', 'FAIL', '--', '--', '--']);
  });

  it('is a screen of at most 80 columns, whatever was measured', () => {
    const value = fc.option(fc.double({ min: 0, max: 6_553, noNaN: true }), { nil: null });
    const measurement: fc.Arbitrary<LineMeasurement> = fc.record({
      hazardousAcVrms: value,
      hazardousDcV: value,
      foreignAcVrms: value,
      foreignDcV: value,
      leakageKohm: value,
      receiverOffHook: fc.boolean(),
      renHundredths: value,
      loopCurrentMa: value,
      skipped: fc.subarray(['off-hook', 'call in progress', 'hazardous voltage', 'foreign voltage']),
    });
    fc.assert(
      fc.property(measurement, fc.string(), (measured, label) => {
        for (const row of lineTestScreen(judgeLine(1, 0, measured), label, {
          colours: false,
          language: 'en',
        })) {
          expect(displayWidth(row)).toBeLessThanOrEqual(80);
        }
      }),
    );
  });
});
