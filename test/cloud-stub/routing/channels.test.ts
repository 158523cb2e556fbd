import { describe, expect, it } from 'vitest';
import type { NumberFeatures } from '../../../cloud-stub/contracts/index.ts';
import { defaultPolicy, unansweredLegs } from '../../../cloud-stub/routing/index.ts';
import { deskAndApp, idsOf, makeOffice, menu, OPTIONS, switches, VOICEMAIL } from './offices.ts';
import { callIn, MAIN, type World } from './world.ts';

const MOBILE = '09012345678';
const FORWARDING = { answer: switches({ forwarding: true }), forwardTo: MOBILE };

/** Both channels in use; voicemail is contracted where it is set. */
function full(features: Partial<NumberFeatures>, more: Partial<World> = {}): World {
  const options = OPTIONS.filter((item) => item !== 'option.voicemail' || features.voicemail !== undefined);
  return { contracts: [deskAndApp(features, { options })], busy: 2, ...more };
}

const facts = (world: World): readonly string[] => callIn(MAIN, world).trace.flatMap((line) => line.facts);

describe('every channel in use', () => {
  it('[S0-059] [A-06] is busy tone where nothing else is set', () => {
    expect(callIn(MAIN, full({})).plan).toMatchObject({
      verb: 'reject',
      rule: 'in.channels',
      status: 486,
      cause: 34,
      say: 'all 2 channels of c-000001 are in use',
    });
    expect(callIn(MAIN, full({}, { busy: 1 })).plan.verb).toBe('ring');
  });

  it('[S0-074] [S0-075] plays the busy message, the default one, without answering, and then is busy', () => {
    expect(callIn(MAIN, full({ busyMessage: true })).plan).toMatchObject({
      verb: 'play',
      prompt: 'default.busy',
      times: 1,
      answers: false,
      next: null,
      release: { status: 486, cause: 34 },
    });
    expect(callIn(MAIN, full({ busyMessage: true }, { busy: 1 })).plan.verb).toBe('ring');
    expect(callIn(MAIN, full({})).plan.verb).toBe('reject');
    expect(facts(full({ busyMessage: true }))).toContain('S0-074');
  });

  it('[S0-076] has no busy message where voicemail is contracted, switched on or not', () => {
    const contracted = deskAndApp({ busyMessage: true }, { options: OPTIONS });
    const world = { contracts: [contracted], busy: 2 };
    expect(callIn(MAIN, world).plan).toMatchObject({ verb: 'reject', cause: 34 });
    expect(facts(world)).toContain('S0-076');
    expect(facts(full({}))).not.toContain('S0-076');
  });

  it('[A-06] has voicemail take the call at once, on no channel', () => {
    const world = full({ voicemail: VOICEMAIL, busyMessage: true });
    expect(callIn(MAIN, world).plan).toMatchObject({ verb: 'voicemail', called: MAIN });
    expect(facts(world)).toContain('A-06');
  });

  it('[A-06] by policy is busy tone even with voicemail', () => {
    const policy = { ...defaultPolicy, allBusyVoicemail: 'busyTone' as const };
    const world = full({ voicemail: VOICEMAIL, busyMessage: true }, { policy });
    expect(callIn(MAIN, world).plan).toMatchObject({ verb: 'reject', cause: 34 });
    expect(facts(world)).toContain('S0-076');
  });

  it('[A-63] a forwarded call takes a channel and is treated as any other when none is free', () => {
    expect(callIn(MAIN, full(FORWARDING, { busy: 1 })).plan).toMatchObject({
      verb: 'forward',
      takesChannel: true,
    });
    expect(callIn(MAIN, full(FORWARDING)).plan).toMatchObject({ verb: 'reject', cause: 34 });
    expect(callIn(MAIN, full({ ...FORWARDING, busyMessage: true })).plan).toMatchObject({ verb: 'play' });
  });

  it('[A-63] by policy a forwarded call takes none and goes through', () => {
    const policy = { ...defaultPolicy, forwardTakesChannel: false };
    expect(callIn(MAIN, full(FORWARDING, { policy })).plan).toMatchObject({
      verb: 'forward',
      takesChannel: false,
    });
  });

  it('[A-27] an ID of the reception app counts among the channels', () => {
    const reception = { layout: 'oneButton' as const, buttons: [{ label: 'desk', group: 'office' }] };
    const office = makeOffice({
      ids: [{}, { device: 'app', features: { reception } }],
      numbers: [{ number: MAIN, rings: 'a' }],
    });
    expect(callIn(MAIN, { contracts: [office], busy: 1 }).plan.verb).toBe('ring');
    expect(callIn(MAIN, { contracts: [office], busy: 2 }).plan).toMatchObject({ rule: 'in.channels' });
  });

  it('[A-06] is looked at when the call gets there, behind a menu or a fax tone', () => {
    const answer = switches({ ivr: true });
    const menus = [menu('main', { '1': { do: 'ring', group: null } })];
    const { plan } = callIn(MAIN, full({ answer, ivrMenu: 'main', menus, busyMessage: true }));
    expect(plan).toMatchObject({
      verb: 'collect',
      menus: [
        {
          keys: {
            '1': { verb: 'ring', onNoChannel: { verb: 'play', prompt: 'default.busy', answers: true } },
          },
        },
      ],
    });
    const fax = { use: 'voiceAndFax' as const, relayTo: null };
    const office = deskAndApp({ fax, voicemail: VOICEMAIL });
    expect(callIn(MAIN, { contracts: [office], busy: 2 }).plan).toMatchObject({
      verb: 'fax',
      onVoice: { verb: 'ring', onNoChannel: { verb: 'voicemail' } },
    });
  });
});

describe('no answer', () => {
  it('[S0-119] [S0-120] goes to voicemail after the time that is set, which is never 0', () => {
    expect(callIn(MAIN, full({ voicemail: VOICEMAIL }, { busy: 0 })).plan).toMatchObject({
      verb: 'ring',
      forMs: 20_000,
      onNoAnswer: { verb: 'voicemail', called: MAIN, greeting: 'default.voicemail' },
    });
    const never = { voicemail: { ...VOICEMAIL, afterMs: 0 } };
    expect(callIn(MAIN, full(never, { busy: 0 })).plan).toMatchObject({ forMs: 1_000 });
  });

  it('[S0-119] is also that nobody can be reached', () => {
    const nobody = { busy: 0, unreachable: idsOf('ab') };
    expect(callIn(MAIN, full({ voicemail: VOICEMAIL }, nobody)).plan).toMatchObject({ verb: 'voicemail' });
    expect(callIn(MAIN, full({}, nobody)).plan).toMatchObject({
      rule: 'in.nobodyReachable',
      status: 480,
      cause: 20,
    });
  });

  it('[S0-011] ends the call where voicemail is set but not contracted', () => {
    const office = deskAndApp({ voicemail: VOICEMAIL }, { options: [] });
    expect(callIn(MAIN, { contracts: [office] }).plan).not.toHaveProperty('onNoAnswer');
  });

  it('[S0-119] comes after the last step of a relay', () => {
    const steps = [
      { members: [{ id: idsOf('a')[0] ?? ('' as never) }], forMs: 10_000 },
      { members: [{ id: idsOf('b')[0] ?? ('' as never) }], forMs: 10_000 },
    ];
    const office = makeOffice({
      ids: [{}, {}],
      numbers: [{ number: MAIN, rings: 'ab', features: { group: 'office', voicemail: VOICEMAIL } }],
      groups: [{ id: 'office', how: 'relay', steps }],
    });
    expect(unansweredLegs(callIn(MAIN, { contracts: [office] }).plan)).toMatchObject({
      legs: [{ afterMs: 0 }, { afterMs: 10_000 }],
      end: 'voicemail',
    });
  });
});
