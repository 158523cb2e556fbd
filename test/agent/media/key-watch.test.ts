import { describe, expect, it } from 'vitest';
import { KeyTone } from '../../../agent/media/key-tone.ts';
import { KeyWatch } from '../../../agent/media/key-watch.ts';
import { levelDbm0 } from '../../../lib/dsp/level.ts';

describe('the keys in a sound', () => {
  it('go down and come up once, and what may be a key is kept from the first moment on', () => {
    const watch = new KeyWatch();
    const heard = [undefined, 'perhaps', '5', '5', '5', 'perhaps', undefined].map((one) => watch.step(one));
    expect(heard).toEqual([
      { keep: false },
      { keep: true },
      { keep: true, down: '5' },
      { keep: true },
      { keep: true },
      { keep: true },
      { keep: false, upAfterMs: 40 },
    ]);
  });

  it('a key that follows without a pause ends the one before', () => {
    const watch = new KeyWatch();
    watch.step('1');
    expect(watch.step('2')).toEqual({ keep: true, upAfterMs: 10, down: '2' });
  });
});

describe('a key of the far end in an ear', () => {
  const frame = (tone: KeyTone): number => {
    const out = new Int16Array(80);
    tone.fill(out);
    return levelDbm0(out);
  };

  it('sounds as long as its packets come, and 80 ms at least', () => {
    const tone = new KeyTone();
    tone.event('1', true, false);
    for (let at = 0; at < 20; at++) {
      if (at % 2 === 0) tone.event('1', false, false);
      expect(frame(tone)).toBeGreaterThan(-8);
    }
    tone.event('1', false, true);
    frame(tone);
    expect(frame(tone)).toBeLessThan(-60);
    tone.event('2', true, true);
    for (let at = 0; at < 8; at++) expect(frame(tone)).toBeGreaterThan(-8);
    expect(frame(tone)).toBeLessThan(-60);
  });

  it('ends by itself where its end got lost, and its echo is waited for', () => {
    const tone = new KeyTone();
    tone.event('1', true, false);
    for (let at = 0; at < 10; at++) frame(tone);
    expect(frame(tone)).toBeLessThan(-60);
    expect(tone.echoes).toBe(true);
    for (let at = 0; at < 20; at++) frame(tone);
    expect(tone.echoes).toBe(false);
  });
});
