import { unreachable } from '../../lib/base/errors.ts';
import { answer, failAnswer, incomingNews, ringForInvite, stopRinging } from './call-in.ts';
import { connect, invite, outgoingNews, placeCall } from './call-out.ts';
import { runCode, takeCall } from './codes.ts';
import { applyConfig } from './config.ts';
import * as desks from './desks.ts';
import { Draft, type Wish } from './draft.ts';
import { endFromHere } from './end-call.ts';
import { faxOffered, feedFax, logFax, noteFax, settleFaxes, takeFaxOffer } from './fax-call.ts';
import { holdAgain, holdOffered } from './hold.ts';
import { stopRingingInternal } from './internal.ts';
import type { Env, Leg, OfficeEffect, OfficeInput, OfficeState, SipNews } from './model.ts';
import { parkedAskTooLong } from './park-trunk.ts';
import { decline, joinCalls } from './phone-calls.ts';
import { isPhonePort } from './phones.ts';
import { endOfFarRelease } from './reasons.ts';
import { dialToneAnew, dropLost, mediaAway, mediaBack, mediaGone, resume, tellFarEnd } from './recovery.ts';
import { huntOn } from './ring-group.ts';
import { settle } from './settle.ts';
import { nobodyTookIt } from './unclaimed.ts';

/** No audio from the far end for this long ends a call: the far end is gone, and the channel is wanted. */
export const SILENCE_LIMIT_MS = 20_000;
/** More wishes than one input can cause; beyond it something is wrong with us. */
const WISH_LIMIT = 64;

/** Pure: the office after `input`, and what to do about it, in order. */
export function officeStep(
  state: OfficeState,
  input: OfficeInput,
  env: Env,
): { readonly state: OfficeState; readonly effects: readonly OfficeEffect[] } {
  if (input.type === 'line' && isLongBreak(state, input)) {
    // Longer than a flash of this line: hung up and lifted again, with everything that either means.
    const down = officeStep(state, { ...input, input: { type: 'onHook' } }, env);
    const up = officeStep(down.state, { ...input, input: { type: 'offHook' } }, env);
    return { state: up.state, effects: [...down.effects, ...up.effects] };
  }
  const draft = new Draft(state, env);
  handle(draft, input);
  for (let count = 0; ; count++) {
    if (count >= WISH_LIMIT) throw new Error(`office: ${input.type} makes wishes without end`);
    const wish = draft.wishes.shift();
    if (wish !== undefined) {
      grant(draft, wish);
      continue;
    }
    settle(draft);
    settleFaxes(draft);
    if (draft.wishes.length === 0) break;
  }
  return { state: draft.state, effects: draft.effects };
}

function isLongBreak(
  state: OfficeState,
  { port, input }: Extract<OfficeInput, { readonly type: 'line' }>,
): boolean {
  const config = state.ports.get(port)?.config;
  return config !== undefined && input.type === 'flash' && input.durationMs > config.flash.mostMs;
}

function handle(draft: Draft, input: OfficeInput): void {
  switch (input.type) {
    case 'config':
      applyConfig(draft, input.config);
      return;
    case 'line':
      if (input.input.type === 'offHook' && !isPhonePort(input.port)) draft.setOffHook(input.port, true);
      if (input.input.type === 'onHook') draft.setOffHook(input.port, false);
      draft.feed(input.port, input.input);
      return;
    case 'board':
      draft.set({ boardUp: input.up, ...(input.ports === undefined ? {} : { boardPorts: input.ports }) });
      if (!input.up) dropLost(draft, input.say);
      return;
    case 'trunk': {
      const trunks = new Map(draft.state.trunks);
      if (input.standing === undefined) trunks.delete(`${input.account}/${input.trunk}`);
      else trunks.set(`${input.account}/${input.trunk}`, input.standing);
      draft.set({ trunks });
      return;
    }
    case 'phone':
    case 'decline':
    case 'takeCall':
    case 'joinCalls':
      handlePhone(draft, input);
      return;
    case 'mediaAway':
      mediaAway(draft);
      return;
    case 'mediaGone':
      if (!draft.state.mediaUp) mediaGone(draft);
      return;
    case 'mediaBack':
      mediaBack(draft, input.snapshot);
      return;
    case 'resume':
      resume(draft, input.unfinished, input.snapshot, input.phones ?? new Map());
      return;
    case 'invite':
      ringForInvite(draft, input);
      return;
    case 'rtpClosed':
      logFax(draft, input.leg, input.figures?.fax);
      draft.closed(input.leg, input.figures);
      return;
    case 'stop':
      stop(draft);
      return;
    case 'rtpOpened':
    case 'rtpRefused':
    case 'rtpSilent':
    case 'sip':
    case 'reinvited':
    case 'holdTimer':
    case 'fax':
    case 'faxFigures':
    case 'huntTimer':
    case 'ringTimer': {
      const leg = draft.state.legs.get(input.leg);
      // Late news of a leg that is over: nothing to do.
      if (leg !== undefined) handleLeg(draft, leg, input);
      return;
    }
    default:
      unreachable(input);
  }
}

/** What desk phones do that lines cannot. */
function handlePhone(
  draft: Draft,
  input: Extract<OfficeInput, { readonly type: 'phone' | 'decline' | 'takeCall' | 'joinCalls' }>,
): void {
  switch (input.type) {
    case 'phone': {
      const reachable = new Set(draft.state.reachable);
      if (input.reachable) reachable.add(input.phone);
      else reachable.delete(input.phone);
      draft.set({ reachable });
      return;
    }
    case 'decline':
      decline(draft, input.port, input.status, input.to);
      return;
    case 'takeCall':
      takeCall(draft, input.port, input.leg);
      return;
    case 'joinCalls':
      joinCalls(draft, input.port, input.other);
      return;
    default:
      unreachable(input);
  }
}

/** Nothing has come from the far end for so long. An emergency call is never ended by the box: they may hear the caller. */
function fallenSilent(draft: Draft, leg: Leg, silentMs: number): void {
  // Whoever is on hold, there or here, need not send anything.
  if (leg.held || leg.hold.told || leg.farHears.to === 'tone') {
    draft.update({ ...leg, quietUntilMs: draft.env.monoMs });
    return;
  }
  const unexplainedMs = Math.min(silentMs, draft.env.monoMs - leg.quietUntilMs);
  if (leg.stage !== 'talking' || leg.emergency || unexplainedMs <= SILENCE_LIMIT_MS) return;
  cut(draft, leg, `no audio came from the far end for ${Math.round(unexplainedMs / 1_000)} s`);
}

type LegInput = Extract<
  OfficeInput,
  {
    readonly type:
      | 'rtpOpened'
      | 'rtpRefused'
      | 'rtpSilent'
      | 'sip'
      | 'reinvited'
      | 'holdTimer'
      | 'fax'
      | 'faxFigures'
      | 'huntTimer'
      | 'ringTimer';
  }
>;

function handleLeg(draft: Draft, leg: Leg, input: LegInput): void {
  switch (input.type) {
    case 'rtpOpened':
      if (leg.stage === 'opening') invite(draft, leg, input.localPort);
      else if (leg.stage === 'answering') answer(draft, leg, input.localPort);
      return;
    case 'rtpRefused':
      noAudio(draft, leg, input.say);
      return;
    case 'rtpSilent':
      fallenSilent(draft, leg, input.silentMs);
      return;
    case 'huntTimer':
      huntOn(draft, leg);
      return;
    case 'ringTimer':
      if (leg.parkSlot !== null && leg.stage !== 'talking') parkedAskTooLong(draft, leg);
      if (leg.stage === 'talking') nobodyTookIt(draft, leg);
      if (leg.stage !== 'ringing') return;
      if (leg.direction === 'internal') stopRingingInternal(draft, leg);
      else if (leg.direction === 'in') stopRinging(draft, leg);
      return;
    case 'reinvited':
      if (input.purpose === 'hold') holdOffered(draft, leg, input.outcome);
      else faxOffered(draft, leg, input.outcome);
      return;
    case 'fax': {
      const { end } = feedFax(draft, leg, input.input);
      if (end !== undefined) cut(draft, leg, end);
      return;
    }
    case 'faxFigures':
      noteFax(draft, leg, input.figures);
      return;
    case 'holdTimer':
      holdAgain(draft, leg);
      return;
    case 'sip':
      if (leg.stage === 'talking') {
        talkNews(draft, leg, input.news);
        return;
      }
      if (leg.direction === 'out') {
        outgoingNews(draft, leg, input.news);
        return;
      }
      incomingNews(draft, leg, input.news);
      return;
    default:
      unreachable(input);
  }
}

/** The media process cannot give a leg its audio. */
function noAudio(draft: Draft, leg: Leg, say: string): void {
  const because = `no audio for the call: ${say}`;
  // There is no socket to close.
  const bare = draft.update({ ...leg, stage: leg.stage === 'talking' ? 'talking' : 'inviting' });
  if (leg.direction === 'in' && leg.stage === 'answering') {
    failAnswer(draft, bare, because);
    return;
  }
  if (leg.stage === 'talking') {
    cut(draft, leg, because);
    return;
  }
  draft.push({ type: 'sipHangUp', leg: leg.id, cause: 41, text: because });
  draft.tell(leg, 'congestion', because);
  draft.finish(bare, 'unreachable', because);
}

/** Ends an answered call from here, for a reason that is nobody's wish. */
function cut(draft: Draft, leg: Leg, because: string): void {
  tellFarEnd(draft, leg, because);
  draft.tell(leg, 'congestion', because);
  draft.finish(leg, 'interrupted', because);
}

/** News of an answered call. */
function talkNews(draft: Draft, leg: Leg, news: SipNews): void {
  switch (news.type) {
    case 'ended': {
      if (news.by === 'lost') {
        const because = news.reason?.text || 'the connection to the service was lost';
        draft.tell(leg, 'congestion', because);
        draft.finish(leg, 'interrupted', because);
        return;
      }
      const { end, because } = endOfFarRelease(leg.direction, news.reason);
      draft.tell(leg, 'busy', because);
      draft.finish(leg, end, because);
      return;
    }
    case 'failed':
    case 'cancelled': {
      const because = news.reason?.text || 'the far end ended the call';
      draft.tell(leg, 'busy', because);
      draft.finish(leg, 'interrupted', because);
      return;
    }
    case 'offer': {
      if (takeFaxOffer(draft, leg, news.sdp)) {
        draft.push({ type: 'journalKeep', leg: leg.id });
        return;
      }
      const { host, now, sdp } = draft.env;
      const made = leg.localPort === null ? undefined : sdp.answer(news.sdp, host, leg.localPort, now);
      if (made === undefined) {
        draft.push({ type: 'sipRefuseOffer', leg: leg.id, status: 488 });
        return;
      }
      const { remote, held } = made;
      // The silence of a hold that ends here was agreed on.
      const quietUntilMs = leg.held ? draft.env.monoMs : leg.quietUntilMs;
      const updated = draft.update({ ...leg, held, quietUntilMs });
      // The null address is an old way to hold a call: nothing to send to, until the next offer.
      if (remote.host !== '0.0.0.0' && remote.host !== '::') connect(draft, updated, remote);
      draft.push(
        { type: 'sipAnswerOffer', leg: leg.id, sdp: made.sdp },
        { type: 'journalKeep', leg: leg.id },
      );
      return;
    }
    case 'progress':
    case 'answered':
      return;
    default:
      unreachable(news);
  }
}

function grant(draft: Draft, wish: Wish): void {
  const { port } = wish;
  switch (wish.type) {
    case 'place':
      placeCall(draft, port, wish.called);
      return;
    case 'code':
      runCode(draft, port, wish.code);
      return;
    case 'flash':
      desks.flash(draft, port);
      return;
    case 'digit':
      desks.digit(draft, port, wish.digit);
      return;
    case 'release':
      if (wish.why === 'lost') desks.loseDesk(draft, port);
      else desks.hangUp(draft, port);
      return;
    case 'stillLifted':
      dialToneAnew(draft, port);
      return;
    case 'answer':
    case 'withdraw': {
      const leg = draft.legOn(port);
      if (leg === undefined) return;
      if (wish.type === 'answer') desks.answer(draft, leg, port);
      else endFromHere(draft, leg, port);
      return;
    }
    default:
      unreachable(wish);
  }
}

/** What is not answered ends with the agent; what is answered lives on in the media process. */
function stop(draft: Draft): void {
  const because = 'the agent was stopped';
  for (const leg of draft.state.legs.values()) {
    if (leg.stage === 'talking') {
      draft.push({ type: 'journalKeep', leg: leg.id });
      continue;
    }
    tellFarEnd(draft, leg, because);
    draft.tell(leg, 'congestion', because);
    draft.finish(leg, 'interrupted', because);
  }
}
