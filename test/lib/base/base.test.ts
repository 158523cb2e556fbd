import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BoundedQueue } from '../../../lib/base/bounded-queue.ts';
import { newCallId, parseCallId } from '../../../lib/base/ids.ts';
import { JSON_LINE_LIMIT_BYTES, JsonLineReader, jsonLine } from '../../../lib/base/json-lines.ts';
import { createLog } from '../../../lib/base/log.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { formatYen, microYen, yen } from '../../../lib/base/units.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';

describe('a bounded queue', () => {
  it('refuses and counts what does not fit, and keeps the order of the rest', () => {
    const queue = new BoundedQueue<number>(2);
    expect([queue.push(1), queue.push(2), queue.push(3)]).toEqual([true, true, false]);
    expect(queue.dropped).toBe(1);
    expect(queue.shift()).toBe(1);
    expect(queue.push(4)).toBe(true);
    expect(queue.drain()).toEqual([2, 4]);
    expect(queue.length).toBe(0);
  });
});

describe('JSON lines', () => {
  it('come out as they went in, however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue(), { maxLength: 8 }),
        fc.integer({ min: 1, max: 50 }),
        (values, size) => {
          const bytes = Buffer.from(values.map(jsonLine).join(''));
          const reader = new JsonLineReader();
          const found: unknown[] = [];
          for (let at = 0; at < bytes.length; at += size) {
            for (const line of reader.push(bytes.subarray(at, at + size))) {
              expect(line.kind).toBe('value');
              if (line.kind === 'value') found.push(line.value);
            }
          }
          expect(JSON.stringify(found)).toBe(JSON.stringify(values));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('that are garbage are reported and never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        const reader = new JsonLineReader();
        reader.push(Buffer.from(bytes));
        const after = reader.push(Buffer.from('\n{"good":1}\n'));
        expect(after.at(-1)).toEqual({ kind: 'value', value: { good: 1 } });
      }),
      { numRuns: 200 },
    );
  });

  it('that are too long are reported once and skipped', () => {
    const reader = new JsonLineReader();
    const half = Buffer.alloc(JSON_LINE_LIMIT_BYTES * 0.75, 0x61);
    expect(reader.push(half)).toEqual([]);
    expect(reader.push(half)).toEqual([{ kind: 'bad', reason: 'tooLong' }]);
    expect(reader.push(half)).toEqual([]);
    expect(reader.push(Buffer.from('end\n1\n'))).toEqual([{ kind: 'value', value: 1 }]);
  });
});

describe('a call id', () => {
  it('is recognised when it is ours and only then', () => {
    const id = newCallId(new VirtualClock(), seededRandom(1));
    expect(parseCallId(id)).toBe(id);
    expect(parseCallId(undefined)).toBeUndefined();
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = parseCallId(text);
        expect(parsed === undefined || /^[0-9a-z]+-[0-9a-f]{16}$/.test(parsed)).toBe(true);
      }),
    );
  });

  it('sorts by the time of its start', () => {
    const clock = new VirtualClock();
    const first = newCallId(clock, seededRandom(2));
    clock.advance(5);
    expect(newCallId(clock, seededRandom(1)) > first).toBe(true);
  });
});

describe('money', () => {
  it('is exact or refused', () => {
    expect(yen(17.5)).toBe(17_500_000);
    expect(formatYen(yen(8))).toBe('8');
    expect(() => yen(0.000_000_1)).toThrow(RangeError);
    expect(() => microYen(0.5)).toThrow(RangeError);
  });
});

describe('a seeded generator', () => {
  it('repeats itself from its seed and stays in its range', () => {
    const one = seededRandom(42);
    const other = seededRandom(42);
    for (let index = 0; index < 100; index++) {
      const value = one.fraction();
      expect(value).toBe(other.fraction());
      expect(value >= 0 && value < 1).toBe(true);
    }
    expect(one.bytes(8)).toEqual(other.bytes(8));
  });
});

describe('the log', () => {
  it('hides passwords', () => {
    const written: string[] = [];
    const log = createLog('test', 'info', { write: (line: string) => void written.push(line) });
    log.info({ password: 'p1', sip: { password: 'p2' }, key: { privateKey: 'p3' } }, 'hello');
    expect(written.join('')).toContain('hello');
    expect(written.join('')).not.toMatch(/p[123]"/);
  });
});
