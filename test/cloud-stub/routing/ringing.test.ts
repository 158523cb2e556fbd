import { describe, expect, it } from 'vitest';
import type { RingGroup } from '../../../cloud-stub/contracts/index.ts';
import { decide, defaultPolicy, unansweredLegs } from '../../../cloud-stub/routing/index.ts';
import { companyForwarding, deskAndApp, idOf, idsOf, makeOffice, VOICEMAIL } from './offices.ts';
import { CALL, CONTRACT, callIn, callOut, MAIN, NOW, snapshotOf, type World } from './world.ts';

const FIXED = '0312345678';
const MOBILE = '09012345678';
const of = (office: ReturnType<typeof makeOffice>, more: Partial<World> = {}): World => ({
  contracts: [office],
  ...more,
});
const rules = (to: string, world: World): readonly string[] =>
  callIn(to, world).trace.map((line) => line.rule);
const said = (world: World, rule: string): string =>
  callIn(MAIN, world)
    .trace.flatMap((line) => (line.rule === rule ? [line.say] : []))
    .join('; ');

/** A company of group forwarding: IDs `a`–`d` on desk phones, one representative number in front of a group. */
function company(group: RingGroup, more: { extra?: number; kind?: 'standard' | 'ivr'; without?: true } = {}) {
  const groupForwarding = companyForwarding(more.extra === undefined ? {} : { [MAIN]: more.extra });
  return makeOffice({
    ids: [{}, {}, {}, {}],
    numbers: [
      { number: MAIN, rings: 'abcd', kind: more.kind ?? 'representativeOnly', features: { group: group.id } },
    ],
    groups: [group],
    more: {
      product: 'groupForwarding',
      ...(more.without ? {} : { groupForwarding }),
    },
  });
}

const relay = (...steps: string[]): RingGroup => ({
  id: 'office',
  how: 'relay',
  steps: steps.map((one) => ({
    members: one.split('+').map((name) => (name.length === 1 ? { id: idOf(name) } : { external: name })),
    forMs: 15_000,
  })),
});

describe('devices of the office', () => {
  it('[S0-056] [S0-057] nobody that the number rings is there: unavailable, though others of the office are', () => {
    const office = makeOffice({ ids: [{}, {}, {}], numbers: [{ number: MAIN, rings: 'ab', options: [] }] });
    const { plan } = callIn(MAIN, of(office, { unreachable: idsOf('ab') }));
    expect(plan).toMatchObject({ verb: 'reject', rule: 'in.nobodyReachable', status: 480, cause: 20 });
    expect(callIn(MAIN, of(office, { unreachable: idsOf('a') })).plan).toMatchObject({ members: idsOf('b') });
  });

  it('[S0-061] who is rung learns which number was called, and who calls where that is not hidden', () => {
    const world = of(deskAndApp());
    const say = (from: string) =>
      callIn(MAIN, world, from).trace.find(({ facts }) => facts.includes('S0-061'))?.say;
    expect(say(FIXED)).toBe(`call from ${FIXED} to ${MAIN} (contract number)`);
    expect(say('')).toBe(`call from a withheld number to ${MAIN} (contract number)`);
    expect(callIn(MAIN, world, FIXED).plan).toMatchObject({ called: MAIN });
  });

  it('[S0-069] the relay of a terminal counts for a number that rings it alone', () => {
    const relayed = {
      features: { relay: [{ members: [{ id: idOf('b') }], forMs: 9_000 }], ownNumber: MAIN },
    };
    const office = (rings: string) =>
      makeOffice({ ids: [relayed, {}], numbers: [{ number: MAIN, rings, options: [] }] });
    expect(callIn(MAIN, of(office('a'))).plan.verb).toBe('relay');
    expect(callIn(MAIN, of(office('ab'))).plan).toMatchObject({ verb: 'ring', members: idsOf('ab') });
  });

  it.each([
    ['0355550100', 'abcde'],
    ['0355550102', 'abc'],
    ['0355550103', 'de'],
  ])('[S0-057] [S0-055] number %s of three rings %s of five IDs', (number, letters) => {
    const office = makeOffice({
      ids: [{}, {}, {}, {}, {}],
      numbers: [
        { number: '0355550100', rings: 'abcde' },
        { number: '0355550102', rings: 'abc' },
        { number: '0355550103', rings: 'de' },
      ],
    });
    expect(callIn(number, of(office)).plan).toMatchObject({ verb: 'ring', members: idsOf(letters) });
  });

  it('[S0-060] one base and two additional IDs are three calls at once, and the fourth is busy', () => {
    const office = makeOffice({ ids: [{}, {}, {}], numbers: [{ number: MAIN, rings: 'abc' }] });
    expect(callIn(MAIN, of(office, { busy: 2 })).plan.verb).toBe('ring');
    expect(callOut('0355550123', of(office, { busy: 3 })).plan).toMatchObject({ status: 486, cause: 34 });
    expect(callIn(MAIN, of(office, { busy: 3 })).plan).toMatchObject({
      verb: 'reject',
      status: 486,
      cause: 34,
    });
  });

  it('[S0-066] two smartphones and a desk phone are three IDs, all of which ring', () => {
    const office = makeOffice({
      ids: [{ device: 'app' }, { device: 'app' }, { device: 'deskPhone' }],
      numbers: [{ number: MAIN, rings: 'abc' }],
    });
    expect(office.ids.map((id) => id.role)).toEqual(['base', 'additional', 'additional']);
    expect(callIn(MAIN, of(office)).plan).toMatchObject({ members: idsOf('cab') });
  });

  it('[S0-061] the plan and the trace name the number that was called', () => {
    const made = callIn(MAIN, of(deskAndApp()));
    expect(made.plan).toMatchObject({ called: MAIN });
    expect(made.trace.find((line) => line.facts.includes('S0-061'))?.say).toContain(MAIN);
  });

  it('[S0-061] the trace does not give away a number that is withheld', () => {
    const from = '09087654321';
    const asks = { call: CALL, direction: 'in', from, withheld: true, to: MAIN } as const;
    const { trace } = decide(asks, snapshotOf(of(deskAndApp())), NOW);
    expect(JSON.stringify(trace)).toContain('a withheld number');
    expect(JSON.stringify(trace)).not.toContain(from);
  });

  it('[S0-078] [S0-080] [A-05] desk phones and adapters ring first and stand before apps', () => {
    const office = makeOffice({
      ids: [{ device: 'app' }, { device: 'adapter' }, { device: 'deskPhone' }],
      numbers: [{ number: MAIN, rings: 'abc' }],
    });
    expect(callIn(MAIN, of(office)).plan).toMatchObject({
      members: idsOf('bca'),
      headStart: { members: idsOf('bc'), ms: 2_000 },
    });
  });

  it('[A-05] the office chooses the head start, and none at all is everybody together', () => {
    expect(callIn(MAIN, of(deskAndApp({ deskFirstMs: 5_000 }))).plan).toMatchObject({
      headStart: { ms: 5_000 },
    });
    expect(callIn(MAIN, of(deskAndApp({ deskFirstMs: 0 }))).plan).not.toHaveProperty('headStart');
  });

  it('[A-05] the operator can have desk phones and apps ring together; the desk phone still stands first', () => {
    const policy = { ...defaultPolicy, deskPriority: 'together' as const };
    const { plan } = callIn(MAIN, of(deskAndApp(), { policy }));
    expect(plan).not.toHaveProperty('headStart');
    expect(plan).toMatchObject({ members: idsOf('ab') });
  });

  it('[A-05] [S0-078] [S0-080] leaves apps half of the time to ring, and gives no head start where only one kind rings', () => {
    const slow = deskAndApp({ deskFirstMs: 300_000, voicemail: VOICEMAIL });
    expect(callIn(MAIN, of(slow)).plan).toMatchObject({ headStart: { ms: 10_000 } });
    expect(callIn(MAIN, of(deskAndApp(), { unreachable: [idOf('b')] })).plan).not.toHaveProperty('headStart');
    expect(callIn(MAIN, of(deskAndApp(), { unreachable: [idOf('a')] })).plan).not.toHaveProperty('headStart');
  });

  it('[S0-186] [S0-182] an ID of the reception app is never rung', () => {
    const reception = { layout: 'oneButton' as const, buttons: [{ label: 'desk', group: 'office' }] };
    const office = makeOffice({
      ids: [{}, { device: 'app', features: { reception } }],
      numbers: [{ number: MAIN, rings: 'ab' }],
    });
    expect(callIn(MAIN, of(office)).plan).toMatchObject({ members: [idOf('a')] });
    expect(rules(MAIN, of(office))).toContain('in.receptionOnly');
  });
});

describe('the model before 2021', () => {
  const office = makeOffice({
    ids: [
      { features: { ownNumber: '0355550111' } },
      { features: { ownNumber: '0355550112' } },
      { features: { ownNumber: '0355550113' } },
    ],
    numbers: [
      { number: MAIN, rings: 'abc', kind: 'representative' },
      { number: '0355550111', rings: 'a', kind: 'direct' },
      { number: '0355550112', rings: 'abc', kind: 'direct', features: { group: 'all' } },
      { number: '0355550113', rings: 'c', kind: 'direct' },
    ],
    groups: [{ id: 'all', how: 'simultaneous', members: [{ id: idOf('a') }], forMs: 9_000, deskFirstMs: 0 }],
    more: { model: 'legacy' },
  });

  it('[S0-068] [A-45] a direct number rings its own device and no other, whatever is set', () => {
    expect(callIn('0355550111', of(office)).plan).toMatchObject({ members: idsOf('a') });
    expect(callIn('0355550112', of(office)).plan).toMatchObject({ members: idsOf('b') });
    expect(callIn('0355550112', of(office)).trace.map((line) => line.rule)).toContain('in.direct');
  });

  it('[S0-069] [S0-070] a representative number is shared by the devices, which keep their direct numbers', () => {
    expect(callIn(MAIN, of(office)).plan).toMatchObject({ members: idsOf('abc') });
  });

  it('[S0-073] a representative number takes as many calls at once as there are IDs', () => {
    expect(callIn(MAIN, of(office, { busy: 2 })).plan.verb).toBe('ring');
    expect(callIn(MAIN, of(office, { busy: 3 })).plan).toMatchObject({ rule: 'in.channels', cause: 34 });
  });
});

describe('ring groups', () => {
  it('[S1-010] a relay rings internal, fixed external, smartphone external, internal, in this order', () => {
    const world = of(company(relay('a', FIXED, MOBILE, 'b')));
    expect(callIn(MAIN, world).plan).toEqual({
      verb: 'relay',
      contract: CONTRACT,
      called: MAIN,
      steps: [
        { members: [{ id: idOf('a') }], forMs: 15_000 },
        { members: [{ external: FIXED, presents: MAIN, destination: 'geographic' }], forMs: 15_000 },
        { members: [{ external: MOBILE, presents: MAIN, destination: 'mobile' }], forMs: 15_000 },
        { members: [{ id: idOf('b') }], forMs: 15_000 },
      ],
      takesChannel: true,
    });
    expect(unansweredLegs(callIn(MAIN, world).plan).legs.map(({ to, afterMs }) => [to, afterMs])).toEqual([
      [idOf('a'), 0],
      [FIXED, 15_000],
      [MOBILE, 30_000],
      [idOf('b'), 45_000],
    ]);
  });

  it('[S1-007] a group that rings together rings for its own time', () => {
    const members = [{ id: idOf('c') }, { id: idOf('d') }];
    const world = of(company({ id: 'office', how: 'simultaneous', members, forMs: 25_000, deskFirstMs: 0 }));
    expect(callIn(MAIN, world).plan).toMatchObject({ verb: 'ring', members: idsOf('cd'), forMs: 25_000 });
  });

  it('[S1-009] [S1-013] mixes members inside and outside; those outside see the number that was called', () => {
    const members = [{ external: MOBILE }, { id: idOf('a') }];
    const world = of(
      company({ id: 'office', how: 'simultaneous', members, forMs: 25_000, deskFirstMs: 3_000 }),
    );
    expect(callIn(MAIN, world, '08011112222').plan).toMatchObject({
      verb: 'ring',
      members: idsOf('a'),
      externals: [{ external: MOBILE, presents: MAIN }],
      headStart: { members: idsOf('a'), ms: 3_000 },
    });
  });

  it('leaves out what cannot be rung: unregistered, foreign, not to be called; and ends if nobody is left', () => {
    const group = relay('a', '110', '0990123456', '01012125551234', 'x', MAIN, 'b');
    const world = of(company(group, { extra: 9 }), { unreachable: idsOf('b') });
    expect(unansweredLegs(callIn(MAIN, world).plan).legs.map(({ to }) => to)).toEqual([idOf('a')]);
    const nobody = of(company(relay('a', '110')), { unreachable: idsOf('a') });
    expect(callIn(MAIN, nobody).plan).toMatchObject({ rule: 'in.nobodyReachable', status: 480 });
  });

  it.each([
    ['[S1-015] a standard number rings one outside', 'standard', undefined, 1],
    ['[S1-015] [A-38] a representative number rings two outside', undefined, undefined, 2],
    ['[S1-016] each additional forwarding target adds one', undefined, 1, 3],
  ] as const)('%s', (_what, kind, extra, allowed) => {
    const group = relay('a', FIXED, MOBILE, '0312345679', '0312345670');
    const more = { ...(kind === undefined ? {} : { kind }), ...(extra === undefined ? {} : { extra }) };
    const outside = unansweredLegs(callIn(MAIN, of(company(group, more))).plan).legs.slice(1);
    expect(outside).toHaveLength(allowed);
  });

  it('[A-38] by policy a representative number rings any other number of targets outside', () => {
    const world = of(company(relay('a', FIXED, MOBILE, '0312345679')));
    const outside = (externalTargets: Readonly<Record<string, number>>): number => {
      const policy = { ...defaultPolicy, externalTargets };
      return unansweredLegs(callIn(MAIN, { ...world, policy }).plan).legs.length - 1;
    };
    expect([outside({ representativeOnly: 1 }), outside({ representativeOnly: 2 }), outside({})]).toEqual([
      1, 2, 3,
    ]);
  });

  it('[S1-015] the same number twice in a relay counts once', () => {
    const group = relay(MOBILE, 'a', MOBILE);
    expect(unansweredLegs(callIn(MAIN, of(company(group, { kind: 'standard' }))).plan).legs).toHaveLength(3);
  });

  it('[S0-056] rings who stands twice in a list once', () => {
    const members = ['a', 'b', 'a'].map((one) => ({ id: idOf(one) }));
    const twice = [...members, { external: MOBILE }, { external: '+819012345678' }];
    const world = of(
      company({ id: 'office', how: 'simultaneous', members: twice, forMs: 9_000, deskFirstMs: 0 }),
    );
    expect(unansweredLegs(callIn(MAIN, world).plan).legs.map(({ to }) => to)).toEqual([
      ...idsOf('ab'),
      MOBILE,
    ]);
  });

  it('[S1-017] rings nobody outside for a company without group forwarding', () => {
    const world = of(company(relay('a', MOBILE), { without: true }));
    expect(unansweredLegs(callIn(MAIN, world).plan).legs.map(({ to }) => to)).toEqual([idOf('a')]);
    expect(said(world, 'in.outside')).toContain('no group forwarding');
  });
});

describe('a terminal that relays', () => {
  const onward = [{ members: [{ external: MOBILE }], forMs: 30_000 }];
  const made = (ownNumber: string | null, kind: 'standard' | 'representativeOnly' | 'shared' = 'standard') =>
    makeOffice({
      ids: [{ features: { relay: onward, ownNumber } }, {}],
      numbers: [{ number: MAIN, rings: 'a', kind }],
      more: { groupForwarding: companyForwarding() },
    });

  it('[S1-011] [S1-014] goes on to a device that is no subscriber, showing the terminal own number', () => {
    const { legs } = unansweredLegs(callIn(MAIN, of(made(MAIN))).plan);
    expect(legs).toEqual([
      { to: idOf('a'), afterMs: 0, presents: null },
      { to: MOBILE, afterMs: 20_000, presents: MAIN },
    ]);
    expect(said(of(made(MAIN)), 'in.terminalRelay')).toContain(`showing ${MAIN} outside`);
  });

  it('[S1-014] shows the representative number over a terminal without one of its own', () => {
    const { legs } = unansweredLegs(callIn(MAIN, of(made(null, 'representativeOnly'))).plan);
    expect(legs[1]).toMatchObject({ to: MOBILE, presents: MAIN });
  });

  it('[A-39] refuses to go outside with neither, after the terminal has rung', () => {
    const { plan, trace } = callIn(MAIN, of(made(null, 'shared')));
    expect(unansweredLegs(plan)).toEqual({
      legs: [{ to: idOf('a'), afterMs: 0, presents: null }],
      end: 'reject',
    });
    expect(plan).toMatchObject({ onNoAnswer: { rule: 'in.noForwardingNumber' } });
    expect(trace.find((line) => line.rule === 'in.noForwardingNumber')?.facts).toContain('A-39');
  });

  it.each([
    ['a later step', [[{ id: idOf('b') }], [{ external: MOBILE }]]],
    ['a step that it shares with an ID', [[{ id: idOf('b') }, { external: MOBILE }]]],
  ])('[S1-011] [A-39] without a number to show stays inside when only %s leads outside', (_what, steps) => {
    const further = steps.map((members) => ({ members, forMs: 9_000 }));
    const office = makeOffice({
      ids: [{ features: { relay: further } }, {}],
      numbers: [{ number: MAIN, rings: 'a' }],
      more: { groupForwarding: companyForwarding() },
    });
    const { plan } = callIn(MAIN, of(office));
    expect(plan).toMatchObject({ verb: 'relay', onNoAnswer: { rule: 'in.noForwardingNumber' } });
    expect(JSON.stringify(plan)).not.toContain(MOBILE);
  });

  it('[S1-011] goes outside at once when the terminal is not registered', () => {
    const { legs } = unansweredLegs(callIn(MAIN, of(made(MAIN), { unreachable: idsOf('a') })).plan);
    expect(legs).toEqual([{ to: MOBILE, afterMs: 0, presents: MAIN }]);
  });
});
