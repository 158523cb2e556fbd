import { beforeEach, describe, expect, it } from 'vitest';
import type { SiteConfig } from '../../../lib/contract/site-config.ts';
import { answered, callIn, far, flash, openOffice, world } from './feature-office.ts';
import { exampleConfig, samplePhone } from './office-world.ts';

type Group = NonNullable<SiteConfig['groups']>[number];

/** Lines 11 to 14, phones 21 and 22, and the group 31. */
function open(group: Partial<Group> = {}, night?: SiteConfig['night']): void {
  const config = exampleConfig({ channels: 4, ringForMs: 60_000 }, 4);
  const usual: Group = {
    ...{ extension: '31', label: 'everybody', members: ['12', '21', '13'] },
    ...{ order: 'simultaneous', eachForMs: 5_000, deskFirstMs: 2_000 },
  };
  openOffice({
    ...config,
    groups: [{ ...usual, ...group }],
    ...(night === undefined ? {} : { night }),
    elsewhere: [{ extension: '41', label: 'app' }],
    lan: { ...config.lan, phones: [samplePhone(1), samplePhone(2)] },
  });
  for (const phone of [1, 2]) world.input({ type: 'phone', phone, reachable: true });
}

const call = (port: number, digits: string): void => {
  world.lift(port);
  world.dial(port, digits);
  world.clock.advance(5);
};
const ringing = (): readonly number[] => [...world.ringing].sort((one, other) => one - other);

beforeEach(() => open());

describe('a ring group', () => {
  it('rings desk phones first and the lines a moment later; one answers, all others stop [S0-078] [A-05]', () => {
    call(1, '31');
    expect(ringing()).toEqual([101]);
    world.clock.advance(2_000);
    expect(ringing()).toEqual([2, 3, 101]);
    world.lift(3);
    expect(ringing()).toEqual([]);
    expect(world.sounds.get(1)).toEqual({ to: 'line', port: 3 });
    expect(world.rows.size).toBe(1);
  });

  it('without a head start rings all at once', () => {
    open({ deskFirstMs: 0 });
    call(1, '31');
    expect(ringing()).toEqual([2, 3, 101]);
  });

  it('in order rings one after the other, passes over who is busy, and begins again', () => {
    open({ order: 'linear' });
    call(3, '11');
    call(1, '');
    call(4, '31');
    const seen = [ringing()];
    for (let turn = 0; turn < 3; turn++) {
      world.clock.advance(5_000);
      seen.push(ringing());
    }
    expect(seen).toEqual([[2], [101], [2], [101]]);
  });

  it('in turn begins behind the one that it called first the last time', () => {
    open({ order: 'rotary' });
    const first: unknown[] = [];
    for (let time = 0; time < 4; time++) {
      call(4, '31');
      first.push(ringing());
      world.hangUp(4);
    }
    expect(first).toEqual([[2], [101], [3], [2]]);
  });

  it('goes on at once when a phone declines; nobody left is busy tone', () => {
    open({ order: 'linear', members: ['21', '22'] });
    call(1, '31');
    world.input({ type: 'decline', port: 101, status: 486 });
    expect(ringing()).toEqual([102]);
    world.input({ type: 'decline', port: 102, status: 480 });
    expect(ringing()).toEqual([]);
    expect(world.at(1)).toBe('busyTone');
    expect(world.state.legs.size).toBe(0);
  });

  it('with nobody who is free is busy, and with nobody who answers is told after the usual time', () => {
    open({ members: ['12'] });
    call(2, '');
    call(1, '31');
    expect(world.at(1)).toBe('busyTone');
    world.hangUp(2);
    world.hangUp(1);
    call(1, '31');
    world.clock.advance(60_000);
    expect(world.at(1)).toBe('congestion');
    expect(world.lastEnd()?.end).toBe('notAnswered');
  });

  it('takes a caller from outside who is passed on to it, and gives him back when nobody wants him', () => {
    const leg = callIn(1);
    world.lift(1);
    world.clock.advance(5);
    flash(1);
    world.dial(1, '31');
    world.hangUp(1);
    expect(world.far.get(leg)).toBe('ringback');
    world.clock.advance(2_000);
    expect(ringing()).toEqual([2, 3, 101]);
    world.clock.advance(60_000);
    expect(ringing()).toEqual([1]);
    world.lift(1);
    expect(world.sounds.get(1)).toEqual({ to: 'rtp', session: leg });
  });

  it('refuses a caller from outside whom every member declines', () => {
    open({ members: ['21', '22'], deskFirstMs: 0 }, { code: '*9', rings: '31' });
    call(1, '*91');
    world.hangUp(1);
    const leg = callIn(2);
    expect(ringing()).toEqual([101, 102]);
    for (const port of ringing()) world.input({ type: 'decline', port, status: 486 });
    expect(ringing()).toEqual([]);
    expect(world.of('sipReject')).toEqual([expect.objectContaining({ leg, status: 486 })]);
    expect(world.lastEnd()?.end).toBe('busy');
    expect(world.state.legs.size).toBe(0);
  });

  it('can be picked up by its own number', () => {
    call(1, '31');
    call(4, '*831');
    expect(world.sounds.get(4)).toEqual({ to: 'line', port: 1 });
    expect(ringing()).toEqual([]);
  });

  it('keeps ringing at the phones when the board is lost', () => {
    open({ deskFirstMs: 0 });
    world.lift(101);
    world.dial(101, '22');
    world.hangUp(101);
    world.lift(102);
    world.dial(102, '31');
    expect(ringing()).toEqual([2, 3, 101]);
    world.input({ type: 'board', up: false, ports: undefined, say: 'gone' });
    expect(ringing()).toEqual([101]);
    world.lift(101);
    expect(world.sounds.get(102)).toEqual({ to: 'line', port: 101 });
  });
});

describe('a colleague at the service', () => {
  it('is called over the trunk and takes no channel of the box [S0-082] [S0-050]', () => {
    call(1, '41');
    expect(world.of('sipInvite').at(-1)).toMatchObject({ number: '41' });
    expect([...world.state.legs.values()][0]?.free).toBe(true);
  });
});

describe('recall of a call between lines', () => {
  it('rings whoever passed it on when nobody answers there', () => {
    call(1, '12');
    world.lift(2);
    flash(2);
    world.dial(2, '13#');
    world.hangUp(2);
    expect(ringing()).toEqual([3]);
    world.clock.advance(60_000);
    expect(ringing()).toEqual([2]);
    world.lift(2);
    expect(world.sounds.get(2)).toEqual({ to: 'line', port: 1 });
    expect(world.state.legs.size).toBe(1);
  });

  it('rings a phone on any place that is free', () => {
    call(1, '21');
    world.lift(101);
    flash(101);
    world.dial(101, '13#');
    world.hangUp(101);
    world.lift(101);
    world.dial(101, '12');
    world.clock.advance(60_000);
    expect(ringing()).toContain(201);
  });

  it('joins the one who waits with whoever passed him on to an outside that refuses', () => {
    call(1, '12');
    world.lift(2);
    flash(2);
    world.dial(2, '0355550123');
    world.clock.advance(5);
    const out = world.of('sipInvite').at(-1)?.leg ?? '';
    world.hangUp(2);
    far(out, { type: 'failed', status: 486, reason: undefined, why: undefined });
    expect(ringing()).toEqual([2]);
    expect(world.heard.get(1)).toBe('ringback');
    world.lift(2);
    expect(world.sounds.get(1)).toEqual({ to: 'line', port: 2 });
  });
});

describe('a desk phone that sends its calls on (302)', () => {
  const moved = (to: string): void => world.input({ type: 'decline', port: 101, status: 302, to });

  it('has a colleague ring instead', () => {
    call(1, '21');
    moved('12');
    expect(ringing()).toEqual([2]);
    world.lift(2);
    expect(world.sounds.get(1)).toEqual({ to: 'line', port: 2 });
  });

  it('has a number outside called by its own ID, and answers the caller from outside when that answers', () => {
    const user = 'id-000001-5';
    const around = { from: '0312345678', to: '0355550100', sdp: 'far:7', call: undefined };
    world.input({ type: 'invite', leg: 'in', user, ...around });
    moved('09012345678');
    world.clock.advance(5);
    const out = world.of('sipInvite').at(-1);
    expect(out).toMatchObject({ port: 101, number: '09012345678' });
    expect(world.of('sipAnswer')).toEqual([]);
    answered(out?.leg ?? '');
    world.clock.advance(5);
    expect(world.of('sipAnswer')).toHaveLength(1);
    expect(world.far.get('in')).toBe(out?.leg);
    far('in', { type: 'ended', by: 'peer', reason: undefined });
    world.clock.advance(5);
    expect(world.state.legs.size).toBe(0);
  });

  it('is not followed to expensive numbers, in circles, or to itself', () => {
    for (const to of ['0990123456', '0100123456789', '110', '21', '11']) {
      call(1, '21');
      moved(to);
      expect(world.at(1), to).toBe('congestion');
      world.hangUp(1);
    }
    call(1, '21');
    for (const port of [101, 102, 101]) {
      world.input({ type: 'decline', port, status: 302, to: port === 101 ? '22' : '21' });
    }
    world.input({ type: 'decline', port: 102, status: 302, to: '21' });
    expect(world.at(1)).toBe('congestion');
  });
});

describe('parked calls between the box and the service [S0-081]', () => {
  const fetch = (slot: number): void => {
    const around = { call: undefined, user: 'id-000001-1', from: '41', to: '*71', sdp: 'far:5' };
    world.input({ type: 'invite', leg: 'app', ...around, parkSlot: slot });
    world.clock.advance(5);
  };

  it('an app takes a call with the outside: session to session, without a channel', () => {
    open();
    const leg = callIn(1);
    world.lift(1);
    world.clock.advance(5);
    flash(1);
    world.dial(1, '*72');
    world.hangUp(1);
    fetch(2);
    expect(world.of('sipAnswer').map((effect) => effect.leg)).toEqual([leg, 'app']);
    expect(world.far.get('app')).toBe(leg);
    expect(world.of('ring').filter(({ port }) => port !== 1)).toEqual([]);
    far('app', { type: 'ended', by: 'peer', reason: undefined });
    world.clock.advance(5);
    expect(world.state.legs.size).toBe(0);
  });

  it('an app takes a colleague who was parked', () => {
    call(1, '12');
    world.lift(2);
    flash(2);
    world.dial(2, '*71');
    world.hangUp(2);
    fetch(1);
    expect(world.sounds.get(1)).toEqual({ to: 'rtp', session: 'app' });
    world.hangUp(1);
    world.clock.advance(5);
    expect(world.state.legs.size).toBe(0);
  });

  it('an empty slot is refused with a reason, so that the service can ask elsewhere', () => {
    fetch(3);
    expect(world.of('sipReject').at(-1)).toMatchObject({
      status: 404,
      cause: 1,
      why: expect.stringMatching(/^park\.slotEmpty; /),
    });
  });

  it('a line takes what an app has parked at the service, and hears refusal when nobody says anything', () => {
    call(1, '*73');
    const asked = world.of('sipInvite').at(-1);
    expect(asked).toMatchObject({ number: '*73', parkSlot: 3 });
    answered(asked?.leg ?? '');
    expect(world.sounds.get(1)).toEqual({ to: 'rtp', session: asked?.leg });
    world.hangUp(1);
    call(2, '*73');
    world.clock.advance(9_000);
    expect(world.heard.get(2)).toBe('refused');
  });
});
