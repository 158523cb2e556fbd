import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../cloud-stub/catalogue/index.ts';
import type { Catalogue } from '../../../../cloud-stub/catalogue/types.ts';
import type { Order } from '../../../../cloud-stub/contracts/orders/types.ts';
import { instant } from '../../../../lib/base/clock.ts';
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
  turn,
  verified,
} from './desk.ts';

describe('switches of a number', () => {
  it('[S0-140] [S0-141] switches that a schedule still carries exclude nothing', () => {
    const answer = {
      mode: 'schedule',
      table: { intervals: [], holidays: 'own', otherwise: { do: 'forward', to: OUTSIDE } },
      forwarding: true,
      afterHours: true,
      bot: false,
      ivr: false,
    } as const;
    const desk = Desk.with().takes(verified, option('option.forwarding'), option('option.afterHours'));
    expect(desk.refuses({ kind: 'answerMode', number: MAIN, answer })).toBe('accepted');
    const { table: _table, ...switches } = answer;
    const both: Order = { kind: 'answerMode', number: MAIN, answer: { ...switches, mode: 'toggles' } };
    expect(desk.refuses(both)).toBe('contract.toggles S0-140 S0-141 A-16');
  });

  it('[S0-204] forwarding without a target waits for the identity check before it asks for the target', () => {
    const desk = Desk.with().takes(option('option.forwarding'));
    expect(desk.refuses(turn('forwarding', true))).toBe('contract.identity S0-144 S0-204');
    expect(desk.takes(verified).refuses(turn('forwarding', true))).toMatch(/^contract.forwardTarget/);
  });

  it('[A-17] the bot and forwarding are held together, which the bot and voicemail are not', () => {
    const desk = Desk.with().takes(option('option.answerBot'), option('option.forwarding'));
    expect(desk.refuses(option('option.voicemail'))).toBe('contract.excludes S0-125 A-57');
    // An option that another one requires is there with it, and excludes nothing.
    expect(desk.refuses(option('option.operator'))).toBe('accepted');
  });

  it('[A-27] the reception app on an ID that no number rings takes nothing away and says nothing', () => {
    const ipad = Desk.with(
      application(2, [MAIN], {
        numbers: [{ number: MAIN, rings: [id(1)] }],
        devices: [
          { id: 'app-1', model: 'app' },
          { id: 'app-2', model: 'ipad' },
        ],
      }),
    ).takes(option('option.receptionApp', id(2)));
    expect(ipad.notes).toEqual([]);
    expect(ipad.contract.numbers[0]?.rings).toEqual([id(1)]);
  });
});

describe('sets', () => {
  it('[A-52] a set is for sale from its first moment on', () => {
    const later: Catalogue = {
      ...catalogue,
      sets: catalogue.sets.map((one) => ({ ...one, soldFrom: MONDAY })),
    };
    const order = application(1, [MAIN], { sets: [{ set: 'basic' }] });
    expect(new Desk(MONDAY, { catalogue: later }).refuses(order)).toBe('accepted');
    expect(new Desk(instant(MONDAY - 1), { catalogue: later }).refuses(order)).toBe(
      'order.setNotSold S0-044 A-52',
    );
  });

  it('[A-55] an option that is no member of a set leaves every set of its number', () => {
    const sets = [{ set: 'basic' }, { set: 'basic', number: SECOND }];
    const desk = Desk.with(application(3, [MAIN, SECOND], { sets })).takes(
      option('option.ivr', SECOND),
      cancel('option.ivr', SECOND),
    );
    expect(desk.contract.sets?.map((one) => one.held.until)).toEqual([null, null]);
    expect(desk.notes).toEqual([]);
  });
});
