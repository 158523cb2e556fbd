import type { RingGroupConfig } from '../../lib/contract/site-config.ts';
import type { Draft } from './draft.ts';
import type { Hunt, Leg } from './model.ts';
import { isPhonePort, isReachable, phoneOf, placesOf } from './phones.ts';
import { ring } from './ringing.ts';

/** A line has called a ring group: its members ring, together or one after the other. [S0-078] */
export function placeGroup(draft: Draft, leg: Leg, group: RingGroupConfig): void {
  if (!startGroup(draft, leg, group)) {
    const because = `nobody of the ring group ${group.extension} can be rung now`;
    draft.tell(leg, 'busy', because);
    draft.finish(leg, 'busy', because);
    return;
  }
  draft.feedEar(leg, leg.port, { type: 'progress', hears: { to: 'tone', tone: 'ringback' } });
  draft.push({ type: 'ringTimer', leg: leg.id, ms: draft.state.config?.calls.ringForMs ?? 60_000 });
}

/** Has the members of a group ring for a leg that nobody has taken; false when none of them can. */
export function startGroup(draft: Draft, leg: Leg, group: RingGroupConfig): boolean {
  const hunt = huntOf(draft, leg, group);
  if (!nextWave(draft, { ...leg, hunt })) return false;
  const [first] = draft.leg(leg.id)?.rings ?? [];
  const called = first === undefined ? undefined : draft.state.ports.get(first)?.config.extension;
  if (group.order === 'rotary' && called !== undefined) {
    draft.set({ rotary: new Map(draft.state.rotary).set(group.extension, called) });
  }
  return true;
}

function huntOf(draft: Draft, leg: Leg, group: RingGroupConfig): Hunt {
  const { extension, order, eachForMs, deskFirstMs } = group;
  const own = draft.state.ports.get(leg.port)?.config.extension;
  const members = group.members.filter((each) => leg.direction !== 'internal' || each !== own);
  const base = { group: extension, next: 0 };
  if (order === 'linear') {
    return { ...base, waves: members.map((each) => [each]), adds: false, eachMs: eachForMs };
  }
  if (order === 'rotary') {
    const last = members.indexOf(draft.state.rotary.get(extension) ?? '');
    const turned = [...members.slice(last + 1), ...members.slice(0, last + 1)];
    return { ...base, waves: turned.map((each) => [each]), adds: false, eachMs: eachForMs };
  }
  // Desk phones come before the other lines. [S0-078]
  const desks = members.filter((each) => isPhonePort(portOf(draft, each) ?? 0));
  const lines = members.filter((each) => !desks.includes(each));
  const waves = deskFirstMs === 0 || desks.length === 0 ? [members] : [desks, lines];
  return { ...base, waves: waves.filter((wave) => wave.length > 0), adds: true, eachMs: deskFirstMs };
}

/** The next ones who are free begin to ring. False when there are none; those who ring go on then. */
function nextWave(draft: Draft, leg: Leg): boolean {
  const { hunt } = leg;
  if (hunt === null) return false;
  const { waves, adds, eachMs } = hunt;
  for (let at = hunt.next; at < hunt.next + waves.length; at++) {
    if (adds && at >= waves.length) return false;
    const ports = (waves[at % waves.length] ?? []).flatMap((each) => freePort(draft, each) ?? []);
    if (ports.length === 0) continue;
    if (!adds) for (const port of leg.rings) silence(draft, leg, port, 'the next one of the group is called');
    const rings = adds ? [...leg.rings, ...ports] : ports;
    const port = leg.direction === 'internal' ? leg.port : (rings[0] ?? leg.port);
    const next = draft.update({ ...leg, rings, port, peerPort: null, hunt: { ...hunt, next: at + 1 } });
    for (const each of ports) {
      draft.deskStep(each, { type: 'placed', call: leg.id });
      ring(draft, each, next);
    }
    const more = adds ? at + 1 < waves.length : waves.length > 1;
    draft.push(more ? { type: 'huntTimer', leg: leg.id, ms: eachMs } : { type: 'huntTimerOff', leg: leg.id });
    return true;
  }
  return false;
}

/** Time for the next ones. */
export function huntOn(draft: Draft, leg: Leg): void {
  const { hunt, rings } = leg;
  if (hunt === null || rings.length === 0 || nextWave(draft, leg)) return;
  // Nobody else is free: whoever rings goes on, and it is looked again.
  if (!hunt.adds) draft.push({ type: 'huntTimer', leg: leg.id, ms: hunt.eachMs });
}

/** One of those who ring takes the call: the others stop. */
export function claimRing(draft: Draft, leg: Leg, port: number): Leg {
  if (!leg.rings.includes(port)) return leg;
  for (const other of leg.rings) {
    if (other !== port) silence(draft, leg, other, 'another phone of the group answered');
  }
  if (leg.hunt !== null) draft.push({ type: 'huntTimerOff', leg: leg.id });
  const end = leg.direction === 'internal' ? { peerPort: port } : { port };
  return draft.update({ ...leg, ...end, rings: [], hunt: null });
}

/** One of those who ring does not take the call, or is lost: the others go on, then the next ones. False when nobody does. */
export function leaveRing(draft: Draft, leg: Leg, port: number, because: string): boolean {
  silence(draft, leg, port, because);
  const rings = leg.rings.filter((each) => each !== port);
  const [first = leg.port] = rings;
  const end = leg.direction === 'internal' ? leg.port : first;
  const gone = draft.state.ports.get(port)?.config.extension;
  // Whoever has refused is not called again: two that do so at once would be called for ever.
  const hunt = leg.hunt && {
    ...leg.hunt,
    waves: leg.hunt.waves.map((wave) => wave.filter((each) => each !== gone)),
  };
  const left = draft.update({ ...leg, rings, hunt, port: end });
  return rings.length > 0 || nextWave(draft, left);
}

/** A phone stops ringing, and its desk has nothing to do with the call any more. */
function silence(draft: Draft, leg: Leg, port: number, because: string): void {
  draft.deskStep(port, { type: 'gone', call: leg.id });
  draft.feed(port, { type: 'callEnded', tone: 'busy', because });
}

function portOf(draft: Draft, extension: string): number | undefined {
  for (const [port, { config, leaving }] of draft.state.ports) {
    if (config.extension === extension && !leaving) return port;
  }
  return undefined;
}

/** Where a member can be rung: only where nothing goes on at all, because a group has others. */
function freePort(draft: Draft, extension: string): number | undefined {
  const port = portOf(draft, extension);
  if (port === undefined || !isReachable(draft.state, port)) return undefined;
  const phone = isPhonePort(port);
  if (!phone && !draft.state.boardUp) return undefined;
  const places = phone ? placesOf(phoneOf(port)) : [port];
  const idle = places.every((each) => {
    const place = draft.state.ports.get(each);
    return place?.line.at === 'onHook' && place.desk.at === 'none' && !place.leaving;
  });
  return idle ? places[0] : undefined;
}
