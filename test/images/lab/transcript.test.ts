import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Transcript } from '../../../images/lab/transcript.ts';

const ESC = '\u001b';

describe('what a console said', () => {
  it('is read from where somebody stopped reading', () => {
    const said = new Transcript();
    said.push('engawa login: one\nlogin: two\n');
    expect(said.take(/login: (\w+)/)?.[1]).toBe('one');
    expect(said.take(/login: (\w+)/)?.[1]).toBe('two');
    expect(said.take(/login:/)).toBeUndefined();
    said.push('login: three');
    expect(said.take(/login: (\w+)/g)?.[1]).toBe('three');
  });

  it('has no colours and no carriage returns', () => {
    const said = new Transcript();
    said.push(`[${ESC}[0;32m  OK  ${ESC}[0m] Started ${ESC}[0;1;39mengawa${ESC}[0m.\r\n${ESC}[K`);
    expect(said.text).toBe('[  OK  ] Started engawa.\n');
  });

  it('is the same in whatever pieces it came', () => {
    const whole = `a${ESC}[1;31mred${ESC}[0m b\r\nc ${ESC}(Bd${ESC}=e`;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 20 }), (cuts) => {
        const said = new Transcript();
        let rest = whole;
        for (const cut of cuts) {
          said.push(rest.slice(0, cut));
          rest = rest.slice(cut);
        }
        said.push(rest);
        expect(said.text).toBe('ared b\nc de');
      }),
    );
  });

  it('takes any text and keeps the end of an endless one, and what was not read stays findable', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 30 }), (pieces) => {
        const said = new Transcript();
        for (const piece of pieces) said.push(piece);
        expect(said.last(3).length).toBeLessThanOrEqual(3);
      }),
    );
    const long = new Transcript();
    for (let n = 0; n < 50; n++) long.push(`${'x'.repeat(10_000)}\n`);
    long.push('the end\n');
    expect(long.text.length).toBeLessThanOrEqual(400_000);
    expect(long.take(/the end/)).toBeDefined();
    expect(long.last(1)).toEqual(['the end']);
  });
});
