import type { Contract, RingGroup } from '../../../cloud-stub/contracts/index.ts';
import { type Instant, instant } from '../../../lib/base/clock.ts';
import { japanMidnight } from '../../../lib/base/japan-time.ts';
import { companyForwarding, idOf, makeOffice, switches, VOICEMAIL } from '../routing/offices.ts';
import { daily, FREE, group, OSAKA, TOKYO, tollFreeOffice } from '../routing/toll-free/office.ts';
import { MAIN } from '../routing/world.ts';
import type { Manner } from './acceptance-world.ts';

export const FIXED = '0312345678';
export const MOBILE = '09012345678';

/** A Wednesday, and no holiday. */
export const at = (hour: number, day = 18): Instant =>
  instant(japanMidnight(2026, 11, day) + hour * 3_600_000);

/** One acceptance example as a real call. */
export interface Example {
  /** With the numbers of the facts. */
  readonly name: string;
  readonly office: Contract;
  readonly at?: Instant;
  readonly to?: string;
  readonly from?: string;
  /** What the network knows of the caller. */
  readonly origin?: string;
  /** A device of the office calls instead. */
  readonly by?: { readonly id: string; readonly dials: string };
  readonly outside?: Readonly<Record<string, Manner>>;
  readonly members?: Readonly<Record<string, Manner>>;
  readonly nobodyHere?: true;
  /** Who rings, step after step; letters of IDs, or numbers outside. */
  readonly legs: readonly (readonly string[])[];
  /** What parties outside see. */
  readonly presents?: string;
  readonly end: { readonly status: number } | 'answered' | 'released';
  /** Prompts that the caller hears, in order. */
  readonly hears?: readonly string[];
}

const threeNumbers = makeOffice({
  ids: [{}, {}, {}, {}, {}],
  numbers: [
    { number: '0355550100', rings: 'abcde' },
    { number: '0355550102', rings: 'abc' },
    { number: '0355550103', rings: 'de' },
  ],
});

const NOT_ANSWERED = { status: 480 } as const;
const LATER = { status: 501 } as const;

/** Section 2: numbers, IDs and channels. */
const numbersAndIds: readonly Example[] = [
  {
    name: '[S0-057] [S0-056] number 1 of three rings A–E',
    to: '0355550100',
    legs: [['a', 'b', 'c', 'd', 'e']],
  },
  { name: '[S0-057] number 2 of three rings A–C', to: '0355550102', legs: [['a', 'b', 'c']] },
  { name: '[S0-057] number 3 of three rings D and E', to: '0355550103', legs: [['d', 'e']] },
].map((one) => ({ ...one, office: threeNumbers, end: NOT_ANSWERED }));

const legacy = makeOffice({
  ids: [{}, {}, {}].map((each, index) => ({ ...each, features: { ownNumber: `031234500${index + 1}` } })),
  numbers: [
    ...['a', 'b', 'c'].map((letter, index) => ({
      number: `031234500${index + 1}`,
      rings: letter,
      kind: 'direct' as const,
    })),
    ...['11', '12', '13'].map((end) => ({
      number: `03123450${end}`,
      rings: 'abc',
      kind: 'representative' as const,
    })),
  ],
  more: { model: 'legacy' },
});

const oldModel: readonly Example[] = [
  ...['11', '12', '13'].map((end) => ({
    name: `[S0-071] [S0-069] 1 + 2 IDs share representative number …${end} of three`,
    to: `03123450${end}`,
    legs: [['a', 'b', 'c']],
  })),
  { name: '[S0-068] [S0-070] a direct number rings its own device alone', to: '0312345002', legs: [['b']] },
].map((one) => ({ ...one, office: legacy, end: NOT_ANSWERED }));

const phonesAndDesk = makeOffice({
  ids: [{ device: 'app' }, { device: 'app' }, { device: 'deskPhone' }],
  numbers: [{ number: MAIN, rings: 'abc', features: { deskFirstMs: 500 } }],
});

const devices: readonly Example[] = [
  {
    name: '[S0-066] [S0-078] [A-05] two smartphones and a desk phone: the desk phone first, then all',
    office: phonesAndDesk,
    legs: [['c'], ['a', 'b']],
    end: NOT_ANSWERED,
  },
  {
    name: '[A-05] a desk phone that is busy lets the apps ring at once, and one of them answers',
    office: phonesAndDesk,
    members: { [idOf('c')]: 'busy', [idOf('b')]: 'answers' },
    legs: [['c'], ['a', 'b']],
    end: 'answered',
  },
];

const relay = (...steps: readonly string[]): RingGroup => ({
  id: 'office',
  how: 'relay',
  steps: steps.map((one) => ({
    members: one.split('+').map((name) => (name.length === 1 ? { id: idOf(name) } : { external: name })),
    forMs: 800,
  })),
});

function company(ring: RingGroup, ids = 4): Contract {
  const letters = 'abcdefghij'.slice(0, ids);
  return makeOffice({
    ids: [...letters].map(() => ({})),
    numbers: [
      { number: MAIN, rings: letters, kind: 'representativeOnly', features: { group: ring.id } },
      ...['0355550102', '0355550103'].map((number) => ({
        number,
        rings: letters,
        kind: 'representativeOnly' as const,
      })),
    ],
    groups: [ring],
    more: { product: 'groupForwarding', groupForwarding: companyForwarding() },
  });
}

/** Section 3 and the relay of section 2d. */
const groups: readonly Example[] = [
  {
    name: '[S1-010] [S1-009] a relay rings internal, fixed external, smartphone external, internal',
    office: company(relay('a', FIXED, MOBILE, 'b')),
    legs: [['a'], [FIXED], [MOBILE], ['b']],
    presents: MAIN,
    end: NOT_ANSWERED,
  },
  {
    name: '[S1-010] [S1-013] [S1-014] the third step of a relay answers, and the fourth never rings',
    office: company(relay('a', FIXED, MOBILE, 'b')),
    outside: { [FIXED]: 'busy', [MOBILE]: 'answers' },
    members: { [idOf('a')]: 'busy' },
    legs: [['a'], [FIXED], [MOBILE]],
    presents: MAIN,
    end: 'answered',
  },
  {
    name: '[S1-007] [S1-009] a group rings internal and external members together',
    office: company({
      id: 'office',
      how: 'simultaneous',
      members: [{ id: idOf('a') }, { external: MOBILE }],
      forMs: 1_000,
      deskFirstMs: 0,
    }),
    legs: [['a', MOBILE]],
    presents: MAIN,
    end: NOT_ANSWERED,
  },
  {
    name: '[S1-018] 10 users and 3 representative-only numbers: the second one rings ten terminals',
    office: company(relay('a'), 10),
    to: '0355550102',
    legs: [[...'abcdefghij']],
    end: NOT_ANSWERED,
  },
  {
    name: '[S1-012] an internal call goes on to a number outside through a relay',
    office: makeOffice({
      ids: [
        {},
        {
          features: { relay: [{ members: [{ external: MOBILE }], forMs: 800 }], ownNumber: '0355550102' },
        },
      ],
      numbers: [
        { number: MAIN, rings: 'a' },
        { number: '0355550102', rings: 'b', kind: 'standard' },
      ],
      more: { product: 'groupForwarding', groupForwarding: companyForwarding() },
    }),
    by: { id: 'a', dials: '12' },
    legs: [['b'], [MOBILE]],
    presents: '0355550102',
    end: NOT_ANSWERED,
  },
];

const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri'] as const;
const scheduled = makeOffice({
  ids: [{}, {}],
  numbers: [
    {
      number: MAIN,
      rings: 'ab',
      features: {
        answer: {
          mode: 'schedule',
          table: {
            intervals: [
              {
                on: { days: weekdays },
                fromMinute: 540,
                untilMinute: 1_080,
                value: { do: 'forward', to: MOBILE },
              },
            ],
            holidays: 'own',
            otherwise: { do: 'announce', announcement: 'default.afterHours' },
          },
        },
      },
    },
  ],
});

const oneNumber = (
  features: Parameters<typeof makeOffice>[0]['numbers'][number]['features'] = {},
): Contract => makeOffice({ ids: [{}, {}], numbers: [{ number: MAIN, rings: 'ab', features }] });

/** Section 7. */
const forwarding: readonly Example[] = [
  {
    name: '[S0-143] [S0-142] on a Wednesday at 10 the call is forwarded',
    office: scheduled,
    at: at(10),
    legs: [[MOBILE]],
    presents: MAIN,
    end: NOT_ANSWERED,
  },
  {
    name: '[S0-143] on a Wednesday at 19 the announcement is played',
    office: scheduled,
    at: at(19),
    legs: [],
    end: 'released',
    hears: ['default.afterHours'],
  },
  {
    name: '[S0-143] on a Sunday at 10 the announcement is played',
    office: scheduled,
    at: at(10, 22),
    legs: [],
    end: 'released',
    hears: ['default.afterHours'],
  },
  {
    name: '[S0-135] [S0-136] [S0-137] [S0-139] forwards with nobody registered; the target sees the called number',
    office: oneNumber({ answer: switches({ forwarding: true }), forwardTo: MOBILE }),
    nobodyHere: true,
    outside: { [MOBILE]: 'answers' },
    legs: [[MOBILE]],
    presents: MAIN,
    end: 'answered',
  },
  {
    name: '[S0-122] voicemail does not run after a forwarded call that nobody takes',
    office: oneNumber({ answer: switches({ forwarding: true }), forwardTo: MOBILE, voicemail: VOICEMAIL }),
    legs: [[MOBILE]],
    end: NOT_ANSWERED,
  },
];

/** Sections 3 and 6: what ends in the one refusal until it is carried out. */
const later: readonly Example[] = [
  {
    name: '[S0-119] nobody answers: voicemail, which is refused by name until it is carried out',
    office: oneNumber({ voicemail: { ...VOICEMAIL, afterMs: 1_000 } }),
    legs: [['a', 'b']],
    end: LATER,
  },
  {
    name: '[S0-118] the announcement plays first, then comes voicemail: the caller is released by name',
    office: oneNumber({
      answer: {
        mode: 'schedule',
        table: {
          intervals: [],
          holidays: 'own',
          otherwise: { do: 'announce', announcement: 'default.afterHours' },
        },
      },
      voicemail: VOICEMAIL,
    }),
    legs: [],
    end: 'released',
    hears: ['default.afterHours'],
  },
];

const region = (name: string, prefecture: string, number: string) =>
  group(name, [{ area: 'prefecture', name: prefecture }], [number]);
const OTHER = '0312349999';

/** Section 8. */
const tollFree: readonly Example[] = [
  {
    name: '[S2-031] a caller of Tokyo gets the number for Tokyo',
    office: tollFreeOffice({
      product: 'calleePays',
      groups: [region('east', '東京都', TOKYO), region('west', '大阪府', OSAKA)],
    }),
    from: '0312345670',
    legs: [[TOKYO]],
    end: NOT_ANSWERED,
  },
  {
    name: '[S2-031] a caller of Osaka gets the number for Osaka',
    office: tollFreeOffice({
      product: 'calleePays',
      groups: [region('east', '東京都', TOKYO), region('west', '大阪府', OSAKA)],
    }),
    from: '0661234567',
    legs: [[OSAKA]],
    end: NOT_ANSWERED,
  },
  {
    name: '[A-32] [S2-023] a mobile in Osaka gets the number for Osaka, by the word of the network',
    office: tollFreeOffice({
      product: 'calleePays',
      groups: [region('east', '東京都', TOKYO), region('west', '大阪府', OSAKA)],
    }),
    from: MOBILE,
    origin: `class=mobile;prefecture=${encodeURIComponent('大阪府')}`,
    legs: [[OSAKA]],
    end: NOT_ANSWERED,
  },
  {
    name: '[A-33] a withheld number of Osaka gets the number for Osaka, and nobody learns it',
    office: tollFreeOffice({
      product: 'calleePays',
      groups: [region('east', '東京都', TOKYO), region('west', '大阪府', OSAKA)],
    }),
    from: 'anonymous',
    origin: `class=fixed;prefecture=${encodeURIComponent('大阪府')}`,
    legs: [[OSAKA]],
    presents: FREE,
    end: NOT_ANSWERED,
  },
  {
    name: '[S2-032] a busy number is detoured to the next, which answers',
    office: tollFreeOffice({
      product: 'calleePays',
      groups: [group('all', 'rest', [TOKYO], { busyDetour: [OSAKA, OTHER] })],
    }),
    outside: { [TOKYO]: 'busy', [OSAKA]: 'answers' },
    legs: [[TOKYO], [OSAKA]],
    end: 'answered',
  },
  {
    name: '[S2-034] at night the call goes to another number',
    office: tollFreeOffice({
      product: 'calleePays',
      groups: [
        group('all', 'rest', [TOKYO], {
          destinationChange: daily(9, 18, null, [OTHER]),
        }),
      ],
    }),
    at: at(20),
    legs: [[OTHER]],
    end: NOT_ANSWERED,
  },
  {
    name: '[S2-035] [S2-037] closed: the guidance plays twice, then the call is cut',
    office: tollFreeOffice({
      product: 'calleePays',
      groups: [group('all', 'rest', [TOKYO])],
      hours: { [TOKYO]: [9, 18] },
    }),
    at: at(20),
    legs: [],
    end: { status: 480 },
    hears: ['tollFree.afterHours', 'tollFree.afterHours'],
  },
  {
    name: '[S2-025] [S2-022] a mobile that is not let in hears the restriction guidance, unanswered',
    office: tollFreeOffice({
      product: 'calleePays',
      setting: { acceptsMobile: false },
      groups: [group('all', 'rest', [TOKYO])],
    }),
    from: '09087654321',
    legs: [],
    end: { status: 403 },
    hears: ['tollFree.restriction'],
  },
  {
    name: '[S0-145] a cloud phone answers its toll-free number',
    office: tollFreeOffice({ groups: [group('all', 'rest', [MAIN])] }),
    members: { 'id-000001-2': 'answers' },
    legs: [['a', 'b']],
    end: 'answered',
  },
].map((one) => ({ ...one, to: FREE }) as Example);

const twoNumbers = makeOffice({
  ids: [{}, { device: 'app', options: ['option.tenMinutes'] }],
  numbers: [
    { number: MAIN, rings: 'ab' },
    { number: '0355550102', rings: 'b' },
  ],
});
const choosing: Contract = {
  ...twoNumbers,
  ids: twoNumbers.ids.map((one, index) => (index === 0 ? { ...one, presents: '0355550102' } : one)),
};

/** Section 4: calls out. */
const callsOut: readonly Example[] = [
  {
    name: '[S0-089] a desk phone shows the number that was chosen for it',
    office: choosing,
    by: { id: 'a', dials: MOBILE },
    outside: { [MOBILE]: 'answers' },
    legs: [[MOBILE]],
    presents: '0355550102',
    end: 'answered',
  },
  {
    name: '[S0-091] an app with free minutes calls a fixed line, which is busy',
    office: choosing,
    by: { id: 'b', dials: FIXED },
    outside: { [FIXED]: 'busy' },
    legs: [[FIXED]],
    presents: MAIN,
    end: { status: 486 },
  },
  {
    name: '[S3-004] [A-35] a number that nobody can have is refused before anybody is called',
    office: choosing,
    by: { id: 'a', dials: '02012345678' },
    legs: [],
    end: { status: 403 },
  },
  {
    name: '[S0-097] while the answering bot is on, calls go out',
    office: makeOffice({
      ids: [{}],
      numbers: [{ number: MAIN, rings: 'a', features: { answer: switches({ bot: true }) } }],
    }),
    by: { id: 'a', dials: MOBILE },
    outside: { [MOBILE]: 'answers' },
    legs: [[MOBILE]],
    presents: MAIN,
    end: 'answered',
  },
  {
    name: '[S0-082] two devices of the office call each other inside',
    office: makeOffice({
      ids: [{ extension: '11' }, { extension: '12' }],
      numbers: [{ number: MAIN, rings: 'ab' }],
    }),
    by: { id: 'a', dials: '12' },
    members: { 'id-000001-2': 'answers' },
    legs: [['b']],
    end: 'answered',
  },
];

export const EXAMPLES: readonly Example[] = [
  ...callsOut,
  ...numbersAndIds,
  ...oldModel,
  ...devices,
  ...groups,
  ...forwarding,
  ...later,
  ...tollFree,
];
