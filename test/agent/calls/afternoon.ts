import { expect } from 'vitest';
import { channelsInUse } from '../../../agent/calls/channels.ts';
import { endsOf } from '../../../agent/calls/draft.ts';
import type { Leg, LegId, OfficeEffect } from '../../../agent/calls/model.ts';
import { lampsOf } from '../../../agent/desk/lamps.ts';
import { callsOf, heardOf } from '../../../agent/features/index.ts';
import { hasCall, type Sound, sameSound } from '../../../agent/lines/index.ts';
import { type CallId, newCallId } from '../../../lib/base/ids.ts';
import type { SiteConfig } from '../../../lib/contract/site-config.ts';
import { exampleConfig, OfficeWorld, samplePhone } from './office-world.ts';

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
/** What a phone dials besides: phones, ring groups, parked calls; and where it sends its calls. */
const PHONE_NUMBERS = ['21', '22', '23', '31', '32', '33', '*71', '*821', '*831', '0355550123', '11', '12'];
const REFUSALS = [404, 486, 480, 503, 408, 403];

/**
 * An afternoon in an office, from a seed: phones are lifted, dialled and put down at random, the network answers,
 * refuses, hangs up or falls silent at random, boards and media processes come and go, configurations change.
 */
export class Afternoon {
  readonly world: OfficeWorld;
  /** The kinds of desk that were seen. */
  readonly desks = new Set<string>();
  /** Calls that were taken up again after a restart. */
  adopted = 0;
  adoptedPhones = 0;
  readonly #calm: boolean;
  /** Desk phones, each with three places. */
  readonly #phones: number;
  readonly #lines: number;
  readonly #channels: number;
  /** Sessions that the far end still believes in, and how far they are. */
  readonly #far = new Map<LegId, 'trying' | 'up'>();

  /** `calm`: nothing breaks and everybody answers, so that people get deep into holding and passing on. */
  constructor(seed: number, calm = false, phones = 0) {
    this.world = new OfficeWorld(seed);
    this.#calm = calm;
    this.#phones = phones;
    this.#lines = calm ? 4 : 2 + this.#pick(3);
    this.#channels = calm ? 4 : 1 + this.#pick(this.#lines);
    this.world.onEffect = (effect) => this.#network(effect);
    this.world.open(this.#config(this.#lines, 20_000));
    for (let phone = 1; phone <= phones; phone++) this.world.input({ type: 'phone', phone, reachable: true });
  }

  #config(lines: number, ringForMs = 60_000): SiteConfig {
    const config = exampleConfig({ channels: this.#channels, ringForMs }, lines);
    if (this.#phones === 0) return config;
    const phones = Array.from({ length: this.#phones }, (_, index) => samplePhone(index + 1));
    const group = { label: 'group', eachForMs: 5_000, deskFirstMs: 2_000 };
    const groups = [
      { ...group, extension: '31', members: ['11', '21', '22'], order: 'simultaneous' as const },
      { ...group, extension: '32', members: ['21', '11', '22'], order: 'linear' as const },
      { ...group, extension: '33', members: ['22', '21', '12'], order: 'rotary' as const },
    ].map((each) => ({
      ...each,
      members: each.members.filter((member) => Number(member) <= 10 + lines || Number(member) > 20),
    }));
    return { ...config, groups, lan: { ...config.lan, phones } };
  }

  run(steps: number): void {
    for (let step = 0; step < steps; step++) {
      this.#something();
      this.#phonesLook();
      this.world.clock.advance(this.#pick(4_000));
      this.#phonesLook();
      this.#check();
    }
  }

  /** A phone whose line has nothing but a tone hangs up, as the shell has it do. */
  #phonesLook(): void {
    const idle = ['busyTone', 'congestion', 'told', 'howler', 'quiet'];
    for (const [port, { line, desk }] of this.world.state.ports) {
      if (port < 100) continue;
      const waits = desk.at !== 'none';
      if (idle.includes(line.at) || ((line.at === 'dialTone' || line.at === 'dialling') && !waits)) {
        this.world.hangUp(port);
      }
    }
  }

  /** Lamps that are lit. */
  lit(): readonly string[] {
    return [...lampsOf(this.world.state)].filter(([, dialogs]) => dialogs.length > 0).map(([name]) => name);
  }

  #places(): readonly number[] {
    return [...this.world.state.ports.keys()].filter((port) => port > 100);
  }

  /** Everybody goes home. */
  end(): void {
    this.world.noSockets = false;
    if (!this.world.state.mediaUp) this.#mediaBack();
    for (let port = 1; port <= this.#lines; port++) this.world.hangUp(port);
    for (const port of this.#places()) this.world.hangUp(port);
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
    if (this.#phones > 0 && this.#pick(2) === 0) {
      this.#somethingOnPhones();
      return;
    }
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
    else world.input({ type: 'config', config: this.#config(1 + this.#pick(4)) });
  }

  #somethingOnPhones(): void {
    const { world } = this;
    const places = this.#places();
    const place = places[this.#pick(places.length)];
    if (place === undefined) return;
    const at = world.at(place);
    const kind = this.#pick(20);
    const number = PHONE_NUMBERS[this.#pick(PHONE_NUMBERS.length)] ?? '21';
    if (at === 'ringing') {
      if (kind < 10) world.lift(place);
      else if (kind < 13) world.input({ type: 'decline', port: place, status: 486 });
      else if (kind < 18)
        world.input({
          type: 'decline',
          port: place,
          status: 302,
          to: this.#pick(2) === 0 ? '0355550123' : number,
        });
      else world.input({ type: 'decline', port: place, status: 480 });
      return;
    }
    if (at === 'onHook') {
      const take = [...world.state.legs.keys()][this.#pick(4)];
      if (kind < 14) {
        world.lift(place);
        world.dial(place, `${number}#`);
      } else if (kind < 16 && take !== undefined) world.input({ type: 'takeCall', port: place, leg: take });
      else if (kind < 17) this.#reach(place % 100);
      else if (kind < 19)
        this.#ringFor(`id-000001-${5 + this.#pick(this.#phones)}`, newCallId(world.clock, world.random));
      else this.#fetchParked();
      return;
    }
    if (kind < 5) world.hangUp(place);
    else if (kind < 10) {
      world.line(place, { type: 'flash', durationMs: 300 });
      if (world.state.ports.get(place)?.desk.at !== 'asking' || kind > 8) return;
      world.dial(place, ['31#', '*71', `${number}#`][this.#pick(3)] ?? '');
      if (kind > 6) world.hangUp(place);
    } else if (kind < 17) {
      const other = places.find(
        (each) => each % 100 === place % 100 && each !== place && world.at(each) === 'talking',
      );
      if (other !== undefined) world.input({ type: 'joinCalls', port: place, other });
    } else world.line(place, { type: 'flash', durationMs: 300 });
  }

  #reach(phone: number): void {
    const reachable = !this.world.state.reachable.has(phone);
    this.world.input({ type: 'phone', phone, reachable });
  }

  /** An app wants what is parked in a slot. */
  #fetchParked(): void {
    const leg = newCallId(this.world.clock, this.world.random);
    this.#far.set(leg, 'trying');
    const parked = [...this.world.state.legs.values()].map(({ seat }) =>
      seat.at === 'parked' ? seat.slot : 1,
    );
    const parkSlot = Math.max(1 + this.#pick(2), ...parked);
    const around = { call: undefined, user: 'id-000001-1', from: '41', to: '*71', sdp: 'far:5' };
    this.world.input({ type: 'invite', leg, ...around, parkSlot });
    if (this.world.state.legs.has(leg)) this.desks.add('fetched');
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
    for (const rung of ports) this.#ringFor(`id-000001-${rung}`, call);
  }

  #ringFor(user: string, call: CallId): void {
    const leg = newCallId(this.world.clock, this.world.random);
    this.#far.set(leg, 'trying');
    const around = { from: '0312345678', to: '0355550100', sdp: 'far:1' };
    this.world.input({ type: 'invite', leg, call, user, ...around });
    if (this.#pick(2) === 0) this.#later(15_000, () => this.#giveUp(leg));
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
    const there = (port: number): boolean => port > 100 || before.lines.some((line) => line.port === port);
    const boardless = (leg: Leg): boolean => endsOf(leg).every((port) => port > 100);
    // Calls whose ears are joined to nothing else go on; whoever is held, parked, passed on or in a conference does not.
    const joined = (leg: Leg): boolean =>
      leg.direction === 'internal'
        ? leg.peerPort !== null && same(sounds.get(leg.port), { to: 'line', port: leg.peerPort })
        : sessions.has(leg.id) && same(sounds.get(leg.port), { to: 'rtp', session: leg.id });
    const kept = [...state.legs.values()].filter(
      (leg) =>
        leg.stage === 'talking' &&
        state.mediaUp &&
        (state.boardUp || boardless(leg)) &&
        leg.seat.at === 'line' &&
        joined(leg) &&
        there(leg.port) &&
        (leg.peerPort === null || there(leg.peerPort)),
    );
    this.world.restart(before);
    expect([...this.world.state.legs.keys()].sort()).toEqual(kept.map((leg) => leg.id).sort());
    this.adopted += kept.length;
    this.adoptedPhones += this.world.adoptedPhones.size;
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
    this.#checkGroups();
    if (state.mediaUp) this.#checkEars();
    const open = [...world.rows].filter(([, row]) => row.end === undefined).map(([leg]) => leg);
    expect(new Set(open)).toEqual(new Set([...state.legs.keys(), ...state.closing.keys()]));
  }

  /** Who rings for a leg rings, and a hunt has somebody who rings; lamps show what there is, and nothing else. */
  #checkGroups(): void {
    const { state } = this.world;
    for (const leg of state.legs.values()) {
      for (const port of leg.rings) expect(this.world.at(port), `member on ${port}`).toBe('ringing');
      expect(leg.hunt === null, `hunt of ${leg.id}`).toBe(leg.rings.length === 0);
      if (leg.hunt !== null)
        this.desks.add(`hunt ${leg.hunt.group}${leg.stage === 'talking' ? ' passed on' : ''}`);
      if (leg.forwards > 0) this.desks.add(`sent on ${leg.seat.at} ${leg.direction}`);
    }
    const shown = [...lampsOf(state).values()].flat().map(({ id }) => id);
    const there = [...state.legs.values()].filter((leg) => leg.seat.at !== 'bridged').map(({ id }) => id);
    expect(new Set(shown)).toEqual(
      new Set(there.filter((id) => state.config !== undefined || shown.includes(id))),
    );
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
