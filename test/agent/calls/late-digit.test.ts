import { beforeEach, describe, expect, it } from 'vitest';
import { openOffice, world } from './feature-office.ts';

/** The trunks' INVITEs, by the number that they are for. */
const placed = (): readonly string[] => world.of('sipInvite').map(({ number }) => number);

describe('the last digit of 110, dialled late', () => {
  beforeEach(() => openOffice());

  it('calls the police when extension 11 is in use meanwhile', () => {
    world.lift(1);
    world.lift(2);
    world.dial(2, '11');
    world.clock.advance(2_000);
    expect(world.sounds.get(2)).toEqual({ to: 'tone', tone: 'busy' });
    world.dial(2, '0');
    world.clock.advance(5);
    expect(placed()).toEqual(['110']);
    expect(world.faults).toEqual([]);
  });

  it('calls the police from extension 11 itself, which cannot call itself', () => {
    world.lift(1);
    world.dial(1, '11');
    world.clock.advance(2_000);
    expect(world.sounds.get(1)).toMatchObject({ to: 'tone' });
    world.dial(1, '0');
    world.clock.advance(5);
    expect(placed()).toEqual(['110']);
  });

  it('is a digit like any other behind another number that was busy', () => {
    world.lift(1);
    world.lift(2);
    world.lift(3);
    world.dial(3, '12');
    world.clock.advance(5_000);
    expect(world.sounds.get(3)).toEqual({ to: 'tone', tone: 'busy' });
    world.dial(3, '0');
    world.clock.advance(5);
    expect(placed()).toEqual([]);
    expect(world.sounds.get(3)).toEqual({ to: 'tone', tone: 'busy' });
  });
});
