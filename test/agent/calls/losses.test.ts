import { describe, expect, it } from 'vitest';
import { incoming, talkingInside, talkingOut } from './sample-calls.ts';

describe('losses', () => {
  it('a board that goes down ends every call with a record and its reason', () => {
    const world = talkingOut();
    incoming(world, 'in-2', 'id-000001-2');
    world.input({ type: 'board', up: false, ports: undefined, say: 'the board fell silent' });
    world.clock.advance(5);
    expect(world.state.legs.size).toBe(0);
    expect([...world.rows.values()].map((row) => [row.end?.end, row.end?.because])).toEqual([
      ['interrupted', 'the board fell silent'],
      ['interrupted', 'the board fell silent'],
    ]);
    expect(world.ringing.size).toBe(0);
    world.input({ type: 'board', up: true, ports: 4, say: '' });
    world.lift(1);
    expect(world.heard.get(1)).toBe('dial');
  });

  it('a media process that comes back empty ends the calls and gives dial tone again', () => {
    const world = talkingOut();
    world.input({ type: 'mediaAway' });
    expect(world.at(1)).toBe('talking');
    world.input({ type: 'mediaBack', snapshot: world.snapshot() });
    world.clock.advance(5);
    expect(world.lastEnd()).toMatchObject({
      end: 'interrupted',
      because: expect.stringContaining('media process'),
    });
    expect(world.at(1)).toBe('onHook');
    world.lift(1);
    expect(world.heard.get(1)).toBe('dial');
  });

  it('gives dial tone to whoever is off hook when the media process is another one, and was cut off or told of an end', () => {
    const offHook = { port: 1, offHook: true, ringing: false, attachment: { to: 'silence' } } as const;
    const another = { startedAt: 1, lines: [offHook] };
    const cutOff = talkingOut();
    cutOff.input({ type: 'mediaAway' });
    cutOff.input({ type: 'mediaBack', snapshot: cutOff.snapshot(another) });
    expect(cutOff.heard.get(1)).toBe('dial');
    const hearsBusy = talkingOut();
    const ended = { type: 'ended', by: 'peer', reason: undefined } as const;
    hearsBusy.input({ type: 'sip', leg: hearsBusy.leg(), news: ended });
    expect(hearsBusy.heard.get(1)).toBe('busy');
    hearsBusy.input({ type: 'mediaAway' });
    hearsBusy.input({ type: 'mediaBack', snapshot: hearsBusy.snapshot({ lines: [offHook] }) });
    expect(hearsBusy.at(1)).toBe('busyTone');
    hearsBusy.input({ type: 'mediaAway' });
    hearsBusy.input({ type: 'mediaBack', snapshot: hearsBusy.snapshot(another) });
    expect(hearsBusy.heard.get(1)).toBe('dial');
  });

  it('gives dial tone to whoever is off hook when the other of an extension call hung up while there was no media process', () => {
    for (const [stays, left] of [
      [2, 1],
      [1, 2],
    ] as const) {
      const world = talkingInside();
      world.input({ type: 'mediaAway' });
      const still = { port: stays, offHook: true, ringing: false, attachment: { to: 'silence' } } as const;
      world.input({ type: 'mediaBack', snapshot: world.snapshot({ startedAt: 1, lines: [still] }) });
      expect([world.at(left), world.at(stays)]).toEqual(['onHook', 'dialTone']);
      expect(world.heard.get(stays)).toBe('dial');
      expect(world.state.legs.size).toBe(0);
    }
  });

  it('an extension call outlives the media process when both stayed off hook', () => {
    const world = talkingInside();
    world.input({ type: 'mediaAway' });
    const lines = [1, 2].map(
      (port) => ({ port, offHook: true, ringing: false, attachment: { to: 'silence' } }) as const,
    );
    world.input({ type: 'mediaBack', snapshot: world.snapshot({ startedAt: 1, lines }) });
    expect([world.at(1), world.at(2), world.state.legs.size]).toEqual(['talking', 'talking', 1]);
    expect([world.sounds.get(1), world.sounds.get(2)]).toEqual([
      { to: 'line', port: 2 },
      { to: 'line', port: 1 },
    ]);
  });

  it('a media process that was only cut off keeps the call and is told nothing', () => {
    const world = talkingOut();
    const leg = world.leg();
    world.input({ type: 'mediaAway' });
    world.effects = [];
    world.input({
      type: 'mediaBack',
      snapshot: world.snapshot({
        lines: [{ port: 1, offHook: true, ringing: false, attachment: { to: 'rtp', session: leg } }],
        sessions: [{ session: leg, note: leg, localPort: 20_000, connected: true }],
      }),
    });
    expect(world.effects.filter((effect) => effect.type === 'hear' && effect.port === 1)).toEqual([]);
    expect(world.at(1)).toBe('talking');
    expect(world.leg()).toBe(leg);
  });

  it('a media process that stays away for 5 s ends the calls', () => {
    const world = talkingOut();
    world.input({ type: 'mediaAway' });
    world.clock.advance(5_010);
    expect(world.lastEnd()?.end).toBe('interrupted');
    expect(world.at(1)).toBe('onHook');
  });
});
