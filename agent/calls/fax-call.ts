import { unreachable } from '../../lib/base/errors.ts';
import type { LineConfig } from '../../lib/contract/site-config.ts';
import type { ReinviteOutcome } from '../../lib/voice/sip/api.ts';
import { type MediaWish, mediaWish } from '../../lib/voice/t38/image-media.ts';
import {
  FAX_OFF,
  type FaxCall,
  type FaxEffect,
  type FaxInput,
  type FaxState,
  faxAfterRestart,
  faxEntry,
  faxStep,
  wasFax,
} from '../fax/index.ts';
import type { FaxFigures, FaxParameters, MediaCommand, SessionMode } from '../media/protocol.ts';
import type { RemoteAudio } from './audio-sdp.ts';
import type { Draft } from './draft.ts';
import { answerFaxOffer, type FaxEnd, faxOffer, readFaxAnswer } from './fax-sdp.ts';
import type { Leg, LegId } from './model.ts';
import { isPhonePort } from './phones.ts';

/** The fax of one leg, beside the leg. */
export interface LegFax {
  readonly state: FaxState;
  /** What the media process last told of it, for when it is gone. */
  readonly figures: FaxFigures | null;
  /** How T.38 is spoken by the last offer and answer. */
  readonly way: FaxParameters | null;
  /** The far end's last description with an image, and our answer: a refresh is answered alike. */
  readonly answered: { readonly offer: string; readonly answer: string } | null;
  /** The last offer of the far end, whose media keep their places in ours. */
  readonly before: string | null;
  /** The watch for silence ended the call. */
  readonly silent: boolean;
}

type WithoutSession<Command> = Command extends unknown ? Omit<Command, 'session'> : never;
/** A fax command of the media process for the session of a leg. */
export type FaxOrder = WithoutSession<Extract<MediaCommand, { readonly type: `fax${string}` }>>;

const NO_FAX: LegFax = {
  state: FAX_OFF,
  figures: null,
  way: null,
  answered: null,
  before: null,
  silent: false,
};

export function faxOf(draft: Draft, leg: LegId): LegFax {
  return draft.state.faxes.get(leg) ?? NO_FAX;
}

function setFax(draft: Draft, leg: LegId, change: Partial<LegFax>): LegFax {
  const fax = { ...faxOf(draft, leg), ...change };
  draft.set({ faxes: new Map(draft.state.faxes).set(leg, fax) });
  return fax;
}

/** After every input: calls that talk are listened to, faxes of calls that are forgotten go. */
export function settleFaxes(draft: Draft): void {
  for (const leg of draft.state.legs.values()) {
    // Nothing may hold back the sound of a call for help, a mistaken tone least of all.
    if (leg.direction === 'internal' || leg.emergency) continue;
    const fax = faxOf(draft, leg.id);
    if (leg.offer !== null && fax.before === null) setFax(draft, leg.id, { before: leg.offer });
    if (leg.stage !== 'talking' || fax.state.at !== 'off') continue;
    feedFax(draft, leg, { type: 'talking', image: fax.way !== null });
  }
  for (const id of draft.state.faxes.keys()) {
    if (draft.state.legs.has(id) || draft.state.closing.has(id)) continue;
    const faxes = new Map(draft.state.faxes);
    faxes.delete(id);
    draft.set({ faxes });
  }
}

/** What the caller of {@link feedFax} has to do himself. */
interface Rest {
  /** The far end's offer is to be answered with audio. */
  readonly audio: boolean;
  /** The call is to be ended, and why. */
  readonly end: string | undefined;
}

/** Whether a call to `line` may begin as T.38: its offer has an image that we take, and no audio. */
export function beginsAsFax(draft: Draft, config: LineConfig, offer: string): boolean {
  if (!config.fax.t38 || draft.state.config?.trunk.fax.t38 === false) return false;
  const end = { host: draft.env.host, port: 9, version: 0 };
  return mediaWish(offer) === 'image' && answerFaxOffer(offer, config.fax, end) !== undefined;
}

/** Answers a call that begins as T.38. Undefined when its offer is not one. */
export function answerAsFax(
  draft: Draft,
  leg: Leg,
): { readonly sdp: string; readonly remote: RemoteAudio } | undefined {
  const config = faxConfigOf(draft, leg);
  if (config === undefined || leg.offer === null || mediaWish(leg.offer) !== 'image') return undefined;
  const made = answerFaxOffer(leg.offer, config, endOf(draft, leg));
  if (made === undefined) return undefined;
  const { host, port } = made.way;
  // Nobody has heard the machines yet.
  const way = { ...made.way, tones: true };
  setFax(draft, leg.id, { way, before: leg.offer, answered: { offer: leg.offer, answer: made.sdp } });
  return { sdp: made.sdp, remote: { host, port, payloadType: 0, dtmfPayloadType: null } };
}

/** Feeds the fax of a leg. */
export function feedFax(draft: Draft, leg: Leg, input: FaxInput): Rest {
  const config = faxConfigOf(draft, leg);
  if (config === undefined) return { audio: true, end: undefined };
  const trunk = draft.state.config?.trunk.fax.t38 ?? true;
  const { state, effects } = faxStep(faxOf(draft, leg.id).state, input, {
    settings: { t38: config.t38 && trunk },
    ownsCallId: leg.direction === 'out',
  });
  const before = faxOf(draft, leg.id).state;
  setFax(draft, leg.id, { state });
  let rest: Rest = { audio: false, end: undefined };
  for (const effect of effects) {
    if (effect.type === 'acceptAudio') rest = { ...rest, audio: true };
    else if (effect.type === 'end') rest = { ...rest, end: effect.because };
    else carryOut(draft, leg, effect, config);
  }
  if (rest.end !== undefined) setFax(draft, leg.id, { silent: input.type === 'silent' });
  if (before.at !== state.at && before.at !== 'off') draft.push({ type: 'journalKeep', leg: leg.id });
  return rest;
}

/** An offer of the far end in a call that talks. True when it is answered; false when audio is to be answered. */
export function takeFaxOffer(draft: Draft, leg: Leg, offer: string): boolean {
  setFax(draft, leg.id, { before: offer });
  const media = usable(draft, leg, offer);
  // Neither, and no fax to lose: the one who answers audio says why not.
  if (media === 'nothing' && faxOf(draft, leg.id).state.at !== 't38') return false;
  return !feedFax(draft, leg, { type: 'offer', media }).audio;
}

/** What an offer holds that we can answer: an image without an address, say, is none. */
function usable(draft: Draft, leg: Leg, offer: string): MediaWish {
  const wish = mediaWish(offer);
  const config = faxConfigOf(draft, leg);
  if (config === undefined || (wish !== 'image' && wish !== 'both')) return wish;
  if (answerFaxOffer(offer, config, endOf(draft, leg)) !== undefined) return wish;
  return wish === 'both' ? 'audio' : 'nothing';
}

function endOf(draft: Draft, leg: Leg): FaxEnd {
  const { host, now } = draft.env;
  return { host, port: leg.localPort ?? 0, version: now };
}

/** What came of our offer of T.38. */
export function faxOffered(draft: Draft, leg: Leg, outcome: ReinviteOutcome): void {
  const config = faxConfigOf(draft, leg);
  if (config === undefined) return;
  if (!outcome.ok) {
    feedFax(draft, leg, { type: 'refused', status: outcome.status });
    return;
  }
  const way = outcome.sdp === undefined ? undefined : readFaxAnswer(outcome.sdp, config);
  if (way === undefined) {
    feedFax(draft, leg, { type: 'accepted', media: 'audio' });
    return;
  }
  setFax(draft, leg.id, { way });
  feedFax(draft, leg, { type: 'accepted', media: 'image' });
}

/** What the media process tells of a fax that goes on. */
export function noteFax(draft: Draft, leg: Leg, figures: FaxFigures): void {
  setFax(draft, leg.id, { figures });
}

/** The audio of an ended leg is closed: a fax gets its line in the log. */
export function logFax(draft: Draft, id: LegId, figures: FaxFigures | undefined): void {
  const closing = draft.state.closing.get(id);
  const fax = faxOf(draft, id);
  const known = figures ?? fax.figures;
  if (closing === undefined || known === null || !wasFax(known)) return;
  const { leg, end } = closing;
  const lost = end.end === 'interrupted';
  const call: FaxCall = {
    call: leg.call,
    line: leg.port,
    serviceId: leg.serviceId,
    from: leg.from,
    to: leg.to,
    endedAt: end.endedAt,
    because: end.because,
    by: fax.silent ? 'silence' : lost ? 'loss' : 'call',
  };
  draft.push({ type: 'faxLog', entry: faxEntry(call, known) });
}

/** The media process died with the fax of a leg that is about to end: what was last heard of it is all there is. */
export function logLostFax(draft: Draft, leg: Leg, because: string): void {
  const { figures } = faxOf(draft, leg.id);
  if (figures === null || !wasFax(figures)) return;
  const { call, port: line, serviceId, from, to } = leg;
  const endedAt = draft.env.now;
  const entry = faxEntry({ call, line, serviceId, from, to, endedAt, because, by: 'loss' }, figures);
  draft.push({ type: 'faxLog', entry });
}

/** A call of an earlier run goes on, with what was kept of its fax. */
export function adoptFax(draft: Draft, leg: Leg, kept: unknown, mode: SessionMode): void {
  const config = faxConfigOf(draft, leg);
  if (config === undefined || leg.direction === 'internal') return;
  const { state, effects } = faxAfterRestart(kept, mode);
  setFax(draft, leg.id, { state });
  for (const effect of effects) carryOut(draft, leg, effect, config);
}

function faxConfigOf(draft: Draft, leg: Leg): LineConfig['fax'] | undefined {
  // A desk phone is no fax machine.
  if (isPhonePort(leg.port)) return undefined;
  return (draft.state.ports.get(leg.port) ?? draft.state.ports.get(leg.account))?.config.fax;
}

function carryOut(draft: Draft, leg: Leg, effect: FaxEffect, config: LineConfig['fax']): void {
  const order = (command: FaxOrder): void => draft.push({ type: 'fax', leg: leg.id, command });
  switch (effect.type) {
    case 'watch':
      order({ type: 'faxWatch', on: effect.on });
      return;
    case 'mute':
      order({ type: 'faxMute', ...effect.mute });
      return;
    case 'offerImage':
      offerImage(draft, leg, config);
      return;
    case 'acceptImage':
      acceptImage(draft, leg, config);
      return;
    case 'refuseOffer':
      draft.push({ type: 'sipRefuseOffer', leg: leg.id, status: effect.status });
      return;
    case 'startT38': {
      const { way } = faxOf(draft, leg.id);
      if (way !== null) order({ type: 'faxOpen', ...way });
      return;
    }
    case 'startPassthrough':
      order({ type: 'faxPassthrough', because: effect.because });
      return;
    case 'startVoice':
      order({ type: 'faxClose' });
      return;
    case 'arm':
      draft.push({ ...effect, type: 'faxTimer', leg: leg.id });
      return;
    case 'disarm':
      draft.push({ type: 'faxTimerOff', leg: leg.id, timer: effect.timer });
      return;
    case 'note':
      draft.note(effect.say, { port: leg.port, leg: leg.id });
      return;
    case 'acceptAudio':
    case 'end':
      return;
    default:
      unreachable(effect);
  }
}

function offerImage(draft: Draft, leg: Leg, config: LineConfig['fax']): void {
  const sdp = faxOffer(config, endOf(draft, leg), faxOf(draft, leg.id).before);
  draft.push({ type: 'sipReinvite', leg: leg.id, purpose: 'fax', sdp });
}

/** Answers the far end's offer of T.38; the same offer again (a session refresh) gets the same answer. */
function acceptImage(draft: Draft, leg: Leg, config: LineConfig['fax']): void {
  const { before, answered } = faxOf(draft, leg.id);
  if (before === null) return;
  if (answered?.offer === before) {
    draft.push({ type: 'sipAnswerOffer', leg: leg.id, sdp: answered.answer });
    return;
  }
  const made = answerFaxOffer(before, config, endOf(draft, leg));
  if (made === undefined) return;
  setFax(draft, leg.id, { way: made.way, answered: { offer: before, answer: made.sdp } });
  draft.push({ type: 'sipAnswerOffer', leg: leg.id, sdp: made.sdp });
}
