import { describe, expect, it } from 'vitest';
import type { NumberFeatures } from '../../../cloud-stub/contracts/index.ts';
import { decide, defaultPolicy, unansweredLegs } from '../../../cloud-stub/routing/index.ts';
import type { CallRequest } from '../../../cloud-stub/routing/types.ts';
import {
  companyForwarding,
  deskAndApp,
  idOf,
  idsOf,
  makeOffice,
  menu,
  OPTIONS,
  switches,
  VOICEMAIL,
} from './offices.ts';
import { CALL, callIn, MAIN, NOW, snapshotOf, type World } from './world.ts';

const MOBILE = '09012345678';
const ALL = [...OPTIONS, 'option.answerBot'];

function office(features: Partial<NumberFeatures>, options: readonly string[] = OPTIONS): World {
  return { contracts: [deskAndApp(features, { options })] };
}

const factsOf = (world: World): readonly string[] => callIn(MAIN, world).trace.flatMap((line) => line.facts);

describe('the reject list', () => {
  const rejects = (reject: NumberFeatures['reject'], from: string, origin?: 'payphone'): boolean => {
    const world = office({ reject });
    const request: CallRequest = {
      call: CALL,
      direction: 'in',
      from,
      withheld: from === '',
      to: MAIN,
      ...(origin === undefined ? {} : { origin: { callerClass: origin } }),
    };
    const { plan } = decide(request, snapshotOf(world), NOW);
    if (plan.verb === 'reject') expect(plan).toMatchObject({ rule: 'in.rejectList', status: 403, cause: 21 });
    return plan.verb === 'reject';
  };

  it('[S0-077] refuses a number, however it is written', () => {
    const list = [{ reject: 'number', number: MOBILE } as const];
    expect([MOBILE, '+819012345678', '08012345678', ''].map((from) => rejects(list, from))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('[S0-077] refuses callers who withhold their number, and nobody else', () => {
    expect([MOBILE, ''].map((from) => rejects([{ reject: 'withheld' }], from))).toEqual([false, true]);
  });

  it('[S0-077] refuses classes of callers', () => {
    const list = [{ reject: 'class', class: 'ip050' } as const];
    expect(['05012345678', MOBILE, ''].map((from) => rejects(list, from))).toEqual([true, false, false]);
    const payphones = [{ reject: 'class', class: 'payphone' } as const];
    expect(rejects(payphones, '0312345678', 'payphone')).toBe(true);
    expect(rejects(payphones, '0312345678')).toBe(false);
  });

  it('[S0-077] [A-18] comes before everything that answers, and does not give the number away', () => {
    const list = [{ reject: 'number', number: MOBILE } as const];
    const world = office({
      reject: list,
      answer: switches({ forwarding: true }),
      forwardTo: '0312345678',
      fax: { use: 'faxOnly', relayTo: null },
    });
    const { plan, trace } = callIn(MAIN, world, MOBILE);
    expect(plan).toMatchObject({ verb: 'reject', rule: 'in.rejectList', contract: 'c-000001' });
    expect(JSON.stringify([plan, trace.at(-1)])).not.toContain(MOBILE);
  });

  it('[A-18] comes after the state of the contract', () => {
    const suspended = { ...deskAndApp({ reject: [{ reject: 'withheld' }] }), state: 'suspended' as const };
    expect(callIn(MAIN, { contracts: [suspended] }, '').plan).toMatchObject({ rule: 'in.suspended' });
  });
});

describe('fax', () => {
  const both = { use: 'voiceAndFax', relayTo: null } as const;
  const only = { use: 'faxOnly', relayTo: null } as const;

  it('[S0-102] one number serves voice and fax: the cloud listens for a fax tone and then rings', () => {
    expect(callIn(MAIN, office({ fax: both })).plan).toMatchObject({
      verb: 'fax',
      listenMs: 4_000,
      onVoice: { verb: 'ring', members: idsOf('ab') },
    });
  });

  it('[S0-098] [S0-102] a separate number takes every call as a fax, on no channel', () => {
    const plan = { verb: 'fax', listenMs: null, onVoice: null };
    expect(callIn(MAIN, office({ fax: only })).plan).toMatchObject(plan);
    expect(callIn(MAIN, { ...office({ fax: only }), busy: 2 }).plan).toMatchObject(plan);
  });

  it('[S0-114] [A-15] still receives while forwarding is on: listens first, then forwards', () => {
    const features = { fax: both, answer: switches({ forwarding: true }), forwardTo: MOBILE };
    expect(callIn(MAIN, office(features)).plan).toMatchObject({ verb: 'fax', onVoice: { verb: 'forward' } });
    expect(callIn(MAIN, office({ ...features, fax: only })).plan).toMatchObject({
      verb: 'fax',
      onVoice: null,
    });
  });

  it('[A-15] by policy forwards at once; a call that rings is still listened to', () => {
    const policy = { ...defaultPolicy, faxTone: 'forwardingFirst' as const };
    const features = { fax: both, answer: switches({ forwarding: true }), forwardTo: MOBILE };
    expect(callIn(MAIN, { ...office(features), policy }).plan.verb).toBe('forward');
    expect(callIn(MAIN, { ...office({ fax: both }), policy }).plan.verb).toBe('fax');
  });

  it('[S0-112] sends a received fax again to the adapter', () => {
    const plan = callIn(MAIN, office({ fax: { ...both, relayTo: idOf('a') } })).plan;
    expect(plan).toMatchObject({ verb: 'fax', relayTo: idOf('a') });
    expect(factsOf(office({ fax: { ...both, relayTo: idOf('a') } }))).toContain('S0-112');
    expect(factsOf(office({ fax: both }))).not.toContain('S0-112');
  });

  it.each([
    ['[S0-106] on the contract number alone', MAIN, ['option.fax'], [], 'fax'],
    ['[S0-107] on an ID alone, to the contract number', MAIN, [], ['option.fax'], 'fax'],
    ['[S0-108] [A-12] on an additional number alone', '0355550102', ['option.fax'], [], 'ring'],
    [
      '[S0-107] [A-12] on an additional number and an ID',
      '0355550102',
      ['option.fax'],
      ['option.fax'],
      'fax',
    ],
    ['[A-12] nowhere', MAIN, [], [], 'ring'],
  ])('is contracted %s', (_what, to, onNumber, onId, verb) => {
    const made = makeOffice({
      ids: [{ options: onId }, {}],
      numbers: [MAIN, '0355550102'].map((number) => ({
        number,
        rings: 'ab',
        features: { fax: both },
        options: number === to ? onNumber : [],
      })),
    });
    expect(callIn(to, { contracts: [made] }).plan.verb).toBe(verb);
  });
});

describe('menus', () => {
  const keys = {
    '1': { do: 'ring', group: null },
    '2': { do: 'forward', to: MOBILE },
    '3': { do: 'voicemail' },
    '4': { do: 'menu', menu: 'more' },
    '5': { do: 'announce', announcement: 'directions' },
    '9': { do: 'repeat' },
  } as const;
  const menus = [
    menu('main', keys),
    menu('more', { '0': { do: 'menu', menu: 'main' }, '1': { do: 'ivr', menu: 'none' } }),
  ];
  const ivr: Partial<NumberFeatures> = {
    answer: switches({ ivr: true }),
    ivrMenu: 'main',
    menus,
    voicemail: VOICEMAIL,
  };
  const unanswered = (digits: string, world: World = office(ivr)) =>
    unansweredLegs(callIn(MAIN, world).plan, digits);

  it('[S0-083] [S0-085] answer first, play, and branch by digit to destinations and announcements', () => {
    expect(callIn(MAIN, office(ivr)).plan).toMatchObject({
      verb: 'collect',
      menus: [
        {
          id: 'main',
          prompt: 'prompt.main',
          waitMs: 5_000,
          tries: 2,
          keys: {
            '1': { verb: 'ring', members: idsOf('ab'), onNoAnswer: { verb: 'voicemail' } },
            '2': { verb: 'forward', to: { external: MOBILE, presents: MAIN } },
            '3': { verb: 'voicemail' },
            '4': { verb: 'menu', menu: 'more' },
            '5': { verb: 'play', prompt: 'directions', answers: true },
            '9': { verb: 'menu', menu: 'main' },
          },
          otherwise: { verb: 'tone' },
        },
        { id: 'more' },
      ],
      turns: 20,
    });
  });

  it('[S0-083] lead to another announcement with digits of its own, and back', () => {
    expect(unanswered('401').legs.map(({ to }) => to)).toEqual(idsOf('ab'));
    expect(unanswered('2').legs.map(({ to }) => to)).toEqual([MOBILE]);
    expect(unanswered('9993').end).toBe('voicemail');
    expect(unanswered('').end).toBe('tone');
    expect(unanswered('41').end).toBe('tone');
  });

  it('[S0-083] let every call end, however long the caller pushes digits', () => {
    expect(unanswered('9'.repeat(100)).end).toBe('collect');
  });

  it('[S0-122] have no voicemail behind a key that forwards', () => {
    const { plan } = callIn(MAIN, office(ivr));
    const second = plan.verb === 'collect' ? plan.menus[0].keys['2'] : undefined;
    expect(second).not.toHaveProperty('onNoAnswer');
  });

  it('[S0-124] lead to the answering bot', () => {
    const bot = { ...ivr, voicemail: null, menus: [menu('main', { '1': { do: 'bot' } })] };
    expect(unanswered('1', office(bot, ALL)).end).toBe('bot');
    expect(unanswered('1', office(bot, OPTIONS)).end).toBe('tone');
  });

  it('[S0-020] [S0-083] [S0-085] need the option, to be switched on, and a menu that is there', () => {
    expect(callIn(MAIN, office(ivr, ['option.voicemail'])).plan.verb).toBe('ring');
    expect(callIn(MAIN, office({ ...ivr, answer: switches({}) })).plan.verb).toBe('ring');
    expect(callIn(MAIN, office({ ...ivr, ivrMenu: null })).plan.verb).toBe('ring');
    expect(callIn(MAIN, office({ ...ivr, ivrMenu: 'gone' })).plan).toMatchObject({
      rule: 'in.unknownMenu',
      status: 480,
    });
  });
});

describe('recording', () => {
  const on = { recording: true };

  it('[S0-129] goes around every call to the devices, legs to outside numbers excepted', () => {
    expect(callIn(MAIN, office(on)).plan).toMatchObject({
      verb: 'record',
      called: MAIN,
      except: 'externalLegs',
      plan: { verb: 'ring' },
    });
  });

  it('[S0-130] is per number, and needs to be contracted on it', () => {
    const made = makeOffice({
      ids: [{}, {}],
      numbers: [
        { number: MAIN, rings: 'ab', features: on },
        { number: '0355550102', rings: 'ab' },
      ],
    });
    expect(callIn(MAIN, { contracts: [made] }).plan.verb).toBe('record');
    expect(callIn('0355550102', { contracts: [made] }).plan.verb).toBe('ring');
    expect(callIn(MAIN, office(on, [])).plan.verb).toBe('ring');
  });

  it('[S0-133] [A-19] is not made of calls that are forwarded, but of the menu before them', () => {
    const forwarded = { ...on, answer: switches({ forwarding: true }), forwardTo: MOBILE };
    expect(callIn(MAIN, office(forwarded)).plan.verb).toBe('forward');
    const noted = (world: World) => callIn(MAIN, world).trace.filter((line) => line.rule === 'in.record');
    expect(noted(office(forwarded)).map((line) => line.say)).toEqual(['a forwarded call is not recorded']);
    expect(noted(office(on))).toHaveLength(1);
    const menus = [menu('main', { '1': { do: 'forward', to: MOBILE } })];
    const behind = { ...on, answer: switches({ ivr: true }), ivrMenu: 'main', menus };
    expect(callIn(MAIN, office(behind)).plan).toMatchObject({ verb: 'record', plan: { verb: 'collect' } });
  });

  it('[A-19] by policy leaves out only forwarded legs, so that members outside are recorded', () => {
    const policy = { ...defaultPolicy, unrecorded: 'forwardedLegs' as const };
    const steps = [{ members: [{ external: MOBILE }], forMs: 9_000 }];
    const made = makeOffice({
      ids: [{}],
      numbers: [{ number: MAIN, rings: 'a', features: { ...on, group: 'office' } }],
      groups: [{ id: 'office', how: 'relay', steps }],
      more: { groupForwarding: companyForwarding() },
    });
    expect(callIn(MAIN, { contracts: [made] }).plan).toMatchObject({
      verb: 'record',
      except: 'externalLegs',
    });
    expect(callIn(MAIN, { contracts: [made], policy }).plan).toMatchObject({ except: 'forwardedLegs' });
    const said = (world: World) =>
      callIn(MAIN, world)
        .trace.filter((line) => line.rule === 'in.record')
        .map((line) => line.say);
    expect(said({ contracts: [made] })).toEqual([
      `every call of ${MAIN} is recorded, except legs to outside numbers`,
    ]);
    expect(said({ contracts: [made], policy })).toEqual([
      `every call of ${MAIN} is recorded, except forwarded legs`,
    ]);
  });

  it('[S0-129] begins when it turns out that a call is no fax', () => {
    const fax = { use: 'voiceAndFax', relayTo: null } as const;
    expect(callIn(MAIN, office({ ...on, fax })).plan).toMatchObject({
      verb: 'fax',
      onVoice: { verb: 'record' },
    });
  });
});
