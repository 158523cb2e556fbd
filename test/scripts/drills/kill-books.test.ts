import { describe, expect, it } from 'vitest';
import type { CallView } from '../../../cloud-stub/store/index.ts';
import { booksTrouble, type Witnessed } from '../../../scripts/drills/kill-books.ts';

const AT = Date.parse('2026-11-23T03:00:00Z');

function seen(round: number, change: Partial<Witnessed> = {}): Witnessed {
  const atMs = AT + round * 7_000;
  const base = { kind: 'out', victim: 'agent', answeredAtMs: atMs, killedAtMs: atMs + 2_000 } as const;
  return { round, dialToneMs: null, ...base, ...change };
}

function record(round: number, change: object = {}, boxes: readonly object[] = []): CallView {
  const startedAt = AT + round * 7_000 - 1_000;
  const kept = { direction: 'out', startedAt, answeredAt: startedAt + 1_000, endedAt: startedAt + 5_000 };
  const charge = { priceMicroYen: 8_000_000 };
  return {
    ...{ call: `call-${round}`, startedAt, charge, unrated: null, boxes },
    switch: { ...kept, ...change },
  } as unknown as CallView;
}

const NOT_ON_RECORD = expect.stringMatching(
  /^round 3: the out call .* agent killed 2000 ms later, is not on record$/,
);

describe('the books after kills', () => {
  it('have every outside call that was answered, and nothing else is asked of them', () => {
    const witnessed = [seen(0), seen(1, { kind: 'internal' }), seen(2), seen(3, { answeredAtMs: null })];
    expect(booksTrouble([record(0), record(2)], witnessed)).toEqual([]);
    expect(booksTrouble([record(0)], witnessed)).toEqual([NOT_ON_RECORD]);
    expect(booksTrouble([record(0), record(2, { direction: 'in' })], witnessed)).toEqual([NOT_ON_RECORD]);
    expect(booksTrouble([record(0), record(2, { answeredAt: null })], witnessed)).toEqual([NOT_ON_RECORD]);
  });

  it('a call whose answer was unsaid does not take the record of another one that was answered a little later', () => {
    const killedAtMs = AT + 300;
    const witnessed = [seen(0, { victim: 'cloud', killedAtMs }), seen(2)];
    expect(booksTrouble([record(0, { answeredAt: null }), record(2)], witnessed)).toEqual([]);
    expect(booksTrouble([record(2)], witnessed)).toHaveLength(1);
  });

  it('have a call as not answered whose caller was killed before the answer could reach it, and only then', () => {
    const unanswered = [record(0, { answeredAt: null })];
    const killed = (ms: number, change: Partial<Witnessed> = {}) =>
      booksTrouble(unanswered, [seen(0, { killedAtMs: AT + ms, ...change })]).length;
    expect([-600, -24, 40, 60].map((ms) => killed(ms))).toEqual([1, 0, 0, 1]);
    expect([killed(-24, { victim: 'media' }), killed(-24, { victim: 'cloud' })]).toEqual([1, 0]);
    expect(booksTrouble([], [seen(0, { killedAtMs: AT - 24 })])).toHaveLength(1);
  });

  it('tell of calls without an end, without a charge, and of legs that stand twice', () => {
    const leg = { record: 'gw-000001/1', line: 1 };
    const other = { record: 'gw-000001/2', line: 1 };
    const records = [
      record(0, { endedAt: null }),
      { ...record(1), charge: null },
      record(2, {}, [leg]),
      record(3, {}, [leg]),
      record(4, {}, [leg, other]),
    ];
    expect(booksTrouble(records, [])).toEqual([
      'call call-0 was answered and is still open or without a charge',
      'call call-1 was answered and is still open or without a charge',
      'box record gw-000001/1 stands twice',
      'call call-4 has two box records of one line',
    ]);
  });
});
