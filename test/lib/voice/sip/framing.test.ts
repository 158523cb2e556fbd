import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StreamFramer } from '../../../../lib/voice/sip/codec/framing.ts';

const one = (body: string, head = 'OPTIONS sip:a SIP/2.0'): string =>
  `${head}\r\nl: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

describe('stream framing', () => {
  test('any cut of a stream gives the same messages and keepalives', () => {
    const stream = Buffer.from(`${one('')}\r\n\r\n${one('こんにちは')}\r\n${one('v=0\r\n\r\nx')}`);
    const whole = summary(new StreamFramer().push(stream));
    expect(whole.map(([kind]) => kind)).toEqual(['message', 'blank', 'blank', 'message', 'blank', 'message']);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 100 }), (sizes) => {
        const framer = new StreamFramer();
        const out = [];
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          out.push(...framer.push(stream.subarray(at, at + size)));
          at += size;
        }
        expect(summary(out)).toEqual(whole);
      }),
    );
  });

  test.each([
    ['no Content-Length', 'OPTIONS sip:a SIP/2.0\r\n\r\n'],
    ['a Content-Length that is no number', 'OPTIONS sip:a SIP/2.0\r\nContent-Length: abc\r\n\r\n'],
    ['two that differ', 'OPTIONS sip:a SIP/2.0\r\nContent-Length: 1\r\nl: 2\r\n\r\n'],
    ['a body over the limit', 'OPTIONS sip:a SIP/2.0\r\nContent-Length: 16384\r\n\r\n'],
    ['a head without end', 'x'.repeat(17_000)],
  ])('%s breaks the stream, once', (_name, text) => {
    const framer = new StreamFramer();
    expect(framer.push(Buffer.from(text)).map((frame) => frame.kind)).toEqual(['broken']);
    expect(framer.push(Buffer.from(one('')))).toEqual([]);
  });

  test('12,000 tiny messages in one write are no recursion', () => {
    const frames = new StreamFramer().push(Buffer.from('l:0\r\n\r\n'.repeat(12_000)));
    expect(frames.length).toBe(12_000);
  });
});

function summary(frames: ReturnType<StreamFramer['push']>): [string, string][] {
  return frames.map((frame) => [frame.kind, frame.kind === 'message' ? frame.bytes.toString() : '']);
}
