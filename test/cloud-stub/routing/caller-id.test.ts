import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../cloud-stub/catalogue/index.ts';
import { type Contract, emptyFeatures } from '../../../cloud-stub/contracts/index.ts';
import { rate, tariffOf } from '../../../cloud-stub/rating/index.ts';
import { defaultPolicy } from '../../../cloud-stub/routing/index.ts';
import { instant } from '../../../lib/base/clock.ts';
import { dial, officeOn, withTollFree } from './outgoing-office.ts';
import { BASE, CONTRACT, MAIN, NOW, SECOND, snapshotOf } from './world.ts';

const FREE = '0120555010';
const held = { from: instant(0), until: null };
const phone = officeOn('deskPhone');
const option = 'tollFree.presentNumber';
const showing = (contract: Contract, presents: string): Contract => ({
  ...contract,
  ids: contract.ids.map((id) => (id.id === BASE ? { ...id, presents } : id)),
});
const number = (
  digits: string,
  rings: Contract['numbers'][number]['rings'],
  kind: 'shared' | 'direct' | 'representative',
) => ({ number: digits, role: 'additional', rings, portedIn: false, held, kind }) as const;
const refused = { verb: 'reject', rule: 'out.presents', status: 403, cause: 21, contract: CONTRACT };

describe('the number that is shown', () => {
  it('is chosen among the numbers of the contract [S0-089]', () => {
    const two = { ...phone, numbers: [...phone.numbers, number('0355550101', [BASE], 'shared')] };
    expect(dial(showing(two, '0355550101'), '0312345678').plan).toMatchObject({ presents: '0355550101' });
    expect(dial(showing(two, MAIN), '0312345678').plan).toMatchObject({ presents: MAIN });
  });

  it('is another one of the contract when the phone asks for it, in that call alone [S0-089]', () => {
    const two = { ...phone, numbers: [...phone.numbers, number('0355550101', [BASE], 'shared')] };
    const asking = (presents: string) => dial(showing(two, MAIN), '0312345678', { manner: { presents } });
    expect(asking('0355550101').plan).toMatchObject({ presents: '0355550101' });
    expect(asking('0355559999').plan).toMatchObject(refused);
    const emergency = dial(showing(two, MAIN), '110', { manner: { presents: '0355559999' } });
    expect(emergency.plan).toMatchObject({ presents: MAIN });
  });

  it("in the old model is the ID's direct number or a representative one, not another device's [S0-090] [S0-068]", () => {
    const legacy = {
      ...phone,
      model: 'legacy' as const,
      numbers: [
        ...phone.numbers,
        number('0355550111', [BASE], 'direct'),
        number('0355550112', [SECOND], 'direct'),
        number('0355550120', [BASE, SECOND], 'representative'),
      ],
    };
    expect(dial(showing(legacy, '0355550111'), '0312345678').plan).toMatchObject({ presents: '0355550111' });
    expect(dial(showing(legacy, '0355550120'), '0312345678').plan).toMatchObject({ presents: '0355550120' });
    expect(dial(showing(legacy, '0355550112'), '0312345678').plan).toMatchObject(refused);
  });
});

describe('a toll-free number as the number that is shown', () => {
  const able = withTollFree(phone, FREE, true, [option]);

  it('goes out with specific number notification only [S0-096] [S0-150] [S2-014]', () => {
    expect(dial(showing(able, FREE), '0312345678').plan).toMatchObject({
      verb: 'network',
      presents: FREE,
      withheld: false,
    });
    const line = dial(showing(able, FREE), '0312345678').trace.find(({ rule }) => rule === 'out.presents');
    expect(line?.facts).toEqual(['S2-014', 'S0-096', 'S0-053']);
    for (const office of [withTollFree(phone, FREE, true, []), withTollFree(phone, FREE, false, [option])]) {
      const decision = dial(showing(office, FREE), '0312345678');
      expect(decision.plan).toMatchObject(refused);
      expect(decision.trace.at(-1)?.facts).toEqual(['S0-096', 'S0-150', 'S2-014']);
    }
  });

  it('needs the function of the service that sold the number [S2-014]', () => {
    const other = {
      ...withTollFree(phone, FREE, true, ['calleePays.presentNumber']),
      product: 'calleePays',
    } as const;
    expect(dial(showing(other, FREE), '0312345678').plan).toMatchObject({ presents: FREE });
    expect(
      dial(showing(withTollFree(phone, FREE, true, ['calleePays.presentNumber']), FREE), '0312345678').plan,
    ).toMatchObject(refused);
  });

  it('costs what a call of the ID costs: nothing but the number differs [S0-053]', () => {
    const plain = dial(able, '0312345678');
    const shown = dial(showing(able, FREE), '0312345678');
    expect({ ...shown.plan, presents: MAIN }).toEqual(plain.plan);
    expect(shown.outgoing).toEqual(plain.outgoing);
    // 8 yen a started 3 minutes from a desk phone, 20 yen a started 30 s from an app, free minutes apart.
    const price = (device: 'deskPhone' | 'app') => {
      const call = {
        kind: 'out',
        device,
        destination: 'geographic',
        answeredAt: NOW,
        talkMs: 181_000,
      } as const;
      const rating = rate(call, tariffOf(catalogue));
      return rating.ok ? rating.charge.amount : undefined;
    };
    expect([price('deskPhone'), price('app')]).toEqual([16_000_000, 140_000_000]);
    expect(
      dial(
        showing(withTollFree(officeOn('app', ['option.tenMinutes']), FREE, true, [option]), FREE),
        '0312345678',
      ).outgoing?.tenMinutes,
    ).toBe(true);
    expect(shown.outgoing?.tenMinutes).toBe(false);
  });

  it('is withheld behind 184 as any other [S0-089]', () => {
    expect(dial(showing(able, FREE), '1840312345678').plan).toMatchObject({ presents: FREE, withheld: true });
  });

  it('is not shown over Data Connect: the contract number is [S2-016]', () => {
    const decision = dial(showing(able, FREE), '0312345678', { manner: { media: 'dataConnect' } });
    expect(decision.plan).toMatchObject({ presents: MAIN });
    expect(decision.trace.find(({ rule }) => rule === 'out.presents')?.facts).toContain('S2-016');
    const snapshot = snapshotOf({ contracts: [able] });
    const noOther = dial(showing(able, FREE), '0312345678', {
      manner: { media: 'dataConnect' },
      more: {
        contract: (id) => {
          const view = snapshot.contract(id);
          if (view === undefined) return undefined;
          const { mainNumber: _, ...rest } = view;
          return rest;
        },
      },
    });
    expect(noOther.plan).toMatchObject(refused);
  });

  it('is refused on a Data Connect call as on any other where it receives only [S2-016] [S2-014]', () => {
    const receiving = showing(withTollFree(phone, FREE, false, [option]), FREE);
    for (const media of ['dataConnect', 'voice'] as const) {
      expect(dial(receiving, '0312345678', { manner: { media } }).plan).toMatchObject(refused);
    }
  });

  it('is not shown to emergency services, which must be able to call back [A-37]', () => {
    expect(dial(showing(able, FREE), '119').plan).toMatchObject({ emergency: true, presents: MAIN });
  });

  it('is switched on by 135 and 1, off by 135 and 0, for the ID that dials [S2-015]', () => {
    const on = dial(able, '1351');
    expect(on).toMatchObject({
      plan: { verb: 'play', prompt: 'tollFree.presentsOn', contract: CONTRACT },
      change: { change: 'presents', contract: CONTRACT, id: BASE, presents: FREE },
    });
    expect(dial(showing(able, FREE), '1350')).toMatchObject({
      plan: { verb: 'play', prompt: 'tollFree.presentsOff' },
      change: { id: BASE, presents: MAIN },
    });
    expect(dial(able, '1352').change).toBeUndefined();
    expect(dial(phone, '1351').plan).toMatchObject({ verb: 'reject', rule: 'out.incomplete' });
  });

  it('is not switched on without the function [S2-015] [S0-096] [S0-150]', () => {
    const decision = dial(withTollFree(phone, FREE, true, []), '1351');
    expect(decision.plan).toMatchObject({
      verb: 'reject',
      rule: 'out.presentsSwitch',
      status: 403,
      cause: 21,
    });
    expect(decision.change).toBeUndefined();
  });
});

describe('free minutes and frequent calls', () => {
  const option10 = ['option.tenMinutes'];
  const app = officeOn('app', option10);
  const today = (calls: number) => ({ more: { callsOutToday: () => calls } });

  it.each([
    ['0312345678', true],
    ['09012345678', true],
    ['05012345678', true],
    ['0570012345', false],
    ['0120123456', false],
  ])('of the app may cover a call to %s: %s [S0-091] [S0-048]', (dialled, covered) => {
    expect(dial(app, dialled).outgoing?.tenMinutes).toBe(covered);
    expect(dial(officeOn('app'), dialled).outgoing?.tenMinutes).toBe(false);
  });

  it.each(['deskPhone', 'adapter'] as const)(
    'never cover a call of a %s, even if its ID holds the option [S0-092]',
    (device) => {
      expect(dial(officeOn(device, option10), '0312345678').outgoing?.tenMinutes).toBe(false);
    },
  );

  it('more than 30 calls a day tell a person, and nothing else happens [S0-094] [S0-095] [A-08] [A-09]', () => {
    expect(dial(app, '0312345678', today(29)).alerts).toBeUndefined();
    const decision = dial(app, '0312345678', today(30));
    expect(decision.alerts).toMatchObject([
      { alert: 'highFrequency', contract: CONTRACT, facts: ['A-09', 'S0-094', 'S0-095'] },
    ]);
    expect(decision.plan).toEqual(dial(app, '0312345678', today(0)).plan);
    expect(decision.outgoing?.tenMinutes).toBe(true);
    // Who has no free minutes may call as often as he likes.
    expect(dial(phone, '0312345678', today(300)).alerts).toBeUndefined();
    // Where nobody counts, this call is the first.
    expect(dial(app, '0312345678', { policy: { ...defaultPolicy, callsADay: 1 } }).alerts).toBeUndefined();
  });
});

it('calls out work while the answering bot is on, as long as a channel is free [S0-097]', () => {
  const answer = { mode: 'toggles', forwarding: false, afterHours: false, bot: true, ivr: false } as const;
  const bot = {
    ...phone,
    numbers: phone.numbers.map((one) => ({ ...one, features: { ...emptyFeatures(), answer } })),
  };
  expect(dial(bot, '0312345678', { busy: 1 }).plan.verb).toBe('network');
  expect(dial(bot, '0312345678', { busy: 2 }).plan).toMatchObject({ rule: 'out.channels' });
});
