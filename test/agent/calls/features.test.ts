import { beforeEach, describe, expect, it } from 'vitest';
import {
  answered,
  callExtension,
  callIn,
  callOut,
  effects,
  end,
  far,
  flash,
  gone,
  OTHER,
  openOffice,
  talkInside,
  talkOutside,
  world,
} from './feature-office.ts';
import { exampleConfig } from './office-world.ts';

beforeEach(() => openOffice());

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
