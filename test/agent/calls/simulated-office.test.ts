import { describe, expect, it } from 'vitest';
import { channelsInUse } from '../../../agent/calls/call-out.ts';
import { endsOf } from '../../../agent/calls/draft.ts';
import type { Leg, LegId, OfficeEffect } from '../../../agent/calls/model.ts';
import { callsOf, heardOf } from '../../../agent/features/index.ts';
import { hasCall, type Sound, sameSound } from '../../../agent/lines/index.ts';
import { newCallId } from '../../../lib/base/ids.ts';
import { exampleConfig, OfficeWorld } from './office-world.ts';

const NUMBERS = [
  '0355550123',
  '0355550199',
  '09012345678',
  '11',
  '12',
  '13',
  '119',
  '104',
  '03555',
  '1840355550123',
  '1351',
  '*80',
  '*812',
  '*71',
  '*71',
  '*72',
  '*5',
  '*110355550123',
  '*9',
];
const REFUSALS = [404, 486, 480, 503, 408, 403];

/**
 * An afternoon in an office, from a seed: phones are lifted, dialled and put down at random, the network answers,
 * refuses, hangs up or falls silent at random, boards and media processes come and go, configurations change.
 */
class Afternoon {
  readonly world: OfficeWorld;
  /** The kinds of desk that were seen. */
  readonly desks = new Set<string>();
  /** Calls that were taken up again after a restart. */
  adopted = 0;
  readonly #calm: boolean;
  readonly #lines: number;
  readonly #channels: number;
  /** Sessions that the far end still believes in, and how far they are. */
  readonly #far = new Map<LegId, 'trying' | 'up'>();

  /** `calm`: nothing breaks and everybody answers, so that people get deep into holding and passing on. */
  constructor(seed: number, calm = false) {
    this.world = new OfficeWorld(seed);
    this.#calm = calm;
    this.#lines = calm ? 4 : 2 + this.#pick(3);
    this.#channels = calm ? 4 : 1 + this.#pick(this.#lines);
    this.world.onEffect = (effect) => this.#network(effect);
    this.world.open(exampleConfig({ channels: this.#channels, ringForMs: 20_000 }, this.#lines));
  }

  run(steps: number): void {
    for (let step = 0; step < steps; step++) {
      this.#something();
      this.world.clock.advance(this.#pick(4_000));
      this.#check();
    }
  }

  /** Everybody goes home. */
  end(): void {
    this.world.noSockets = false;
    if (!this.world.state.mediaUp) this.#mediaBack();
    for (let port = 1; port <= this.#lines; port++) this.world.hangUp(port);
    // Two who were passed on to each other talk as long as they like: until here.
    while ([...this.#far.values()].includes('up')) this.#farHangsUp();
    this.world.clock.advance(400_000);
    this.#check();
  }

  #pick(below: number): number {
    return Math.floor(this.world.random.fraction() * below);
  }

  #something(): void {
    const { world } = this;
    const port = 1 + this.#pick(this.#lines);
    if (this.#calm) {
      this.#somethingCalm(port);
      return;
    }
    const kind = this.#pick(100);
    if (kind < 20) world.lift(port);
    else if (kind < 30) world.hangUp(port);
    else if (kind < 45) this.#flash(this.#lineWithTwo() ?? port);
    else if (kind < 70) world.dial(port, NUMBERS[this.#pick(NUMBERS.length)] ?? '1');
    else if (kind < 82) this.#callIn(port);
    else if (kind < 86) this.#farHangsUp();
    else if (kind < 88) this.#silence();
    else if (kind < 90) this.#flash(port);
    else if (kind < 92) world.noSockets = !world.noSockets;
    else if (kind < 94) this.#board();
    else if (kind < 96) this.#media();
    else if (kind < 98) this.#restart();
    else
      world.input({ type: 'config', config: exampleConfig({ channels: this.#channels }, 1 + this.#pick(4)) });
  }

  #somethingCalm(port: number): void {
    const { world } = this;
    const kind = this.#pick(100);
    if (world.ringing.has(port) || kind < 10) world.lift(port);
    else if (kind < 18) world.hangUp(port);
    else if (kind < 50) world.dial(port, NUMBERS[this.#pick(NUMBERS.length)] ?? '1');
    else if (kind < 80) this.#flash(this.#pick(2) === 0 ? (this.#lineWithTwo() ?? port) : port);
    else if (kind < 96) this.#callIn(port);
    else this.#farHangsUp();
  }

  #lineWithTwo(): number | undefined {
    return [...this.world.state.ports].find(([, { desk }]) => desk.at === 'two')?.[0];
  }

  /** With or without a digit, or a number, behind it. */
  #flash(port: number): void {
    this.world.line(port, { type: 'flash', durationMs: 60 + this.#pick(940) });
    const two = this.world.state.ports.get(port)?.desk.at === 'two';
    const kind = two ? this.#pick(2) : this.#pick(5);
    if (kind === 0) this.world.dial(port, '3');
    if (kind === 1) this.world.dial(port, '1');
    if (kind === 2) this.world.dial(port, NUMBERS[this.#pick(NUMBERS.length)] ?? '1');
  }

  #callIn(port: number): void {
    const call = newCallId(this.world.clock, this.world.random);
    const ports = this.#pick(3) === 0 ? [1, 2] : [port];
    for (const rung of ports) {
      const leg = newCallId(this.world.clock, this.world.random);
      this.#far.set(leg, 'trying');
      const user = `id-000001-${rung}`;
      this.world.input({
        type: 'invite',
        leg,
        call,
        user,
        from: '0312345678',
        to: '0355550100',
        sdp: 'far:1',
      });
      if (this.#pick(2) === 0) this.#later(15_000, () => this.#giveUp(leg));
    }
  }

  #giveUp(leg: LegId): void {
    if (this.#far.get(leg) !== 'trying') return;
    this.#far.delete(leg);
    this.world.input({ type: 'sip', leg, news: { type: 'cancelled', reason: undefined } });
  }

  #farHangsUp(): void {
    const up = [...this.#far].find(([, state]) => state === 'up');
    if (up === undefined) return;
    this.#far.delete(up[0]);
    const by = this.#pick(3) === 0 ? 'lost' : 'peer';
    this.world.input({ type: 'sip', leg: up[0], news: { type: 'ended', by, reason: undefined } });
  }

  #silence(): void {
    for (const leg of this.world.state.legs.keys()) {
      this.world.input({ type: 'rtpSilent', leg, silentMs: 15_000 + this.#pick(10_000) });
    }
  }

  #board(): void {
    const up = !this.world.state.boardUp;
    this.world.input({ type: 'board', up, ports: up ? 4 : undefined, say: 'the board came or went' });
  }

  #media(): void {
    this.world.input({ type: 'mediaAway' });
    for (const session of [...this.world.sessions.keys()]) {
      if (this.#pick(2) === 0) this.world.sessions.delete(session);
    }
    this.#later(7_000, () => this.#mediaBack());
  }

  #mediaBack(): void {
    this.world.input({ type: 'mediaBack', snapshot: this.world.holding() });
  }

  /** The agent dies and begins again, with the configuration that it had. */
  #restart(): void {
    const before = this.world.state.config ?? exampleConfig();
    const { state, sessions, sounds } = this.world;
    const whole = state.mediaUp && state.boardUp;
    // Calls whose ears are joined to nothing else go on; whoever is held, parked, passed on or in a conference does not.
    const joined = (leg: Leg): boolean =>
      leg.direction === 'internal'
        ? leg.peerPort !== null && same(sounds.get(leg.port), { to: 'line', port: leg.peerPort })
        : sessions.has(leg.id) && same(sounds.get(leg.port), { to: 'rtp', session: leg.id });
    const kept = [...state.legs.values()].filter(
      (leg) =>
        leg.stage === 'talking' &&
        whole &&
        joined(leg) &&
        before.lines.some((line) => line.port === leg.port) &&
        (leg.peerPort === null || before.lines.some((line) => line.port === leg.peerPort)),
    );
    this.world.restart(before);
    expect([...this.world.state.legs.keys()].sort()).toEqual(kept.map((leg) => leg.id).sort());
    this.adopted += kept.length;
  }

  /** What the network does about what it is told. */
  #network(effect: OfficeEffect): void {
    if (effect.type === 'sipInvite') {
      this.#far.set(effect.leg, 'trying');
      this.#later(3_000, () => this.#reply(effect.leg));
    } else if (effect.type === 'sipAnswer') this.#far.set(effect.leg, 'up');
    else if (effect.type === 'sipHangUp' || effect.type === 'sipReject') this.#far.delete(effect.leg);
    else if (effect.type === 'sipBye') this.#far.delete(effect.dialog.callId);
  }

  #reply(leg: LegId): void {
    if (this.#far.get(leg) !== 'trying') return;
    const kind = this.#calm ? 9 : this.#pick(10);
    if (kind < 3) {
      this.#far.delete(leg);
      const status = REFUSALS[this.#pick(REFUSALS.length)] ?? 500;
      this.world.input({
        type: 'sip',
        leg,
        news: { type: 'failed', status, reason: undefined, why: undefined },
      });
    } else if (kind < 6) {
      const sdp = kind === 3 ? 'far:2' : undefined;
      this.world.input({ type: 'sip', leg, news: { type: 'progress', status: sdp ? 183 : 180, sdp } });
      this.#later(10_000, () => this.#reply(leg));
    } else {
      this.#far.set(leg, 'up');
      this.world.input({ type: 'sip', leg, news: { type: 'answered', sdp: kind === 6 ? 'none' : 'far:3' } });
    }
  }

  #later(limitMs: number, run: () => void): void {
    this.world.clock.after(this.#pick(limitMs), 'network', run);
  }

  #check(): void {
    const { world } = this;
    const { state } = world;
    expect(world.faults).toEqual([]);
    const emergencies = [...state.legs.values()].filter((leg) => leg.emergency).length;
    expect(channelsInUse(state)).toBeLessThanOrEqual(this.#channels + emergencies);
    for (const [port, { line, desk }] of state.ports) {
      const legs = [...state.legs.values()].filter((leg) => endsOf(leg).includes(port)).map(({ id }) => id);
      expect(legs.sort(), `legs of line ${port}, which is ${line.at}, ${desk.at}`).toEqual(
        [...callsOf(desk)].sort(),
      );
      expect(hasCall(line), `line ${port}, which is ${line.at}, ${desk.at}`).toBe(heardOf(desk).length > 0);
      this.desks.add(desk.at);
      if (desk.at === 'three') this.desks.add(`three on ${this.world.heard.get(port)}`);
      if (!state.mediaUp) continue;
      expect(world.overlays.has(port), `call waiting on ${port}`).toBe(desk.at === 'announced');
      expect(world.ringing.has(port), `ringing of line ${port}, which is ${line.at}`).toBe(
        line.at === 'ringing',
      );
      if (line.at === 'onHook' && state.mediaUp) expect(world.heard.get(port) ?? 'silence').toBe('silence');
    }
    if (state.mediaUp) this.#checkEars();
    const open = [...world.rows].filter(([, row]) => row.end === undefined).map(([leg]) => leg);
    expect(new Set(open)).toEqual(new Set([...state.legs.keys(), ...state.closing.keys()]));
  }

  /** Nobody hears a call that is not his: a session has one ear, or a conference whose members all agree on it. */
  #checkEars(): void {
    const { state, sounds, far } = this.world;
    const ears = new Map<string, string>();
    for (const [port, sound] of sounds) {
      if (sound.to === 'line') expect(sounds.get(sound.port)).toEqual({ to: 'line', port });
      const conference =
        sound.to === 'conference'
          ? [
              `line ${port}`,
              ...sound.with.map((each) => (each.to === 'rtp' ? each.session : `line ${each.port}`)),
            ]
          : [];
      const sessions = sound.to === 'rtp' ? [sound.session] : conference;
      for (const session of sessions) {
        const who = conference.length === 0 ? `line ${port}` : [...conference].sort().join();
        expect(ears.get(session) ?? who, `ears of ${session}`).toBe(who);
        ears.set(session, who);
      }
    }
    for (const leg of state.legs.values()) {
      this.desks.add(leg.seat.at);
      if (leg.direction === 'internal' || leg.stage !== 'talking') continue;
      const { farHears, seat } = leg;
      if (farHears.to === 'line') expect(ears.has(leg.id), `an ear for ${leg.id}`).toBe(true);
      else expect(ears.has(leg.id), `no ear for ${leg.id}, which hears ${farHears.to}`).toBe(false);
      if (farHears.to === 'tone') expect(far.get(leg.id)).toBe(farHears.tone);
      if (farHears.to === 'session') {
        expect(far.get(leg.id)).toBe(farHears.session);
        expect(seat).toEqual({ at: 'bridged', other: farHears.session });
      }
    }
  }
}

function same(one: Sound | undefined, other: Sound): boolean {
  return one !== undefined && sameSound(one, other);
}

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
    for (let seed = 1; seed <= 20; seed++) {
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
