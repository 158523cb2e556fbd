import { unreachable } from '../../lib/base/errors.ts';
import type { SiteConfig } from '../../lib/contract/site-config.ts';
import type { DialledNumber } from '../lines/index.ts';
import type { RemoteAudio } from './audio-sdp.ts';
import { channelsInUse } from './channels.ts';
import type { Draft } from './draft.ts';
import { placeInternal } from './internal.ts';
import type { Leg, OutsideBar, PortState, SipNews } from './model.ts';
import { noneParked } from './park-trunk.ts';
import { accountOf } from './phones.ts';
import { endOfTalk, verdictOfFailure } from './reasons.ts';
import { recallFrom } from './recall.ts';
import { isNoWay, mayAskAnother, nextTrunk, noWay } from './trunk-choice.ts';

/** A line has dialled a number that can be called. */
export function placeCall(draft: Draft, port: number, called: DialledNumber): void {
  const line = draft.state.ports.get(port);
  const config = draft.state.config;
  if (line === undefined || config === undefined) return;
  draft.setPort(port, { ...line, lastNumber: called });
  const away = called.kind === 'extension' && isElsewhere(config, called.number);
  if (called.kind === 'extension' && !away) {
    placeInternal(draft, line.config, called.number);
    return;
  }
  const emergency = called.kind === 'emergency';
  if (emergency && channelsInUse(draft.state) >= config.calls.channels) makeRoom(draft);
  const chosen = emergency ? undefined : called.presents;
  const presents = chosen === undefined ? null : (line.config.presentable[chosen - 1] ?? null);
  const bar = noCall(draft, line, called, away);
  // A colleague at the service costs no channel of this box; the service counts its own. [S0-050] [S0-082]
  const full = !emergency && !away && channelsInUse(draft.state) >= config.calls.channels;
  const leg = draft.begin(line.config, {
    id: draft.env.fresh,
    call: draft.env.fresh,
    direction: 'out',
    stage: full || bar !== undefined ? 'inviting' : 'opening',
    from: presents ?? line.config.presents,
    to: called.number,
    emergency,
    presents,
    free: away,
  });
  draft.deskStep(port, { type: 'placed', call: leg.id });
  if (bar !== undefined) {
    draft.tell(leg, 'congestion', bar.because, bar.guide);
    draft.finish(leg, 'unreachable', bar.because);
    return;
  }
  if (full) {
    // [S0-059]
    const because = `all ${config.calls.channels} channels are in use`;
    draft.tell(leg, 'busy', because);
    draft.finish(leg, 'noChannel', because);
    return;
  }
  draft.push({ type: 'rtpOpen', leg: leg.id });
}

/** Why the call cannot go out at all: no trunk takes it, or it may not. Emergency calls are always tried. */
function noCall(
  draft: Draft,
  { config }: PortState,
  called: DialledNumber,
  away: boolean,
): OutsideBar | undefined {
  if (called.kind === 'emergency') return undefined;
  const account = accountOf(config.port);
  const bar = away ? undefined : draft.env.barOf?.(called, account);
  return bar ?? (nextTrunk(draft.state, account, false) === undefined ? noWay(false) : undefined);
}

function isElsewhere(config: SiteConfig, extension: string): boolean {
  return config.elsewhere?.some((each) => each.extension === extension) === true;
}

/** Emergency first: the newest other call with the outside ends, on every line that it rings or speaks on. */
function makeRoom(draft: Draft): void {
  const newest = [...draft.state.legs.values()]
    .filter((leg) => leg.direction !== 'internal' && !leg.emergency && !leg.free)
    .sort((one, other) => other.order - one.order)[0];
  if (newest === undefined) return;
  const because = 'an emergency call needed the channel';
  for (const leg of [...draft.state.legs.values()].filter((candidate) => candidate.call === newest.call)) {
    draft.note(because, { leg: leg.id, port: leg.port });
    draft.tell(leg, 'congestion', because);
    if (leg.direction === 'in' && leg.answeredAt === null) {
      draft.push({ type: 'sipReject', leg: leg.id, status: 486, cause: 34, text: because });
    } else {
      draft.push({ type: 'sipHangUp', leg: leg.id, cause: 34, text: because });
    }
    draft.finish(leg, 'interrupted', because);
  }
}

/** The RTP socket of an outgoing call is open: now the INVITE may go. */
export function invite(draft: Draft, leg: Leg, localPort: number): void {
  const opened = draft.update({ ...leg, localPort, stage: 'inviting' });
  if (askTrunk(draft, opened)) return;
  refused(draft, opened, { type: 'failed', status: 503, reason: undefined, why: undefined });
}

/** Asks the next trunk that may take the call; false when there is none. */
function askTrunk(draft: Draft, leg: Leg): boolean {
  const trunk = nextTrunk(draft.state, leg.account, leg.emergency, leg.asked);
  if (trunk === undefined || leg.localPort === null) return false;
  draft.update({ ...leg, asked: [...(leg.asked ?? []), trunk] });
  const sdp = draft.env.sdp.offer(draft.env.host, leg.localPort, draft.env.now);
  draft.push({
    type: 'sipInvite',
    leg: leg.id,
    call: leg.call,
    // A place of a phone calls out as the phone.
    port: leg.account === accountOf(leg.port) ? leg.port : leg.account,
    number: leg.to,
    sdp,
    presents: leg.presents,
    parkSlot: leg.parkSlot,
    trunk,
  });
  return true;
}

/** A trunk does not take the call: another one, or the caller hears why. */
function refused(draft: Draft, leg: Leg, news: Extract<SipNews, { readonly type: 'failed' }>): void {
  // What is parked at the service is parked there alone.
  if (leg.parkSlot === null && mayAskAnother(leg, news) && askTrunk(draft, leg)) return;
  const verdict = verdictOfFailure(news.status, news.reason, news.why);
  if (leg.parkSlot !== null) {
    noneParked(draft, leg, verdict.end);
    return;
  }
  const way = isNoWay(leg, news) ? noWay(leg.emergency) : undefined;
  const because = way === undefined ? verdict.because : `${way.because} (SIP ${news.status})`;
  if (!recallFrom(draft, leg))
    draft.tell(leg, way === undefined ? verdict.tone : 'congestion', because, way?.guide);
  draft.finish(leg, verdict.end, because);
}

/** News of the far end of an outgoing call that is not answered yet. */
export function outgoingNews(draft: Draft, leg: Leg, news: SipNews): void {
  switch (news.type) {
    case 'progress':
      hearProgress(draft, leg, news.status, news.sdp);
      break;
    case 'answered':
      join(draft, leg, news.sdp);
      break;
    case 'failed':
      refused(draft, leg, news);
      break;
    case 'ended':
    case 'cancelled': {
      const because = news.reason?.text || 'the network ended the call before it was answered';
      draft.tell(leg, 'congestion', because);
      draft.finish(leg, 'unreachable', because);
      break;
    }
    case 'offer':
      draft.push({ type: 'sipRefuseOffer', leg: leg.id, status: 488 });
      break;
    default:
      unreachable(news);
  }
}

function hearProgress(draft: Draft, leg: Leg, status: number, sdp: string | undefined): void {
  if (status < 180) return;
  const remote = sdp === undefined ? undefined : draft.env.sdp.readAnswer(sdp, leg.localPort ?? 0);
  const ringing = draft.update({ ...leg, stage: 'ringing' });
  if (remote !== undefined) {
    connect(draft, ringing, remote);
    draft.feedEar(leg, leg.port, { type: 'progress', hears: { to: 'rtp', session: leg.id } });
  } else if (status === 180 && leg.remote === null) {
    draft.feedEar(leg, leg.port, { type: 'progress', hears: { to: 'tone', tone: 'ringback' } });
  }
}

function join(draft: Draft, leg: Leg, sdp: string | undefined): void {
  const remote =
    (sdp === undefined ? undefined : draft.env.sdp.readAnswer(sdp, leg.localPort ?? 0)) ?? leg.remote;
  const answered = draft.answered(leg.seat.at === 'line' ? { ...leg, passedBy: null } : leg);
  if (remote === null) {
    const because = 'the answer has no audio that this box speaks';
    draft.push({ type: 'sipHangUp', leg: leg.id, cause: 88, text: because });
    draft.tell(leg, 'congestion', because);
    draft.finish(answered, 'unreachable', because);
    return;
  }
  connect(draft, answered, remote);
  draft.feedEar(leg, leg.port, { type: 'connect', hears: { to: 'rtp', session: leg.id } });
  draft.push({ type: 'journalKeep', leg: leg.id });
}

/** Tells the media process where to send, when that is new. */
export function connect(draft: Draft, leg: Leg, remote: RemoteAudio): Leg {
  if (JSON.stringify(leg.remote) === JSON.stringify(remote)) return leg;
  draft.push({ type: 'rtpConnect', leg: leg.id, remote });
  return draft.update({ ...leg, remote });
}

/** The caller on our line hangs up. */
export function hangUpOutgoing(draft: Draft, leg: Leg): void {
  const talk = endOfTalk('out', 'line');
  draft.push({ type: 'sipHangUp', leg: leg.id, cause: 16, text: 'the caller hung up' });
  if (leg.stage === 'talking') draft.finish(leg, talk.end, talk.because);
  else draft.finish(leg, 'callerGaveUp', 'the caller hung up before the answer');
}
