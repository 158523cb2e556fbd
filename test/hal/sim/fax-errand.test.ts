import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseControlRequest } from '../../../hal/sim/control-protocol.ts';
import {
  BLIND_DIAL_MS,
  FAX_LIMIT_MS,
  type FaxErrand,
  type FaxErrandInput,
  startReceiving,
  startSending,
  stepFaxErrand,
} from '../../../hal/sim/fax-errand.ts';
import { LineToneListener } from '../../../hal/sim/line-tone-listener.ts';
import { peakOf } from '../../../lib/dsp/level.ts';

const quiet = { type: 'time', dialTone: false, busy: false } as const;

/** Steps through inputs at their times; effects as `ms what`. */
function run(
  first: FaxErrand,
  inputs: readonly (readonly [number, FaxErrandInput])[],
): { errand: FaxErrand; did: string[] } {
  let errand = first;
  const did: string[] = [];
  for (const [nowMs, input] of inputs) {
    const step = stepFaxErrand(errand, input, nowMs);
    errand = step.errand;
    did.push(...step.effects.map((effect) => `${nowMs} ${effect.do}`));
  }
  return { errand, did };
}

describe('a fax machine that sends', () => {
  it('lifts, dials at dial tone, calls when dialled, and hangs up after its last signal', () => {
    const first = startSending('0355550160', 0);
    expect(first.effects).toEqual([{ do: 'lift' }]);
    const { errand, did } = run(first.errand, [
      [500, quiet],
      [700, { ...quiet, dialTone: true }],
      [2_400, { type: 'dialled' }],
      [60_000, { type: 'machineEnded' }],
      [60_400, quiet],
      [60_500, quiet],
    ]);
    expect(did).toEqual(['700 dial', '2400 connect', '60500 hangUp']);
    expect(errand).toEqual({ at: 'over' });
  });

  it('waits 3 s where it recognises no dial tone, and then dials all the same', () => {
    const { errand } = startSending('11', 0);
    expect(run(errand, [[BLIND_DIAL_MS - 10, quiet]]).did).toEqual([]);
    expect(run(errand, [[BLIND_DIAL_MS, quiet]]).did).toEqual(['3000 dial']);
  });

  it('without a number it calls at once into the line', () => {
    expect(startSending(null, 0).effects).toEqual([{ do: 'lift' }, { do: 'connect', calling: true }]);
  });

  it.each([
    ['busy tone', [1_000, { ...quiet, busy: true }] as const],
    ['10 minutes', [FAX_LIMIT_MS + 1, quiet] as const],
    ['a person', [1_000, { type: 'stop' }] as const],
  ])('%s ends it', (_what, input) => {
    const { errand, did } = run({ at: 'onLine', sinceMs: 0 }, [input]);
    expect(did).toEqual([`${input[0]} giveUp`, `${input[0]} hangUp`]);
    expect(errand).toEqual({ at: 'over' });
  });
});

describe('a fax machine that receives', () => {
  const bell = (on: boolean) => ({ type: 'bell', on }) as const;

  it('answers at the ring that it was told', () => {
    const { did } = run(startReceiving(3).errand, [
      [0, bell(true)],
      [1_000, bell(false)],
      [3_000, bell(true)],
      [4_000, bell(false)],
      [6_000, bell(true)],
    ]);
    expect(did).toEqual(['6000 lift', '6000 connect']);
  });

  it('counts anew when the caller gave up and another one rings', () => {
    const { did } = run(startReceiving(2).errand, [
      [0, bell(true)],
      [1_000, bell(false)],
      [9_000, bell(true)],
      [10_000, bell(false)],
      [12_000, bell(true)],
    ]);
    expect(did).toEqual(['12000 lift', '12000 connect']);
  });
});

it('whatever comes, a machine that lifted hangs up, once, and does nothing afterwards', () => {
  const input = fc.oneof(
    fc.record({ type: fc.constant('time' as const), dialTone: fc.boolean(), busy: fc.boolean() }),
    fc.record({ type: fc.constant('bell' as const), on: fc.boolean() }),
    fc.constantFrom<FaxErrandInput>({ type: 'dialled' }, { type: 'machineEnded' }, { type: 'stop' }),
  );
  fc.assert(
    fc.property(fc.boolean(), fc.array(input, { maxLength: 30 }), (sends, inputs) => {
      const first = sends ? startSending('11', 0) : startReceiving(1);
      const lifted = first.effects.length;
      const timed = inputs.map((one, index) => [(index + 1) * 700, one] as const);
      const { did, errand } = run(first.errand, [...timed, [50_000, { type: 'stop' }]]);
      const lifts = lifted + did.filter((what) => what.endsWith('lift')).length;
      expect(did.filter((what) => what.endsWith('hangUp')).length).toBe(1);
      expect(lifts).toBeLessThanOrEqual(1);
      expect(errand).toEqual({ at: 'over' });
    }),
  );
});

describe('what a fax machine hears of the exchange', () => {
  function tone(ms: number, hz: number): Int16Array {
    return Int16Array.from({ length: ms * 8 }, (_, at) =>
      Math.round(peakOf(-13) * Math.sin((2 * Math.PI * hz * at) / 8_000)),
    );
  }
  const nothing = (ms: number): Int16Array => new Int16Array(ms * 8);
  function heard(parts: readonly Int16Array[]): { dialTone: boolean; busy: boolean } {
    const listener = new LineToneListener();
    for (const part of parts) listener.take(part);
    return listener.heard;
  }

  it('dial tone is 400 Hz for 600 ms', () => {
    expect(heard([nothing(200), tone(500, 400)])).toEqual({ dialTone: false, busy: false });
    expect(heard([nothing(200), tone(700, 400)])).toEqual({ dialTone: true, busy: false });
  });

  it('busy tone is two bursts and two pauses of half a second', () => {
    const busy = [500, 500, 500, 500, 100].map((ms, at) => (at % 2 === 0 ? tone(ms, 400) : nothing(ms)));
    expect(heard([nothing(1_000), ...busy])).toMatchObject({ busy: true });
  });

  it('ringback, answer tone and silence are neither', () => {
    const ringback = [tone(1_000, 400), nothing(2_000), tone(1_000, 400), nothing(2_000)];
    expect(heard(ringback)).toEqual({ dialTone: false, busy: false });
    expect(heard([tone(3_000, 2_100)])).toEqual({ dialTone: false, busy: false });
    expect(heard([nothing(3_000)])).toEqual({ dialTone: false, busy: false });
  });
});

describe('fax requests on the control socket', () => {
  it('are taken with what a plain machine has', () => {
    const sent = parseControlRequest({ op: 'faxSend', port: 1, number: '11', file: '/tmp/a.tif' }, 2);
    const habits = { ident: '', ecm: true, modems: 'v17', superG3: false };
    const pages = { from: 'file', file: '/tmp/a.tif' };
    expect(sent).toMatchObject({ ok: true, value: { order: { ...habits, number: '11', pages } } });
    const kept = parseControlRequest({ op: 'faxReceive', port: 2, folder: '/tmp' }, 2);
    expect(kept).toMatchObject({ ok: true, value: { order: { ...habits, rings: 2 } } });
    expect(parseControlRequest({ op: 'faxResult', port: 2 }, 2)).toMatchObject({ value: { waitMs: 0 } });
  });

  it.each([
    { op: 'faxSend', port: 3, file: '/a' },
    { op: 'faxSend', port: 1 },
    { op: 'faxSend', port: 1, file: 'relative.tif' },
    { op: 'faxSend', port: 1, file: '/a', pages: ['text'], folder: '/tmp' },
    { op: 'faxSend', port: 1, pages: [], folder: '/tmp' },
    { op: 'faxSend', port: 1, pages: ['novel'], folder: '/tmp' },
    { op: 'faxSend', port: 1, pages: new Array<string>(31).fill('text'), folder: '/tmp' },
    { op: 'faxSend', port: 1, file: '/a', number: '1'.repeat(33) },
    { op: 'faxSend', port: 1, file: '/a', number: '03-5555' },
    { op: 'faxSend', port: 1, file: '/a', ident: 'ENGAWA' },
    { op: 'faxSend', port: 1, file: '/a', modems: 'v34' },
    { op: 'faxSend', port: 1, file: '/a', ecm: 1 },
    { op: 'faxReceive', port: 1, folder: '/a', rings: 0 },
    { op: 'faxReceive', port: 1, folder: '/a\0b' },
    { op: 'faxResult', port: 1, waitMs: -1 },
  ])('%j is refused with a sentence', (request) => {
    const parsed = parseControlRequest(request, 2);
    expect(parsed).toMatchObject({
      ok: false,
      error: { fault: 'caller', say: expect.stringMatching(/\.$/) },
    });
  });

  it('anything at all is taken or refused, never thrown at', () => {
    const op = fc.constantFrom('faxSend', 'faxReceive', 'faxResult', 'faxStop');
    fc.assert(
      fc.property(op, fc.dictionary(fc.string(), fc.anything()), (name, fields) => {
        parseControlRequest({ ...fields, op: name, port: 1 }, 2);
      }),
    );
  });
});
