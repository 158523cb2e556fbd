import { describe, expect, it } from 'vitest';
import { exampleConfig, OfficeWorld } from './office-world.ts';

function says(world: OfficeWorld, call: string): readonly string[] {
  return world.stories.of(call).lines.map(({ verdict, say }) => `${verdict} ${say}`);
}

function office(): OfficeWorld {
  const world = new OfficeWorld();
  world.open(exampleConfig());
  return world;
}

describe('the story of a call', () => {
  it('that the network refused tells what was asked and what was answered', () => {
    const world = office();
    world.lift(1);
    world.dial(1, '0355550199');
    world.clock.advance(100);
    const [leg] = [...world.state.legs.values()];
    const id = leg?.id ?? '';
    world.input({ type: 'sip', leg: id, news: { type: 'progress', status: 183, sdp: undefined } });
    world.input({
      type: 'sip',
      leg: id,
      news: {
        type: 'failed',
        status: 486,
        reason: { cause: 17, text: 'User busy' },
        why: 'the number is busy',
      },
    });
    world.hangUp(1);
    world.clock.advance(100);
    const told = says(world, String(leg?.call));
    expect(told.slice(0, 2)).toEqual([
      'OK call out: 0355550100 -> 0355550199',
      'OK INVITE to the trunk for 0355550199',
    ]);
    expect(told).toContain('OK SIP 183');
    expect(told).toContain('WARN SIP 486, cause 17 User busy: the number is busy');
    expect(told.at(-1)).toBe('-- over: the number is busy');
  });

  it('inside the office tells who rang and who answered', () => {
    const world = office();
    world.lift(1);
    world.dial(1, '12');
    const [leg] = [...world.state.legs.values()];
    world.lift(2);
    world.hangUp(1);
    expect(says(world, String(leg?.call))).toEqual([
      'OK call inside: 11 -> 12',
      'OK line 2 rings',
      'OK answered with line 2',
      expect.stringMatching(/^-- over.*the caller hung up$/),
    ]);
  });

  it('is forgotten for the oldest, and cut where a call has too much to tell', () => {
    const world = office();
    const calls: string[] = [];
    for (let count = 0; count < 310; count++) {
      world.lift(1);
      world.dial(1, '12');
      calls.push(String([...world.state.legs.values()][0]?.call));
      world.hangUp(1);
    }
    expect(says(world, calls[0] ?? '')).toEqual([]);
    expect(says(world, calls.at(-1) ?? '').length).toBeGreaterThan(0);
    world.lift(1);
    world.dial(1, '0355550123');
    const [leg] = [...world.state.legs.values()];
    const news = { type: 'progress', status: 180, sdp: undefined } as const;
    for (let count = 0; count < 100; count++) world.input({ type: 'sip', leg: leg?.id ?? '', news });
    expect(world.stories.of(String(leg?.call)).left).toBeGreaterThan(30);
  });
});
