import { describe, expect, it } from 'vitest';
import type { RoutePlan } from '../../../cloud-stub/routing/types.ts';
import { newCall, step } from '../../../cloud-stub/switch/call-machine.ts';
import type { Call, CallEffect, CallInput, Surroundings } from '../../../cloud-stub/switch/call-types.ts';
import type { CallId, ContractId, ServiceId } from '../../../lib/base/ids.ts';

const contract = 'c-000001' as ContractId;
const called = '0355550100';
const desk = 'id-000001-1' as ServiceId;
const app = 'id-000001-2' as ServiceId;
const other = 'id-000001-3' as ServiceId;
const common = { contract, called } as const;
const outside = (external: string) => ({ external, presents: called, destination: 'mobile' }) as const;
const ring = (members: readonly ServiceId[], more: object = {}): RoutePlan => ({
  verb: 'ring',
  ...common,
  members,
  forMs: 20_000,
  takesChannel: true,
  ...more,
});
const voicemail: RoutePlan = { verb: 'voicemail', ...common, greeting: 'default.voicemail' };
const announcement = (next: RoutePlan | null, answers = true): RoutePlan => ({
  verb: 'play',
  ...common,
  prompt: 'default.afterHours',
  times: 2,
  answers,
  next,
});

/** Executes a plan against what happens. */
function execute(plan: RoutePlan, inputs: readonly CallInput[], around: Partial<Surroundings> = {}) {
  const live = { channelFree: true, reachable: () => true, ...around };
  const setup = { call: 'abcdef-0000000000000000' as CallId, plan, ringForMs: 180_000, longestMs: 3_600_000 };
  let call: Call = newCall(setup);
  const effects: CallEffect[] = [];
  for (const [index, input] of ([{ type: 'opened' }, ...inputs] as const).entries()) {
    const next = step(call, input, index * 1_000, live);
    call = next.call;
    effects.push(...next.effects);
  }
  const of = <Do extends CallEffect['do']>(name: Do) =>
    effects.filter((effect): effect is Extract<CallEffect, { do: Do }> => effect.do === name);
  const invited = of('invite').map(({ target }) =>
    target.kind === 'member' ? target.id : 'external' in target ? target.external : 'network',
  );
  return { call, effects, of, invited, names: effects.map((effect) => effect.do) };
}

const failed = (leg: number, status = 480): CallInput => ({ type: 'failed', leg, status, cause: undefined });
const noAnswer: CallInput = { type: 'noAnswer' };

describe('a head start', () => {
  const plan = ring([desk, app], { headStart: { members: [desk], ms: 2_000 }, externals: [outside('090')] });

  it('lets the desk phone ring before the app and members outside [A-05] [S0-078]', () => {
    const first = execute(plan, []);
    expect(first.invited).toEqual([desk]);
    expect(first.of('arm').map(({ timer, afterMs }) => [timer, afterMs])).toEqual([
      ['noAnswer', 20_000],
      ['headStart', 2_000],
    ]);
    expect(execute(plan, [{ type: 'headStart' }]).invited).toEqual([desk, app, '090']);
  });

  it('is over as soon as everybody who has it has failed', () => {
    expect(execute(plan, [failed(0, 486)]).invited).toEqual([desk, app, '090']);
  });

  it('is nobody’s when no desk phone is there', () => {
    const away = execute(plan, [], { reachable: (id) => id !== desk });
    expect(away.invited).toEqual([app, '090']);
  });

  it('wins simultaneous answers: a desk phone that answers a moment after the app takes the call [A-05]', () => {
    const both: readonly CallInput[] = [{ type: 'headStart' }, { type: 'answered', leg: 1 }];
    const desks = execute(plan, [...both, { type: 'answered', leg: 0 }]);
    expect(desks.of('write').map(({ leg }) => leg)).toEqual([0]);
    expect(desks.of('drop').map(({ leg }) => leg)).toEqual([1, 2]);
    const apps = execute(plan, [...both, { type: 'settled' }]);
    expect(apps.of('write').map(({ leg }) => leg)).toEqual([1]);
    expect(apps.of('drop').map(({ leg }) => leg)).toEqual([0, 2]);
    expect(apps.of('arm').at(-1)).toMatchObject({ timer: 'settled', afterMs: 50 });
    const gone = execute(plan, [...both, failed(0, 486)]);
    expect(gone.of('write').map(({ leg }) => leg)).toEqual([1]);
    const hungUp = execute(plan, [...both, { type: 'legEnded', leg: 1, by: 'peer' }, { type: 'settled' }]);
    expect(hungUp.of('write')).toEqual([]);
  });

  it('that ends with the answer leaves the others unrung, and hangs up on nobody', () => {
    const { invited, of } = execute(plan, [{ type: 'answered', leg: 0 }, { type: 'headStart' }]);
    expect(invited).toEqual([desk]);
    expect(of('drop')).toEqual([]);
  });
});

describe('a relay', () => {
  const plan: RoutePlan = {
    verb: 'relay',
    ...common,
    steps: [
      { members: [{ id: desk }], forMs: 5_000 },
      { members: [outside('0312345678')], forMs: 6_000 },
      { members: [outside('09012345678'), { id: app }], forMs: 7_000 },
    ],
    takesChannel: true,
    onNoAnswer: voicemail,
    onBusy: announcement(null, false),
  };

  it('goes on after the time of each step, and ends in its way on [S1-007] [S1-010]', () => {
    const { invited, of } = execute(plan, [noAnswer, noAnswer, noAnswer]);
    expect(invited).toEqual([desk, '0312345678', '09012345678', app]);
    expect(of('arm').map(({ afterMs }) => afterMs)).toEqual([5_000, 6_000, 7_000]);
    expect(of('drop').map(({ leg }) => leg)).toEqual([0, 1, 2, 3]);
    expect(of('refuse')[0]?.refusal).toMatchObject({ rule: 'switch.notYet', status: 501 });
  });

  it('goes on at once when everybody of a step has failed', () => {
    expect(execute(plan, [failed(0), failed(1)]).invited).toEqual([desk, '0312345678', '09012345678', app]);
  });

  it('is busy only when everybody of every step was', () => {
    const busy = [0, 1, 2, 3].map((leg) => failed(leg, 486));
    expect(execute(plan, busy).of('play')).toHaveLength(1);
    expect(execute(plan, [failed(0), ...busy.slice(1)]).of('play')).toHaveLength(0);
    expect(execute(plan, [noAnswer, ...busy.slice(1)]).of('play')).toHaveLength(0);
  });

  it('passes over a step in which nobody can be reached', () => {
    expect(execute(plan, [], { reachable: () => false }).invited).toEqual(['0312345678']);
  });
});

describe('forwarding', () => {
  const plan = (more: object = {}): RoutePlan => ({
    verb: 'forward',
    ...common,
    to: outside('09012345678'),
    forMs: 30_000,
    takesChannel: true,
    ...more,
  });

  it('calls the target whoever is registered [S0-139]', () => {
    expect(execute(plan(), [], { reachable: () => false }).invited).toEqual(['09012345678']);
  });

  it('passes early media of the target on, and says what the network said', () => {
    const early: CallInput = { type: 'progress', leg: 0, status: 183, earlyMedia: true };
    const { of } = execute(plan(), [early, failed(0, 404)]);
    expect(of('progress')[0]?.earlyMediaOf).toBe(0);
    expect(of('refuse')[0]?.refusal).toMatchObject({ status: 404, rule: 'network.unallocated' });
  });

  it('goes on when the target is busy [S2-032], and otherwise elsewhere', () => {
    const next = plan({ to: outside('0661234567') });
    expect(execute(plan({ onBusy: next }), [failed(0, 486)]).invited).toEqual(['09012345678', '0661234567']);
    expect(execute(plan({ onBusy: next }), [failed(0, 404)]).invited).toEqual(['09012345678']);
    expect(execute(plan({ onNoAnswer: next }), [noAnswer]).invited).toEqual(['09012345678', '0661234567']);
  });

  it('that is not authorised is refused by that rule [A-36]', () => {
    const refusal = { rule: 'ceiling', say: 'used up' };
    const { of } = execute(plan(), [{ type: 'failed', leg: 0, status: 403, cause: 21, refusal }]);
    expect(of('refuse')[0]?.refusal).toMatchObject({ ...refusal, status: 403, end: 'refused' });
  });
});

describe('a prompt', () => {
  it('that answers is written down before the caller is answered, then plays, then the call is cut [S2-037]', () => {
    const { names, of } = execute(announcement(null), [{ type: 'written' }, { type: 'played' }]);
    expect(names).toEqual(['write', 'answer', 'play', 'disarm', 'dropCaller', 'finish']);
    expect(of('play')[0]?.sound).toEqual({ kind: 'prompt', prompt: 'default.afterHours', times: 2 });
    expect(of('finish')[0]).toMatchObject({ end: 'answeredThenCalleeHungUp', talkMs: 1_000 });
  });

  it('that does not answer ends with its own refusal [S0-074]', () => {
    const plan = { ...announcement(null, false), release: { status: 486, cause: 34 } } as RoutePlan;
    const { names, of } = execute(plan, [{ type: 'played' }]);
    expect(names).toEqual(['play', 'disarm', 'refuse', 'finish']);
    expect(of('refuse')[0]?.refusal).toMatchObject({ status: 486, cause: 34 });
    expect(of('finish')[0]).toMatchObject({ end: 'noChannel', talkMs: 0 });
  });

  it('is not played when its answer cannot be written down', () => {
    const { names } = execute(announcement(null), [{ type: 'writeFailed', say: 'no disk' }]);
    expect(names).toEqual(['write', 'disarm', 'refuse', 'finish']);
  });

  it('goes on to phones, whose ringing an answered caller hears, and to the talk without a second 200', () => {
    const { names, of } = execute(announcement(ring([desk])), [
      { type: 'written' },
      { type: 'played' },
      { type: 'progress', leg: 0, status: 180, earlyMedia: false },
      { type: 'answered', leg: 0 },
      { type: 'written' },
      { type: 'callerEnded', by: 'peer' },
    ]);
    expect(names.filter((name) => name === 'write')).toHaveLength(2);
    expect(of('play').at(-1)?.sound).toMatchObject({ kind: 'tone', tone: 'ringback' });
    expect(of('progress')).toEqual([]);
    expect(of('answer').map(({ leg }) => leg)).toEqual([null, 0]);
    expect(of('finish')[0]).toMatchObject({ end: 'answeredThenCallerHungUp', talkMs: 5_000 });
  });

  it('ends in a release, never in a refusal, when nobody takes an answered caller', () => {
    const { of } = execute(announcement(ring([desk])), [{ type: 'written' }, { type: 'played' }, noAnswer]);
    expect(of('refuse')).toEqual([]);
    expect(of('dropCaller')[0]).toMatchObject({ cause: 19 });
  });

  it('takes no channel and gives one back [A-06]; the next verb takes it again or goes its other way', () => {
    const plan = ring([desk], { onNoAnswer: announcement(ring([app], { onNoChannel: voicemail })) });
    const inputs: readonly CallInput[] = [noAnswer, { type: 'written' }, { type: 'played' }];
    expect(
      execute(plan, inputs)
        .of('channel')
        .map(({ take }) => take),
    ).toEqual([false, true]);
    const full = execute(plan, inputs, { channelFree: false });
    expect(full.of('channel').map(({ take }) => take)).toEqual([false]);
    expect(full.invited).toEqual([desk]);
    expect(full.of('finish')[0]?.because).toContain('switch.notYet');
    const bare = ring([desk], { onNoAnswer: announcement(ring([app]), false) });
    const refused = execute(bare, [noAnswer, { type: 'played' }], { channelFree: false });
    expect(refused.of('refuse')[0]?.refusal).toMatchObject({ status: 486, cause: 34 });
  });
});

describe('guidance', () => {
  it('is played after the answer, to whom it says [S2-024]', () => {
    const guidance = { prompt: 'tollFree.connection', to: 'both' } as const;
    const { names, of } = execute(ring([desk], { guidance }), [
      { type: 'answered', leg: 0 },
      { type: 'written' },
    ]);
    expect(of('guide')).toEqual([{ do: 'guide', guidance }]);
    expect(names.indexOf('answer')).toBeLessThan(names.indexOf('guide'));
  });
});

describe('a tone', () => {
  const tone = {
    verb: 'tone',
    tone: 'busy',
    forMs: 5_000,
    rule: 'in.channels',
    cause: 34,
    say: 'full',
  } as const;

  it('is heard by a caller who was answered, and said by status to any other', () => {
    const heard = execute(announcement(tone), [{ type: 'written' }, { type: 'played' }, { type: 'played' }]);
    expect(heard.of('play').at(-1)?.sound).toEqual({ kind: 'tone', tone: 'busy', forMs: 5_000 });
    expect(heard.of('dropCaller')[0]).toMatchObject({ cause: 34 });
    const said = execute(tone, []);
    expect(said.of('refuse')[0]?.refusal).toMatchObject({ status: 486, cause: 34, end: 'noChannel' });
  });
});

describe('what comes later', () => {
  const menu = { id: 'm', prompt: 'p', keys: {}, waitMs: 1, tries: 1, otherwise: voicemail } as const;
  const plans: readonly RoutePlan[] = [
    voicemail,
    { verb: 'bot', ...common, takesChannel: true },
    { verb: 'collect', ...common, menus: [menu], turns: 3 },
    { verb: 'record', ...common, except: 'externalLegs', plan: ring([desk]) },
    { verb: 'fax', ...common, listenMs: null, onVoice: null, relayTo: null },
  ];

  it.each(plans.map((plan) => [plan.verb, plan] as const))(
    '"%s" ends in the one named refusal',
    (verb, plan) => {
      const direct = execute(plan, []);
      expect(direct.invited).toEqual([]);
      expect(direct.of('refuse')[0]?.refusal).toMatchObject({
        status: 501,
        cause: 79,
        rule: 'switch.notYet',
      });
      expect(direct.of('refuse')[0]?.refusal.say).toContain(`"${verb}"`);
      const after = execute(announcement(plan), [{ type: 'written' }, { type: 'played' }]);
      expect(after.of('dropCaller')[0]).toMatchObject({ cause: 79 });
      expect(after.of('finish')[0]?.because).toContain(`"${verb}"`);
    },
  );
});

describe('an emergency call elsewhere', () => {
  it('ends a call in any state, which is told so', () => {
    const talk: readonly CallInput[] = [{ type: 'answered', leg: 0 }, { type: 'written' }];
    const preempted: CallInput = { type: 'preempted' };
    expect(execute(ring([desk, other]), [...talk, preempted]).of('dropCaller')[0]).toMatchObject({
      why: 'preempted',
    });
    const ringing = execute(ring([desk, other]), [preempted]);
    expect(ringing.of('drop').map(({ why }) => why)).toEqual(['preempted', 'preempted']);
    expect(ringing.of('refuse')[0]?.refusal).toMatchObject({ cause: 8, rule: 'switch.preempted' });
    expect(execute(announcement(null), [{ type: 'written' }, preempted]).names.at(-1)).toBe('finish');
  });
});
