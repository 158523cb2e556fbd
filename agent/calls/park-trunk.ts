import type { EndReason } from '../../lib/contract/facts.ts';
import { trunkParkCode } from '../../lib/contract/park.ts';
import type { LineConfig } from '../../lib/contract/site-config.ts';
import { type Draft, endsOf } from './draft.ts';
import type { Leg, OfficeInput } from './model.ts';
import { swapCall } from './swap-call.ts';

/** How long the service may think about a slot: a person holds a handset to the ear meanwhile. */
const ASK_FOR_MS = 8_000;

type Invite = Extract<OfficeInput, { readonly type: 'invite' }>;

/** The leg that is parked in a slot of this box. */
export function parkedIn(draft: Draft, slot: number): Leg | undefined {
  return [...draft.state.legs.values()].find(({ seat }) => seat.at === 'parked' && seat.slot === slot);
}

/**
 * The slot is empty here: an app may have parked a call at the service. It takes no channel and costs nothing. False when
 * nobody can be asked. [S0-081]
 */
export function askForParked(draft: Draft, port: number, slot: number): boolean {
  const line = draft.state.ports.get(port);
  if (line === undefined || !draft.state.mediaUp) return false;
  const leg = draft.begin(line.config, {
    id: draft.env.fresh,
    call: draft.env.fresh,
    direction: 'out',
    stage: 'opening',
    from: line.config.presents,
    to: trunkParkCode(slot),
    free: true,
    parkSlot: slot,
  });
  draft.deskStep(port, { type: 'placed', call: leg.id });
  draft.push({ type: 'rtpOpen', leg: leg.id }, { type: 'ringTimer', leg: leg.id, ms: ASK_FOR_MS });
  return true;
}

/** The service does not say whether there is a call. */
export function parkedAskTooLong(draft: Draft, leg: Leg): void {
  const because = `feature.slotEmpty: no call is in slot ${leg.parkSlot} here, and the service does not answer`;
  draft.push({ type: 'sipHangUp', leg: leg.id, cause: 102, text: 'no answer in time' });
  tellEmpty(draft, leg, because);
  draft.finish(leg, 'unreachable', because);
}

/** The service has no call in the slot, or does not give it. */
export function noneParked(draft: Draft, leg: Leg, end: EndReason): void {
  const because = `feature.slotEmpty: no call is in slot ${leg.parkSlot}, here or at the service`;
  tellEmpty(draft, leg, because);
  draft.finish(leg, end, because);
}

function tellEmpty(draft: Draft, leg: Leg, because: string): void {
  const calling = draft.state.ports.get(leg.port)?.line.at === 'calling';
  if (calling) draft.feedEar(leg, leg.port, { type: 'tell', tone: 'refused', because });
  else draft.tell(leg, 'congestion', because);
}

/**
 * An app fetches the call that is parked here: the service's INVITE is answered at once and joined with it. A call with the
 * outside is joined session to session; of a call between two lines, the one who waits gets the new call in place of the old one.
 */
export function giveParked(draft: Draft, input: Invite, account: LineConfig, slot: number): void {
  const parked = parkedIn(draft, slot);
  const { sdp } = input;
  const audio = sdp !== undefined && draft.env.sdp.answer(sdp, draft.env.host, 9, 0) !== undefined;
  if (parked === undefined || parked.seat.at !== 'parked') {
    refuse(draft, input.leg, 404, 1, `park.slotEmpty; no call is in slot ${slot} of this box`);
    return;
  }
  if (!audio || !draft.state.mediaUp) {
    refuse(
      draft,
      input.leg,
      audio ? 480 : 488,
      audio ? 41 : 88,
      'park.noAudio; no audio that this box speaks',
    );
    return;
  }
  const { by } = parked.seat;
  const [waiting] = parked.direction === 'internal' ? endsOf(parked) : [];
  const fetched = draft.begin(account, {
    id: input.leg,
    call: input.call ?? draft.env.fresh,
    direction: 'in',
    stage: 'answering',
    from: input.from,
    to: trunkParkCode(slot),
    offer: sdp,
    free: true,
    ...(waiting === undefined ? { seat: { at: 'bridged', other: parked.id } } : { port: waiting }),
  });
  draft.push({ type: 'ringTimerOff', leg: parked.id });
  if (waiting === undefined) {
    draft.update({ ...parked, seat: { at: 'bridged', other: fetched.id }, passedBy: by });
    draft.push({ type: 'journalKeep', leg: parked.id });
  } else {
    swapCall(draft, waiting, parked.id, fetched.id);
    draft.finish(parked, 'answeredThenCallerHungUp', 'an app of the office took the call');
  }
  draft.push({ type: 'rtpOpen', leg: fetched.id });
}

function refuse(draft: Draft, leg: string, status: number, cause: number, why: string): void {
  const text = why.slice(why.indexOf(';') + 2);
  draft.push({ type: 'sipReject', leg, status, cause, text, why });
}
