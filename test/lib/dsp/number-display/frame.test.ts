import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeDisplayFrame, encodeDisplayFrame } from '../../../../lib/dsp/number-display/frame.ts';
import { type CallerDisplay, displayDigits } from '../../../../lib/dsp/number-display/message.ts';
import { hex } from '../../../support/hex.ts';

const GOLDEN = '90 81 87 90 82 c0 0c 82 0a 30 33 b1 b2 33 b4 35 36 b7 b8 90 03 fb 52';

const digits = fc.stringMatching(/^[0-9]{1,20}$/);
const display: fc.Arbitrary<CallerDisplay> = fc
  .record({
    caller: fc.oneof(
      fc.record({ number: digits }),
      fc.record({ reason: fc.constantFrom('P' as const, 'C' as const, 'O' as const, 'S' as const) }),
    ),
    dialled: fc.option(digits, { nil: undefined }),
  })
  .map(({ caller, dialled }) => (dialled === undefined ? { caller } : { caller, dialled }));

function code(bytes: Uint8Array): string {
  const decoded = decodeDisplayFrame(bytes);
  return decoded.ok ? 'ok' : decoded.error.code;
}

describe('frame of Number Display', () => {
  it('is the frame that is known for 0312345678', () => {
    expect(hex(encodeDisplayFrame({ caller: { number: '0312345678' } }))).toBe(GOLDEN);
    const bytes = Uint8Array.from(GOLDEN.split(' '), (byte) => Number.parseInt(byte, 16));
    expect(decodeDisplayFrame(bytes)).toEqual({ ok: true, value: { caller: { number: '0312345678' } } });
  });

  it('is read as it was written, whatever the number, the reason and the called number', () => {
    fc.assert(
      fc.property(display, (message) => {
        expect(decodeDisplayFrame(encodeDisplayFrame(message))).toEqual({ ok: true, value: message });
      }),
    );
  });

  it('doubles a length of 16, which is DLE, and undoes it', () => {
    const message = { caller: { number: '01012125550100' } };
    const frame = encodeDisplayFrame(message);
    expect(hex(frame)).toContain('c0 90 90 82 8e');
    expect(decodeDisplayFrame(frame)).toEqual({ ok: true, value: message });
  });

  it('shows a number of Japan as it is dialled there, and no number as not available', () => {
    expect(displayDigits('+81-3-1234-5678')).toBe('0312345678');
    expect(displayDigits('+1 212 555 0100')).toBe('12125550100');
    const none = decodeDisplayFrame(encodeDisplayFrame({ caller: { number: 'anonymous' } }));
    expect(none).toEqual({ ok: true, value: { caller: { reason: 'O' } } });
  });

  it('refuses every frame with one bit wrong', () => {
    const frame = encodeDisplayFrame({ caller: { reason: 'P' }, dialled: '0355550100' });
    for (let bit = 0; bit < frame.length * 8; bit++) {
      const broken = Uint8Array.from(frame);
      broken[bit >> 3] = (broken[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(code(broken)).not.toBe('ok');
    }
  });

  it('refuses what ends early', () => {
    const frame = encodeDisplayFrame({ caller: { number: '0312345678' } });
    for (let length = 0; length < frame.length; length++) {
      expect(code(frame.subarray(0, length))).not.toBe('ok');
    }
  });

  it('never throws, whatever the bytes are', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void decodeDisplayFrame(bytes)));
    const lead = [0x90, 0x81, 0x87, 0x90, 0x82];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        void decodeDisplayFrame(Uint8Array.from([...lead, ...bytes, 0x90, 0x03, 0, 0]));
      }),
    );
  });
});
