import { describe, expect, it } from 'vitest';
import { emergencyUp } from '../../../agent/calls/emergency.ts';
import type { SiteConfig } from '../../../lib/contract/site-config.ts';
import { exampleConfig, OfficeWorld, samplePhone } from './office-world.ts';
import { dialledOut } from './sample-calls.ts';

const ONE_CHANNEL = exampleConfig({ channels: 1 });

/** A phone talks to somebody outside, and the agent dies and begins again. */
function restartedUnder(number: string, port = 1, config: SiteConfig = ONE_CHANNEL): OfficeWorld {
  const world = new OfficeWorld();
  world.open(config);
  world.input({ type: 'phone', phone: 1, reachable: true });
  world.lift(port);
  world.dial(port, number);
  world.clock.advance(5);
  world.input({ type: 'sip', leg: world.leg(), news: { type: 'answered', sdp: '127.54.0.9:30000' } });
  world.restart(config);
  expect(world.at(port)).toBe('talking');
  return world;
}

/** What the journal kept is as a program wrote it that knew nothing of emergencies. */
function forgetEmergency(world: OfficeWorld): void {
  for (const row of world.rows.values()) {
    const { emergency: _gone, ...kept } = row.kept ?? { v: 1, leg: '', peerPort: null, localPort: null };
    row.kept = kept as NonNullable<typeof row.kept>;
  }
}

function flash(world: OfficeWorld, port: number): void {
  world.line(port, { type: 'flash', durationMs: 400 });
  world.clock.advance(5);
}

describe('an emergency call that outlived a restart of the agent', () => {
  it.each([
    ['of a line', 1, ONE_CHANNEL],
    [
      'of a desk phone',
      101,
      { ...ONE_CHANNEL, lan: { ...ONE_CHANNEL.lan, phones: [samplePhone(1)] } } satisfies SiteConfig,
    ],
  ])(
    '%s is one still: nothing is reconfigured under it, no flash holds it, no other ends it',
    (_of, port, config) => {
      const world = restartedUnder('119', port, config);
      const leg = world.leg();
      expect(emergencyUp(world.state)).toBe(true);
      flash(world, port);
      expect(world.sounds.get(port)).toEqual({ to: 'rtp', session: leg });
      world.lift(2);
      world.dial(2, '110');
      world.clock.advance(5);
      expect([world.at(port), world.at(2)]).toEqual(['talking', 'calling']);
      expect(world.state.legs.has(leg)).toBe(true);
      expect(world.faults).toEqual([]);
    },
  );

  it('is one after the next restart, too', () => {
    const world = restartedUnder('118');
    world.restart(ONE_CHANNEL);
    expect(emergencyUp(world.state)).toBe(true);
  });

  it('is known by its number where an older program kept it', () => {
    const world = restartedUnder('119');
    forgetEmergency(world);
    world.restart(ONE_CHANNEL);
    expect(emergencyUp(world.state)).toBe(true);
  });

  it('is no other call: not one to another number, not one to a colleague whose extension is 119', () => {
    expect(emergencyUp(restartedUnder('0355550119').state)).toBe(false);
    const config: SiteConfig = {
      ...ONE_CHANNEL,
      dialPlan: { ...ONE_CHANNEL.dialPlan, emergency: 'refused' },
      elsewhere: [{ extension: '119', label: 'a colleague' }],
    };
    const world = restartedUnder('119', 1, config);
    expect(world.state.legs.get(world.leg())?.free).toBe(true);
    expect(emergencyUp(world.state)).toBe(false);
  });

  it('is not taken up where nobody had answered it', () => {
    const world = dialledOut('119');
    world.restart(exampleConfig());
    expect(emergencyUp(world.state)).toBe(false);
    expect([...world.rows.values()].at(-1)?.end).toMatchObject({ end: 'interrupted', interrupted: true });
  });
});
