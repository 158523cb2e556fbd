import { describe, expect, it } from 'vitest';
import { Afternoon } from './afternoon.ts';

/** What the seeds with desk phones have seen, all together. */
const seenOnPhones = new Set<string>();

describe('a simulated afternoon', () => {
  it.each(Array.from({ length: 60 }, (_, index) => index + 1))('keeps its books, seed %i', (seed) => {
    const afternoon = new Afternoon(seed);
    afternoon.run(150);
    afternoon.end();
    const { world } = afternoon;
    expect(world.state.legs.size).toBe(0);
    expect(world.state.closing.size).toBe(0);
    expect([...world.rows.values()].every((row) => row.end !== undefined)).toBe(true);
    expect([...world.ringing]).toEqual([]);
    expect([...world.sessions.keys()]).toEqual([]);
    for (const row of world.rows.values()) {
      if (!row.answered) expect(row.end?.talkMs).toBe(0);
    }
  });

  it.each(Array.from({ length: 15 }, (_, index) => index + 1))('with everybody at hand, seed %i', (seed) => {
    const afternoon = new Afternoon(seed, true);
    afternoon.run(150);
    afternoon.end();
    const { world } = afternoon;
    expect(world.state.legs.size).toBe(0);
    expect([...world.rows.values()].every((row) => row.end !== undefined)).toBe(true);
    expect([[...world.ringing], [...world.overlays], [...world.sessions.keys()]]).toEqual([[], [], []]);
  });

  it.each(Array.from({ length: 60 }, (_, index) => index + 1))('with desk phones, seed %i', (seed) => {
    const afternoon = new Afternoon(seed, seed % 3 === 0, 3);
    afternoon.run(200);
    afternoon.end();
    const { world } = afternoon;
    expect(world.state.legs.size).toBe(0);
    expect([...world.rows.values()].every((row) => row.end !== undefined)).toBe(true);
    expect([[...world.ringing], [...world.overlays], [...world.sessions.keys()]]).toEqual([[], [], []]);
    expect(afternoon.lit()).toEqual([]);
    for (const what of afternoon.desks) seenOnPhones.add(what);
    if (afternoon.adoptedPhones > 0) seenOnPhones.add('adopted');
  });

  it('with desk phones sees groups, forwarding, fetching and calls that outlive the agent', () => {
    const groups = ['hunt 31', 'hunt 32', 'hunt 33', 'hunt 31 passed on'];
    const sent = ['sent on line internal', 'sent on bridged in', 'sent on line out'];
    for (const what of [...groups, ...sent, 'fetched', 'adopted']) expect(seenOnPhones).toContain(what);
  });

  it('with everybody at hand sees conferences, parked calls and calls that were passed on', () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 8; seed++) {
      const afternoon = new Afternoon(seed, true);
      afternoon.run(150);
      for (const what of afternoon.desks) seen.add(what);
    }
    for (const what of ['three on conference', 'announced', 'parked', 'bridged'])
      expect(seen).toContain(what);
  });

  it('does everything at least once in all seeds together', () => {
    const ends = new Set<string>();
    const directions = new Set<string>();
    const desks = new Set<string>();
    let adopted = 0;
    for (let seed = 1; seed <= 30; seed++) {
      const afternoon = new Afternoon(seed);
      afternoon.run(150);
      afternoon.end();
      adopted += afternoon.adopted;
      for (const desk of afternoon.desks) desks.add(desk);
      for (const row of afternoon.world.rows.values()) {
        directions.add(row.start.direction);
        if (row.end !== undefined) ends.add(row.end.end);
      }
    }
    expect(adopted).toBeGreaterThan(5);
    for (const desk of ['announced', 'asking', 'one', 'two']) expect(desks).toContain(desk);
    expect([...directions].sort()).toEqual(['in', 'internal', 'out']);
    for (const end of [
      'busy',
      'noChannel',
      'notAnswered',
      'callerGaveUp',
      'interrupted',
      'unreachable',
      'refused',
    ]) {
      expect(ends).toContain(end);
    }
  });
});
