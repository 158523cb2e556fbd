import { describe, expect, it } from 'vitest';
import { failuresOf } from '../../../scripts/suite/demo-part.ts';

describe('a showing of the demo that failed', () => {
  it('is named by the steps that did not happen', () => {
    const steps = [
      { name: 'a fax comes', ok: false, detail: '1 page' },
      { name: 'a call comes', ok: true, detail: '' },
    ];
    expect(failuresOf({ code: 1, steps, tookMs: 1 })).toEqual([
      { file: 'scripts/demo', test: 'a fax comes', why: '1 page' },
    ]);
  });

  it('is named also when it ended before it said anything', () => {
    expect(failuresOf({ code: 70, steps: [], tookMs: 1 })).toEqual([
      { file: 'scripts/demo', test: 'the demo itself', why: 'it ended with 70 after 0 steps' },
    ]);
  });
});
