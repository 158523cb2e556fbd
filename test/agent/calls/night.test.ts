import { beforeEach, describe, expect, it } from 'vitest';
import { lampsOf } from '../../../agent/desk/index.ts';
import type { RingGroupConfig } from '../../../lib/contract/site-config.ts';
import { callExtension, callIn, end, openOffice, world } from './feature-office.ts';
import { exampleConfig } from './office-world.ts';

const GROUP: RingGroupConfig = {
  ...{ extension: '50', label: 'guard', members: ['13', '14'] },
  order: 'simultaneous',
  ...{ eachForMs: 15_000, deskFirstMs: 2_000 },
};

const office = (rings: string) => ({
  ...exampleConfig({ channels: 4, ringForMs: 30_000 }, 4),
  groups: [GROUP],
  night: { code: '*9', rings },
});

/** Dials the switch at phone 1. */
function dial(code: string): void {
  world.lift(1);
  world.dial(1, code);
  world.clock.advance(5);
}

describe('the night switch', () => {
  beforeEach(() => openOffice(office('50')));

  it('has calls from outside ring where the night is kept, whichever line they are for, until it is switched off', () => {
    dial('*91');
    expect(world.heard.get(1)).toBe('confirmation');
    world.hangUp(1);
    const leg = callIn(2);
    expect([...world.ringing].sort()).toEqual([3, 4]);
    world.lift(4);
    world.clock.advance(5);
    expect(world.of('sipAnswer').map((each) => each.leg)).toEqual([leg]);
    world.hangUp(4);
    expect(end(leg)).toMatchObject({ end: 'answeredThenCalleeHungUp' });
    dial('*90');
    world.hangUp(1);
    callIn(2);
    expect([...world.ringing]).toEqual([2]);
    expect(world.faults).toEqual([]);
  });

  it('rings for the first INVITE of a call alone, and for its own phones as by day', () => {
    dial('*91');
    world.hangUp(1);
    const call = 'lz0000000-0123456789abcdef';
    const invite = (leg: string, user: string) =>
      world.input({
        type: 'invite',
        leg,
        call: call as never,
        user,
        from: '0312345678',
        to: '',
        sdp: 'far:7',
      });
    invite('a', 'id-000001-1');
    invite('b', 'id-000001-2');
    expect(world.of('sipReject').map(({ leg, status }) => [leg, status])).toEqual([['b', 480]]);
    expect([...world.ringing].sort()).toEqual([3, 4]);
    world.input({ type: 'sip', leg: 'a', news: { type: 'cancelled', reason: undefined } });
    callIn(3);
    expect([...world.ringing]).toEqual([3]);
  });

  it('leaves calls inside the office alone, and shows its lamp', () => {
    dial('*91');
    world.hangUp(1);
    expect(lampsOf(world.state).get('*9')).toMatchObject([{ state: 'confirmed' }]);
    callExtension(1, '12');
    expect([...world.ringing]).toEqual([2]);
    dial('*90');
  });

  it('tells the caller that nobody is free where the night rings', () => {
    openOffice(office('12'));
    dial('*91');
    world.hangUp(1);
    world.lift(2);
    const leg = callIn(3);
    world.clock.advance(5);
    expect(end(leg)).toMatchObject({ end: 'busy' });
  });

  it('refuses what it does not know, and is no code where the office has none', () => {
    dial('*95');
    expect(world.heard.get(1)).toBe('congestion');
    world.hangUp(1);
    openOffice();
    dial('*91');
    expect(world.heard.get(1)).toBe('congestion');
  });

  it('is kept for the next run', () => {
    dial('*91');
    expect(world.of('keepNight').map(({ on }) => on)).toEqual([true]);
  });
});
