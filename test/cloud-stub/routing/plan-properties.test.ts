import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  AnswerAction,
  Contract,
  IvrMenu,
  MenuAction,
  NumberFeatures,
  RejectEntry,
  RingGroup,
  RingMember,
} from '../../../cloud-stub/contracts/index.ts';
import {
  decide,
  defaultPolicy,
  explain,
  type RoutingPolicy,
  unansweredLegs,
} from '../../../cloud-stub/routing/index.ts';
import type { CallRequest, MenuBranch, RoutePlan } from '../../../cloud-stub/routing/types.ts';
import { instant } from '../../../lib/base/clock.ts';
import type { ServiceId } from '../../../lib/base/ids.ts';
import { companyForwarding, idOf, makeOffice, OPTIONS } from './offices.ts';
import { CALL, MAIN, snapshotOf, type World } from './world.ts';

const SECOND_NUMBER = '0355550102';
const IDS = 4;
const letter = fc.constantFrom('a', 'b', 'c', 'd', 'x');
const outside = fc.constantFrom('0312345678', '09012345678', '05012345678', MAIN, '110', '0990123456', '');
const member: fc.Arbitrary<RingMember> = fc.oneof(
  letter.map((one) => ({ id: idOf(one) })),
  outside.map((external) => ({ external })),
);
const members = fc.array(member, { maxLength: 4 });
const groupId = fc.constantFrom('one', 'two', 'gone');
const menuId = fc.constantFrom('m1', 'm2', 'm3', 'gone');
const group: fc.Arbitrary<RingGroup> = fc.oneof(
  fc.record({
    id: groupId,
    how: fc.constant('simultaneous' as const),
    members,
    forMs: fc.nat(60_000),
    deskFirstMs: fc.nat(90_000),
  }),
  fc.record({
    id: groupId,
    how: fc.constant('relay' as const),
    steps: fc.array(fc.record({ members, forMs: fc.nat(30_000) }), { maxLength: 4 }),
  }),
);
const action: fc.Arbitrary<AnswerAction> = fc.oneof(
  fc.option(groupId, { nil: null }).map((one) => ({ do: 'ring' as const, group: one })),
  outside.map((to) => ({ do: 'forward' as const, to })),
  fc.constant({ do: 'announce' as const, announcement: 'closed' }),
  menuId.map((menu) => ({ do: 'ivr' as const, menu })),
  fc.constant({ do: 'bot' as const }),
);
const menuAction: fc.Arbitrary<MenuAction> = fc.oneof(
  action,
  fc.constant({ do: 'voicemail' as const }),
  fc.constant({ do: 'repeat' as const }),
  menuId.map((menu) => ({ do: 'menu' as const, menu })),
);
const menu: fc.Arbitrary<IvrMenu> = fc.record({
  id: menuId,
  prompt: fc.constant('prompt'),
  keys: fc.dictionary(fc.constantFrom('0', '1', '2', '*', '#'), menuAction, { maxKeys: 4 }),
  waitMs: fc.constant(5_000),
  tries: fc.integer({ min: 1, max: 3 }),
  otherwise: fc.oneof(menuAction, fc.constant({ do: 'hangUp' as const })),
});
const interval = fc.record({
  on: fc.constant({ days: ['mon', 'tue', 'wed', 'thu', 'fri'] as const }),
  fromMinute: fc.integer({ min: 0, max: 700 }),
  untilMinute: fc.integer({ min: 701, max: 1_440 }),
  value: action,
});
const features: fc.Arbitrary<Partial<NumberFeatures>> = fc.record({
  reject: fc.subarray<RejectEntry>([
    { reject: 'withheld' },
    { reject: 'class', class: 'mobile' },
    { reject: 'number', number: '0312345678' },
  ]),
  fax: fc.record({
    use: fc.constantFrom('off' as const, 'voiceAndFax' as const, 'faxOnly' as const),
    relayTo: fc.constantFrom(null, idOf('a')),
  }),
  answer: fc.oneof(
    fc.record({
      mode: fc.constant('toggles' as const),
      forwarding: fc.boolean(),
      afterHours: fc.boolean(),
      bot: fc.boolean(),
      ivr: fc.boolean(),
    }),
    fc.record({
      mode: fc.constant('schedule' as const),
      table: fc.record({
        intervals: fc.array(interval, { maxLength: 2 }),
        holidays: fc.constantFrom('own' as const, 'asWeekday' as const),
        otherwise: action,
      }),
    }),
  ),
  forwardTo: fc.option(outside, { nil: null }),
  voicemail: fc.option(fc.record({ afterMs: fc.nat(40_000), greeting: fc.constant('default.voicemail') }), {
    nil: null,
  }),
  busyMessage: fc.boolean(),
  recording: fc.boolean(),
  ivrMenu: fc.option(menuId, { nil: null }),
  menus: fc.array(menu, { maxLength: 3 }),
  group: fc.option(groupId, { nil: null }),
  deskFirstMs: fc.nat(30_000),
});
const rings = fc.subarray(['a', 'b', 'c', 'd', 'x']).map((letters) => letters.join(''));
const options = fc.subarray([...OPTIONS, 'option.answerBot']);
const number = fc.record({
  rings,
  features,
  options,
  kind: fc.constantFrom(
    'shared' as const,
    'direct' as const,
    'standard' as const,
    'representativeOnly' as const,
  ),
});
const terminal = fc.record({
  device: fc.constantFrom('adapter' as const, 'deskPhone' as const, 'app' as const),
  features: fc.record({
    relay: fc.array(fc.record({ members, forMs: fc.nat(30_000) }), { maxLength: 2 }),
    ownNumber: fc.constantFrom(null, MAIN),
    reception: fc.constantFrom(null, null, {
      layout: 'oneButton' as const,
      buttons: [{ label: 'desk', group: 'one' }],
    }),
  }),
  options: fc.subarray(['option.fax']),
});
const office: fc.Arbitrary<Contract> = fc
  .record({
    ids: fc.array(terminal, { minLength: IDS, maxLength: IDS }),
    first: number,
    second: number,
    groups: fc.array(group, { maxLength: 3 }),
    verified: fc.boolean(),
    forwards: fc.boolean(),
    state: fc.constantFrom('active' as const, 'active' as const, 'active' as const, 'suspended' as const),
  })
  .map(({ ids, first, second, groups, verified, forwards, state }) =>
    makeOffice({
      ids,
      numbers: [
        { number: MAIN, ...first },
        { number: SECOND_NUMBER, ...second },
      ],
      groups,
      more: {
        identityVerified: verified,
        state,
        ...(forwards ? { groupForwarding: companyForwarding() } : {}),
      },
    }),
  );
const policy: fc.Arbitrary<RoutingPolicy> = fc
  .record({
    deskPriority: fc.constantFrom('headStart' as const, 'together' as const),
    allBusyVoicemail: fc.constantFrom('atOnce' as const, 'busyTone' as const),
    botTakesChannel: fc.boolean(),
    faxTone: fc.constantFrom('listenFirst' as const, 'forwardingFirst' as const),
    forwardTakesChannel: fc.boolean(),
    forwardingOn: fc.constantFrom('anyNumber' as const, 'contractNumber' as const),
    unrecorded: fc.constantFrom('externalLegs' as const, 'forwardedLegs' as const),
  })
  .map((choices) => ({ ...defaultPolicy, ...choices }));
const request: fc.Arbitrary<CallRequest> = fc.oneof(
  fc
    .record({
      to: fc.constantFrom(MAIN, SECOND_NUMBER),
      from: fc.constantFrom('09011112222', '0312345678', ''),
    })
    .map(({ to, from }) => ({ call: CALL, direction: 'in' as const, from, withheld: from === '', to })),
  fc
    .record({
      by: letter,
      dialled: fc.constantFrom('11', '12', '14', 'button1', 'button9', MAIN, '0355550123', '119'),
    })
    .map(({ by, dialled }) => ({ call: CALL, direction: 'out' as const, id: idOf(by), dialled })),
);
const call = fc
  .record({
    office,
    policy,
    request,
    busy: fc.nat({ max: IDS + 1 }),
    unreachable: fc.subarray<ServiceId>(['a', 'b', 'c', 'd'].map(idOf)),
    at: fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 }).map(instant),
    digits: fc.stringMatching(/^[0-9*#]{0,30}$/),
  })
  .map(({ office: contract, request: asks, digits, ...rest }) => {
    const world: World = { contracts: [contract], ...rest };
    const made = decide(asks, snapshotOf(world), rest.at, rest.policy);
    return { contract, asks, digits, world, made };
  });

/** Every verb of a plan with how deep it stands and what it stands in. */
function* verbs(
  plan: RoutePlan,
  inside: readonly RoutePlan[] = [],
): Generator<[RoutePlan, readonly RoutePlan[]]> {
  yield [plan, inside];
  for (const next of ways(plan)) if (next.verb !== 'menu') yield* verbs(next, [...inside, plan]);
}

function ways(plan: RoutePlan): readonly MenuBranch[] {
  const known = (list: readonly (MenuBranch | null | undefined)[]): readonly MenuBranch[] =>
    list.filter((one) => one !== null && one !== undefined);
  switch (plan.verb) {
    case 'ring':
    case 'relay':
    case 'forward':
      return known([plan.onNoAnswer, plan.onBusy, plan.onNoChannel]);
    case 'play':
      return known([plan.next]);
    case 'collect':
      return plan.menus.flatMap((one) => [...Object.values(one.keys), one.otherwise]);
    case 'bot':
      return known([plan.onNoChannel]);
    case 'fax':
      return known([plan.onVoice]);
    case 'record':
      return [plan.plan];
    default:
      return [];
  }
}

const RUNS = { numRuns: 200 };

describe('the plan of every call to every office', () => {
  it('[A-18] ends, is at most eight verbs deep, and its trace is never empty', () => {
    fc.assert(
      fc.property(call, ({ made, digits }) => {
        for (const [, inside] of verbs(made.plan)) expect(inside.length).toBeLessThan(8);
        expect(unansweredLegs(made.plan, digits).legs.length).toBeLessThan(100);
        expect(made.trace.length).toBeGreaterThan(0);
        expect(explain(made).length).toBeGreaterThan(made.trace.length);
      }),
      RUNS,
    );
  });

  it('[S0-059] [A-06] enters no verb that takes a channel when none is free, but by a way on that says what then', () => {
    fc.assert(
      fc.property(call, ({ made, world }) => {
        const free = (world.busy ?? 0) < IDS;
        for (const [plan, inside] of verbs(made.plan)) {
          if (!('takesChannel' in plan) || !plan.takesChannel) continue;
          const later = inside.some((one) => one.verb === 'fax' || one.verb === 'collect');
          if (later) expect(plan).toHaveProperty('onNoChannel');
          else expect(free).toBe(true);
        }
      }),
      RUNS,
    );
  });

  it('[S0-056] [S1-009] rings devices of the office that can be reached, each once, and numbers that may be called', () => {
    fc.assert(
      fc.property(call, ({ made, world, contract }) => {
        for (const [plan] of verbs(made.plan)) {
          if (plan.verb === 'ring') {
            expect(plan.members.length + (plan.externals?.length ?? 0)).toBeGreaterThan(0);
            expect(new Set(plan.members).size).toBe(plan.members.length);
            expect(plan.forMs).toBeGreaterThan(0);
            const first = plan.headStart;
            if (first !== undefined) {
              expect(first.ms).toBeLessThanOrEqual(plan.forMs / 2);
              for (const id of first.members) expect(plan.members).toContain(id);
            }
          }
          if (plan.verb === 'relay') expect(plan.steps.length).toBeGreaterThan(0);
        }
        for (const { to, presents } of unansweredLegs(made.plan).legs) {
          if (presents === null) {
            expect(contract.ids.map(({ id }) => id)).toContain(to);
            expect(world.unreachable).not.toContain(to);
          } else {
            expect(['0312345678', '09012345678', '05012345678']).toContain(to);
            expect(contract.numbers.map((one) => one.number)).toContain(presents);
          }
        }
      }),
      RUNS,
    );
  });

  it('[S0-122] [S0-125] [S0-088] keeps forwarding, voicemail and the bot apart', () => {
    fc.assert(
      fc.property(call, ({ made, asks, contract }) => {
        for (const [plan, inside] of verbs(made.plan)) {
          if (plan.verb !== 'voicemail') continue;
          expect(inside.some((one) => one.verb === 'forward')).toBe(false);
        }
        const said = [...verbs(made.plan)].map(([plan]) => plan.verb);
        expect(said.includes('voicemail') && said.includes('bot')).toBe(false);
        const to =
          asks.direction === 'in' ? contract.numbers.find((one) => one.number === asks.to) : undefined;
        const answer = to?.features?.answer;
        const held = contract.options.find((one) => one.on === to?.number)?.items ?? [];
        if (answer?.mode !== 'toggles' || !answer.bot || !held.includes('option.answerBot')) return;
        expect(said.filter((verb) => verb === 'ring' || verb === 'relay' || verb === 'collect')).toEqual([]);
      }),
      RUNS,
    );
  });

  it('[S0-133] [A-19] never has a forwarded call directly in a recording', () => {
    fc.assert(
      fc.property(call, ({ made }) => {
        for (const [plan] of verbs(made.plan)) {
          if (plan.verb !== 'record') continue;
          expect(['ring', 'relay', 'collect']).toContain(plan.plan.verb);
        }
      }),
      RUNS,
    );
  });

  it('refuses by status only callers who were not answered, and by tone only those who were', () => {
    fc.assert(
      fc.property(call, ({ made }) => {
        for (const [plan, inside] of verbs(made.plan)) {
          const answered = inside.some(
            (one) => one.verb === 'fax' || one.verb === 'collect' || (one.verb === 'play' && one.answers),
          );
          if (plan.verb === 'reject') expect(answered).toBe(false);
          if (plan.verb === 'tone') expect(answered).toBe(true);
        }
      }),
      RUNS,
    );
  });

  it('ends the trace of a refusal with the rule that refused', () => {
    fc.assert(
      fc.property(call, ({ made: { plan, trace } }) => {
        if (plan.verb === 'reject') expect(trace.at(-1)?.rule).toBe(plan.rule);
      }),
      RUNS,
    );
  });

  it('is the same for the same facts, and the same without its trace', () => {
    fc.assert(
      fc.property(call, ({ made, asks, world }) => {
        const again = () => decide(asks, snapshotOf(world), world.at ?? instant(0), world.policy);
        expect(again()).toEqual(made);
        const bare = decide(asks, snapshotOf(world), world.at ?? instant(0), world.policy, 'none');
        expect(bare.plan).toEqual(made.plan);
        expect(bare.trace).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});
