import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../cloud-stub/catalogue/index.ts';
import type { Catalogue } from '../../../../cloud-stub/catalogue/types.ts';
import type { AnswerMode, IvrMenu, NumberFeatures } from '../../../../cloud-stub/contracts/features.ts';
import { emptyFeatures, OFFICE_HOURS } from '../../../../cloud-stub/contracts/features.ts';
import type { Application, Order } from '../../../../cloud-stub/contracts/orders/types.ts';
import { japanMidnight } from '../../../../lib/base/japan-time.ts';
import {
  application,
  cancel,
  Desk,
  id,
  MAIN,
  MONDAY,
  OUTSIDE,
  option,
  SECOND,
  THIRD,
  turn,
  verified,
} from './desk.ts';

const change = (settings: Partial<Omit<NumberFeatures, 'answer'>>, number = MAIN): Order => ({
  kind: 'changeNumber',
  number,
  change: settings,
});

/** An office with forwarding to a mobile and after-hours contracted, nothing switched on. */
function forwarder(): Desk {
  return Desk.with(application(2)).takes(
    verified,
    option('option.forwarding'),
    option('option.afterHours'),
    change({ forwardTo: OUTSIDE }),
  );
}

const toggles = (desk: Desk): readonly string[] => {
  const { answer } = desk.features();
  return answer.mode === 'schedule'
    ? ['schedule']
    : Object.entries(answer).flatMap(([name, on]) => (on === true ? [name] : []));
};

describe('switches of a number', () => {
  it('[S0-140] [A-16] forwarding ON turns after-hours OFF, and forwarding OFF leaves it OFF', () => {
    const desk = forwarder().takes(turn('afterHours', true));
    expect(toggles(desk)).toEqual(['afterHours']);
    desk.takes(turn('forwarding', true));
    expect(toggles(desk)).toEqual(['forwarding']);
    expect(desk.notes).toMatchObject([{ facts: ['S0-140', 'S0-141', 'A-16'] }]);
    desk.takes(turn('forwarding', false));
    expect(toggles(desk)).toEqual([]);
    expect(desk.notes).toEqual([]);
    const both: AnswerMode = { mode: 'toggles', forwarding: true, afterHours: true, bot: false, ivr: false };
    expect(desk.refuses({ kind: 'answerMode', number: MAIN, answer: both })).toBe(
      'contract.toggles S0-140 S0-141 A-16',
    );
  });

  it('[S0-141] [A-16] after-hours ON turns forwarding OFF, and after-hours OFF leaves it OFF', () => {
    const desk = forwarder().takes(turn('forwarding', true), turn('afterHours', true));
    expect(toggles(desk)).toEqual(['afterHours']);
    desk.takes(turn('afterHours', false));
    expect(toggles(desk)).toEqual([]);
    const both: AnswerMode = { mode: 'toggles', forwarding: true, afterHours: true, bot: false, ivr: false };
    expect(desk.refuses({ kind: 'answerMode', number: MAIN, answer: both })).toBe(
      'contract.toggles S0-140 S0-141 A-16',
    );
  });

  it('[A-17] the bot and forwarding refuse each other, and go together in a schedule', () => {
    const desk = forwarder().takes(option('option.answerBot'), turn('bot', true));
    expect(desk.refuses(turn('forwarding', true))).toBe('contract.toggles A-17');
    desk.takes(turn('bot', false), turn('forwarding', true));
    expect(desk.refuses(turn('bot', true))).toBe('contract.toggles A-17');
    const answer: AnswerMode = {
      mode: 'schedule',
      table: {
        intervals: [{ on: { days: ['mon'] }, fromMinute: 540, untilMinute: 600, value: { do: 'bot' } }],
        holidays: 'own',
        otherwise: { do: 'forward', to: OUTSIDE },
      },
    };
    expect(desk.refuses({ kind: 'answerMode', number: MAIN, answer })).toBe('accepted');
  });

  it('[S0-127] the subscriber turns the bot off, and pays its fee on', () => {
    const desk = Desk.with().takes(option('option.answerBot'), turn('bot', true), turn('bot', false));
    expect(toggles(desk)).toEqual([]);
    expect(desk.paysFor()).toContain(`option.answerBot ${MAIN}`);
    expect(desk.refuses(turn('bot', false, SECOND))).toBe('order.unknown S0-062');
  });

  it('[S0-142] [A-16] in schedule mode both stand side by side, and the switches do nothing', () => {
    const desk = forwarder().takes({
      kind: 'answerMode',
      number: MAIN,
      answer: {
        mode: 'schedule',
        table: {
          intervals: [
            {
              on: { days: ['mon', 'tue', 'wed', 'thu', 'fri'] },
              fromMinute: 540,
              untilMinute: 1_080,
              value: { do: 'forward', to: OUTSIDE },
            },
          ],
          holidays: 'own',
          otherwise: { do: 'announce', announcement: 'default.afterHours' },
        },
      },
    });
    expect(desk.refuses(turn('forwarding', true))).toBe('order.scheduleMode A-16 S0-142');
    const off: AnswerMode = { mode: 'toggles', forwarding: false, afterHours: false, bot: false, ivr: false };
    desk.takes({ kind: 'answerMode', number: MAIN, answer: off }, turn('forwarding', true));
    expect(toggles(desk)).toEqual(['forwarding']);
  });

  it('[S0-086] each switch and each action of a schedule needs its option on the same number', () => {
    const desk = Desk.with(application(2, [MAIN, SECOND])).takes(
      verified,
      option('option.afterHours', SECOND),
    );
    expect(desk.refuses(turn('afterHours', true))).toMatch(/^contract.optionMissing S0-086/);
    expect(desk.refuses(turn('afterHours', true, SECOND))).toBe('accepted');
    expect(desk.refuses(turn('bot', true))).toMatch(/^contract.optionMissing/);
    expect(desk.refuses(turn('ivr', true))).toMatch(/^contract.optionMissing/);
    const answer: AnswerMode = {
      mode: 'schedule',
      table: { intervals: [], holidays: 'own', otherwise: { do: 'announce', announcement: 'x' } },
    };
    expect(desk.refuses({ kind: 'answerMode', number: MAIN, answer })).toMatch(
      /^contract.optionMissing S0-086/,
    );
    expect(desk.refuses({ kind: 'answerMode', number: THIRD, answer })).toBe('order.unknown S0-062');
    expect(desk.refuses(turn('bot', true, THIRD))).toBe('order.unknown S0-062');
    expect(desk.refuses(change({}, THIRD))).toBe('order.unknown S0-062');
  });

  it('[S0-144] [S0-204] nothing is forwarded before the identity check', () => {
    const desk = Desk.with().takes(option('option.forwarding'));
    expect(desk.refuses(change({ forwardTo: OUTSIDE }))).toBe('contract.identity S0-144 S0-204');
    const answer: AnswerMode = {
      mode: 'schedule',
      table: { intervals: [], holidays: 'own', otherwise: { do: 'forward', to: OUTSIDE } },
    };
    expect(desk.refuses({ kind: 'answerMode', number: MAIN, answer })).toBe(
      'contract.identity S0-144 S0-204',
    );
    desk.takes(verified, change({ forwardTo: OUTSIDE }), turn('forwarding', true));
    expect(desk.contract.identity).toEqual({ method: 'icChip', at: MONDAY });
  });

  it('[S0-144] [S0-204] checks by photograph or copies are lawful until 2027-03-31', () => {
    const before = Desk.with(application(), japanMidnight(2027, 3, 31));
    const after = Desk.with(application(), japanMidnight(2027, 4, 1));
    for (const method of ['photographed', 'copies'] as const) {
      expect(before.refuses({ kind: 'verifyIdentity', method })).toBe('accepted');
      expect(after.refuses({ kind: 'verifyIdentity', method })).toBe('order.verification S0-144');
    }
    expect(after.refuses({ kind: 'verifyIdentity', method: 'faceToFace' })).toBe('accepted');
  });

  it('[S0-135] [S0-136] forwarding has a target outside the contract', () => {
    const desk = Desk.with(application(2, [MAIN, SECOND])).takes(verified, option('option.forwarding'));
    expect(desk.refuses(turn('forwarding', true))).toMatch(/^contract.forwardTarget/);
    for (const forwardTo of [SECOND, '110', 'mother']) {
      expect(desk.refuses(change({ forwardTo })), forwardTo).toMatch(/^contract.forwardTarget S0-135/);
    }
    expect(desk.refuses(change({ forwardTo: '05012345678' }))).toBe('accepted');
  });

  it('[A-62] any number that carries the option forwards', () => {
    const desk = Desk.with(application(2, [MAIN, SECOND])).takes(
      verified,
      option('option.forwarding', SECOND),
      change({ forwardTo: OUTSIDE }, SECOND),
      turn('forwarding', true, SECOND),
    );
    expect(desk.features(SECOND).answer).toMatchObject({ forwarding: true });
  });
});

describe('options', () => {
  it('[S0-120] voicemail never answers after 0 s', () => {
    const desk = Desk.with().takes(option('option.voicemail'));
    expect(desk.features().voicemail).toEqual({ afterMs: 20_000, greeting: 'default.voicemail' });
    const set = (afterMs: number): Order => change({ voicemail: { afterMs, greeting: 'default.voicemail' } });
    expect(desk.refuses(set(0))).toBe('contract.voicemailAfter S0-120');
    expect(desk.refuses(set(-5))).toBe('contract.voicemailAfter S0-120');
    expect(desk.refuses(set(1))).toBe('accepted');
  });

  it('[S0-125] [A-57] the bot and voicemail are exclusive on one number, not on two', () => {
    const desk = Desk.with(application(2, [MAIN, SECOND])).takes(option('option.voicemail'));
    expect(desk.refuses(option('option.answerBot'))).toBe('contract.excludes S0-125 A-57');
    desk.takes(option('option.answerBot', SECOND));
    expect(desk.refuses(option('option.voicemail', SECOND))).toBe('contract.excludes S0-125 A-57');
  });

  it('[S0-076] no busy message where voicemail is contracted', () => {
    const desk = Desk.with().takes(change({ busyMessage: true }), option('option.voicemail'));
    expect(desk.features().busyMessage).toBe(false);
    expect(desk.refuses(change({ busyMessage: true }))).toBe('contract.busyMessage S0-076');
    desk.takes(cancel('option.voicemail'), change({ busyMessage: true }));
    expect(desk.features().voicemail).toBeNull();
  });

  it('[S0-134] recording is ordered later, never in the first application', () => {
    const options = [{ item: 'option.recording', on: MAIN }];
    expect(new Desk().refuses(application(1, [MAIN], { options }))).toBe('order.optionLater S0-134');
    const others = [{ item: 'option.ivr', on: MAIN }];
    expect(new Desk().refuses(application(1, [MAIN], { options: others }))).toBe('accepted');
    const desk = Desk.with().takes(option('option.recording'));
    expect(desk.features().recording).toBe(true);
    expect(desk.takes(cancel('option.recording')).features().recording).toBe(false);
  });

  it('[S0-130] recording is per number', () => {
    const desk = Desk.with(application(2, [MAIN, SECOND])).takes(option('option.recording', SECOND));
    expect(desk.features(MAIN).recording).toBe(false);
    expect(desk.refuses(change({ recording: true }))).toMatch(/^contract.optionMissing .*S0-130/);
  });

  it('[S0-106] [A-12] fax on one ID is contracted on the contract number', () => {
    const desk = Desk.with();
    expect(desk.refuses(change({ fax: { use: 'faxOnly', relayTo: null } }))).toMatch(/^contract.fax A-12/);
    desk.takes(option('option.fax'));
    expect(desk.features().fax.use).toBe('voiceAndFax');
    expect(desk.refuses(option('option.faxUnlimited500', id(1)))).toBe('accepted');
    expect(desk.takes(cancel('option.fax')).features().fax.use).toBe('off');
  });

  it('[S0-107] [A-12] fax on several IDs is contracted per ID, at the same price', () => {
    const desk = Desk.with(application(2)).takes(option('option.fax', id(1)), option('option.fax', id(2)));
    expect(desk.paysFor().filter((one) => one.startsWith('option.fax'))).toHaveLength(2);
    expect(desk.refuses(option('option.faxUnlimited500', id(2)))).toBe('accepted');
    expect(desk.refuses(change({ fax: { use: 'voiceAndFax', relayTo: null } }))).toBe('accepted');
    const none = Desk.with(application(2)).takes(option('option.fax'));
    expect(none.refuses(option('option.faxUnlimited500', id(2)))).toBe('contract.requires S0-015 S0-104');
  });

  it('[S0-108] [A-12] fax on an additional number alone can neither send nor receive: an ID must have it', () => {
    const desk = Desk.with(application(2, [MAIN, SECOND]));
    expect(desk.refuses(option('option.fax', SECOND))).toMatch(/^contract.fax A-12.*S0-108/);
    const faxes = change({ fax: { use: 'faxOnly', relayTo: null } }, SECOND);
    expect(desk.refuses(faxes)).toMatch(/^contract.fax/);
    desk.takes(option('option.fax', id(2)));
    expect(desk.refuses(faxes)).toMatch(/^contract.fax/);
    desk.takes(option('option.fax', SECOND));
    expect(desk.refuses(faxes)).toBe('accepted');
    expect(desk.refuses(cancel('option.fax', id(2)))).toMatch(/^contract.fax/);
  });

  it('[S0-112] faxes of the contract number can be relayed to an adapter, and nowhere else', () => {
    const desk = Desk.with(application(2)).takes(option('option.fax'), {
      kind: 'addDevice',
      device: { id: 'adapter-1', model: 'adapter', connects: 'fax' },
    });
    const relay = change({ fax: { use: 'voiceAndFax', relayTo: id(2) } });
    expect(desk.refuses(relay)).toBe('contract.faxRelay S0-112');
    desk.takes({ kind: 'moveId', id: id(2), device: 'adapter-1' }, relay);
    desk.takes({ kind: 'cancelId', id: id(2) });
    expect(desk.features().fax.relayTo).toBeNull();
  });

  it('[S0-194] the phone book is per ID that uses it', () => {
    const desk = Desk.with(application(2)).takes(
      option('option.phoneBook', id(1)),
      option('option.phoneBook', id(2)),
    );
    expect(desk.paysFor().filter((one) => one.startsWith('option.phoneBook'))).toHaveLength(2);
    expect(desk.refuses(option('option.phoneBook', MAIN))).toBe('order.wrongPlace S0-130 S0-194 S0-107');
    expect(desk.refuses(option('option.phoneBook', id(1)))).toBe('order.alreadyHeld S0-010');
  });

  it('[S0-154] options are those of the service', () => {
    expect(Desk.with().refuses(option('calleePays.percentage'))).toBe('order.unknownItem S0-154');
    expect(Desk.with().refuses(option('id.additional'))).toBe('order.unknownItem S0-154');
    expect(Desk.with().refuses({ kind: 'groupForwarding', action: 'start' })).toBe(
      'order.unknownItem S0-154',
    );
    const golden = application(1, [MAIN], { sets: [{ set: 'golden' }] });
    expect(new Desk().refuses(golden)).toBe('order.unknownItem S0-154');
    expect(new Desk().refuses({ ...golden, sets: [{ set: 'basic' }] })).toBe('accepted');
    expect(Desk.with().refuses(cancel('option.voicemail'))).toBe('order.unknown S0-062');
  });

  it('[S0-095] [A-08] the provider takes ten free minutes away with a reason, from then on', () => {
    const desk = Desk.with(application(2))
      .takes(
        option('option.tenMinutes', id(1)),
        option('option.tenMinutes', id(2)),
        option('option.voicemail'),
      )
      .later(3);
    const away: Order = { kind: 'cancelOption', item: 'option.tenMinutes', on: id(1), by: 'provider' };
    expect(desk.refuses(away)).toBe('order.reason S0-095 A-08');
    desk.takes({ ...away, reason: 'telemarketing, 400 calls a day' });
    expect(desk.notes[0]).toMatchObject({ facts: ['S0-095', 'A-08'] });
    expect(desk.contract.options[0]?.held).toEqual({ from: MONDAY, until: desk.now });
  });

  it('[S0-159] the operators need the forwarding option on the number that they answer', () => {
    const desk = Desk.with();
    expect(desk.refuses(option('option.operator'))).toBe('contract.requires S0-159');
    desk.takes(option('option.forwarding'), option('option.operator'));
    expect(desk.paysFor()).toContain(`option.operator.initial ${MAIN}`);
    expect(desk.refuses(cancel('option.forwarding'))).toBe('contract.requires S0-159');
  });

  it('[S0-083] menus name what exists and have digits', () => {
    const menu: IvrMenu = {
      id: 'main',
      prompt: 'welcome',
      keys: { 1: { do: 'ring', group: null }, 2: { do: 'menu', menu: 'hours' } },
      waitMs: 5_000,
      tries: 2,
      otherwise: { do: 'hangUp' },
    };
    const hours: IvrMenu = { ...menu, id: 'hours', keys: {} };
    const desk = Desk.with().takes(option('option.ivr'));
    expect(desk.refuses(change({ menus: [menu], ivrMenu: 'main' }))).toBe('contract.unknownMenu S0-083');
    expect(desk.refuses(change({ menus: [{ ...hours, keys: { A: { do: 'repeat' } } }] }))).toBe(
      'contract.unknownMenu S0-083',
    );
    expect(desk.refuses(turn('ivr', true))).toBe('contract.unknownMenu S0-083');
    desk.takes(change({ menus: [menu, hours], ivrMenu: 'main' }), turn('ivr', true));
    expect(desk.takes(cancel('option.ivr')).features()).toMatchObject({
      menus: [],
      ivrMenu: null,
      answer: { ivr: false },
    });
  });

  it('[S0-115] [S0-116] hours must be possible and must not contradict themselves', () => {
    const desk = Desk.with().takes(option('option.afterHours'));
    const twice = { ...OFFICE_HOURS, intervals: [...OFFICE_HOURS.intervals, ...OFFICE_HOURS.intervals] };
    expect(desk.refuses(change({ afterHours: { hours: twice, announcement: 'x' } }))).toBe(
      'contract.timeTable S0-115 S0-116',
    );
  });

  it('what is never said stays as it was', () => {
    expect(Desk.with().features()).toEqual(emptyFeatures());
  });

  it('[S0-018] cancelling forwarding switches it off and forgets its target', () => {
    const desk = forwarder().takes(turn('forwarding', true), cancel('option.forwarding'));
    expect(desk.features()).toMatchObject({ forwardTo: null, answer: { forwarding: false } });
    expect(desk.takes(cancel('option.afterHours')).features().answer).toMatchObject({ afterHours: false });
  });
});

describe('sets', () => {
  const with3 = (sets: Application['sets'], more: Partial<Application> = {}): Application =>
    application(3, [MAIN, SECOND, THIRD], { ...(sets === undefined ? {} : { sets }), ...more });

  it('[S0-033] [A-02] the Basic set holds voicemail and after-hours for 780', () => {
    const plain = Desk.with(application()).monthlyYen();
    const desk = Desk.with(application(1, [MAIN], { sets: [{ set: 'basic' }] }));
    expect(desk.monthlyYen() - plain).toBe(780);
    expect(desk.contract.sets).toMatchObject([{ id: 'basic-1', item: 'set.basic' }]);
  });

  it('[S0-035] [A-54] the Standard set holds an additional ID and number, which pays its initial fee', () => {
    const plain = Desk.with(application()).monthlyYen();
    const desk = Desk.with(application(2, [MAIN, SECOND], { sets: [{ set: 'standard' }] }));
    expect(desk.monthlyYen() - plain).toBe(1_180);
    expect(desk.paysFor()).toContain('id.additional.initial id-000001-2');
    expect(new Desk().refuses(application(1, [MAIN], { sets: [{ set: 'standard' }] }))).toBe(
      'order.setMember S0-035',
    );
  });

  it('[S0-037] [A-02] the Premium set holds five options for 1,780', () => {
    const plain = Desk.with(application()).monthlyYen();
    expect(Desk.with(application(1, [MAIN], { sets: [{ set: 'premium' }] })).monthlyYen() - plain).toBe(
      1_780,
    );
  });

  it('[S0-031] [S0-039] [A-03] sets come with the first application only, and are neither changed nor cancelled', () => {
    const desk = Desk.with(with3([{ set: 'basic' }]));
    expect(desk.refuses({ kind: 'set', action: 'add', set: 'basic' })).toBe('order.setLater S0-031');
    expect(desk.refuses({ kind: 'set', action: 'change', set: 'premium' })).toBe(
      'order.setFixed S0-039 A-03',
    );
    expect(desk.refuses({ kind: 'set', action: 'cancel', set: 'basic' })).toBe('order.setFixed S0-039 A-03');
  });

  it('[S0-040] one application holds one kind of set', () => {
    expect(new Desk().refuses(with3([{ set: 'basic' }, { set: 'premium' }]))).toBe('order.setKinds S0-040');
    expect(new Desk().refuses(with3([{ set: 'premium' }]))).toBe('accepted');
    expect(new Desk().refuses(with3([{ set: 'golden' }]))).toBe('order.unknownItem S0-154');
    expect(Desk.with(with3([])).contract.sets).toBeUndefined();
  });

  it('[S0-041] only the Basic set comes several times: once for each number', () => {
    const numbers = [MAIN, SECOND, THIRD];
    const basics = numbers.map((number) => ({ set: 'basic', number }));
    expect(Desk.with(with3(basics)).contract.sets).toHaveLength(3);
    expect(new Desk().refuses(with3([...basics, { set: 'basic', number: MAIN }]))).toBe(
      'order.setTwice S0-041',
    );
    expect(new Desk().refuses(with3([{ set: 'premium' }, { set: 'premium', number: SECOND }]))).toBe(
      'order.setTwice S0-041',
    );
    expect(new Desk().refuses(with3([{ set: 'premium' }]))).toBe('accepted');
    expect(new Desk().refuses(with3([{ set: 'basic', number: '0355550999' }]))).toBe(
      'order.setMember S0-035',
    );
  });

  it('[S0-042] [S0-043] [A-03] a cancelled member dissolves its set for good; the rest costs list price', () => {
    const desk = Desk.with(application(1, [MAIN], { sets: [{ set: 'premium' }] })).later(5);
    const plain = Desk.with(application()).monthlyYen();
    desk.takes(cancel('option.voicemail'));
    expect(desk.notes[0]?.facts).toEqual(['S0-042', 'S0-043', 'A-03']);
    expect(desk.monthlyYen() - plain).toBe(2_360 - 280);
    desk.takes(option('option.voicemail'));
    expect(desk.monthlyYen() - plain).toBe(2_360);
    expect(desk.contract.sets?.[0]?.held).toEqual({ from: MONDAY, until: desk.now });
    const since = desk.now;
    desk.later(5).takes(cancel('option.voicemail'), cancel('option.afterHours'));
    expect(desk.notes).toEqual([]);
    expect(desk.contract.sets?.[0]?.held.until).toBe(since);
  });

  it('[S0-042] a cancelled additional ID or number dissolves the Standard set too', () => {
    const order = application(2, [MAIN, SECOND], { sets: [{ set: 'standard' }] });
    const number = Desk.with(order).takes({ kind: 'cancelNumber', number: SECOND });
    expect(number.contract.sets?.[0]?.held.until).toBe(MONDAY);
    const ids = Desk.with({ ...order, ...application(3, [MAIN, SECOND]), sets: [{ set: 'standard' }] });
    expect(ids.takes({ kind: 'cancelId', id: id(3) }).contract.sets?.[0]?.held.until).toBeNull();
    expect(
      ids
        .takes({ kind: 'addId', id: { id: id(4), device: 'app-1', extension: '14' } })
        .takes({ kind: 'cancelId', id: id(2) }).contract.sets?.[0]?.held.until,
    ).toBe(MONDAY);
  });

  it('[A-55] of several Basic sets the others stay', () => {
    const desk = Desk.with(with3([{ set: 'basic' }, { set: 'basic', number: SECOND }])).takes(
      cancel('option.afterHours', SECOND),
    );
    expect(desk.contract.sets?.map((one) => one.held.until)).toEqual([null, MONDAY]);
  });

  it('[S0-044] [A-52] the end of sale is for new applications; whoever has the set keeps its price', () => {
    const ended: Catalogue = {
      ...catalogue,
      sets: catalogue.sets.map((one) => ({ ...one, soldUntil: MONDAY })),
    };
    const order = application(1, [MAIN], { sets: [{ set: 'basic' }] });
    expect(new Desk(MONDAY, { catalogue: ended }).refuses(order)).toBe('order.setNotSold S0-044 A-52');
    const before = Desk.with(order, japanMidnight(2026, 11, 1), { catalogue: ended });
    before.now = MONDAY;
    before.takes(option('option.ivr'));
    expect(before.paysFor()).toContain('set.basic basic-1');
  });

  it('[S0-044] an option whose sale has ended stays with whoever has it', () => {
    const ended: Catalogue = {
      ...catalogue,
      items: catalogue.items.map((one) => (one.id === 'option.ivr' ? { ...one, soldUntil: MONDAY } : one)),
    };
    expect(Desk.with(application(), MONDAY, { catalogue: ended }).refuses(option('option.ivr'))).toBe(
      'order.notSold S0-044 A-52',
    );
  });
});
