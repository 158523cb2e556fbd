import { describe, expect, it } from 'vitest';
import { catalogue, itemAt } from '../../../cloud-stub/catalogue/index.ts';
import { japanMidnight } from '../../../lib/base/japan-time.ts';

/** The acceptance list: fact, item, yen in micro-yen, kind, unit, counted per. Written by hand from the price lists. */
const PRICES = `
S0-001 number.contract                      280000000 recurring month    number
S0-002 number.additional                    200000000 recurring month    number
S0-003 id.base.initial                     5000000000 initial   once     id
S0-003 id.base                              700000000 recurring month    id
S0-004 id.additional.initial               5000000000 initial   once     id
S0-004 id.additional                        700000000 recurring month    id
S0-005 number.representative                200000000 recurring month    number
S0-006 device.grandstream.purchase        12000000000 purchase  once     device
S0-006 device.grandstream                   500000000 recurring month    device
S0-007 device.panasonic.purchase          24800000000 purchase  once     device
S0-007 device.panasonic                     500000000 recurring month    device
S0-008 device.poeHub                       8000000000 purchase  once     device
S0-009 device.adapter.initial              9800000000 initial   once     device
S0-009 device.adapter                       500000000 recurring month    device
S0-010 option.afterHours                    800000000 recurring month    number
S0-011 option.voicemail                     280000000 recurring month    number
S0-012 option.fax                           500000000 recurring month    number
S0-013 fax.receive                                  0 usage     30000ms  fax
S0-014 fax.send                              20000000 usage     30000ms  fax
S0-015 option.faxUnlimited500              1000000000 recurring month    id
S0-016 option.tenMinutes                   1000000000 recurring month    id
S0-017 option.phoneBook                     280000000 recurring month    id
S0-018 option.forwarding                    500000000 recurring month    number
S0-019 option.recording                    3000000000 recurring month    number
S0-020 option.ivr                          3000000000 recurring month    number
S0-021 option.receptionApp.initial         3000000000 initial   once     id
S0-021 option.receptionApp                  500000000 recurring month    id
S0-022 option.answerBot                    2280000000 recurring month    number
S0-023 option.answerBot.over               2000000000 usage     block100 number
S0-024 tollFree.initial                    2000000000 initial   once     number
S0-024 tollFree                            2250000000 recurring month    number
S0-024 tollFree.listing                             0 initial   once     listing
S0-025 tollFree.presentNumber.deposit    100000000000 deposit   once     number
S0-025 tollFree.presentNumber.initial      2000000000 initial   once     number
S0-025 tollFree.presentNumber               300000000 recurring month    number
S0-026 tollFree.portIn.initial             3000000000 initial   once     number
S0-026 tollFree.portIn                              0 recurring month    number
S0-027 option.operator.initial            15000000000 initial   once     number
S0-027 option.operator                     5500000000 recurring month    number
S0-028 option.operator.over                 320000000 usage     call     call
S0-029 number.portIn.initial               3000000000 initial   once     number
S0-029 number.portIn                       1100000000 recurring month    number
S0-033 set.basic                           -300000000 discount  month    set
S0-035 set.standard                        -500000000 discount  month    set
S0-037 set.premium                         -580000000 discount  month    set
S0-045 call.app                              20000000 usage     30000ms  call
S0-046 call.device.fixed                      8000000 usage     180000ms call
S0-046 call.device.mobile                    17500000 usage     60000ms  call
S0-047 call.forwarded.fixed                   8000000 usage     180000ms call
S0-047 call.forwarded.mobile                 17500000 usage     60000ms  call
S0-048 call.naviDial                         20000000 usage     30000ms  call
S0-049 call.directory104                    265000000 usage     call     call
S0-050 call.internal                                0 usage     call     call
S0-051 call.tollFreeIn.fixed                  7000000 usage     60000ms  call
S0-051 call.tollFreeIn.mobile                20000000 usage     60000ms  call
S0-051 call.tollFreeIn.payphone              30000000 usage     60000ms  call
S0-052 call.forwarded.answering               8000000 usage     180000ms call
`;

const rows = PRICES.trim()
  .split('\n')
  .map((row) => row.trim().split(/ +/) as [string, string, string, string, string, string]);

function unitWord(item: (typeof catalogue.items)[number]): string {
  switch (item.unit.of) {
    case 'time':
      return `${item.unit.ms}ms`;
    case 'block':
      return `block${item.unit.size}`;
    default:
      return item.unit.of;
  }
}

describe('the price list of the cloud phone', () => {
  it.each(rows)('[%s] %s costs %s micro-yen, %s, by %s, per %s', (fact, id, micro, kind, unit, per) => {
    const found = catalogue.items.filter((item) => item.id === id);
    expect(found).toHaveLength(1);
    const [item] = found;
    if (item === undefined) throw new Error(id);
    expect(item.product).toBe('cloudPhone');
    expect(item.facts).toContain(fact);
    expect(item.priceMicroYen).toBe(Number(micro));
    expect([item.kind, unitWord(item), item.per]).toEqual([kind, unit, per]);
    expect(item.taxBasis).toBe('exclusive');
    expect(item.basis).toBe('printed');
  });

  it('lists no printed price of the cloud phone beyond those', () => {
    const known = new Set(rows.map(([, id]) => id));
    const others = catalogue.items.filter((item) => item.product === 'cloudPhone' && !known.has(item.id));
    expect(others.map((item) => [item.id, item.basis])).toEqual([
      ['call.device.ip050', 'chosen'],
      ['call.tollFree', 'chosen'],
      ['call.emergency', 'chosen'],
      ['call.tollFreeIn.ip050', 'chosen'],
    ]);
  });

  it('[S0-030] [A-04] charges 8,000 at first and 2,080 a month for one ported number', () => {
    const micro = (id: string): number =>
      itemAt(catalogue, id, japanMidnight(2026, 11, 1))?.priceMicroYen ?? NaN;
    expect(micro('id.base.initial') + micro('number.portIn.initial')).toBe(8_000_000_000);
    expect(micro('id.base') + micro('number.contract') + micro('number.portIn')).toBe(2_080_000_000);
  });

  it('[S0-049] [A-11] ends the price of 104 with 2026-03-31', () => {
    expect(itemAt(catalogue, 'call.directory104', japanMidnight(2026, 3, 31))?.priceMicroYen).toBe(
      265_000_000,
    );
    expect(itemAt(catalogue, 'call.directory104', japanMidnight(2026, 4, 1))).toBeUndefined();
  });

  it('[S0-015] [S0-016] [S0-022] [S0-157] says what comes with an option', () => {
    const included = (id: string) => catalogue.items.find((item) => item.id === id)?.included;
    expect(included('option.faxUnlimited500')).toEqual({ count: 500, of: 'faxSheets' });
    expect(included('option.tenMinutes')).toEqual({ count: 600, of: 'secondsPerCall' });
    expect(included('option.answerBot')).toEqual({ count: 100, of: 'botItems' });
    expect(included('option.operator')).toEqual({ count: 20, of: 'answeredCalls' });
  });

  it('[S0-045] [S0-048] [S0-049] [S0-092] [S0-093] lets the ten free minutes cover app calls only', () => {
    const covered = catalogue.items.filter((item) => item.call?.tenMinutes).map((item) => item.id);
    expect(covered).toEqual(['call.app']);
  });
});
