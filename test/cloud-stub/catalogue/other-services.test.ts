import { describe, expect, it } from 'vitest';
import { catalogue, itemAt } from '../../../cloud-stub/catalogue/index.ts';
import { japanMidnight } from '../../../lib/base/japan-time.ts';

/** Fact, item, micro-yen, kind, unit, counted per, basis. Written by hand from the price lists. */
const PRICES = `
S1-004 groupForwarding.standard.initial        500000000 initial   once     number   chosen
S1-001 groupForwarding.standard                500000000 recurring month    number   chosen
S1-004 groupForwarding.representative.initial 1000000000 initial   once     number   chosen
S1-001 groupForwarding.representative         1000000000 recurring month    number   chosen
S1-016 groupForwarding.target                  500000000 recurring month    target   chosen
S1-005 groupForwarding.call.fixed                8000000 usage     180000ms call     chosen
S1-005 groupForwarding.call.mobile              17500000 usage     60000ms  call     chosen
S2-002 calleePays.construction                1000000000 initial   once     order    printed
S2-002 calleePays.basic                       1000000000 recurring month    number   printed
S2-003 calleePays.multiLine                   1000000000 recurring month    number   printed
S2-004 calleePays.region                       350000000 recurring month    number   printed
S2-005 calleePays.busyDetour                   800000000 recurring month    number   printed
S2-006 calleePays.percentage                   700000000 recurring month    number   printed
S2-007 calleePays.destinationChange           1000000000 recurring month    number   printed
S2-008 calleePays.afterHours                   650000000 recurring month    number   printed
S2-009 calleePays.control                              0 recurring month    number   printed
S2-010 calleePays.presentNumber                100000000 recurring month    number   printed
S2-011 calleePays.unlock                      2000000000 initial   once     order    printed
S2-012 calleePays.listing                      500000000 usage     issue    listing  printed
S0-051 calleePays.call.fixed                     7000000 usage     60000ms  call     chosen
S0-051 calleePays.call.mobile                   20000000 usage     60000ms  call     chosen
S0-051 calleePays.call.payphone                 30000000 usage     60000ms  call     chosen
S0-001 ip050.number                            280000000 recurring month    number   chosen
S3-001 ip050.app                                       0 initial   once     id       printed
S3-031 ip050.deposit                                   0 deposit   once     contract chosen
S3-002 ip050.billingStation                            0 recurring month    contract printed
S3-033 ip050.call.partner                              0 usage     call     call     printed
S3-015 ip050.call.fixed                          8000000 usage     180000ms call     chosen
S3-015 ip050.call.mobile                        17500000 usage     60000ms  call     chosen
S3-047 ip050.forwarded.fixed                     8000000 usage     180000ms call     chosen
S3-047 ip050.forwarded.mobile                   17500000 usage     60000ms  call     chosen
S4-001 answering.loanNumber                   1100000000 recurring month    number   printed
S4-003 answering.trial                                 0 initial   once     contract printed
S0-028 answering.over                          320000000 usage     call     call     chosen
`;

const rows = PRICES.trim()
  .split('\n')
  .map((row) => row.trim().split(/ +/) as [string, string, string, string, string, string, string]);

describe('the price lists of the other services', () => {
  it.each(rows)('[%s] %s costs %s micro-yen, %s, by %s, per %s (%s)', (...row) => {
    const [fact, id, micro, kind, unit, per, basis] = row;
    const found = catalogue.items.filter((item) => item.id === id);
    expect(found).toHaveLength(1);
    const [item] = found;
    expect(item?.facts).toContain(fact);
    expect(item?.priceMicroYen).toBe(Number(micro));
    const { of } = item?.unit ?? { of: '' };
    expect([item?.kind, item?.unit.of === 'time' ? `${item.unit.ms}ms` : of, item?.per]).toEqual([
      kind,
      unit,
      per,
    ]);
    expect(item?.basis).toBe(basis);
  });

  it('list nothing beyond those', () => {
    const known = new Set(rows.map(([, id]) => id));
    const others = catalogue.items.filter((item) => item.product !== 'cloudPhone' && !known.has(item.id));
    expect(others).toEqual([]);
  });

  it('[A-30] have their tax inside only where the list says so: the loan number', () => {
    const inclusive = catalogue.items.filter((item) => item.taxBasis === 'inclusive').map((item) => item.id);
    expect(inclusive).toEqual(['answering.loanNumber']);
  });

  it('[S1-015] include one target for a standard number and two for a representative one', () => {
    const targets = (id: string) => catalogue.items.find((item) => item.id === id)?.included;
    expect(targets('groupForwarding.standard')).toEqual({ count: 1, of: 'targets' });
    expect(targets('groupForwarding.representative')).toEqual({ count: 2, of: 'targets' });
  });

  it('[S2-012] [A-11] end the directory listing with the directories', () => {
    expect(itemAt(catalogue, 'calleePays.listing', japanMidnight(2026, 4, 1))).toBeUndefined();
  });

  it('[S2-026] have no price for a caller from 050 to a number that does not accept one', () => {
    const accepted = catalogue.items
      .filter((item) => item.product === 'calleePays')
      .flatMap((item) => item.call?.farEnds ?? []);
    expect(accepted).toEqual(['geographic', 'mobile', 'payphone']);
  });

  it('[S3-032] [A-36] put a ceiling of 1,000,000 a month on the 050 service and on no other', () => {
    const ceilings = catalogue.products.map((product) => [product.id, product.ceilingMicroYen]);
    expect(ceilings).toEqual([
      ['cloudPhone', undefined],
      ['groupForwarding', undefined],
      ['calleePays', undefined],
      ['ip050', 1_000_000_000_000],
      ['answering', undefined],
    ]);
  });

  it.each([
    ['S2-042', 'excludes', 'calleePays.busyDetour', 'calleePays.percentage', 'refuse'],
    ['S0-125', 'excludes', 'option.answerBot', 'option.voicemail', 'refuse'],
    ['S0-140', 'excludes', 'option.forwarding', 'option.afterHours', 'automaticOff'],
    ['A-17', 'excludes', 'option.answerBot', 'option.forwarding', 'refuse'],
    ['S0-092', 'excludes', 'option.tenMinutes', 'device.adapter', 'refuse'],
    ['S0-149', 'requires', 'tollFree', 'id.additional', 'refuse'],
    ['S0-159', 'requires', 'option.operator', 'option.forwarding', 'refuse'],
  ])('[%s] relations: %s, %s, %s: %s', (fact, kind, item, other, how) => {
    const found = catalogue.relations.filter((one) => one.item === item && one.other === other);
    expect(found).toMatchObject([{ kind, how }]);
    expect(found[0]?.facts).toContain(fact);
  });
});
