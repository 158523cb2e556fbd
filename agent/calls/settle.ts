import { callsOf, heardOf } from '../features/index.ts';
import { type Party, type Sound, sameSound } from '../lines/index.ts';
import { type Draft, endsOf } from './draft.ts';
import { settleForwarded } from './forward.ts';
import { settleHold } from './hold.ts';
import type { FarSound, Leg } from './model.ts';
import { settlePassedOn } from './transfer.ts';

/**
 * Who hears whom follows from the desks and the legs alone, and is worked out anew after every input: no feature joins
 * anybody to anything by itself. First the ears of the lines, then what far ends hear that no line has, then whether they
 * are told that they are on hold.
 */
export function settle(draft: Draft): void {
  settlePassedOn(draft);
  settleForwarded(draft);
  for (const [port, { line }] of draft.state.ports) {
    if (line.at !== 'talking') continue;
    const sound = earOf(draft, port);
    if (sound !== undefined && !sameSound(sound, line.hears))
      draft.feed(port, { type: 'join', hears: sound });
  }
  for (const { id } of draft.state.legs.values()) {
    const leg = draft.leg(id);
    if (leg === undefined || leg.direction === 'internal') continue;
    settleHold(draft, settleFar(draft, leg));
  }
}

/** What a line hears of its calls; undefined while that is the call's own news (not answered yet). */
export function earOf(draft: Draft, port: number): Sound | undefined {
  const desk = draft.desk(port);
  const [first] = heardOf(desk);
  const leg = first === undefined ? undefined : draft.leg(first);
  if (leg === undefined) return undefined;
  if (desk.at === 'three') return soundOfParties(partiesOf(draft, port));
  if (leg.stage !== 'talking') return earBeforeAnswer(leg);
  if (leg.direction !== 'internal') return { to: 'rtp', session: leg.id };
  const other = otherEnd(leg, port);
  if (other === null || !endsOf(leg).includes(other)) return { to: 'tone', tone: 'hold' };
  if (draft.desk(other).at === 'three') return earInConference(draft, port, other);
  return earOfInternal(draft, leg, other);
}

function earBeforeAnswer(leg: Leg): Sound | undefined {
  if (leg.direction === 'in') return undefined;
  if (leg.remote !== null) return { to: 'rtp', session: leg.id };
  return leg.stage === 'ringing' ? { to: 'tone', tone: 'ringback' } : { to: 'silence' };
}

function earOfInternal(draft: Draft, leg: Leg, other: number): Sound {
  const line = draft.state.ports.get(other)?.line;
  if (!heardOf(draft.desk(other)).includes(leg.id)) return { to: 'tone', tone: 'hold' };
  if (line?.at === 'ringing') return { to: 'tone', tone: 'ringback' };
  return line?.at === 'talking' ? { to: 'line', port: other } : { to: 'tone', tone: 'hold' };
}

/** A conference that another line holds, as one of its guests hears it. */
function earInConference(draft: Draft, port: number, host: number): Sound {
  const parties = partiesOf(draft, host);
  const me = parties.some((party) => party.to === 'line' && party.port === port);
  if (!me) return { to: 'tone', tone: 'hold' };
  const rest = parties.filter((party) => party.to !== 'line' || party.port !== port);
  return soundOfParties([{ to: 'line', port: host }, ...rest]);
}

function soundOfParties(parties: readonly Party[]): Sound {
  const [one, ...more] = parties;
  if (one === undefined) return { to: 'tone', tone: 'hold' };
  return more.length === 0 ? one : { to: 'conference', with: parties };
}

/** Who is in the conference of a line, besides itself. A guest who has put the line on hold is not. */
function partiesOf(draft: Draft, port: number): readonly Party[] {
  return heardOf(draft.desk(port)).flatMap((id): Party[] => {
    const leg = draft.leg(id);
    if (leg === undefined) return [];
    if (leg.direction !== 'internal') return [{ to: 'rtp', session: id }];
    const other = otherEnd(leg, port);
    if (other === null || !endsOf(leg).includes(other)) return [];
    const there = draft.state.ports.get(other);
    const listens = there?.line.at === 'talking' && heardOf(there.desk).includes(id);
    return listens && there.desk.at !== 'three' ? [{ to: 'line', port: other }] : [];
  });
}

function settleFar(draft: Draft, leg: Leg): Leg {
  const wanted = farSound(draft, leg);
  if (JSON.stringify(wanted) === JSON.stringify(leg.farHears)) return leg;
  const told = draft.update({ ...leg, farHears: wanted });
  if (wanted.to === 'tone') draft.push({ type: 'sessionTone', leg: leg.id, tone: wanted.tone });
  if (wanted.to === 'session') {
    // One command joins both.
    const partner = draft.leg(wanted.session);
    const done = partner?.farHears.to === 'session' && partner.farHears.session === leg.id;
    if (!done) draft.push({ type: 'bridge', leg: leg.id, other: wanted.session });
  }
  return told;
}

function farSound(draft: Draft, leg: Leg): FarSound {
  if (leg.stage !== 'talking') return { to: 'line' };
  if (leg.rings.length > 0) return { to: 'tone', tone: 'ringback' };
  const { seat } = leg;
  switch (seat.at) {
    case 'parked':
      return { to: 'tone', tone: 'hold' };
    case 'bridged': {
      const other = draft.leg(seat.other);
      if (other?.stage === 'talking') return { to: 'session', session: seat.other };
      // Whoever fetches a parked call has not heard of it yet.
      return { to: 'tone', tone: other?.free === true ? 'hold' : 'ringback' };
    }
    case 'line': {
      const state = draft.state.ports.get(leg.port);
      if (state === undefined || !callsOf(state.desk).includes(leg.id)) return { to: 'line' };
      if (state.line.at === 'ringing') return { to: 'tone', tone: 'ringback' };
      if (heardOf(state.desk).includes(leg.id)) return { to: 'line' };
      // Passed on to a line that has another call: it waits there.
      const waits = state.desk.at === 'announced';
      return { to: 'tone', tone: waits ? 'ringback' : 'hold' };
    }
  }
}

/** The line at the other end of an internal call. */
export function otherEnd(leg: Leg, port: number): number | null {
  return leg.port === port ? leg.peerPort : leg.port;
}
