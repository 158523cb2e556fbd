import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../cloud-stub/catalogue/index.ts';
import { japanCalendar } from '../../../../cloud-stub/contracts/calendar.ts';
import { type OrderHistory, phoneSettings, record, replay } from '../../../../cloud-stub/contracts/index.ts';
import type {
  Application,
  DeviceOrder,
  IdOrder,
  Order,
} from '../../../../cloud-stub/contracts/orders/types.ts';
import type { GatewayId, PortNumber } from '../../../../lib/base/ids.ts';
import type { PhoneKey } from '../../../../lib/contract/lan-config.ts';
import { application, Desk, id, MAIN, MONDAY, option, SECOND } from './desk.ts';

const GATEWAY = 'gw-000001' as GatewayId;
const OTHER = 'gw-000002' as GatewayId;
const DESK = id(2);
const WATCH: PhoneKey = { does: 'watch', extension: '11', label: '受付' };
const LINE: PhoneKey = { does: 'line' };

const grandstream = (mac = 'C0:74:AD:00:00:01', type = 'GRP2612'): DeviceOrder => ({
  id: 'desk-1',
  model: 'grandstream',
  gateway: GATEWAY,
  phone: { mac, type },
});
const panasonic = (mac = '00-80-f0-00-00-02'): DeviceOrder => ({
  id: 'desk-2',
  model: 'panasonic',
  power: 'ownPoe',
  gateway: GATEWAY,
  phone: { mac, type: 'KX-HDV230N' },
});

/** An analog line, a desk phone of each maker, and an app; two numbers ring all of them. */
function office(phone?: IdOrder['phone'], devices = [grandstream(), panasonic()]): Application {
  const plain = application(4, [MAIN, SECOND]);
  const places = ['adapter', 'desk-1', 'desk-2', 'app-4'];
  return {
    ...plain,
    ids: plain.ids.map((one, index) => ({
      ...one,
      device: places[index] ?? '',
      ...(index === 0 ? { port: 1 as PortNumber } : {}),
      ...(index === 1 && phone !== undefined ? { phone } : {}),
    })),
    devices: [
      { id: 'adapter', model: 'adapter', gateway: GATEWAY },
      ...devices,
      { id: 'app-4', model: 'app' },
    ],
  };
}

const change = (phone: NonNullable<IdOrder['phone']>, whose = DESK): Order => ({
  kind: 'changePhone',
  id: whose,
  change: phone,
});
const key = (at: number, to: PhoneKey | null, whose = DESK): Order => ({
  kind: 'changeKey',
  id: whose,
  key: at,
  to,
});

function settings(desk: Desk, index = 1) {
  return phoneSettings(desk.contract.ids[index]?.features?.phone);
}

const phoneOf = (desk: Desk, device = 'desk-1') =>
  desk.contract.devices.find((one) => one.id === device)?.phone;

describe('the hardware of a desk phone', () => {
  it('is written as on its label, and kept in one writing [S0-170] [S0-176]', () => {
    const desk = Desk.with(office());
    expect(phoneOf(desk)).toEqual({ mac: 'c074ad000001', type: 'GRP2612' });
    expect(phoneOf(desk, 'desk-2')).toEqual({ mac: '0080f0000002', type: 'KX-HDV230N' });
  });

  it('may come when the phone is sent, and change when another one takes its place; its ID and keys stay', () => {
    const desk = Desk.with(
      office({ keys: [LINE, WATCH] }, [{ id: 'desk-1', model: 'grandstream' }, panasonic()]),
    );
    const phone = { mac: 'c074.ad00.0009', type: 'GRP2614' };
    desk.takes({ kind: 'changeDevice', device: 'desk-1', phone, gateway: GATEWAY });
    expect(phoneOf(desk)).toEqual({ mac: 'c074ad000009', type: 'GRP2614' });
    expect(settings(desk).keys).toEqual([LINE, WATCH]);
  });

  it.each([
    ['no address at all', { mac: 'c0:74:ad:00:00', type: 'GRP2612' }, 'order.hardware'],
    ['a model that no box can set up', { mac: 'c074ad000009', type: 'GRP9999' }, 'contract.deskPhone'],
    ['a model of another maker', { mac: 'c074ad000009', type: 'KX-HDV230N' }, 'contract.deskPhone'],
    ['a model that is not sold any more', { mac: 'c074ad000009', type: 'GXP1628' }, 'contract.deskPhone'],
    ['the address of another phone', { mac: '0080F0000002', type: 'GRP2612' }, 'contract.hardwareTwice'],
  ])('is not %s', (_what, phone, code) => {
    expect(Desk.with(office()).refuses({ kind: 'changeDevice', device: 'desk-1', phone })).toContain(code);
  });

  it('belongs to a desk phone on the LAN of a gateway', () => {
    const desk = Desk.with(office());
    const phone = { mac: 'c074ad000009', type: 'GRP2612' };
    expect(desk.refuses({ kind: 'changeDevice', device: 'adapter', phone })).toContain('order.hardware');
    expect(desk.refuses({ kind: 'changeDevice', device: 'nothing', phone })).toContain('order.unknown');
    const { gateway: _gateway, ...nowhere } = grandstream('c074ad000009');
    const lost: Order = { kind: 'addDevice', device: { ...nowhere, id: 'desk-9' } };
    expect(desk.refuses(lost)).toContain('contract.deskPhone');
    const app: Order = { kind: 'addDevice', device: { id: 'app-9', model: 'app', phone } };
    expect(desk.refuses(app)).toContain('contract.deskPhone');
  });
});

describe('a desk phone', () => {
  it('[S0-062] [S0-066] carries one ID, for every device needs its own', () => {
    const desk = Desk.with(office());
    expect(desk.refuses({ kind: 'moveId', id: id(4), device: 'desk-1' })).toBe(
      'contract.phoneIds S0-062 S0-066',
    );
  });

  it('[S0-062] has an extension that nobody else has, and that is and begins like no emergency number', () => {
    const desk = Desk.with(office());
    const extension = (text: string): Order => ({ kind: 'changeId', id: DESK, extension: text });
    expect(desk.refuses(extension('11'))).toContain('contract.twice');
    expect(desk.refuses(extension('119'))).toContain('contract.extension');
    expect(desk.refuses(extension('1190'))).toContain('contract.extension');
    expect(desk.refuses(extension('12'))).toBe('accepted');
  });

  it('shares its gateway with at most 31 others', () => {
    const many = Array.from({ length: 31 }, (_, index): DeviceOrder => {
      const mac = `c074ad0001${String(index).padStart(2, '0')}`;
      return { ...grandstream(mac), id: `more-${index}` };
    });
    const desk = Desk.with(office(undefined, [grandstream(), panasonic(), ...many.slice(0, 30)]));
    const last: Order = { kind: 'addDevice', device: many[30] ?? grandstream() };
    expect(desk.refuses(last)).toContain('contract.phonesMost');
    expect(desk.refuses({ ...last, device: { ...last.device, gateway: OTHER } })).toBe('accepted');
  });

  it('is taken away with its ID, and keys that watched it go', () => {
    const desk = Desk.with(office()).takes(
      key(1, LINE, id(3)),
      key(2, { does: 'watch', extension: '12' }, id(3)),
      key(3, WATCH, id(3)),
    );
    desk.takes({ kind: 'cancelId', id: DESK });
    expect(desk.notes.map(({ facts }) => facts)).toContainEqual(['S0-082']);
    expect(settings(desk, 2).keys).toEqual([LINE, WATCH]);
    desk.takes({ kind: 'cancelDevice', device: 'desk-1' });
    expect(desk.refuses({ kind: 'addDevice', device: { ...grandstream(), id: 'desk-9' } })).toBe('accepted');
  });
});

describe('the settings of a desk phone', () => {
  it('come with the ID or later; what is not named stays', () => {
    const desk = Desk.with(office({ keys: [LINE], callWaiting: false }));
    desk.takes(change({ rings: [{ number: SECOND, ring: 3 }] }), change({ language: 'en' }));
    expect(settings(desk)).toEqual({
      presentable: [],
      rings: [{ number: SECOND, ring: 3 }],
      keys: [LINE],
      language: 'en',
      callWaiting: false,
    });
  });

  it('go along to another desk phone and not elsewhere', () => {
    const desk = Desk.with(office({ keys: [LINE, WATCH] }, [grandstream(), panasonic()]));
    desk.takes({ kind: 'addDevice', device: { ...grandstream('c074ad000007', 'GRP2614'), id: 'desk-3' } });
    desk.takes({ kind: 'moveId', id: DESK, device: 'desk-3' });
    expect(settings(desk).keys).toEqual([LINE, WATCH]);
    desk.takes({ kind: 'moveId', id: DESK, device: 'app-4' });
    expect(desk.notes.map(({ facts }) => facts)).toEqual([['S0-170']]);
    expect(desk.contract.ids[1]?.features?.phone).toBeUndefined();
  });

  it('are of an ID on a desk phone', () => {
    const desk = Desk.with(office());
    expect(desk.refuses(change({ language: 'en' }, id(4)))).toContain('order.noDeskPhone');
    expect(desk.refuses(key(1, LINE, id(1)))).toContain('order.noDeskPhone');
    expect(desk.refuses(key(1, LINE, id(9)))).toContain('order.unknown');
    const wrong: Order = {
      kind: 'addId',
      id: { id: id(7), device: 'app-4', extension: '17', phone: { language: 'en' } },
    };
    expect(desk.refuses(wrong)).toContain('contract.phoneSettings');
  });

  it('are such as the model has', () => {
    const desk = Desk.with(office());
    expect(desk.refuses(change({ language: 'en' }, id(3)))).toContain('contract.phoneSettings');
    expect(desk.refuses(change({ rings: [{ number: MAIN, ring: 9 }] }))).toContain('contract.phoneSettings');
    const fourth = { rings: [{ number: MAIN, ring: 4 }] };
    expect(desk.refuses(change(fourth))).toContain('contract.phoneSettings');
    expect(desk.refuses(change(fourth, id(3)))).toBe('accepted');
  });

  it('[S0-056] ring apart only numbers that ring the phone, each in one way', () => {
    const desk = Desk.with(office());
    const twice = [1, 2].map((ring) => ({ number: MAIN, ring }));
    expect(desk.refuses(change({ rings: twice }))).toContain('contract.distinctRing');
    desk.takes({ kind: 'changeNumber', number: SECOND, rings: [id(1)] });
    expect(desk.refuses(change({ rings: [{ number: SECOND, ring: 1 }] }))).toContain('contract.distinctRing');
  });

  it('[S0-089] offer numbers of the contract for single calls, and lose those that go', () => {
    const desk = Desk.with(office());
    expect(desk.refuses(change({ presentable: ['0312345678'] }))).toContain('contract.presentsForeignNumber');
    desk.takes(change({ presentable: [SECOND], rings: [{ number: SECOND, ring: 2 }] }));
    desk.takes({ kind: 'cancelNumber', number: SECOND });
    expect(settings(desk)).toMatchObject({ presentable: [], rings: [] });
  });
});

describe('a key of a desk phone', () => {
  it('is set, changed and taken away by its place', () => {
    const desk = Desk.with(office()).takes(key(1, LINE), key(2, WATCH), key(3, { does: 'park', slot: 1 }));
    desk.takes(key(2, { does: 'dial', number: '0355550123', label: '仕入先' }));
    expect(settings(desk).keys.map(({ does }) => does)).toEqual(['line', 'dial', 'park']);
    desk.takes(key(1, null));
    expect(settings(desk).keys.map(({ does }) => does)).toEqual(['dial', 'park']);
  });

  it('has no gap before it', () => {
    const desk = Desk.with(office());
    expect(desk.refuses(key(2, LINE))).toContain('order.phoneKey');
    expect(desk.refuses(key(1, null))).toContain('order.phoneKey');
    expect(desk.refuses(key(0, LINE))).toContain('order.phoneKey');
  });

  it('[S0-082] watches another extension of the same gateway, and follows it', () => {
    const desk = Desk.with(office()).takes(key(1, WATCH));
    expect(desk.refuses(key(2, { does: 'watch', extension: '99' }))).toContain('contract.phoneKeys');
    expect(desk.refuses(key(2, { does: 'watch', extension: '12' }))).toContain('contract.phoneKeys');
    expect(desk.refuses(key(2, { does: 'watch', extension: '14' }))).toContain('contract.phoneKeys');
    expect(desk.refuses(key(2, { does: 'watch', extension: '13' }))).toBe('accepted');
    desk.takes({ kind: 'changeId', id: id(1), extension: '31' });
    expect(settings(desk).keys).toEqual([{ ...WATCH, extension: '31' }]);
    expect(desk.notes.map(({ facts }) => facts)).toEqual([['S0-082']]);
  });

  it('is one that the model has, the line that every phone has left free', () => {
    const small = Desk.with(office(undefined, [grandstream('c074ad000001', 'GRP2601'), panasonic()]));
    small.takes(key(1, WATCH));
    expect(small.refuses(key(2, { does: 'park', slot: 1 }))).toContain('contract.phoneKeys');
    expect(small.refuses(change({ keys: [LINE, WATCH] }))).toBe('accepted');
    const plain = Desk.with(office(undefined, [grandstream('c074ad000001', 'GXP1625'), panasonic()]));
    expect(plain.refuses(key(1, WATCH))).toContain('contract.phoneKeys');
    expect(plain.refuses(key(1, { does: 'dial', number: '117', label: '時報' }))).toBe('accepted');
  });

  it('has a label that can be shown', () => {
    expect(Desk.with(office()).refuses(key(1, { ...WATCH, label: 'a\nb' }))).toContain('contract.phoneKeys');
  });

  it('does not fit another model only because it fitted the old one', () => {
    const desk = Desk.with(office({ keys: [LINE, WATCH, { does: 'park', slot: 1 }] }));
    const phone = { mac: 'c074ad000001', type: 'GRP2601' };
    expect(desk.refuses({ kind: 'changeDevice', device: 'desk-1', phone })).toContain('contract.phoneKeys');
  });
});

describe('the LAN of a gateway', () => {
  const lan = (more: Partial<Extract<Order, { kind: 'changeLan' }>>): Order => ({
    kind: 'changeLan',
    gateway: GATEWAY,
    ...more,
  });
  const range = { pool: { first: '192.168.1.100', last: '192.168.1.199' } };

  it('[S0-178] is changed piece by piece', () => {
    const desk = Desk.with(office());
    desk.takes(
      lan({ dhcp: { leaseS: 3_600 } }),
      lan({ dhcp: range }),
      lan({ habits: { syslog: '192.168.1.9' } }),
    );
    expect(desk.contract.lans).toEqual([
      { gateway: GATEWAY, dhcp: { leaseS: 3_600, ...range }, habits: { syslog: '192.168.1.9' } },
    ]);
  });

  it('gets addresses only from a range, and only when somebody has looked', () => {
    const desk = Desk.with(office());
    expect(desk.refuses(lan({ dhcp: { mode: 'serve', ...range } }))).toContain('contract.lan S0-178');
    expect(desk.refuses(lan({ dhcp: { mode: 'serve', confirmedBy: '佐藤' } }))).toContain('contract.lan');
    expect(desk.refuses(lan({ dhcp: { mode: 'serve', confirmedBy: '佐藤', ...range } }))).toBe('accepted');
  });

  it.each([
    ['a gateway of somebody else', { gateway: OTHER, dhcp: range }],
    ['a range that ends before it begins', { dhcp: { pool: { first: '192.168.1.9', last: '192.168.1.8' } } }],
    ['a lease of a second', { dhcp: { leaseS: 1 } }],
    [
      'one address for two devices',
      {
        dhcp: {
          statics: ['c074ad000001', 'c074ad000002'].map((mac) => ({
            mac,
            address: '192.168.1.20',
            hostName: null,
          })),
        },
      },
    ],
    ['a name with control characters', { dhcp: { domain: 'a\u0007' } }],
    ['firmware of an unknown model', { habits: { firmware: [{ model: 'X1', version: '1', file: 'f' }] } }],
    [
      'two firmwares of a model',
      { habits: { firmware: ['1', '2'].map((version) => ({ model: 'GRP2612', version, file: 'f' })) } },
    ],
    [
      'firmware with control characters',
      { habits: { firmware: [{ model: 'GRP2612', version: '\u0001', file: 'f' }] } },
    ],
    ['SRTP that a phone cannot be made to use', { habits: { srtp: 'required' as const } }],
    ['a VLAN that there is not', { habits: { vlan: { id: 5_000, priority: 1 } } }],
  ])('is not given %s', (_what, more) => {
    expect(Desk.with(office()).refuses(lan(more))).toContain('contract.lan');
  });
});

describe('a ring group of a gateway', () => {
  const group = {
    extension: '50',
    label: '営業',
    members: ['11', '12'],
    order: 'linear',
    eachForMs: 5_000,
    deskFirstMs: 0,
  } as const;
  const groups = (...all: readonly object[]): Order =>
    ({ kind: 'changeLan', gateway: GATEWAY, groups: all }) as unknown as Order;

  it('[S0-078] rings lines and desk phones of the gateway, and stays when other things change', () => {
    const desk = Desk.with(office()).takes(groups(group));
    desk.takes({ kind: 'changeLan', gateway: GATEWAY, dhcp: { leaseS: 3_600 } });
    expect(desk.contract.lans).toEqual([{ gateway: GATEWAY, dhcp: { leaseS: 3_600 }, groups: [group] }]);
    expect(desk.takes(groups()).contract.lans?.[0]?.groups).toEqual([]);
  });

  it.each([
    ['somebody else’s extension', { ...group, extension: '13' }],
    ['an extension that begins like an emergency number', { ...group, extension: '1199' }],
    ['an app as a member', { ...group, members: ['14'] }],
    ['a member twice', { ...group, members: ['11', '11'] }],
    ['nobody', { ...group, members: [] }],
    ['a label with control characters', { ...group, label: 'a\u0007' }],
  ])('is not given %s', (_what, wrong) => {
    expect(Desk.with(office()).refuses(groups(wrong))).toContain('contract.officeGroups S0-078');
  });

  it('has an extension that no other group has', () => {
    expect(Desk.with(office()).refuses(groups(group, group))).toContain('contract.officeGroups');
  });
});

describe('the phone book of the office', () => {
  const book = (more: Partial<Extract<Order, { kind: 'changeBook' }>>): Order => ({
    kind: 'changeBook',
    ...more,
  });
  const sato = { name: '佐藤', number: '0355550123' };
  const yamada = { name: '山田商店', number: '0312340001' };

  it('[S0-191] [S0-194] is there when an ID has its option', () => {
    const desk = Desk.with(office());
    expect(desk.refuses(book({ add: [sato] }))).toBe('order.noBook S0-191 S0-194');
    desk.takes(option('option.phoneBook', DESK), book({ add: [sato] }));
    expect(desk.contract.officeBook).toEqual([sato]);
  });

  it('[S0-192] is added to, thinned out and replaced; a number has one name', () => {
    const desk = Desk.with(office()).takes(option('option.phoneBook', DESK), book({ add: [sato, yamada] }));
    desk.takes(book({ add: [{ ...sato, name: '佐藤 花子' }] }));
    expect(desk.contract.officeBook).toEqual([yamada, { ...sato, name: '佐藤 花子' }]);
    desk.takes(book({ remove: [yamada.number] }), book({ replace: [yamada] }));
    expect(desk.contract.officeBook).toEqual([yamada]);
  });

  it('is refused names and numbers that no phone shows', () => {
    const desk = Desk.with(office()).takes(option('option.phoneBook', DESK));
    expect(desk.refuses(book({ replace: [sato, sato] }))).toContain('contract.book');
    expect(desk.refuses(book({ add: [{ ...sato, name: 'x'.repeat(25) }] }))).toContain('contract.book');
    expect(desk.refuses(book({ add: [{ ...sato, name: 'a\u0000' }] }))).toContain('contract.book');
    const many = Array.from({ length: 301 }, (_, index) => ({ name: 'x', number: String(10_000 + index) }));
    expect(desk.refuses(book({ replace: many }))).toContain('contract.book');
  });
});

describe('orders of desk phones', () => {
  it('lead to the same contract when they are replayed', () => {
    const orders: readonly Order[] = [
      office(),
      option('option.phoneBook', DESK),
      key(1, LINE),
      key(2, WATCH),
      { kind: 'changeLan', gateway: GATEWAY, habits: { vlan: { id: 20, priority: 5 } } },
      { kind: 'changeBook', add: [{ name: '佐藤', number: '0355550123' }] },
      { kind: 'changeDevice', device: 'desk-1', phone: { mac: 'c074ad000009', type: 'GRP2614' } },
      { kind: 'changeId', id: id(1), extension: '31' },
    ];
    const context = { catalogue, calendar: japanCalendar() };
    let history: OrderHistory = [];
    let contract: Desk['contract'] | null = null;
    for (const order of orders) {
      const done = record(history, contract, order, { ...context, now: MONDAY });
      if (!done.ok) throw new Error(done.error.say);
      ({ history } = done.value);
      ({ contract } = done.value.outcome);
    }
    expect(replay(history, MONDAY, context)).toEqual({ ok: true, value: contract });
    expect(contract?.ids[1]?.features?.phone?.keys).toEqual([LINE, { ...WATCH, extension: '31' }]);
  });
});
