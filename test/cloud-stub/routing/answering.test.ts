import { describe, expect, it } from 'vitest';
import type {
  AnswerAction,
  Contract,
  NumberFeatures,
  TimeTable,
} from '../../../cloud-stub/contracts/index.ts';
import { defaultPolicy } from '../../../cloud-stub/routing/index.ts';
import type { Instant } from '../../../lib/base/clock.ts';
import { japanMidnight } from '../../../lib/base/japan-time.ts';
import { deskAndApp, idsOf, makeOffice, OPTIONS, switches, VOICEMAIL } from './offices.ts';
import { callIn, MAIN, type World } from './world.ts';

const MOBILE = '09012345678';
const CALLER = '08011112222';
const minute = (day: Instant, hour: number, of = 0): Instant => (day + (hour * 60 + of) * 60_000) as Instant;
const TUESDAY = japanMidnight(2026, 11, 24);
const SATURDAY = japanMidnight(2026, 11, 28);
/** Labour Thanksgiving Day, a Monday. */
const HOLIDAY = japanMidnight(2026, 11, 23);

function at(when: Instant, features: Partial<NumberFeatures>, more: Partial<World> = {}): World {
  return { contracts: [deskAndApp(features)], at: when, ...more };
}

const say = (world: World): string =>
  callIn(MAIN, world)
    .trace.map((line) => line.say)
    .join('\n');

describe('forwarding', () => {
  const on = { answer: switches({ forwarding: true }), forwardTo: MOBILE };

  it('[S0-135] [S0-137] sends every call on; the target sees the number that was called, not the caller', () => {
    expect(callIn(MAIN, at(TUESDAY, on), CALLER).plan).toMatchObject({
      verb: 'forward',
      called: MAIN,
      to: { external: MOBILE, presents: MAIN, destination: 'mobile' },
    });
    expect(JSON.stringify(callIn(MAIN, at(TUESDAY, on), CALLER).plan)).not.toContain(CALLER);
    expect(callIn(MAIN, at(TUESDAY, on), CALLER).plan).not.toHaveProperty('onBusy');
  });

  it('[S0-052] [S0-159] to a number on loan from the answering service is told from any other, while it is held', () => {
    const loan = '05012345678';
    const settings = { answer: switches({ forwarding: true }), forwardTo: loan };
    const until = minute(TUESDAY, 12);
    const number = { number: loan, use: 'forwardingTarget', included: true } as const;
    const office: Contract = {
      ...deskAndApp(settings),
      answering: {
        ...{ company: '縁側商店', reportTo: [], refusesSales: false, outOfHours: false, campaign: false },
        ...{ startsOn: null, answers: [MAIN], trial: null, paidFrom: null },
        loanNumbers: [{ ...number, held: { from: minute(TUESDAY, 9), until } }],
      },
    };
    const to = (when: Instant) => {
      const { plan } = callIn(MAIN, { contracts: [office], at: when });
      return plan.verb === 'forward' && plan.to.answering === true;
    };
    expect([to(minute(TUESDAY, 8)), to(minute(TUESDAY, 10)), to(until)]).toEqual([false, true, false]);
    expect(JSON.stringify(callIn(MAIN, at(TUESDAY, settings)).plan)).not.toContain('answering');
  });

  it('[S0-138] keeps the original caller in the trace, for the history', () => {
    const { trace, plan } = callIn(MAIN, at(TUESDAY, on), CALLER);
    expect(trace.find((line) => line.rule === 'in.caller')?.say).toContain(CALLER);
    // Nothing follows the leg, so that the record of this caller is the record of the whole call.
    expect(Object.keys(plan).filter((key) => key.startsWith('on'))).toEqual([]);
  });

  it.each([
    ['a mobile', MOBILE, 'mobile'],
    ['an answering service on a fixed line', '0312345678', 'geographic'],
    ['a 050 number', '05012345678', 'ip050'],
  ])('[S0-136] goes to %s', (_what, forwardTo, destination) => {
    expect(callIn(MAIN, at(TUESDAY, { ...on, forwardTo })).plan).toMatchObject({
      to: { external: forwardTo, destination },
    });
  });

  it('[S0-139] works with nobody registered', () => {
    const nobody = callIn(MAIN, at(TUESDAY, on, { unreachable: idsOf('ab') })).plan;
    expect(nobody).toEqual(callIn(MAIN, at(TUESDAY, on)).plan);
    expect(nobody.verb).toBe('forward');
    expect(nobody).not.toHaveProperty('onBusy');
  });

  it('[S0-137] [S0-138] [S0-139] goes on behind the fax tone too, and is not said to be busy while channels are free', () => {
    const fax = { use: 'voiceAndFax', relayTo: null } as const;
    const { plan, trace } = callIn(MAIN, at(TUESDAY, { ...on, fax }, { unreachable: idsOf('ab') }), CALLER);
    expect(plan).toMatchObject({
      verb: 'fax',
      onVoice: {
        verb: 'forward',
        to: { external: MOBILE, presents: MAIN },
        onNoChannel: { verb: 'tone', tone: 'busy' },
      },
    });
    expect(trace.find((line) => line.rule === 'in.caller')?.say).toContain(CALLER);
    expect(trace.filter((line) => line.say.startsWith('all 2 channels'))).toEqual([]);
  });

  it('[S0-122] voicemail does not run while forwarding is on', () => {
    const plan = callIn(MAIN, at(TUESDAY, { ...on, voicemail: VOICEMAIL })).plan;
    expect(plan.verb).toBe('forward');
    expect(JSON.stringify(plan)).not.toContain('voicemail');
    expect(callIn(MAIN, at(TUESDAY, { ...on, voicemail: VOICEMAIL }, { busy: 2 })).plan).toMatchObject({
      verb: 'reject',
      status: 486,
      cause: 34,
    });
  });

  it('[S0-144] has no effect before the identity is verified', () => {
    const office = { ...deskAndApp(on), identityVerified: false };
    expect(callIn(MAIN, { contracts: [office] }).plan.verb).toBe('ring');
    expect(callIn(MAIN, { contracts: [office] }).trace.map((line) => line.rule)).toContain('in.identity');
  });

  it('[S0-018] has no effect on a number without the option', () => {
    const office = deskAndApp(on, { options: ['option.voicemail'] });
    expect(callIn(MAIN, { contracts: [office] }).plan.verb).toBe('ring');
  });

  it('[A-62] works on an additional number too, or by policy on the contract number alone', () => {
    const office = makeOffice({
      ids: [{}, {}],
      numbers: [
        { number: MAIN, rings: 'ab' },
        { number: '0355550102', rings: 'ab', features: on },
      ],
    });
    const policy = { ...defaultPolicy, forwardingOn: 'contractNumber' as const };
    expect(callIn('0355550102', { contracts: [office] }).plan.verb).toBe('forward');
    expect(callIn('0355550102', { contracts: [office], policy }).plan.verb).toBe('ring');
  });

  it('[S0-135] never goes in a circle to a number of the contract, nor to one that cannot be called', () => {
    for (const forwardTo of [MAIN, '110', '01012125551234', '0990123456', 'x']) {
      expect(callIn(MAIN, at(TUESDAY, { ...on, forwardTo })).plan).toMatchObject({
        verb: 'reject',
        rule: 'in.forwardTarget',
      });
    }
    expect(callIn(MAIN, at(TUESDAY, { ...on, forwardTo: null })).plan.verb).toBe('ring');
  });
});

describe('after hours', () => {
  const on = { answer: switches({ afterHours: true }) };

  it.each([
    ['before the office opens', minute(TUESDAY, 8, 59), 'play'],
    ['at the minute it opens', minute(TUESDAY, 9), 'ring'],
    ['until the minute it closes', minute(TUESDAY, 17, 59), 'ring'],
    ['from the minute it closes', minute(TUESDAY, 18), 'play'],
    ['at the weekend', minute(SATURDAY, 11), 'play'],
    ['on a public holiday', minute(HOLIDAY, 11), 'play'],
  ])('[S0-115] %s', (_what, when, verb) => {
    expect(callIn(MAIN, at(when, on)).plan.verb).toBe(verb);
  });

  it('[S0-116] follows breaks and special days in Japan time', () => {
    const hours: TimeTable<'open' | 'closed'> = {
      intervals: [
        { on: { days: ['tue'] }, fromMinute: 540, untilMinute: 720, value: 'open' },
        { on: { days: ['tue'] }, fromMinute: 780, untilMinute: 1_080, value: 'open' },
        { on: { dates: ['2026-11-24'] }, fromMinute: 900, untilMinute: 1_440, value: 'closed' },
      ],
      holidays: 'own',
      otherwise: 'closed',
    };
    const features = { ...on, afterHours: { hours, announcement: 'ours' } };
    const verbAt = (hour: number) => callIn(MAIN, at(minute(TUESDAY, hour), features)).plan.verb;
    expect([11, 12, 13, 14, 15, 16].map(verbAt)).toEqual(['ring', 'play', 'ring', 'ring', 'play', 'play']);
  });

  it('[S0-117] plays the default announcement, or the one of the office, and releases the call', () => {
    expect(callIn(MAIN, at(SATURDAY, on)).plan).toMatchObject({
      verb: 'play',
      prompt: 'default.afterHours',
      times: 1,
      answers: true,
      next: null,
    });
    expect(say(at(SATURDAY, on))).toContain('default.afterHours; then the call is released');
  });

  it('[S0-118] plays the announcement first and then runs voicemail', () => {
    expect(callIn(MAIN, at(SATURDAY, { ...on, voicemail: VOICEMAIL })).plan).toMatchObject({
      verb: 'play',
      prompt: 'default.afterHours',
      next: { verb: 'voicemail', greeting: 'default.voicemail' },
    });
    expect(say(at(SATURDAY, { ...on, voicemail: VOICEMAIL }))).toContain('then voicemail runs');
  });

  it('[S0-086] needs its own option', () => {
    const office = deskAndApp(on, { options: ['option.voicemail'] });
    expect(callIn(MAIN, { contracts: [office], at: SATURDAY }).plan.verb).toBe('ring');
    expect(callIn(MAIN, { contracts: [office], at: SATURDAY }).trace.flatMap((line) => line.facts)).toContain(
      'S0-086',
    );
  });

  it('[A-06] takes no channel: the announcement plays with every channel in use', () => {
    expect(callIn(MAIN, at(SATURDAY, on, { busy: 2 })).plan.verb).toBe('play');
  });

  it('[S0-140] [S0-141] [A-16] never plays while forwarding is on, even if a record says both', () => {
    const both = { answer: switches({ afterHours: true, forwarding: true }), forwardTo: MOBILE };
    expect(callIn(MAIN, at(SATURDAY, both)).plan.verb).toBe('forward');
  });
});

describe('a schedule', () => {
  const days = ['mon', 'tue', 'wed', 'thu', 'fri'] as const;
  const schedule = (value: AnswerAction, otherwise: AnswerAction): Partial<NumberFeatures> => ({
    answer: {
      mode: 'schedule',
      table: {
        intervals: [{ on: { days }, fromMinute: 540, untilMinute: 1_080, value }],
        holidays: 'own',
        otherwise,
      },
    },
  });

  it.each([
    ['Tuesday 09:00', minute(TUESDAY, 9), 'forward'],
    ['Tuesday 17:59', minute(TUESDAY, 17, 59), 'forward'],
    ['Tuesday 18:00', minute(TUESDAY, 18), 'play'],
    ['Tuesday 08:59', minute(TUESDAY, 8, 59), 'play'],
    ['Saturday 12:00', minute(SATURDAY, 12), 'play'],
    ['a holiday 12:00', minute(HOLIDAY, 12), 'play'],
  ])(
    '[S0-143] [S0-142] forwards on weekdays 09:00–18:00 and announces at all other times: %s',
    (_what, when, verb) => {
      const features = schedule({ do: 'forward', to: MOBILE }, { do: 'announce', announcement: 'closed' });
      expect(callIn(MAIN, at(when, features)).plan.verb).toBe(verb);
    },
  );

  it('[S0-084] switches announcement, forwarding and ring group by the time of day', () => {
    const group = {
      id: 'night',
      how: 'relay' as const,
      steps: [{ members: [{ id: idsOf('b')[0] ?? ('' as never) }], forMs: 9_000 }],
    };
    const office = makeOffice({
      ids: [{}, {}],
      numbers: [
        {
          number: MAIN,
          rings: 'ab',
          features: schedule({ do: 'ring', group: null }, { do: 'ring', group: 'night' }),
        },
      ],
      groups: [group],
    });
    const planAt = (when: Instant) => callIn(MAIN, { contracts: [office], at: when }).plan;
    expect(planAt(minute(TUESDAY, 10))).toMatchObject({ verb: 'ring', members: idsOf('ab') });
    expect(planAt(minute(TUESDAY, 20))).toMatchObject({ verb: 'relay', steps: [{ forMs: 9_000 }] });
    const sayAt = (hour: number) => say({ contracts: [office], at: minute(TUESDAY, hour) });
    expect(sayAt(10)).toContain('the interval that holds says ring');
    expect(sayAt(20)).toContain('no interval holds, otherwise ring');
  });

  it('[A-17] [S0-124] the bot and forwarding go together in a schedule only', () => {
    const features = schedule({ do: 'forward', to: MOBILE }, { do: 'bot' });
    const office = deskAndApp(features, { options: [...OPTIONS, 'option.answerBot'] });
    expect(callIn(MAIN, { contracts: [office], at: SATURDAY }).plan.verb).toBe('bot');
    expect(callIn(MAIN, { contracts: [office], at: minute(TUESDAY, 10) }).plan.verb).toBe('forward');
  });

  it('[A-16] an interval of ringing goes to voicemail unanswered, one of forwarding does not', () => {
    const features = {
      ...schedule({ do: 'forward', to: MOBILE }, { do: 'ring', group: null }),
      voicemail: VOICEMAIL,
    };
    expect(callIn(MAIN, at(SATURDAY, features)).plan).toMatchObject({ onNoAnswer: { verb: 'voicemail' } });
    expect(callIn(MAIN, at(minute(TUESDAY, 10), features)).plan).not.toHaveProperty('onNoAnswer');
  });

  it('[A-31] reads one clock: the moment that is handed in, not the host', () => {
    const features = schedule({ do: 'forward', to: MOBILE }, { do: 'announce', announcement: 'closed' });
    const edge = minute(TUESDAY, 18);
    expect(callIn(MAIN, at((edge - 1) as Instant, features)).plan.verb).toBe('forward');
    expect(say(at((edge - 1) as Instant, features))).toContain('the interval that holds');
    expect(say(at(edge, features))).toContain('no interval holds');
    expect(callIn(MAIN, at(edge, features)).plan.verb).toBe('play');
  });
});

describe('the answering bot', () => {
  const bot = (more: Partial<NumberFeatures> = {}, world: Partial<World> = {}): World => ({
    contracts: [
      deskAndApp({ answer: switches({ bot: true }), ...more }, { options: [...OPTIONS, 'option.answerBot'] }),
    ],
    at: minute(TUESDAY, 10),
    ...world,
  });

  it('[S0-088] [S0-123] takes the call, and no device rings', () => {
    expect(callIn(MAIN, bot()).plan).toMatchObject({ verb: 'bot', called: MAIN, takesChannel: true });
  });

  it('[S0-125] [A-57] [A-17] has no voicemail beside it', () => {
    expect(callIn(MAIN, bot({ voicemail: VOICEMAIL }, { busy: 2 })).plan).toMatchObject({
      verb: 'reject',
      cause: 34,
    });
    const off = bot({ voicemail: VOICEMAIL, answer: switches({}) });
    expect(callIn(MAIN, off).plan).toMatchObject({ verb: 'ring' });
    expect(callIn(MAIN, off).plan).not.toHaveProperty('onNoAnswer');
  });

  it('[S0-097] [A-06] takes a channel, or none by policy', () => {
    const policy = { ...defaultPolicy, botTakesChannel: false };
    expect(callIn(MAIN, bot({}, { busy: 2 })).plan).toMatchObject({ verb: 'reject', rule: 'in.channels' });
    expect(callIn(MAIN, bot({}, { busy: 2, policy })).plan).toMatchObject({
      verb: 'bot',
      takesChannel: false,
    });
  });

  it('[S0-124] comes after the after-hours announcement, and before the IVR', () => {
    const both = { answer: switches({ bot: true, afterHours: true, ivr: true }), ivrMenu: 'main' };
    expect(callIn(MAIN, bot(both, { at: SATURDAY })).plan.verb).toBe('play');
    expect(callIn(MAIN, bot(both)).plan.verb).toBe('bot');
  });

  it('[A-17] [A-18] is not reached while forwarding is on, even if a record says both', () => {
    const both = { answer: switches({ bot: true, forwarding: true }), forwardTo: MOBILE };
    expect(callIn(MAIN, bot(both)).plan.verb).toBe('forward');
    expect(say(bot(both))).toContain('forwarding excludes');
  });

  it('[S0-127] lets devices ring again when it is switched off', () => {
    expect(callIn(MAIN, bot({ answer: switches({}) })).plan.verb).toBe('ring');
  });
});
