import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../cloud-stub/catalogue/index.ts';
import {
  type Account,
  addSpend,
  allowanceOf,
  authorise,
  type CallToAuthorise,
  noSpend,
  prepareRater,
  spendLevel,
  tariffOf,
} from '../../../cloud-stub/rating/index.ts';
import { instant } from '../../../lib/base/clock.ts';
import { japanMidnight } from '../../../lib/base/japan-time.ts';
import { microYen, yen } from '../../../lib/base/units.ts';

const NOW = japanMidnight(2026, 12, 1);
const rater = prepareRater(tariffOf(catalogue, 'ip050'));
const ceiling = { limitMicroYen: yen(1_000_000), warnPercent: 80 };
const to = (destination: CallToAuthorise['destination']): CallToAuthorise => ({
  kind: 'out',
  device: 'app',
  destination,
});
const spent = (amount: number): Account => ({ spend: { microYen: yen(amount) }, ceiling });

describe('authorising a call', () => {
  it('[A-36] [S3-032] refuses chargeable calls at the ceiling and not one yen before', () => {
    const ip050 = catalogue.products.find((product) => product.id === 'ip050');
    expect(ip050?.ceilingMicroYen).toBe(ceiling.limitMicroYen);
    expect(authorise(to('mobile'), spent(999_999.5), rater, NOW)).toMatchObject({
      granted: true,
      firstUnit: 17_500_000,
    });
    expect(authorise(to('mobile'), spent(1_000_000), rater, NOW)).toMatchObject({
      granted: false,
      rule: 'authorise.ceiling',
    });
  });

  it('[A-36] never refuses emergency or free calls', () => {
    const cloudPhone = prepareRater(tariffOf(catalogue));
    const over = spent(2_000_000);
    expect(authorise(to('emergency'), over, cloudPhone, NOW)).toMatchObject({ granted: true, firstUnit: 0 });
    expect(authorise(to('tollFree'), over, cloudPhone, NOW).granted).toBe(true);
    expect(authorise({ ...to('ip050'), freePartner: true }, over, rater, NOW).granted).toBe(true);
    expect(authorise({ ...to('mobile'), kind: 'internal' }, over, rater, NOW).granted).toBe(true);
    expect(authorise({ ...to('mobile'), kind: 'in' }, over, rater, NOW).granted).toBe(true);
  });

  it('[A-36] a forwarded leg is chargeable and refused, as is a toll-free call in', () => {
    const cloudPhone = prepareRater(tariffOf(catalogue));
    for (const kind of ['forwarded', 'tollFreeIn'] as const) {
      expect(authorise({ ...to('mobile'), kind }, spent(1_000_000), cloudPhone, NOW).granted).toBe(false);
    }
  });

  it('counts free minutes as the rating does', () => {
    const cloudPhone = prepareRater(tariffOf(catalogue));
    const allowance = allowanceOf(catalogue, [
      { item: 'option.tenMinutes', on: 'id-1', from: instant(NOW - 1), until: null },
    ]);
    const call = { ...to('mobile'), id: 'id-1' };
    expect(authorise(call, { ...spent(1_000_000), allowance }, cloudPhone, NOW).granted).toBe(true);
    expect(authorise(call, spent(1_000_000), cloudPhone, NOW).granted).toBe(false);
  });

  it('[A-10] refuses what has no price, with or without a ceiling', () => {
    const account = { spend: noSpend, ceiling: null };
    expect(authorise(to('international'), account, rater, NOW)).toMatchObject({
      granted: false,
      rule: 'authorise.noPrice',
    });
  });

  it('grants everything else where there is no ceiling', () => {
    const account = { spend: { microYen: yen(9_000_000) }, ceiling: null };
    expect(authorise(to('mobile'), account, rater, NOW).granted).toBe(true);
  });

  it('says why', () => {
    const refused = authorise(to('mobile'), spent(1_000_000), rater, NOW);
    expect(refused.granted).toBe(false);
    expect(refused.trace.map((line) => line.rule)).toEqual([
      'rate.price',
      'rate.units',
      'authorise.firstUnit',
      'authorise.ceiling',
    ]);
    expect(refused.trace.at(-1)?.say).toContain('1000000 of 1000000 yen are used');
  });

  it('[A-44] asks for exactly what the shortest call then costs', () => {
    const anyEnd = fc.constantFrom('geographic', 'mobile', 'ip050', 'naviDial', 'international');
    fc.assert(
      fc.property(anyEnd, fc.constantFrom('app', 'deskPhone', 'adapter'), (destination, device) => {
        const call = { kind: 'out', device, destination } as CallToAuthorise;
        const cloudPhone = prepareRater(tariffOf(catalogue));
        const asked = authorise(call, { spend: noSpend, ceiling: null }, cloudPhone, NOW);
        const amount = cloudPhone.amountOf({ ...call, answeredAt: NOW, talkMs: 1 });
        expect(asked.granted ? asked.firstUnit : undefined).toBe(amount);
      }),
    );
  });
});

describe('spend', () => {
  it('[A-36] warns at 80 % and stops at 100 %, each once', () => {
    let spend = noSpend;
    const notices: string[] = [];
    for (let n = 0; n < 12; n++) {
      const after = addSpend(spend, { amount: yen(100_000) }, ceiling);
      spend = after.spend;
      notices.push(after.notice?.rule ?? '-');
    }
    expect(notices).toEqual([...Array(7).fill('-'), 'spend.warning', '-', 'spend.ceiling', '-', '-']);
  });

  it('[A-36] a single charge across both levels gives the stop', () => {
    expect(addSpend(noSpend, { amount: yen(2_000_000) }, ceiling).notice?.rule).toBe('spend.ceiling');
  });

  it.each([
    [799_999, 'below'],
    [800_000, 'warned'],
    [999_999, 'warned'],
    [1_000_000, 'reached'],
  ] as const)('[A-36] at %d yen it is %s', (amount, level) => {
    expect(spendLevel({ microYen: yen(amount) }, ceiling)).toBe(level);
    expect(spendLevel({ microYen: yen(amount) }, null)).toBe('below');
  });

  it('an adjustment downwards gives no notice', () => {
    const spend = { microYen: yen(1_000_000) };
    const after = addSpend(spend, { amount: microYen(-1) }, ceiling);
    expect(after).toEqual({ spend: { microYen: microYen(999_999_999_999) }, notice: null });
  });
});
