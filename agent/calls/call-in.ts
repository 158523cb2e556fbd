import { unreachable } from '../../lib/base/errors.ts';
import { isFree } from '../lines/index.ts';
import { connect } from './call-out.ts';
import { channelsInUse } from './channels.ts';
import type { Draft } from './draft.ts';
import { answerAsFax, beginsAsFax } from './fax-call.ts';
import type { Leg, OfficeInput, PortState, SipNews } from './model.ts';
import { ringAtNight } from './night.ts';
import { giveParked } from './park-trunk.ts';
import { freePlace, isPhonePort, isReachable } from './phones.ts';
import { endOfCancel, endOfTalk } from './reasons.ts';
import { wantLine } from './ringing.ts';

type Invite = Extract<OfficeInput, { readonly type: 'invite' }>;

/** An INVITE for one of our lines: the line rings, or the caller hears why not. */
export function ringForInvite(draft: Draft, input: Invite): void {
  const { state } = draft;
  const found = [...state.ports.values()].find(
    (candidate) => !candidate.leaving && candidate.config.sip.user === input.user,
  );
  if (found === undefined) {
    draft.push(reject(input.leg, 404, 1, `no line of this box has the account ${input.user.slice(0, 40)}`));
    return;
  }
  if (input.parkSlot !== undefined) {
    giveParked(draft, input, found.config, input.parkSlot);
    return;
  }
  const phone = isPhonePort(found.config.port);
  if (!state.ready || !state.mediaUp || (!phone && !state.boardUp)) {
    draft.push(reject(input.leg, 480, 27, 'the phones of this box cannot be rung now'));
    return;
  }
  const { sdp } = input;
  const audio = sdp !== undefined && draft.env.sdp.answer(sdp, draft.env.host, 9, 0) !== undefined;
  if (sdp === undefined || !(audio || (!phone && beginsAsFax(draft, found.config, sdp)))) {
    draft.push(reject(input.leg, 488, 88, 'the offer has no audio that this box speaks'));
    return;
  }
  if (ringAtNight(draft, input, found, sdp)) return;
  if (!isReachable(state, found.config.port)) {
    draft.push(reject(input.leg, 480, 20, 'the phone is not registered at this box'));
    return;
  }
  // No leg, and so no record: there is no room for one.
  const bar = draft.env.barIn?.();
  if (bar !== undefined) {
    draft.push(reject(input.leg, 503, 42, bar.because));
    return;
  }
  const place = freePlace(state, found.config.port);
  ring(draft, input, (place === undefined ? undefined : state.ports.get(place)) ?? found, sdp);
}

function ring(draft: Draft, input: Invite, line: PortState, offer: string): void {
  const { state } = draft;
  const call = input.call ?? draft.env.fresh;
  const channels = state.config?.calls.channels ?? 1;
  const known = [...state.legs.values()].some((other) => other.call === call);
  const full = !known && channelsInUse(state) >= channels;
  const leg = draft.begin(line.config, {
    id: input.leg,
    call,
    direction: 'in',
    stage: 'ringing',
    from: input.from,
    to: input.to,
    absence: input.absence,
    offer,
  });
  if (full && isFree(line.line)) {
    // [S0-059]
    const because = `all ${channels} channels are in use`;
    draft.push(reject(leg.id, 486, 34, because));
    draft.finish(leg, 'noChannel', because);
    return;
  }
  if (full || !wantLine(draft, line.config.port, leg)) {
    draft.push(reject(leg.id, 486, 17, 'the line is busy'));
    draft.finish(leg, 'busy', 'the line is busy');
    return;
  }
  draft.push({ type: 'sipRinging', leg: leg.id });
  draft.push({ type: 'ringTimer', leg: leg.id, ms: state.config?.calls.ringForMs ?? 60_000 });
}

/** The handset was lifted: the audio first, then the 200. */
export function openForAnswer(draft: Draft, leg: Leg): void {
  draft.update({ ...leg, stage: 'answering' });
  draft.push({ type: 'ringTimerOff', leg: leg.id }, { type: 'rtpOpen', leg: leg.id });
}

/** The RTP socket of a lifted call is open. The record knows of the answer before the caller does. */
export function answer(draft: Draft, leg: Leg, localPort: number): void {
  const made =
    leg.offer === null
      ? undefined
      : draft.env.sdp.answer(leg.offer, draft.env.host, localPort, draft.env.now);
  const open = draft.update({ ...leg, localPort });
  const answered = made ?? answerAsFax(draft, open);
  if (answered === undefined) {
    failAnswer(draft, open, 'the offer has no audio that this box speaks');
    return;
  }
  // No RTP ever goes to where a fax is awaited: only sound is connected.
  const { remote, sdp } = answered;
  const joined = made === undefined ? { ...open, remote } : connect(draft, open, remote);
  draft.answered(joined);
  draft.push({ type: 'sipAnswer', leg: leg.id, sdp });
  draft.feedEar(joined, leg.port, { type: 'connect', hears: { to: 'rtp', session: leg.id } });
  draft.push({ type: 'journalKeep', leg: leg.id });
}

/** A lifted call cannot be joined to audio. */
export function failAnswer(draft: Draft, leg: Leg, because: string): void {
  draft.push(reject(leg.id, 500, 41, because));
  draft.tell(leg, 'congestion', because);
  draft.finish(leg, 'unreachable', because);
}

/** News of the caller before the answer. */
export function incomingNews(draft: Draft, leg: Leg, news: SipNews): void {
  switch (news.type) {
    case 'cancelled': {
      const ending = endOfCancel(news.reason);
      draft.tell(leg, 'busy', ending.because);
      draft.finish(leg, ending.end, ending.because);
      break;
    }
    case 'failed':
    case 'ended': {
      const because = news.reason?.text || 'the network ended the call before it was answered';
      draft.tell(leg, 'busy', because);
      draft.finish(leg, 'callerGaveUp', because);
      break;
    }
    case 'offer':
      draft.push({ type: 'sipRefuseOffer', leg: leg.id, status: 488 });
      break;
    case 'progress':
    case 'answered':
      break;
    default:
      unreachable(news);
  }
}

/** Nobody lifted the handset in time. */
export function stopRinging(draft: Draft, leg: Leg): void {
  const because = 'nobody answered';
  draft.push(reject(leg.id, 480, 19, because));
  draft.tell(leg, 'busy', because);
  draft.finish(leg, 'notAnswered', because);
}

/** The called party on our line hangs up. */
export function hangUpIncoming(draft: Draft, leg: Leg): void {
  if (leg.stage !== 'talking') {
    // Lifted and put down again before the audio was there.
    draft.push(reject(leg.id, 480, 16, 'the called party hung up at once'));
    draft.finish(leg, 'refused', 'the called party hung up at once');
    return;
  }
  const ending = endOfTalk('in', 'line');
  draft.push({ type: 'sipHangUp', leg: leg.id, cause: 16, text: ending.because });
  draft.finish(leg, ending.end, ending.because);
}

function reject(leg: string, status: number, cause: number, text: string) {
  return { type: 'sipReject', leg, status, cause, text } as const;
}
