import { beforeEach, describe, expect, it } from 'vitest';
import {
  callExtension,
  callIn,
  callOut,
  effects,
  end,
  far,
  flash,
  OTHER,
  OUTSIDE,
  openOffice,
  talkInside,
  talkOutside,
  world,
} from './feature-office.ts';
import { exampleConfig } from './office-world.ts';

beforeEach(() => openOffice());

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
    world.clock.advance(5);
    // An app may have parked a call at the service: it is asked.
    const asked = world.of('sipInvite').at(-1);
    expect(asked).toMatchObject({ number: '*79', parkSlot: 9 });
    far(asked?.leg ?? '', { type: 'failed', status: 404, reason: undefined, why: undefined });
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
    openOffice(exampleConfig({ channels: 1 }, 2));
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
