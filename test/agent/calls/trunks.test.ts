import { beforeEach, describe, expect, it } from 'vitest';
import { TrunkPacer } from '../../../agent/calls/trunk-pacer.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { callExtension, callIn, callOut, end, far, OUTSIDE, openOffice, world } from './feature-office.ts';
import { exampleConfig } from './office-world.ts';

const SECOND = {
  ...{ host: '127.54.0.11', port: 5061, serverName: 'cloud.engawa.example' },
  ...{ domain: 'engawa.example', registerEveryS: 300 },
};
const FAILED = { type: 'failed', reason: undefined, why: undefined } as const;

/** How line 1 stands at a trunk. */
function stands(trunk: number, standing: 'up' | 'down', account = 1): void {
  world.input({ type: 'trunk', account, trunk, standing });
}

/** The trunks that a call was offered to, in order. */
const asked = (leg: string) =>
  world.of('sipInvite').flatMap((each) => (each.leg === leg ? [each.trunk] : []));

/** Rows that began last. */
function lastRow(): string {
  return [...world.rows.keys()].at(-1) ?? '';
}

describe('an office with one trunk that is away', () => {
  beforeEach(() => {
    openOffice();
    stands(0, 'down');
  });

  it('says why a call outside is impossible, at once and without an INVITE, and writes it down', () => {
    world.lift(1);
    world.dial(1, OUTSIDE);
    expect(world.sounds.get(1)).toEqual({ to: 'tone', tone: 'guideAway' });
    expect(world.of('sipInvite')).toEqual([]);
    expect(end(lastRow())).toMatchObject({
      end: 'unreachable',
      because: expect.stringContaining('trunk.away'),
    });
    world.hangUp(1);
    world.lift(1);
    expect(world.heard.get(1)).toContain('dial');
  });

  it('keeps the colleagues: extensions ring, and calls of other accounts go out', () => {
    const leg = callExtension(1, '12');
    expect(world.ringing.has(2)).toBe(true);
    expect(world.state.legs.get(leg)?.direction).toBe('internal');
    expect(asked(callOut(3))).toEqual([0]);
  });

  it('tries an emergency call all the same, and sends to a mobile phone who cannot be connected', () => {
    const leg = callOut(1, '110');
    expect(asked(leg)).toEqual([0]);
    far(leg, { ...FAILED, status: 503 });
    expect(world.sounds.get(1)).toEqual({ to: 'tone', tone: 'guideNoEmergency' });
  });

  it('calls out again when the trunk is back, and calls that come in ring as ever', () => {
    stands(0, 'up');
    expect(asked(callOut(1))).toEqual([0]);
    callIn(2);
    expect(world.ringing.has(2)).toBe(true);
  });

  it('lets guidance be heard to its end before the howler', () => {
    world.lift(1);
    world.dial(1, OUTSIDE);
    world.clock.advance(45_000);
    expect(world.heard.get(1)).toContain('guideAway');
    world.clock.advance(10_000);
    expect(world.heard.get(1)).toContain('howler');
  });

  it('answers a code for a call that is parked at the service with a refusal, in seconds', () => {
    world.lift(1);
    world.dial(1, '*71');
    world.clock.advance(100);
    expect(world.heard.get(1)).toContain('refused');
  });
});

describe('an office with two trunks', () => {
  beforeEach(() => openOffice({ ...exampleConfig({ channels: 4 }, 4), secondTrunk: SECOND }));

  it('calls over the second while the first is away: by registration, without a try', () => {
    stands(0, 'down');
    stands(1, 'up');
    expect(asked(callOut(1))).toEqual([1]);
  });

  it('asks the second when the first says nothing, in the same call with one record', () => {
    stands(0, 'up');
    stands(1, 'up');
    const leg = callOut(1);
    far(leg, { ...FAILED, status: 408 });
    expect(asked(leg)).toEqual([0, 1]);
    far(leg, { type: 'progress', status: 180, sdp: undefined });
    expect(world.heard.get(1)).toContain('ringback');
    far(leg, { type: 'answered', sdp: 'far:9' });
    world.hangUp(1);
    expect(end(leg)).toMatchObject({ end: 'answeredThenCallerHungUp' });
    expect(world.rows.size).toBe(1);
    expect(world.faults).toEqual([]);
  });

  it('takes the service’s own word about a call: busy, unallocated and a reason are asked once', () => {
    for (const [status, why] of [
      [486, undefined],
      [404, undefined],
      [503, 'channels.full; all channels are in use'],
    ] as const) {
      const leg = callOut(1);
      far(leg, { type: 'failed', status, reason: undefined, why });
      expect(asked(leg)).toEqual([0]);
      world.hangUp(1);
    }
  });

  it('does not ask another trunk once the call rings', () => {
    const leg = callOut(1);
    far(leg, { type: 'progress', status: 180, sdp: undefined });
    far(leg, { ...FAILED, status: 503 });
    expect(asked(leg)).toEqual([0]);
  });

  it('an emergency call tries every trunk, also those that are away and those that refuse', () => {
    stands(0, 'down');
    stands(1, 'up');
    const leg = callOut(1, '119');
    far(leg, {
      type: 'failed',
      status: 403,
      reason: { cause: 21, text: 'no' },
      why: 'emergency.refused; no',
    });
    expect(asked(leg)).toEqual([1, 0]);
    far(leg, { ...FAILED, status: 408 });
    expect(world.heard.get(1)).toContain('guideNoEmergency');
  });
});

it('a call from outside whose record could not be kept is refused before it makes one', () => {
  openOffice();
  world.barIn = { guide: 'guideRecordsFull', because: 'records.full: 50000 call records wait' };
  const before = world.rows.size;
  const leg = callIn(1);
  expect(world.ringing.has(1)).toBe(false);
  expect(world.rows.size).toBe(before);
  expect(world.effects).toContainEqual(
    expect.objectContaining({
      type: 'sipReject',
      leg,
      status: 503,
      text: 'records.full: 50000 call records wait',
    }),
  );
  world.barIn = undefined;
  callIn(1);
  expect(world.ringing.has(1)).toBe(true);
});

it('a bar keeps ordinary calls in, with its own words, and never an emergency call or an extension', () => {
  openOffice();
  world.bar = { guide: 'guideCeiling', because: 'ceiling.reached: 5,000 yen' };
  world.lift(1);
  world.dial(1, OUTSIDE);
  expect(world.heard.get(1)).toContain('guideCeiling');
  expect(end(lastRow())).toMatchObject({ because: 'ceiling.reached: 5,000 yen' });
  world.hangUp(1);
  expect(asked(callOut(1, '110'))).toEqual([0]);
  callExtension(2, '13');
  expect(world.ringing.has(3)).toBe(true);
});

describe('registration at a trunk', () => {
  const clock = new VirtualClock();
  const setUp = (accounts: number, seed: number) => {
    const pacer = new TrunkPacer(clock, seededRandom(seed));
    const seats = Array.from({ length: accounts }, () => pacer.seat());
    const runs: { readonly account: number; readonly atMs: number }[] = [];
    const take = (account: number): void =>
      seats[account]?.take(() => runs.push({ account, atMs: clock.monotonicMs() }));
    const heard = (account: number, there: boolean): void => {
      const seat = seats[account];
      if (seat !== undefined) pacer.heard(seat, there);
    };
    return { pacer, seats, runs, take, heard };
  };

  it('one account asks while nobody knows, and the others follow one after the other', () => {
    const { runs, take, heard } = setUp(40, 1);
    for (let account = 0; account < 40; account++) take(account);
    expect(runs).toHaveLength(1);
    heard(0, false);
    take(0);
    expect(runs).toHaveLength(2);
    heard(0, true);
    clock.advance(5_000);
    expect(new Set(runs.map(({ account }) => account)).size).toBe(40);
    const gaps = runs.slice(3).map(({ atMs }, index) => atMs - (runs[index + 2]?.atMs ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(25);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(75);
  });

  it('after a loss every box waits a time of its own, two seconds at most, and then asks once', () => {
    const firstAt = Array.from({ length: 50 }, (_, seed) => {
      const { pacer, runs, take, heard } = setUp(8, seed + 1);
      take(0);
      heard(0, true);
      pacer.lost();
      const lostMs = clock.monotonicMs();
      for (let account = 0; account < 8; account++) take(account);
      clock.advance(2_001);
      expect(runs).toHaveLength(2);
      return (runs[1]?.atMs ?? 0) - lostMs;
    });
    expect(new Set(firstAt).size).toBeGreaterThan(40);
    expect(Math.max(...firstAt) - Math.min(...firstAt)).toBeGreaterThan(1_500);
  });

  it('another account asks when the one that did is given up', () => {
    const { seats, runs, take, heard } = setUp(3, 2);
    for (let account = 0; account < 3; account++) take(account);
    heard(0, false);
    seats[0]?.leave();
    expect(runs.map(({ account }) => account)).toEqual([0, 1]);
  });
});
