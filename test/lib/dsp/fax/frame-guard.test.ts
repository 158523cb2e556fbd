import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isHarmlessFrame } from '../../../../lib/dsp/fax/frame-guard.ts';

const frame = (field: number, ...information: number[]): Uint8Array =>
  Uint8Array.of(0xff, 0x13, field, ...information);
const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);

describe('the guard before the fax machine', () => {
  it('passes what machines say to each other', () => {
    // DIS, DCS and TSI of libspandsp itself; PPS-EOP, MCF, DCN.
    for (const good of [
      frame(0x80, 0x00, 0xee, 0xf8, 0xc4, 0x80, 0x80, 0x81, 0x80, 0x80, 0x80, 0x18),
      frame(0x83, 0x00, 0x62, 0xf8, 0x44),
      frame(0x42, ...'0100555530'.split('').map((digit) => digit.charCodeAt(0))),
      frame(0xbe, 0x2e, 0, 0, 10),
      frame(0x8c),
      frame(0xfa),
    ]) {
      expect(isHarmlessFrame(good)).toBe(true);
    }
  });

  it('stops a command of more octets than the library has room for', () => {
    expect(isHarmlessFrame(frame(0x82, ...zeros(19)))).toBe(true);
    expect(isHarmlessFrame(frame(0x82, ...zeros(20)))).toBe(false);
    expect(isHarmlessFrame(frame(0x83, ...zeros(200)))).toBe(false);
    expect(isHarmlessFrame(frame(0x80, ...zeros(200)))).toBe(false);
  });

  it('stops the width that does not exist, and compressions and resolutions that are not offered', () => {
    expect(isHarmlessFrame(frame(0x82, 0, 0x20, 0x02))).toBe(true);
    expect(isHarmlessFrame(frame(0x82, 0, 0x20, 0x03))).toBe(false);
    for (const bit of [42, 43, 68, 78, 79, 105, 116, 124]) {
      const information = zeros(17);
      information[(bit - 1) >> 3] = 1 << ((bit - 1) & 7);
      expect(isHarmlessFrame(frame(0x82, ...information)), `bit ${bit}`).toBe(false);
    }
  });

  it('stops page data without a number, or longer than a block', () => {
    expect(isHarmlessFrame(frame(0x06))).toBe(false);
    expect(isHarmlessFrame(frame(0x06, 0))).toBe(true);
    expect(isHarmlessFrame(frame(0x06, ...zeros(257)))).toBe(true);
    expect(isHarmlessFrame(frame(0x06, ...zeros(258)))).toBe(false);
  });

  it('stops identifications of more than twenty characters, and addresses of the internet', () => {
    expect(isHarmlessFrame(frame(0x40, ...zeros(20)))).toBe(true);
    expect(isHarmlessFrame(frame(0x40, ...zeros(21)))).toBe(false);
    expect(isHarmlessFrame(frame(0x62, 0, 0, 0))).toBe(false);
  });

  it('answers for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(typeof isHarmlessFrame(bytes)).toBe('boolean');
      }),
    );
  });
});
