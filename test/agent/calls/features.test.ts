import { beforeEach, describe, expect, it } from 'vitest';
import type { OfficeEffect, SipNews } from '../../../agent/calls/model.ts';
import { exampleConfig, OfficeWorld } from './office-world.ts';

const OUTSIDE = '0355550123';
const OTHER = '09012345678';

let world: OfficeWorld;

/** Four phones, extensions 11 to 14, four channels. */
beforeEach(() => {
  world = new OfficeWorld();
  world.open(exampleConfig({ channels: 4, ringForMs: 30_000 }, 4));
});

function flash(port: number): void {
  world.line(port, { type: 'flash', durationMs: 400 });
}

/** What a far end does about its call. */
function far(leg: string, news: SipNews): void {
  world.input({ type: 'sip', leg, news });
  world.clock.advance(5);
}

function answered(leg: string): void {
  far(leg, { type: 'answered', sdp: 'far:1' });
}

function gone(leg: string): void {
  far(leg, { type: 'ended', by: 'peer', reason: undefined });
}

/** The leg that began last. */
function newest(): string {
  const last = [...world.state.legs.values()].sort((one, other) => other.order - one.order)[0];
  if (last === undefined) throw new Error('no leg');
  return last.id;
}

/** A phone calls outside; the leg is not answered. */
function callOut(port: number, number = OUTSIDE): string {
  if (world.at(port) === 'onHook') world.lift(port);
  world.dial(port, number);
  world.clock.advance(5);
  return newest();
}

function talkOutside(port: number, number = OUTSIDE): string {
  const leg = callOut(port, number);
  answered(leg);
  return leg;
}

/** Rings a phone from outside. */
function callIn(port: number, from = '0312345678', to = '0355550100'): string {
  const leg = `in-${port}-${world.rows.size}`;
  const user = `id-000001-${port}`;
  world.input({ type: 'invite', leg, call: undefined, user, from, to, sdp: 'far:7' });
  world.clock.advance(5);
  return leg;
}

/** A phone calls an extension and waits until it rings. */
function callExtension(port: number, extension: string): string {
  if (world.at(port) === 'onHook') world.lift(port);
  world.dial(port, extension);
  world.clock.advance(2_000);
  return newest();
}

function talkInside(port: number, other: number): string {
  const leg = callExtension(port, String(10 + other));
  world.lift(other);
  return leg;
}

/** How its record ended; the figures of its audio come a moment later. */
function end(leg: string) {
  world.clock.advance(5);
  return world.rows.get(leg)?.end;
}

function effects<Type extends OfficeEffect['type']>(type: Type, leg?: string) {
  return world.of(type).filter((effect) => leg === undefined || ('leg' in effect && effect.leg === leg));
}

describe('hold', () => {
  it('by flash: second dial tone here, hold tone and a sendonly offer there, and back by another flash', () => {
    const leg = talkOutside(1);
    flash(1);
    expect(world.heard.get(1)).toBe('secondDial');
    expect(world.far.get(leg)).toBe('hold');
    expect(effects('sipReinvite', leg).at(-1)).toMatchObject({ sdp: expect.stringContaining(':held') });
    world.clock.advance(5_000);
    flash(1);
    expect(world.sounds.get(1)).toEqual({ to: 'rtp', session: leg });
    const back = effects('sipReinvite', leg).at(-1);
    expect(back).not.toMatchObject({ sdp: expect.stringContaining(':held') });
    expect(effects('sipReinvite', leg)).toHaveLength(2);
    expect(end(leg)).toBeUndefined();
  });

  it('is tried again after the offers of both sides crossed (491)', () => {
    const leg = talkOutside(1);
    world.refuseOffers = 491;
    flash(1);
    world.clock.advance(10);
    expect(effects('sipReinvite', leg)).toHaveLength(1);
    world.refuseOffers = undefined;
    world.clock.advance(3_000);
    expect(effects('sipReinvite', leg)).toHaveLength(2);
    expect(world.state.legs.get(leg)?.hold).toEqual({ told: true, offering: false });
  });

  it('does not end a call by its silence', () => {
    const leg = talkOutside(1);
    flash(1);
    world.input({ type: 'rtpSilent', leg, silentMs: 60_000 });
    expect(end(leg)).toBeUndefined();
  });

  it('of a colleague lets him hear hold tone', () => {
    talkInside(1, 2);
    flash(1);
    expect([world.heard.get(1), world.heard.get(2)]).toEqual(['secondDial', 'hold']);
    flash(1);
    expect([world.sounds.get(1), world.sounds.get(2)]).toEqual([
      { to: 'line', port: 2 },
      { to: 'line', port: 1 },
    ]);
  });

  it('rings the phone again when the handset goes down, and ends when nobody lifts it', () => {
    const leg = talkOutside(1);
    flash(1);
    world.hangUp(1);
    expect(world.ringing.has(1)).toBe(true);
    expect(world.far.get(leg)).toBe('ringback');
    world.lift(1);
    expect(world.sounds.get(1)).toEqual({ to: 'rtp', session: leg });
    flash(1);
    world.hangUp(1);
    world.clock.advance(31_000);
    expect(world.ringing.has(1)).toBe(false);
    expect(end(leg)).toMatchObject({ end: 'answeredThenCallerHungUp', interrupted: false });
  });
});

describe('call waiting (キャッチホン)', () => {
  it('announces a second caller by a tone, switches by flash and back, and refuses a third', () => {
    const first = talkOutside(1);
    const second = callIn(1);
    expect(world.overlays.has(1)).toBe(true);
    expect(effects('sipRinging', second)).toHaveLength(1);
    callIn(1, '0399999999');
    expect(effects('sipReject').at(-1)).toMatchObject({ status: 486, cause: 17 });
    flash(1);
    world.clock.advance(5);
    expect(world.overlays.has(1)).toBe(false);
    expect(world.sounds.get(1)).toEqual({ to: 'rtp', session: second });
    expect(world.far.get(first)).toBe('hold');
    flash(1);
    expect(world.sounds.get(1)).toEqual({ to: 'rtp', session: first });
    expect(world.far.get(second)).toBe('hold');
  });

  it('is silent where the line does not want it', () => {
    const config = exampleConfig({ channels: 4 }, 2);
    world.input({
      type: 'config',
      config: { ...config, lines: config.lines.map((line) => ({ ...line, callWaiting: false })) },
    });
    talkOutside(1);
    callIn(1);
    expect(world.overlays.has(1)).toBe(false);
    expect(effects('sipReject').at(-1)).toMatchObject({ status: 486 });
  });

  it('ends with the caller who gave up', () => {
    talkOutside(1);
    const second = callIn(1);
    far(second, { type: 'cancelled', reason: undefined });
    expect(world.overlays.has(1)).toBe(false);
    expect(end(second)?.end).toBe('callerGaveUp');
  });

  it('rings when the handset goes down instead, and is never joined to the first call', () => {
    const first = talkOutside(1);
    const second = callIn(1);
    world.hangUp(1);
    expect(end(first)?.end).toBe('answeredThenCallerHungUp');
    expect(world.ringing.has(1)).toBe(true);
    world.lift(1);
    world.clock.advance(5);
    expect(world.sounds.get(1)).toEqual({ to: 'rtp', session: second });
  });

  it('works for a colleague who calls', () => {
    talkOutside(1);
    const inside = callExtension(2, '11');
    expect(world.heard.get(2)).toBe('ringback');
    flash(1);
    expect([world.sounds.get(1), world.sounds.get(2)]).toEqual([
      { to: 'line', port: 2 },
      { to: 'line', port: 1 },
    ]);
    expect(end(inside)).toBeUndefined();
  });

  it('goes on when the first caller hangs up: busy tone, and the flash takes the second', () => {
    const first = talkOutside(1);
    const second = callIn(1);
    gone(first);
    expect(world.heard.get(1)).toBe('busy');
    flash(1);
    world.clock.advance(5);
    expect(world.sounds.get(1)).toEqual({ to: 'rtp', session: second });
  });
});

describe('consultation', () => {
  it('changes between two by flash, ends one by 1, and goes back when the asked one hangs up', () => {
    const first = talkOutside(1);
    flash(1);
    const second = talkOutside(1, OTHER);
    expect(world.sounds.get(1)).toEqual({ to: 'rtp', session: second });
    flash(1);
    expect(world.sounds.get(1)).toEqual({ to: 'rtp', session: first });
    world.dial(1, '1');
    expect(end(second)?.end).toBe('answeredThenCallerHungUp');
    flash(1);
    const third = talkOutside(1, OTHER);
    gone(third);
    expect(world.heard.get(1)).toBe('busy');
    flash(1);
    expect(world.sounds.get(1)).toEqual({ to: 'rtp', session: first });
  });

  it('does not take a digit for a command later than 3 s after the flash', () => {
    talkOutside(1);
    flash(1);
    talkOutside(1, OTHER);
    flash(1);
    world.clock.advance(3_100);
    world.dial(1, '1');
    expect(world.state.legs.size).toBe(2);
  });

  it('gives up an asked one who does not answer by flash', () => {
    const first = talkOutside(1);
    flash(1);
    const asked = callExtension(1, '12');
    expect(world.ringing.has(2)).toBe(true);
    flash(1);
    expect(world.ringing.has(2)).toBe(false);
    expect(end(asked)?.end).toBe('callerGaveUp');
    expect(world.sounds.get(1)).toEqual({ to: 'rtp', session: first });
  });
});

describe('three together', () => {
  it('by flash and 3, apart by flash, and two are left when one hangs up', () => {
    const first = talkOutside(1);
    flash(1);
    talkInside(1, 2);
    flash(1);
    world.dial(1, '3');
    const parties = [
      { to: 'rtp', session: first },
      { to: 'line', port: 2 },
    ];
    expect(world.sounds.get(1)).toEqual({ to: 'conference', with: parties });
    expect(world.sounds.get(2)).toEqual({
      to: 'conference',
      with: [
        { to: 'line', port: 1 },
        { to: 'rtp', session: first },
      ],
    });
    flash(1);
    expect(world.sounds.get(1)).toEqual({ to: 'rtp', session: first });
    expect(world.heard.get(2)).toBe('hold');
    world.dial(1, '3');
    gone(first);
    expect([world.sounds.get(1), world.sounds.get(2)]).toEqual([
      { to: 'line', port: 2 },
      { to: 'line', port: 1 },
    ]);
  });

  it('of two outside callers who came by call waiting ends for both when the handset goes down', () => {
    const first = talkOutside(1);
    const second = callIn(1);
    flash(1);
    world.clock.advance(5);
    world.dial(1, '3');
    expect(world.heard.get(1)).toBe('conference');
    world.hangUp(1);
    expect([end(first)?.end, end(second)?.end]).toEqual([
      'answeredThenCallerHungUp',
      'answeredThenCalleeHungUp',
    ]);
  });
});

describe('transfer', () => {
  it('of an outside caller to a colleague, after asking: the leg and its payer stay, the internal leg ends', () => {
    const leg = talkOutside(1);
    flash(1);
    const asked = talkInside(1, 2);
    world.hangUp(1);
    expect(world.sounds.get(2)).toEqual({ to: 'rtp', session: leg });
    expect(end(asked)?.because).toBe('line 1 passed the caller on');
    expect(world.state.legs.get(leg)).toMatchObject({ port: 2, account: 1, serviceId: 'id-000001-1' });
    expect(world.rows.get(leg)?.start).toMatchObject({ line: 1, serviceId: 'id-000001-1' });
    world.hangUp(2);
    expect(end(leg)).toMatchObject({ end: 'answeredThenCallerHungUp' });
    expect(effects('sipHangUp', leg)).toHaveLength(1);
  });

  it('without waiting for the answer: the caller hears ringback, then the colleague', () => {
    const leg = callIn(1);
    world.lift(1);
    world.clock.advance(5);
    flash(1);
    callExtension(1, '12');
    world.hangUp(1);
    expect(world.ringing.has(2)).toBe(true);
    expect(world.far.get(leg)).toBe('ringback');
    world.lift(2);
    expect(world.sounds.get(2)).toEqual({ to: 'rtp', session: leg });
  });

  it('that nobody takes rings the one who passed it on, and ends when he does not come either', () => {
    const leg = talkOutside(1);
    flash(1);
    callExtension(1, '12');
    world.hangUp(1);
    world.clock.advance(30_100);
    expect([world.ringing.has(1), world.ringing.has(2)]).toEqual([true, false]);
    world.clock.advance(30_100);
    expect(world.ringing.size).toBe(0);
    expect(end(leg)).toBeDefined();
  });

  it('of a colleague to somebody outside: who placed the leg pays for it', () => {
    talkInside(2, 1);
    flash(1);
    const out = talkOutside(1, OTHER);
    world.hangUp(1);
    expect(world.sounds.get(2)).toEqual({ to: 'rtp', session: out });
    expect(world.rows.get(out)?.start).toMatchObject({ line: 1, direction: 'out' });
    gone(out);
    expect(world.heard.get(2)).toBe('busy');
  });

  it('of a colleague to a number that rings: he hears the ringback', () => {
    talkInside(2, 1);
    flash(1);
    const out = callOut(1, OTHER);
    far(out, { type: 'progress', status: 180, sdp: undefined });
    world.hangUp(1);
    expect(world.heard.get(2)).toBe('ringback');
    answered(out);
    expect(world.sounds.get(2)).toEqual({ to: 'rtp', session: out });
  });

  it('between two outside parties: both legs go on and hold their channels until one hangs up', () => {
    const first = talkOutside(1);
    flash(1);
    const second = talkOutside(1, OTHER);
    world.hangUp(1);
    expect([world.far.get(first), world.far.get(second)]).toEqual([second, first]);
    expect(world.of('bridge')).toHaveLength(1);
    expect(world.state.legs.size).toBe(2);
    expect(world.at(1)).toBe('onHook');
    // The phone is free for other calls meanwhile, and a third and a fourth channel are all that is left.
    talkOutside(1);
    talkOutside(2);
    callOut(3);
    expect(world.heard.get(3)).toBe('busy');
    gone(first);
    expect(end(first)).toBeDefined();
    expect(effects('sipHangUp', second)).toHaveLength(1);
    expect(end(second)).toBeDefined();
  });

  it('to an outside number that does not answer brings the caller back', () => {
    const first = talkOutside(1);
    flash(1);
    const asked = callOut(1, OTHER);
    world.hangUp(1);
    expect(world.far.get(first)).toBe('ringback');
    far(asked, { type: 'failed', status: 480, reason: undefined, why: undefined });
    expect(world.ringing.has(1)).toBe(true);
    world.lift(1);
    expect(world.sounds.get(1)).toEqual({ to: 'rtp', session: first });
  });
});

describe('parking [S0-081]', () => {
  it('puts the held call into a slot, from where any phone takes it', () => {
    const leg = talkOutside(1);
    flash(1);
    world.dial(1, '*73');
    expect(world.heard.get(1)).toBe('confirmation');
    expect(world.far.get(leg)).toBe('hold');
    world.hangUp(1);
    expect(world.ringing.size).toBe(0);
    world.lift(2);
    world.dial(2, '*73');
    expect(world.sounds.get(2)).toEqual({ to: 'rtp', session: leg });
    expect(world.rows.get(leg)?.start.line).toBe(1);
  });

  it('refuses a slot that is taken and one that is empty, by tone and reason', () => {
    talkOutside(1);
    flash(1);
    world.dial(1, '*71');
    const other = talkOutside(2);
    flash(2);
    world.dial(2, '*71');
    expect(world.heard.get(2)).toBe('refused');
    flash(2);
    expect(world.sounds.get(2)).toEqual({ to: 'rtp', session: other });
    world.lift(3);
    world.dial(3, '*79');
    expect(world.heard.get(3)).toBe('refused');
    expect(world.state.ports.get(3)?.line).toMatchObject({ because: expect.stringContaining('slotEmpty') });
  });

  it('brings the call back when nobody takes it', () => {
    const leg = talkOutside(1);
    flash(1);
    world.dial(1, '*71');
    world.hangUp(1);
    world.clock.advance(120_100);
    expect(world.ringing.has(1)).toBe(true);
    world.lift(1);
    expect(world.sounds.get(1)).toEqual({ to: 'rtp', session: leg });
  });

  it('of a call between colleagues works the same', () => {
    talkInside(1, 2);
    flash(1);
    world.dial(1, '*71');
    expect(world.heard.get(2)).toBe('hold');
    world.hangUp(1);
    world.lift(3);
    world.dial(3, '*71');
    expect([world.sounds.get(2), world.sounds.get(3)]).toEqual([
      { to: 'line', port: 3 },
      { to: 'line', port: 2 },
    ]);
    world.hangUp(2);
    expect(world.heard.get(3)).toBe('busy');
  });
});

describe('pickup', () => {
  it('takes an outside call that rings another phone, by its extension', () => {
    const leg = callIn(1);
    world.lift(3);
    world.dial(3, '*811');
    world.clock.advance(5);
    expect(world.ringing.size).toBe(0);
    expect(world.at(1)).toBe('onHook');
    expect(world.sounds.get(3)).toEqual({ to: 'rtp', session: leg });
    expect(world.rows.get(leg)?.answered).toBe(true);
  });

  it('takes whatever rings longest by *80, also a call between colleagues', () => {
    const inside = callExtension(1, '12');
    callIn(4);
    world.lift(3);
    world.dial(3, '*80');
    expect([world.sounds.get(1), world.sounds.get(3)]).toEqual([
      { to: 'line', port: 3 },
      { to: 'line', port: 1 },
    ]);
    expect(world.state.legs.get(inside)?.stage).toBe('talking');
    expect(world.ringing).toEqual(new Set([4]));
  });

  it('says no when nothing rings', () => {
    world.lift(3);
    world.dial(3, '*80');
    expect(world.heard.get(3)).toBe('refused');
    world.hangUp(3);
    world.lift(3);
    world.dial(3, '*899');
    expect(world.at(3)).toBe('congestion');
  });
});

describe('dialling codes', () => {
  it('*5 calls the last number again, with its prefix', () => {
    world.lift(1);
    world.dial(1, '*5');
    expect(world.heard.get(1)).toBe('refused');
    world.hangUp(1);
    callOut(1, `184${OUTSIDE}`);
    world.hangUp(1);
    world.lift(1);
    world.dial(1, '*5');
    world.clock.advance(5);
    expect(effects('sipInvite').map(({ number }) => number)).toEqual([`184${OUTSIDE}`, `184${OUTSIDE}`]);
  });

  it('*1 and a choice present another number of the line, in this call only [S0-089]', () => {
    world.lift(1);
    world.dial(1, '*12');
    expect(world.heard.get(1)).toBe('secondDial');
    const leg = callOut(1);
    expect(effects('sipInvite', leg)).toMatchObject([{ presents: '0355550101' }]);
    expect(world.rows.get(leg)?.start.from).toBe('0355550101');
    world.hangUp(1);
    expect(effects('sipInvite', callOut(1))).toMatchObject([{ presents: null }]);
  });

  it('*1 and a choice that the line does not have is refused before the number', () => {
    world.lift(1);
    world.dial(1, '*13');
    expect(world.at(1)).toBe('congestion');
    expect(world.state.ports.get(1)?.line).toMatchObject({
      because: expect.stringContaining('notPresentable'),
    });
  });

  it.each(['1351', '1350'])('%s goes to the service as it was dialled [S2-015]', (code) => {
    const leg = callOut(1, code);
    expect(effects('sipInvite', leg)).toMatchObject([{ number: code }]);
  });

  it.each(['184', '186'])('%s gives second dial tone and goes with the number', (prefix) => {
    world.lift(1);
    world.dial(1, prefix);
    expect(world.heard.get(1)).toBe('secondDial');
    const leg = callOut(1);
    expect(effects('sipInvite', leg)).toMatchObject([{ number: prefix + OUTSIDE }]);
  });

  it('an unknown code gets congestion tone and a reason', () => {
    world.lift(1);
    world.dial(1, '*9');
    expect(world.at(1)).toBe('congestion');
    expect(world.state.ports.get(1)?.line).toMatchObject({ because: expect.stringContaining('*9') });
  });
});

describe('emergency numbers beside all this', () => {
  it('cannot be put away by a flash, nor interrupted by a second caller', () => {
    const leg = talkOutside(1, '110');
    flash(1);
    expect(world.sounds.get(1)).toEqual({ to: 'rtp', session: leg });
    callIn(1);
    expect(effects('sipReject').at(-1)).toMatchObject({ status: 486 });
    expect(world.overlays.size).toBe(0);
  });

  it('can be called while another call is on hold, and are not joined to it when the handset goes down', () => {
    const held = talkOutside(1);
    flash(1);
    const emergency = talkOutside(1, '119');
    world.hangUp(1);
    expect(end(emergency)).toBeDefined();
    expect(end(held)).toBeUndefined();
    expect(world.ringing.has(1)).toBe(true);
  });

  it('are called without 184 and without a chosen number', () => {
    const leg = callOut(1, '184110');
    expect(effects('sipInvite', leg)).toMatchObject([{ number: '110', presents: null }]);
  });

  it('are reached by a late digit although extension 11 rings already', () => {
    world.lift(2);
    world.dial(2, '11');
    world.clock.advance(1_600);
    expect(world.ringing.has(1)).toBe(true);
    world.dial(2, '0');
    world.clock.advance(5);
    expect(world.ringing.has(1)).toBe(false);
    expect(effects('sipInvite')).toMatchObject([{ number: '110', port: 2 }]);
    expect(world.faults).toEqual([]);
  });

  it('take the channel of a call on hold', () => {
    world = new OfficeWorld();
    world.open(exampleConfig({ channels: 1 }, 2));
    const held = talkOutside(1);
    flash(1);
    const emergency = talkOutside(1, '110');
    expect(end(held)).toMatchObject({ end: 'interrupted' });
    expect(world.sounds.get(1)).toEqual({ to: 'rtp', session: emergency });
  });
});

describe('ringing', () => {
  it('is told apart by the called number (鳴り分け) [S0-056]', () => {
    const config = exampleConfig({ channels: 4 }, 1);
    const rings = [
      { number: '0355550101', ring: 'triple' as const },
      { number: '0355550102', ring: 'long' as const },
    ];
    world.input({
      type: 'config',
      config: { ...config, lines: config.lines.map((line) => ({ ...line, rings })) },
    });
    const cadences = ['0355550100', '0355550101', '0355550102'].map((to) => {
      const leg = callIn(1, '0312345678', to);
      far(leg, { type: 'cancelled', reason: undefined });
      return world.of('ring').at(-1)?.cadence;
    });
    expect(cadences).toEqual([
      [1_000, 2_000],
      [300, 300, 300, 300, 300, 1_500],
      [2_000, 2_000],
    ]);
  });

  it('tells a phone with Number Display who calls, or why nobody is named', () => {
    const config = exampleConfig({ channels: 4 }, 1);
    const numberDisplay = { on: true, dialledNumber: true };
    world.input({
      type: 'config',
      config: { ...config, lines: config.lines.map((line) => ({ ...line, numberDisplay })) },
    });
    const displays = ['0312345678', '', 'unknown'].map((from) => {
      const leg = callIn(1, from);
      far(leg, { type: 'cancelled', reason: undefined });
      return world.of('ring').at(-1)?.display;
    });
    expect(displays).toEqual([
      { caller: { number: '0312345678' }, dialled: '0355550100' },
      { caller: { reason: 'P' }, dialled: '0355550100' },
      { caller: { reason: 'O' }, dialled: '0355550100' },
    ]);
  });
});

describe('a break of the loop', () => {
  it('longer than the line takes for a flash is a hang-up: the held call rings and the lift takes it', () => {
    const config = exampleConfig({ channels: 4 }, 2);
    const narrow = { leastMs: 200, mostMs: 600 };
    world.input({
      type: 'config',
      config: { ...config, lines: config.lines.map((line) => ({ ...line, flash: narrow })) },
    });
    const leg = talkOutside(1);
    world.line(1, { type: 'flash', durationMs: 199 });
    expect(world.at(1)).toBe('talking');
    flash(1);
    expect(world.heard.get(1)).toBe('secondDial');
    world.line(1, { type: 'flash', durationMs: 700 });
    expect(world.sounds.get(1)).toEqual({ to: 'rtp', session: leg });
    world.line(1, { type: 'flash', durationMs: 700 });
    expect(end(leg)?.end).toBe('answeredThenCallerHungUp');
    expect(world.heard.get(1)).toBe('dial');
  });
});

describe('a restart of the agent', () => {
  it('takes up a call that was passed on to another line', () => {
    const leg = talkOutside(1);
    flash(1);
    talkInside(1, 2);
    world.hangUp(1);
    world.clock.advance(5);
    world.restart(exampleConfig({ channels: 4 }, 4));
    expect(world.state.legs.get(leg)).toMatchObject({ port: 2, account: 1, stage: 'talking' });
    world.hangUp(2);
    expect(end(leg)?.interrupted).toBe(false);
  });

  it.each(['hold', 'three together', 'a bridge', 'a parked call'])(
    'during %s leaves a record of every leg',
    (what) => {
      talkOutside(1);
      flash(1);
      if (what === 'a parked call') world.dial(1, '*71');
      else if (what !== 'hold') talkOutside(1, OTHER);
      if (what === 'three together') {
        flash(1);
        world.dial(1, '3');
      }
      if (what === 'a bridge') world.hangUp(1);
      world.clock.advance(5);
      world.restart(exampleConfig({ channels: 4 }, 4));
      world.hangUp(1);
      world.clock.advance(100);
      expect([...world.rows.values()].every((row) => row.end !== undefined)).toBe(true);
      expect(world.state.legs.size).toBe(0);
      expect(world.faults).toEqual([]);
      expect([...world.sessions.keys()]).toEqual([]);
    },
  );
});
