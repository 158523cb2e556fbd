import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { AcknowledgedCalls } from '../../../agent/store/acknowledged-calls.ts';
import { schemaSteps } from '../../../agent/store/schema.ts';
import { instant } from '../../../lib/base/clock.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';

const HOUR = 3_600_000;

/** Waiting records, and what is remembered of them. */
function parts(limit?: number) {
  const db = new DatabaseSync(':memory:');
  for (const step of schemaSteps) db.exec(step);
  const clock = new VirtualClock();
  const calls = new AcknowledgedCalls(db, clock, limit);
  const waits = (id: string, record: object = {}): void => {
    const call = { direction: 'out', to: `0312345${id}`, startedAt: 5, answeredAt: 6, talkMs: 7, ...record };
    db.prepare('INSERT INTO outbox (id, record, put_at) VALUES (?, ?, 0)').run(id, JSON.stringify(call));
  };
  const numbers = () => [...calls.all()].map(({ number }) => number.slice(7));
  return { db, clock, calls, waits, numbers };
}

describe('calls that the service has acknowledged', () => {
  it('are remembered where there is a ceiling, with what their price goes by, and only those that cost', () => {
    const { calls, waits, numbers } = parts();
    waits('1');
    waits('2', { direction: 'in' });
    waits('3', { answeredAt: null });
    calls.take(['1']);
    expect(numbers()).toEqual([]);
    calls.keep(true);
    calls.take(['1', '2', '3', 'unknown']);
    expect([...calls.all()]).toEqual([{ number: '03123451', startedAt: 5, talkMs: 7 }]);
    calls.keep(false);
    expect(numbers()).toEqual([]);
  });

  it('are forgotten by a report that was written after the acknowledgement', () => {
    const { calls, clock, waits, numbers } = parts();
    calls.keep(true);
    for (const id of ['1', '2']) {
      waits(id);
      calls.take([id]);
      clock.advance(1_000);
    }
    const secondAt = clock.now() - 1_000;
    calls.reckoned(secondAt - 1_000);
    expect(numbers()).toEqual(['1', '2']);
    calls.reckoned(secondAt);
    expect(numbers()).toEqual(['2']);
    calls.reckoned(secondAt + 1);
    expect(numbers()).toEqual([]);
  });

  it('do not wait for a year when the clock of the box was a year ahead', () => {
    const { calls, clock, waits, numbers } = parts();
    calls.keep(true);
    waits('1');
    const right = clock.now();
    clock.setNow(instant(right + 365 * 24 * HOUR));
    calls.take(['1']);
    clock.setNow(right);
    calls.reckoned(right);
    expect(numbers()).toEqual(['1']);
    calls.reckoned(right + 1);
    expect(numbers()).toEqual([]);
  });

  it('are no more than there is room for, the newest', () => {
    const { calls, clock, waits, numbers } = parts(2);
    calls.keep(true);
    for (const id of ['1', '2', '3', '4']) {
      waits(id);
      calls.take([id]);
      clock.advance(1);
    }
    expect(numbers()).toEqual(['3', '4']);
  });

  it('stay where the disk does not let them go: too much counts, and never too little', () => {
    const { calls, clock, db, waits, numbers } = parts();
    calls.keep(true);
    waits('1');
    calls.take(['1']);
    db.exec('PRAGMA query_only = ON');
    calls.reckoned(clock.now() + 1);
    calls.keep(false);
    expect(numbers()).toEqual(['1']);
  });
});
