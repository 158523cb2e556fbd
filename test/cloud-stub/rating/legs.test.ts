import { describe, expect, it } from 'vitest';
import { catalogue, type ProductId } from '../../../cloud-stub/catalogue/index.ts';
import { noAllowance, rate, standardRatingPolicy, tariffOf } from '../../../cloud-stub/rating/index.ts';
import type { RatableCall } from '../../../cloud-stub/rating/types.ts';
import { instant } from '../../../lib/base/clock.ts';
import { japanMidnight } from '../../../lib/base/japan-time.ts';

const NOW = japanMidnight(2026, 12, 1);

function leg(more: Partial<RatableCall>): RatableCall {
  return {
    kind: 'forwarded',
    device: 'app',
    destination: 'geographic',
    answeredAt: NOW,
    talkMs: 1,
    ...more,
  };
}

function rated(more: Partial<RatableCall>, product: ProductId = 'cloudPhone') {
  const rating = rate(leg(more), tariffOf(catalogue, product));
  return rating.ok
    ? [rating.charge.amount, rating.charge.category, rating.charge.item]
    : [rating.code, '', ''];
}

describe('forwarded legs', () => {
  it.each([
    ['geographic', 180_000, 8_000_000],
    ['geographic', 180_001, 16_000_000],
    ['mobile', 60_000, 17_500_000],
    ['mobile', 60_001, 35_000_000],
    ['ip050', 60_001, 35_000_000],
  ] as const)('[S0-047] to %s for %d ms costs %d micro-yen', (destination, talkMs, micro) => {
    expect(rated({ destination, talkMs }).slice(0, 2)).toEqual([micro, 'forwardedLegs']);
  });

  it('[S0-047] costs the same whichever device the number has', () => {
    for (const device of ['app', 'deskPhone', 'adapter'] as const) {
      expect(rated({ device, destination: 'mobile' })[0]).toBe(17_500_000);
    }
  });

  it('[S0-052] to the answering service costs 8 yen per started 3 minutes', () => {
    const kind = 'forwardedToAnswering';
    expect(rated({ kind, talkMs: 180_000 })).toEqual([
      8_000_000,
      'forwardedLegs',
      'call.forwarded.answering',
    ]);
    expect(rated({ kind, talkMs: 180_001 })[0]).toBe(16_000_000);
  });

  it('[S0-093] never use the ten free minutes of an ID', () => {
    const grant = { item: 'option.tenMinutes', facts: [], of: 'secondsPerCall', count: 600 } as const;
    const allowance = {
      ...noAllowance,
      grants: { 'id-1': [{ ...grant, from: instant(0), until: null }] },
    };
    const rating = rate(
      leg({ id: 'id-1', destination: 'mobile', talkMs: 60_000 }),
      tariffOf(catalogue),
      allowance,
    );
    expect(rating.ok && rating.charge.amount).toBe(17_500_000);
  });

  it('[S1-005] [S1-003] of a ring group cost what a call to that destination costs, on their own line', () => {
    expect(rated({ talkMs: 180_001 }, 'groupForwarding')).toEqual([
      16_000_000,
      'groupForwarding',
      'groupForwarding.call.fixed',
    ]);
    expect(rated({ destination: 'mobile', talkMs: 60_001 }, 'groupForwarding')[0]).toBe(35_000_000);
    // The same as the call from a desk phone. [S0-046]
    const desk = rated({ kind: 'out', device: 'deskPhone', destination: 'mobile', talkMs: 60_001 });
    expect(desk[0]).toBe(35_000_000);
  });

  it('[S3-047] of a 050 number are the contractor’s', () => {
    expect(rated({ destination: 'mobile', talkMs: 1 }, 'ip050')).toEqual([
      17_500_000,
      'ip050Calls',
      'ip050.forwarded.mobile',
    ]);
    expect(rated({ talkMs: 180_001 }, 'ip050')[0]).toBe(16_000_000);
  });

  it('[S0-133] [A-15] the incoming call before a forwarded leg, listening for a fax tone included, is free', () => {
    expect(rated({ kind: 'in', talkMs: 6_000 })[0]).toBe(0);
  });

  it('[A-44] nobody answered, nothing is charged', () => {
    expect(rated({ answeredAt: null, talkMs: 0 })[0]).toBe(0);
  });

  it('[A-10] have no price to premium, toll-free or foreign numbers', () => {
    for (const destination of ['premium', 'international', 'naviDial', 'tollFree'] as const) {
      expect(rated({ destination })[0]).toBe('rating.noPrice');
    }
  });
});

describe('toll-free calls in', () => {
  const kind = 'tollFreeIn';
  it.each([
    ['geographic', 60_000, 7_000_000],
    ['geographic', 60_001, 14_000_000],
    ['mobile', 60_000, 20_000_000],
    ['mobile', 60_001, 40_000_000],
    ['payphone', 60_000, 30_000_000],
    ['payphone', 60_001, 60_000_000],
  ] as const)('[S0-051] from %s for %d ms cost the office %d micro-yen', (destination, talkMs, micro) => {
    expect(rated({ kind, destination, talkMs }).slice(0, 2)).toEqual([micro, 'tollFreeIn']);
    // The other toll-free service has no call prices of its own.
    expect(rated({ kind, destination, talkMs }, 'calleePays').slice(0, 2)).toEqual([micro, 'tollFreeIn']);
  });

  it('[S2-019] are paid whoever called by mistake or as a nuisance: nothing about the caller makes them free', () => {
    expect(rated({ kind, destination: 'mobile', number: '09099999999' })[0]).toBe(20_000_000);
  });

  it.each([
    ['mobile', 20_000_000],
    ['fixed', 7_000_000],
    ['unpriced', 'rating.noPrice'],
  ] as const)('[A-61] from 050 read as %s: %s', (tollFreeFrom050, expected) => {
    const policy = { ...standardRatingPolicy, tollFreeFrom050 };
    const rating = rate(leg({ kind, destination: 'ip050' }), tariffOf(catalogue), noAllowance, policy);
    expect(rating.ok ? rating.charge.amount : rating.code).toBe(expected);
  });

  it('[A-61] no reading touches calls to 050 numbers or legs to them', () => {
    const policy = { ...standardRatingPolicy, tollFreeFrom050: 'fixed' } as const;
    for (const one of ['out', 'forwarded'] as const) {
      const call = leg({ kind: one, device: 'adapter', destination: 'ip050' });
      expect(rate(call, tariffOf(catalogue), noAllowance, policy)).toMatchObject({
        charge: { amount: 17_500_000 },
      });
    }
  });

  it('[A-61] [A-34] [S2-026] from 050 have no price where the service does not accept them', () => {
    expect(standardRatingPolicy.tollFreeFrom050).toBe('mobile');
    expect(rated({ kind, destination: 'ip050' }, 'calleePays')[0]).toBe('rating.noPrice');
  });

  it('[S2-013] are never covered by free minutes', () => {
    const grant = { item: 'option.tenMinutes', facts: [], of: 'secondsPerCall', count: 600 } as const;
    const grants = { 'id-1': [{ ...grant, from: instant(0), until: null }] };
    for (const product of ['cloudPhone', 'calleePays'] as const) {
      const call = leg({ kind, destination: 'geographic', id: 'id-1', talkMs: 60_000 });
      const rating = rate(call, tariffOf(catalogue, product), { grants, used: {} });
      expect(rating.ok && rating.charge.amount).toBe(7_000_000);
    }
  });
});

describe('calls of the 050 service', () => {
  const out = { kind: 'out', destination: 'ip050' } as const;

  it('[S3-033] to a free partner cost nothing, as routing says by the operator’s one list', () => {
    expect(rated({ ...out, freePartner: true, talkMs: 3_600_000 }, 'ip050')).toEqual([
      0,
      'ip050Calls',
      'ip050.call.partner',
    ]);
  });

  it('[S3-033] to any other 050 number are paid', () => {
    expect(rated(out, 'ip050')[0]).toBe(17_500_000);
    expect(rated({ ...out, number: '05031234567', freePartner: false }, 'ip050')[0]).toBe(17_500_000);
  });

  it('[S3-015] [A-59] are on the service’s own tariff from any device', () => {
    for (const device of ['app', 'deskPhone'] as const) {
      expect(rated({ kind: 'out', device, talkMs: 180_001 }, 'ip050')[0]).toBe(16_000_000);
      expect(rated({ kind: 'out', device, destination: 'mobile' }, 'ip050')[0]).toBe(17_500_000);
    }
  });

  it('[S3-037] are outside every free minute', () => {
    const grant = { item: 'option.tenMinutes', facts: [], of: 'secondsPerCall', count: 600 } as const;
    const grants = { 'id-1': [{ ...grant, from: instant(0), until: null }] };
    const call = leg({ kind: 'out', id: 'id-1', destination: 'mobile', talkMs: 1 });
    expect(rate(call, tariffOf(catalogue, 'ip050'), { grants, used: {} })).toMatchObject({
      charge: { amount: 17_500_000, category: 'ip050Calls' },
    });
  });
});

describe('what decides the length and the moment', () => {
  it('[S3-051] [S3-050] [A-65] the network’s release counts, not the device’s: a dead call is charged until it is cut', () => {
    const dead = { kind: 'out', destination: 'mobile', talkMs: 20_000 } as const;
    expect(rated(dead, 'ip050')[0]).toBe(17_500_000);
    const plain = rate(leg(dead), tariffOf(catalogue, 'ip050')).trace.map((line) => line.rule);
    expect(plain).toEqual(['rate.price', 'rate.units']);
    const held = leg({ ...dead, networkReleasedAt: instant(NOW + 170_000) });
    const rating = rate(held, tariffOf(catalogue, 'ip050'));
    expect(rating).toMatchObject({ ok: true, charge: { amount: 52_500_000, units: 3 } });
    expect(rating.trace.map((line) => line.say)).toContain(
      'charged until the network let go: 170 s, not 20 s',
    );
  });

  it('[S3-051] [A-44] a release that agrees with the device, or none, needs no word', () => {
    const spoken = { kind: 'out', talkMs: 180_000 } as const;
    for (const call of [leg(spoken), leg({ ...spoken, networkReleasedAt: instant(NOW + 180_000) })]) {
      const rating = rate(call, tariffOf(catalogue, 'ip050'));
      expect(rating).toMatchObject({ ok: true, charge: { units: 1 } });
      expect(rating.trace.map((line) => line.rule)).toEqual(['rate.price', 'rate.units']);
    }
  });

  it('[S3-051] a release before the answer is a mistake and is named', () => {
    const wrong = leg({ kind: 'out', networkReleasedAt: instant(NOW - 1) });
    expect(rate(wrong, tariffOf(catalogue))).toMatchObject({ ok: false, code: 'rating.badCall' });
    const say = rate(wrong, tariffOf(catalogue));
    expect(!say.ok && say.say).toContain('networkReleasedAt');
  });

  it.each([
    ['answer', true],
    ['start', false],
  ] as const)('[A-65] [A-23] the tariff is that of the %s', (decidedBy, changed) => {
    const change = NOW;
    const tariff = tariffOf(catalogue);
    const prices = tariff.prices.map((price) =>
      price.item === 'call.device.fixed' ? { ...price, validUntil: change } : price,
    );
    const call = leg({
      kind: 'out',
      device: 'adapter',
      startedAt: instant(change - 5_000),
      answeredAt: change,
    });
    const rating = rate(call, { ...tariff, prices }, noAllowance, { ...standardRatingPolicy, decidedBy });
    expect(rating.ok).toBe(!changed);
    expect(standardRatingPolicy.decidedBy).toBe('answer');
  });

  it('[S0-053] which number a call shows is no part of its price', () => {
    const ofId = leg({ kind: 'out', device: 'app', id: 'id-1', talkMs: 31_000 });
    const shown = { ...ofId, presents: '0120000000' };
    expect(rate(shown, tariffOf(catalogue))).toEqual(rate(ofId, tariffOf(catalogue)));
    expect(rate(shown, tariffOf(catalogue))).toMatchObject({ charge: { amount: 40_000_000 } });
  });

  it('[A-51] [S0-046] a fax machine on an adapter makes calls: 8 yen per 3 minutes, not 20 per 30 s', () => {
    expect(rated({ kind: 'out', device: 'adapter', talkMs: 60_000 }).slice(0, 2)).toEqual([
      8_000_000,
      'deviceCalls',
    ]);
    expect(rated({ kind: 'out', device: 'adapter', destination: 'mobile', talkMs: 60_000 })[0]).toBe(
      17_500_000,
    );
  });
});
