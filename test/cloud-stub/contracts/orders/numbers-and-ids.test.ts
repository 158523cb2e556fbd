import { describe, expect, it } from 'vitest';
import { channelsOf } from '../../../../cloud-stub/contracts/index.ts';
import type { Application, Order } from '../../../../cloud-stub/contracts/orders/types.ts';
import { loginNumber } from '../../../../cloud-stub/contracts/rules/model.ts';
import { subscriptionsOf } from '../../../../cloud-stub/contracts/subscriptions.ts';
import type { PortNumber, ServiceId } from '../../../../lib/base/ids.ts';
import { japanMidnight } from '../../../../lib/base/japan-time.ts';
import {
  application,
  cancel,
  Desk,
  id,
  MAIN,
  MONDAY,
  option,
  SECOND,
  THIRD,
  turn,
  verified,
} from './desk.ts';

const add = (number: string): Order => ({ kind: 'addNumber', number: { number } });
const addId = (index: number): Order => ({
  kind: 'addId',
  id: { id: id(index), device: `app-${index}`, extension: String(10 + index) },
  device: { id: `app-${index}`, model: 'app' },
});

describe('numbers and IDs of the cloud phone', () => {
  it('[S0-054] [S0-063] begin with one contract number and one base ID', () => {
    const { contract } = Desk.with(application(2, [MAIN, SECOND]));
    expect(contract.numbers.map((one) => one.role)).toEqual(['contract', 'additional']);
    expect(contract.ids.map((one) => one.role)).toEqual(['base', 'additional']);
    expect(new Desk().refuses(application(1, []))).toMatch(/^contract.mainNumber S0-054/);
    expect(new Desk().refuses(application(0))).toMatch(/^contract/);
    const rung: Order = {
      kind: 'addId',
      id: { id: id(3), device: 'app-1', extension: '13' },
      rungBy: [SECOND],
    };
    const desk = Desk.with(application(2, [MAIN, SECOND]));
    expect(desk.refuses({ ...rung, rungBy: [THIRD] })).toBe('order.unknown S0-062');
    desk.takes(rung);
    expect(desk.contract.ids[2]?.role).toBe('additional');
    expect(desk.contract.numbers.map((one) => one.rings.includes(id(3)))).toEqual([false, true]);
  });

  it('[S0-066] two smartphones and a desk phone are three IDs and three channels', () => {
    const { contract } = Desk.with(application(3));
    expect(contract.ids.map((one) => one.role)).toEqual(['base', 'additional', 'additional']);
    expect(channelsOf(contract)).toBe(3);
  });

  it('[S0-058] [A-01] additional numbers come up to two, and up to the additional IDs', () => {
    const desk = Desk.with(application(1));
    expect(desk.refuses(add(SECOND))).toBe('contract.additionalNumbers S0-058 A-01');
    desk.takes(addId(2), add(SECOND));
    expect(desk.refuses(add(THIRD))).toBe('contract.additionalNumbers S0-058 A-01');
    desk.takes(addId(3), add(THIRD), addId(4));
    expect(desk.refuses(add('0355550103'))).toBe('contract.additionalNumbers S0-058 A-01');
  });

  it('[S0-058] an ID stays while additional numbers need it', () => {
    const desk = Desk.with(application(2, [MAIN, SECOND]));
    expect(desk.refuses({ kind: 'cancelId', id: id(2) })).toBe('contract.additionalNumbers S0-058 A-01');
    desk.takes({ kind: 'cancelNumber', number: SECOND }, { kind: 'cancelId', id: id(2) });
    expect(desk.paysFor()).toEqual([
      `number.contract ${MAIN}`,
      'id.base.initial id-000001-1',
      'id.base id-000001-1',
    ]);
  });

  it('[S0-063] [S0-065] the base ID and the contract number stay with the contract', () => {
    const desk = Desk.with(application(2, [MAIN, SECOND]));
    expect(desk.refuses({ kind: 'cancelId', id: id(1) })).toBe('order.baseId S0-063 S0-065');
    expect(desk.refuses({ kind: 'cancelNumber', number: MAIN })).toBe('order.contractNumber S0-054');
  });

  it('[S0-063] any ID but the base one goes by itself', () => {
    const desk = Desk.with(application(3)).takes({ kind: 'cancelId', id: id(2) });
    expect(desk.contract.ids.filter((one) => one.held.until === null).map((one) => one.id)).toEqual([
      id(1),
      id(3),
    ]);
    expect(desk.refuses({ kind: 'cancelId', id: id(1) })).toBe('order.baseId S0-063 S0-065');
  });

  it('[S0-065] [S0-195] the contract number is the login', () => {
    const desk = Desk.with(application(2, [MAIN, SECOND]));
    expect(loginNumber(desk.contract)).toBe(MAIN);
    desk.takes({ kind: 'portIn', number: '0312349876', replaces: MAIN });
    expect(loginNumber(desk.contract)).toBe('0312349876');
    expect(loginNumber(desk.takes({ kind: 'cancelContract' }).contract)).toBeUndefined();
  });

  it('[S0-056] an ID that goes is rung by nobody, and a number that goes is shown by nobody', () => {
    const desk = Desk.with(application(3, [MAIN, SECOND])).takes(
      { kind: 'changeId', id: id(2), presents: SECOND },
      { kind: 'cancelNumber', number: SECOND },
      { kind: 'cancelId', id: id(3) },
    );
    const { contract } = desk;
    expect(contract.numbers[0]?.rings).toEqual([id(1), id(2)]);
    expect(contract.ids[1]?.presents).toBe(MAIN);
  });

  it('[S0-089] an ID shows one of the numbers of its contract', () => {
    const desk = Desk.with(application(2, [MAIN, SECOND])).takes({
      kind: 'changeId',
      id: id(1),
      presents: SECOND,
      label: '受付',
      extension: '21',
    });
    expect(desk.contract.ids[0]).toMatchObject({ presents: SECOND, label: '受付', extension: '21' });
    expect(desk.refuses({ kind: 'changeId', id: id(1), presents: '0312345678' })).toBe(
      'contract.presentsForeignNumber S0-089',
    );
  });

  it('[S0-054] a number belongs to one contract at a time, and nothing can be named that is not there', () => {
    const desk = Desk.with(application(2), undefined, { taken: (number) => number === SECOND });
    expect(desk.refuses(add(SECOND))).toBe('order.taken S0-054');
    expect(new Desk(undefined, { taken: () => true }).refuses(application())).toBe('order.taken S0-054');
    expect(desk.refuses({ kind: 'cancelNumber', number: THIRD })).toBe('order.unknown S0-062');
    expect(desk.refuses({ kind: 'cancelId', id: id(9) })).toBe('order.unknown S0-062');
    expect(desk.refuses({ kind: 'moveId', id: id(1), device: 'nowhere' })).toBe(
      'contract.unknownDevice S0-062',
    );
  });

  it('[S0-199] [S0-200] a 03 number needs a base in the 23 wards, or the shared office', () => {
    const address = { inJapan: true, inTokyoWards: false, sharedOffice: false };
    expect(new Desk().refuses(application(1, [MAIN], { address }))).toBe('order.address03 S0-199 S0-200');
    expect(new Desk().refuses(application(1, ['0455550100'], { address }))).toBe('accepted');
    const shared = Desk.with(application(2, [MAIN], { address: { ...address, sharedOffice: true } }));
    expect(shared.refuses(add(SECOND))).toBe('accepted');
    const abroad = { inJapan: false, inTokyoWards: false, sharedOffice: true };
    expect(shared.refuses({ kind: 'changeAddress', address: abroad })).toBe('accepted');
    expect(shared.refuses({ kind: 'changeAddress', address })).toBe('order.address03 S0-199 S0-200');
  });

  it('[S0-064] the registered place of the base ID can move, as far as its numbers allow', () => {
    const desk = Desk.with();
    const address = { inJapan: true, inTokyoWards: false, sharedOffice: false };
    expect(desk.refuses({ kind: 'changeAddress', address })).toBe('order.address03 S0-199 S0-200');
    desk.takes({ kind: 'changeAddress', address: { ...address, sharedOffice: true } });
    expect(desk.contract.address?.sharedOffice).toBe(true);
    const abroad = { inJapan: false, inTokyoWards: false, sharedOffice: true };
    expect(desk.refuses({ kind: 'changeAddress', address: abroad })).toBe('accepted');
  });

  it('[S0-029] [S0-030] [S0-205] [A-04] a ported number is paid on top: 8,000 once and 2,080 a month', () => {
    const desk = Desk.with(application(1, [], { numbers: [{ number: MAIN, portIn: true }] }));
    expect(desk.monthlyYen()).toBe(2_080);
    expect(desk.paysFor()).toContain(`number.portIn.initial ${MAIN}`);
  });

  it('[A-04] [S0-205] a number ported in later takes the place of the contract number with all that is on it', () => {
    const desk = Desk.with(application(2)).takes(
      option('option.voicemail'),
      verified,
      option('option.forwarding'),
    );
    desk.later(10).takes({ kind: 'portIn', number: '0312349876', replaces: MAIN });
    expect(desk.notes[0]?.facts).toContain('A-04');
    expect(desk.paysFor()).toEqual([
      'number.contract 0312349876',
      'number.portIn.initial 0312349876',
      'number.portIn 0312349876',
      'id.base.initial id-000001-1',
      'id.base id-000001-1',
      'id.additional.initial id-000001-2',
      'id.additional id-000001-2',
      'option.voicemail 0312349876',
      'option.forwarding 0312349876',
    ]);
    expect(desk.contract.ids.map((one) => one.presents)).toEqual(['0312349876', '0312349876']);
    expect(desk.features('0312349876').voicemail).not.toBeNull();
    expect(desk.refuses({ kind: 'portIn', number: '0312349876', replaces: THIRD })).toBe(
      'order.unknown S0-062',
    );
  });

  it('[S0-002] [A-04] a number that was replaced once costs its fee when it is taken again', () => {
    const desk = Desk.with(application(2));
    desk.later(10).takes({ kind: 'portIn', number: '0312349876', replaces: MAIN });
    const before = desk.monthlyYen();
    desk.later(10).takes(add(MAIN));
    expect(desk.monthlyYen()).toBe(before + 200);
    expect(desk.paysFor()).toContain(`number.additional ${MAIN}`);
    desk.later(10).takes({ kind: 'cancelNumber', number: MAIN });
    expect(desk.monthlyYen()).toBe(before);
  });

  it('[S0-001] [A-04] the contract number costs its fee, once and from its first day, however often it was ported', () => {
    const desk = Desk.with(application(2));
    desk.later(10).takes({ kind: 'portIn', number: '0312349876', replaces: MAIN });
    desk.later(10).takes({ kind: 'portIn', number: MAIN, replaces: '0312349876' });
    desk.later(10).takes(add('0312349876'));
    const fees = subscriptionsOf(desk.contract).filter(({ item }) => /^number\.(contract|add)/.test(item));
    expect(fees).toEqual([
      { item: 'number.contract', on: MAIN, from: MONDAY, until: null },
      { item: 'number.additional', on: '0312349876', from: desk.now, until: null },
    ]);
    expect(desk.paysFor()).toContain(`number.portIn ${MAIN}`);
  });
});

describe('devices', () => {
  const deskPhone = (model: string, power?: 'poeHub' | 'ownPoe' | 'ownAc'): Application => ({
    ...application(1),
    devices: [{ id: 'app-1', model, ...(power === undefined ? {} : { power }) }],
  });

  it('[S0-174] [S0-175] [A-42] a Panasonic phone comes without power: hub, own PoE or own adapter', () => {
    expect(new Desk().refuses(deskPhone('panasonic'))).toBe('contract.power S0-174 S0-175 A-42');
    expect(new Desk().refuses(deskPhone('panasonic', 'ownPoe'))).toBe('accepted');
    expect(new Desk().refuses(deskPhone('panasonic', 'ownAc'))).toBe('accepted');
    expect(Desk.with(deskPhone('panasonic', 'poeHub')).paysFor()).toContain('device.poeHub app-1');
  });

  it('[S0-173] a Grandstream phone brings its adapter', () => {
    expect(Desk.with(deskPhone('grandstream')).paysFor()).toContain('device.grandstream.purchase app-1');
  });

  it('[S0-171] a withdrawn model is not sold any more', () => {
    expect(new Desk().refuses(deskPhone('grandstream-gxp1628'))).toBe('order.modelWithdrawn S0-171');
    expect(new Desk(japanMidnight(2021, 8, 31)).refuses(deskPhone('grandstream-gxp1628'))).toBe('accepted');
    expect(new Desk().refuses(deskPhone('rotary'))).toBe('order.unknownItem S0-154');
  });

  it('[S0-179] [S0-180] an adapter is for analog phones and faxes', () => {
    const desk = Desk.with();
    const adapter = (connects: 'fax' | 'businessPhone' | 'notAnalog'): Order => ({
      kind: 'addDevice',
      device: { id: 'adapter-1', model: 'adapter', connects },
    });
    expect(desk.refuses(adapter('businessPhone'))).toBe('order.analogOnly S0-179 S0-180');
    expect(desk.refuses(adapter('notAnalog'))).toBe('order.analogOnly S0-179 S0-180');
    expect(desk.refuses(adapter('fax'))).toBe('accepted');
  });

  it('[S0-177] [A-26] phones and adapters leave within two business days, apps do not leave', () => {
    const desk = Desk.with().takes({ kind: 'addDevice', device: { id: 'adapter-1', model: 'adapter' } });
    expect(desk.promises).toEqual([
      {
        what: 'shipped',
        on: 'adapter-1',
        by: japanMidnight(2026, 11, 18),
        businessDays: 2,
        facts: ['S0-177', 'A-26'],
      },
    ]);
    expect(Desk.with().promises).toEqual([]);
    expect(Desk.with(deskPhone('grandstream')).promises).toHaveLength(1);
    const unknown: Order = { kind: 'addDevice', device: { id: 'x', model: 'rotary' } };
    expect(desk.refuses(unknown)).toBe('order.unknownItem S0-154');
  });

  it('a device goes when no ID sits on it', () => {
    const desk = Desk.with(application(2)).takes({
      kind: 'addDevice',
      device: { id: 'adapter-1', model: 'adapter' },
    });
    expect(desk.refuses({ kind: 'cancelDevice', device: 'app-1' })).toBe('order.deviceInUse S0-062');
    desk.takes(
      { kind: 'moveId', id: id(1), device: 'adapter-1', port: 2 as PortNumber },
      { kind: 'cancelDevice', device: 'app-1' },
    );
    expect(desk.contract.ids[0]).toMatchObject({ device: 'adapter-1', port: 2 });
    expect(desk.refuses({ kind: 'cancelDevice', device: 'app-1' })).toBe('order.unknown S0-062');
  });

  it('[S0-092] [A-49] ten free minutes and desk phones or adapters refuse each other in either order', () => {
    const desk = Desk.with(application(2)).takes(
      { kind: 'addDevice', device: { id: 'adapter-1', model: 'adapter' } },
      option('option.tenMinutes', id(1)),
    );
    const move: Order = { kind: 'moveId', id: id(1), device: 'adapter-1' };
    expect(desk.refuses(move)).toBe('contract.excludes S0-092 A-49');
    desk.takes(cancel('option.tenMinutes', id(1)), move);
    expect(desk.refuses(option('option.tenMinutes', id(1)))).toBe('contract.excludes S0-092 A-49');
  });
});

describe('the model before 2021-06-26', () => {
  const then = japanMidnight(2021, 6, 1);
  const legacy = (ids: number): Application => {
    const order = application(ids, []);
    return {
      ...order,
      model: 'legacy',
      numbers: order.ids.map((one, index) => ({
        number: `035555020${index}`,
        kind: 'direct',
        rings: [one.id],
      })),
    };
  };
  const representative = (index: number): Order => ({
    kind: 'addNumber',
    number: { number: `035555030${index}` },
  });

  it('[A-45] is not sold to new contracts any more', () => {
    expect(new Desk().refuses(legacy(1))).toBe('order.legacyModel A-45 S0-054');
    expect(new Desk(then).refuses(legacy(1))).toBe('accepted');
    expect(new Desk(then).refuses({ ...application(1), model: 'legacy' })).toMatch(/^contract.numberKind/);
  });

  it('[S0-067] [S0-069] has direct numbers, and representative ones that several devices share', () => {
    const desk = Desk.with(legacy(3), then).takes(representative(0));
    expect(desk.contract.numbers.map((one) => [one.kind, one.rings.length])).toEqual([
      ['direct', 1],
      ['direct', 1],
      ['direct', 1],
      ['representative', 3],
    ]);
    expect(desk.paysFor()).toContain('number.representative 0355550300');
  });

  it('[S0-068] [S0-070] gives every ID a direct number, which rings it alone', () => {
    const desk = Desk.with(legacy(2), then);
    const more: Order = {
      kind: 'addId',
      id: { id: id(3), device: 'app-3', extension: '13' },
      device: { id: 'app-3', model: 'app' },
    };
    expect(desk.refuses(more)).toBe('contract.directNumber S0-068 S0-070');
    expect(desk.refuses({ kind: 'changeNumber', number: '0355550200', rings: [id(1), id(2)] })).toBe(
      'contract.directNumber S0-068 S0-070',
    );
    desk.takes({ ...more, directNumber: '0355550209' });
    expect(desk.contract.ids[2]?.presents).toBe('0355550209');
    desk.takes({ kind: 'cancelId', id: id(3) });
    expect(desk.contract.numbers.find((one) => one.number === '0355550209')?.held.until).toBe(then);
  });

  it('[S0-065] has the direct number of the base ID as its main number', () => {
    const order = legacy(2);
    const swapped = { ...order, numbers: [...order.numbers].reverse() };
    expect(new Desk(then).refuses(swapped)).toBe('contract.mainNumber S0-065');
    expect(loginNumber(Desk.with(order, then).contract)).toBe('0355550200');
  });

  it('[S0-071] [S0-073] has no more representative numbers, and no more calls at once, than IDs', () => {
    const desk = Desk.with(legacy(3), then).takes(representative(0), representative(1), representative(2));
    expect(channelsOf(desk.contract)).toBe(3);
    expect(desk.refuses(representative(3))).toBe('contract.representatives S0-071 S0-073');
  });

  it('[S0-072] has 4 or more of them only after a declaration that was accepted', () => {
    const desk = Desk.with(legacy(5), then).takes(representative(0), representative(1), representative(2));
    expect(desk.refuses(representative(3))).toBe('contract.manyRepresentatives S0-072');
    desk.takes({ kind: 'acceptManyRepresentatives' }, representative(3));
    expect(desk.contract.numbers).toHaveLength(9);
  });
});

describe('the reception app', () => {
  const ipad: Order = { kind: 'addDevice', device: { id: 'ipad-1', model: 'ipad' } };
  const onIpad: Order = { kind: 'moveId', id: id(2), device: 'ipad-1' };

  it('[S0-186] [A-27] [S0-182] makes an ID on an iPad reception-only, which still counts', () => {
    const desk = Desk.with(application(2));
    expect(desk.refuses(option('option.receptionApp', id(2)))).toMatch(/^contract.reception S0-182/);
    desk.takes(ipad, onIpad, option('option.receptionApp', id(2)));
    expect(desk.notes[0]?.facts).toEqual(['S0-186', 'A-27']);
    expect(desk.contract.numbers[0]?.rings).toEqual([id(1)]);
    expect(channelsOf(desk.contract)).toBe(2);
    expect(desk.paysFor().filter((one) => one.includes('receptionApp'))).toEqual([
      'option.receptionApp.initial id-000001-2',
      'option.receptionApp id-000001-2',
    ]);
    expect(desk.refuses({ kind: 'changeNumber', number: MAIN, rings: [id(2)] })).toMatch(
      /^contract.reception/,
    );
    expect(desk.refuses({ kind: 'moveId', id: id(2), device: 'app-2' })).toMatch(/^contract.reception/);
  });

  it('[S0-185] on a new ID costs the fees of the ID', () => {
    const order = application(1);
    const desk = Desk.with({
      ...order,
      ids: [...order.ids, { id: id(2), device: 'ipad-1', extension: '12' }],
      devices: [...order.devices, { id: 'ipad-1', model: 'ipad' }],
      options: [{ item: 'option.receptionApp', on: id(2) }],
    });
    expect(desk.paysFor()).toContain('id.additional.initial id-000001-2');
    expect(desk.contract.numbers[0]?.rings).toEqual([id(1)]);
  });

  it('[S0-183] [S0-087] has the buttons of its layout, each for a ring group that exists', () => {
    const desk = Desk.with(application(2)).takes(ipad, onIpad, option('option.receptionApp', id(2)), {
      kind: 'changeGroups',
      groups: [{ id: 'sales', how: 'simultaneous', members: [{ id: id(1) }], forMs: 30_000, deskFirstMs: 0 }],
    });
    const app = (layout: 'oneButton' | 'twoButtons', ...groups: readonly string[]): Order => ({
      kind: 'changeId',
      id: id(2),
      change: { reception: { layout, buttons: groups.map((group) => ({ label: '営業', group })) } },
    });
    expect(desk.refuses(app('twoButtons', 'sales'))).toMatch(/^contract.reception .*S0-183/);
    expect(desk.refuses(app('oneButton', 'nobody'))).toBe('contract.unknownGroup S0-084 S0-087');
    desk.takes(app('oneButton', 'sales'));
    expect(Desk.with(application(2)).refuses(app('oneButton', 'sales'))).toMatch(/^contract/);
  });
});

describe('a contract', () => {
  it('[S0-158] ends with everything that stands on it', () => {
    const desk = Desk.with().takes(option('option.voicemail'), { kind: 'cancelContract' });
    expect(desk.contract.state).toBe('ended');
    expect(desk.paysFor()).toEqual([]);
    expect(desk.refuses(option('option.afterHours'))).toBe('order.ended S0-158');
    expect(desk.refuses(turn('afterHours', true))).toBe('order.ended S0-158');
  });

  it('is applied for once, and first', () => {
    expect(Desk.with().refuses(application())).toBe('order.appliedTwice S0-031');
    expect(new Desk().refuses(option('option.voicemail'))).toBe('order.notApplied S0-146');
  });

  it('can be paused and resumed where the service allows it', () => {
    const desk = Desk.with().takes({ kind: 'pause' });
    expect(desk.contract.state).toBe('suspended');
    expect(desk.takes({ kind: 'resume' }).contract.state).toBe('active');
  });

  it('keeps names apart', () => {
    const order = application(2);
    const twice = order.ids.map((one) => ({ ...one, id: 'id-000001-1' as ServiceId }));
    expect(new Desk().refuses({ ...order, ids: twice })).toMatch(/^contract.twice/);
  });
});
