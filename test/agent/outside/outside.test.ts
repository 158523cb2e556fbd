import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutsideGuard } from '../../../agent/outside/index.ts';
import { spendBar } from '../../../agent/outside/spend-guard.ts';
import type { CallStatus } from '../../../agent/status.ts';
import type { GatewayId } from '../../../lib/base/ids.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { seal } from '../../../lib/contract/sealed.ts';
import {
  costOf,
  openSpend,
  parseKeptSpend,
  type SpendReport,
  sealSpend,
} from '../../../lib/contract/spend.ts';

const MINUTE = 60_000;
const ID = 'id-000001-1';
/** 8 yen for three minutes, 16 yen a minute to mobiles, nothing to 0120. */
const REPORT: SpendReport = {
  v: 1,
  gateway: 'gw-000001',
  at: 1_000,
  periodEndsAt: 10 * 86_400_000,
  ids: [
    { serviceId: ID, remainingMicroYen: 20_000_000, limitMicroYen: 100_000_000 },
    { serviceId: 'id-000001-2', remainingMicroYen: null, limitMicroYen: null },
  ],
  rates: [
    { prefix: '', unitMs: 3 * MINUTE, microYen: 8_000_000 },
    { prefix: '090', unitMs: MINUTE, microYen: 16_000_000 },
    { prefix: '0120', unitMs: MINUTE, microYen: 0 },
  ],
};

describe('a cost by the rates of the service', () => {
  it('is that of every begun unit, by the longest beginning', () => {
    expect(costOf(REPORT.rates, '0355550123', 1)).toBe(8_000_000);
    expect(costOf(REPORT.rates, '0355550123', 3 * MINUTE)).toBe(8_000_000);
    expect(costOf(REPORT.rates, '0355550123', 3 * MINUTE + 1)).toBe(16_000_000);
    expect(costOf(REPORT.rates, '18409012345678', MINUTE)).toBe(16_000_000);
    expect(costOf(REPORT.rates, '+819012345678', MINUTE)).toBe(16_000_000);
    expect(costOf(REPORT.rates, '0120123456', 5 * MINUTE)).toBe(0);
    expect(costOf([], '0355550123', MINUTE)).toBe(0);
  });
});

describe('a ceiling while the service is away', () => {
  const call = { serviceId: ID, number: '0355550123' };
  const spent = (number: string, talkMs: number, startedAt = 2_000) => ({ number, startedAt, talkMs });

  it('lets calls begin while anything is left, as the service does, and free ones always', () => {
    expect(spendBar(REPORT, call, [], 5_000)).toBeUndefined();
    expect(spendBar(REPORT, call, [spent('09012345678', MINUTE)], 5_000)).toBeUndefined();
    const used = [spent('09012345678', MINUTE), spent('0355550123', MINUTE)];
    expect(spendBar(REPORT, call, used, 5_000)?.because).toMatch(/^spend\.ceiling/);
    expect(spendBar(REPORT, { ...call, number: '0120123456' }, used, 5_000)).toBeUndefined();
  });

  it('is nobody’s who has none, and nothing is held before the service has told of one', () => {
    const much = [spent('09012345678', 1_000 * MINUTE)];
    expect(spendBar(REPORT, { ...call, serviceId: 'id-000001-2' }, much, 5_000)).toBeUndefined();
    expect(spendBar(undefined, call, much, 5_000)).toBeUndefined();
    const free = { ...REPORT, ids: REPORT.ids.slice(1) };
    expect(spendBar(free, { ...call, serviceId: 'id-000009-1' }, much, 5_000)).toBeUndefined();
  });

  it('is that of its neighbours for a line that came to the box after the report: a contract has one', () => {
    const moved = { ...call, serviceId: 'id-000009-1' };
    expect(spendBar(REPORT, moved, [], 5_000)).toBeUndefined();
    expect(spendBar(REPORT, moved, [spent('09012345678', 2 * MINUTE)], 5_000)).toBeDefined();
  });

  it('is whole again in the next period, for what begins in it', () => {
    const next = REPORT.periodEndsAt + 1;
    const before = spent('09012345678', 10 * MINUTE);
    expect(spendBar(REPORT, call, [before], next)).toBeUndefined();
    expect(spendBar(REPORT, call, [before, spent('09012345678', 7 * MINUTE, next)], next)).toBeDefined();
  });

  it('once reached is not unreached by more calls', () => {
    const uses = fc.array(
      fc.record({
        number: fc.constantFrom('0355550123', '09012345678', '0120123456'),
        startedAt: fc.nat({ max: 4_000 }),
        talkMs: fc.nat({ max: 30 * MINUTE }),
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(uses, (calls) => {
        let reached = false;
        for (let n = 0; n <= calls.length; n++) {
          const bar = spendBar(REPORT, call, calls.slice(0, n), 5_000);
          if (reached) expect(bar).toBeDefined();
          reached = bar !== undefined;
        }
      }),
    );
  });
});

describe('the guard of calls with the outside', () => {
  function guard() {
    const clock = new VirtualClock();
    const texts = new Map<string, string>();
    const box = { up: true, noRoom: undefined as string | undefined, calls: [] as CallStatus[] };
    const waiting: { number: string; startedAt: number; talkMs: number }[] = [];
    const asked: (boolean | number)[] = [];
    const make = (): OutsideGuard =>
      new OutsideGuard({
        outbox: {
          noRoom: () => box.noRoom,
          unreckoned: () => waiting,
          keepAcknowledged: (on) => void asked.push(on),
          reckoned: (at) => void asked.push(at),
        },
        texts: { read: (name) => texts.get(name), write: (name, text) => void texts.set(name, text) },
        cloudUp: () => box.up,
        calls: () => box.calls,
        clock,
      });
    return { box, waiting, asked, make, clock };
  }

  it('leaves the service to decide while it is there, and holds the ceiling while it is not, over a restart too', () => {
    const { box, waiting, make } = guard();
    const first = make();
    first.told({ ...REPORT, periodEndsAt: 8e15 });
    waiting.push({ number: '09012345678', startedAt: 1, talkMs: 2 * MINUTE });
    expect(first.barOut(ID, '0355550123')).toBeUndefined();
    box.up = false;
    expect(first.barOut(ID, '0355550123')).toMatchObject({ guide: 'guideCeiling' });
    expect(make().barOut(ID, '0355550123')).toMatchObject({ guide: 'guideCeiling' });
    expect(make().barIn()).toBeUndefined();
  });

  it('takes no report that is older than the last, over a restart too, but for a clock that was wrong', () => {
    const { make, clock } = guard();
    const soon = clock.now() + 60_000;
    expect(make().told({ ...REPORT, at: soon })).toBe(true);
    expect(make().told({ ...REPORT, at: soon - 1 })).toBe(false);
    expect(make().told({ ...REPORT, at: soon })).toBe(true);
    expect(make().told({ ...REPORT, at: clock.now() + 10 * 86_400_000 })).toBe(true);
    expect(make().told({ ...REPORT, at: soon })).toBe(true);
    // Another box stands here now, or the same under another name.
    expect(make().told({ ...REPORT, gateway: 'gw-000002', at: 5 })).toBe(true);
  });

  it('has acknowledged calls remembered where there is a ceiling, until a report that is another one', () => {
    const { asked, make } = guard();
    const first = make();
    first.told(REPORT);
    first.told(REPORT);
    first.told({ ...REPORT, at: REPORT.at + 1 });
    make();
    make().told({ ...REPORT, at: REPORT.at + 2, ids: REPORT.ids.slice(1) });
    expect(asked).toEqual([false, true, 1_000, true, true, 1_001, true, true, false, 1_002]);
  });

  it('counts calls that run', () => {
    const { box, make, clock } = guard();
    const own = make();
    own.told({ ...REPORT, periodEndsAt: 8e15 });
    box.up = false;
    const running = {
      direction: 'out',
      to: '09012345678',
      startedAt: 1,
      answeredAt: clock.now(),
      endedAt: null,
    };
    box.calls = [{ ...running, state: 'talking' } as unknown as CallStatus];
    expect(own.barOut(ID, '0355550123')).toBeUndefined();
    box.calls = [...box.calls, ...box.calls];
    expect(own.barOut(ID, '0355550123')).toMatchObject({ guide: 'guideCeiling' });
  });

  it('lets nothing begin whose record could not be kept, out and in', () => {
    const { box, make } = guard();
    box.noRoom = '50000 call records wait for the service';
    expect(make().barOut(ID, '0120123456')).toEqual({
      guide: 'guideRecordsFull',
      because: 'records.full: 50000 call records wait for the service',
    });
    expect(make().barIn()).toMatchObject({ guide: 'guideRecordsFull' });
  });
});

describe('what comes on the topic of spending', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const gateway = 'gw-000001' as GatewayId;
  const open = (bytes: Uint8Array) => openSpend(bytes, { gateway, publicKey });

  it('is believed only under the seal of this box’s cloud, for this box, and never throws', () => {
    expect(open(sealSpend(REPORT, privateKey))).toEqual({ ok: true, value: REPORT });
    const stranger = generateKeyPairSync('ed25519').privateKey;
    const bad = [
      [Buffer.from(JSON.stringify(REPORT)), 'sealed.unreadable'],
      [sealSpend(REPORT, stranger), 'sealed.signature'],
      [seal('command', JSON.stringify(REPORT), privateKey), 'sealed.signature'],
      [seal('spend', JSON.stringify({ ...REPORT, more: 1 }), privateKey), 'spend.unknown'],
      [sealSpend({ ...REPORT, gateway: 'gw-000002' }, privateKey), 'spend.otherGateway'],
    ] as const;
    for (const [bytes, code] of bad) expect(open(bytes)).toMatchObject({ ok: false, error: { code } });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(open(bytes).ok).toBe(false);
        expect(parseKeptSpend(Buffer.from(bytes).toString('latin1'))).toBeUndefined();
      }),
    );
  });
});
