import { isIP } from 'node:net';
import { type CodedError, ok, type Result, refuse } from '../../base/errors.ts';
import type { Random } from '../../base/random.ts';
import { type LocalAudio, makeOffer } from '../sdp/offer-answer.ts';
import { parseSdp } from '../sdp/parse.ts';
import type { Connection, Media, SdpRefusal, SessionDescription } from '../sdp/types.ts';
import { writeSdp } from '../sdp/write.ts';
import {
  agree,
  answerFor,
  parseT38Parameters,
  type T38Agreement,
  type T38Parameters,
  writeT38Parameters,
} from './t38-parameters.ts';

/** Our end of a call's fax. `id` names the session; `version` grows by one with each description that differs. */
export interface LocalImage {
  /** Address to receive at, IPv4 or IPv6. */
  readonly host: string;
  readonly port: number;
  readonly id: number;
  readonly version: number;
  readonly parameters: T38Parameters;
}

/** Where fax packets go, and how. */
export interface ImagePath {
  readonly host: string;
  readonly port: number;
  readonly agreement: T38Agreement;
}

/** Why a description does not lead to T.38. */
export type ImageRefusal =
  | SdpRefusal
  | (CodedError & { readonly code: 't38.noImage' | 't38.noAddress'; readonly status: 488 });

/** What a description wants to carry: media with port 0 do not count. `nothing` is also what cannot be read. */
export type MediaWish = 'audio' | 'image' | 'both' | 'nothing';

/** What the peer wants with this offer (or took with this answer). */
export function mediaWish(sdp: string): MediaWish {
  const parsed = parseSdp(sdp);
  if (!parsed.ok) return 'nothing';
  const image = findImage(parsed.value) !== undefined;
  const audio = parsed.value.media.some((media) => media.kind === 'audio' && media.port !== 0);
  if (image) return audio ? 'both' : 'image';
  return audio ? 'audio' : 'nothing';
}

/**
 * Offers T.38 over UDPTL (ITU-T T.38 Annex D, RFC 3264 §8). `before` is the description that the call has now, ours or the
 * peer's: its media keep their places. An image that was there is taken up again, else the first audio becomes the image;
 * everything else gets port 0.
 */
export function makeImageOffer(local: LocalImage, before?: string): string {
  return writeSdp(describe(local, inPlace(before, 'image', image(local, local.parameters))));
}

/** Offers audio in a call that may have had an image: the places of its media are kept as {@link makeImageOffer} does. */
export function makeAudioOffer(local: LocalAudio, before: string): string {
  const alone = makeOffer(local);
  const parsed = parseSdp(alone);
  const [audio] = parsed.ok ? parsed.value.media : [];
  if (!parsed.ok || audio === undefined) return alone;
  return writeSdp({ ...parsed.value, media: inPlace(before, 'audio', audio) });
}

/**
 * Answers an offer of T.38: the image is taken, every other media keeps its place and gets port 0, audio too. Errors: no
 * image over UDPTL in it, no address, a malformed description; `status` is what SIP answers then.
 */
export function answerImageOffer(
  offer: string,
  local: LocalImage,
): Result<{ readonly sdp: string; readonly path: ImagePath }, ImageRefusal> {
  const parsed = parseSdp(offer);
  if (!parsed.ok) return parsed;
  const found = readImage(parsed.value);
  if (!found.ok) return found;
  const { at, host, port, parameters } = found.value;
  const answer = answerFor(parameters, local.parameters);
  const media = parsed.value.media.map((offered, index) =>
    index === at ? image(local, answer) : refused(offered),
  );
  return ok({
    sdp: writeSdp(describe(local, media)),
    path: { host, port, agreement: agree(answer, parameters) },
  });
}

/** Reads the answer to an offer of ours. An answer that takes only audio, or nothing, is `t38.noImage`. */
export function readImageAnswer(answer: string, offered: T38Parameters): Result<ImagePath, ImageRefusal> {
  const parsed = parseSdp(answer);
  if (!parsed.ok) return parsed;
  const found = readImage(parsed.value);
  if (!found.ok) return found;
  const { host, port, parameters } = found.value;
  return ok({ host, port, agreement: agree(offered, parameters) });
}

/** What a refusal of T.38 means. `retry` is the glare of RFC 3261 §14.1; after `audio` T.38 is not tried again in the call. */
export function afterImageRefused(status: number): 'retry' | 'audio' | 'ended' {
  if (status === 491) return 'retry';
  return status === 481 ? 'ended' : 'audio';
}

/**
 * After 491: whoever made the Call-ID waits 2.1 to 4 s, the other up to 2 s, in steps of 10 ms (RFC 3261 §14.1). When the
 * peer's own offer comes meanwhile and wants an image, it is answered and the retry falls away.
 */
export function glareDelayMs(ownsCallId: boolean, random: Random): number {
  const steps = ownsCallId ? 190 : 200;
  return (ownsCallId ? 2_100 : 0) + 10 * Math.floor(random.fraction() * (steps + 1));
}

interface FoundImage {
  readonly at: number;
  readonly host: string;
  readonly port: number;
  readonly parameters: T38Parameters;
}

function isImage(media: Media): boolean {
  return (
    media.kind.toLowerCase() === 'image' &&
    media.protocol.toLowerCase() === 'udptl' &&
    media.formats.some((format) => format.toLowerCase() === 't38')
  );
}

function findImage(description: SessionDescription): Media | undefined {
  return description.media.find((media) => isImage(media) && media.port !== 0);
}

function readImage(description: SessionDescription): Result<FoundImage, ImageRefusal> {
  const media = findImage(description);
  if (media === undefined) {
    const say = 'The session description has no image t38 over UDPTL. The fax goes on as audio.';
    return refuse({ code: 't38.noImage', fault: 'peer', status: 488, say });
  }
  const host = (media.connection ?? description.connection)?.host;
  if (host === undefined || isIP(host) === 0 || host === '0.0.0.0' || host === '::') {
    const say = 'The session description names no IP address for its fax. Give a c= line with one.';
    return refuse({ code: 't38.noAddress', fault: 'peer', status: 488, say });
  }
  // Attributes of the whole session stand for those that the media leaves out.
  const parameters = parseT38Parameters([...media.attributes, ...description.attributes]);
  return ok({ at: description.media.indexOf(media), host, port: media.port, parameters });
}

function describe(local: LocalImage, media: readonly Media[]): SessionDescription {
  const connection: Connection = { family: isIP(local.host) === 6 ? 6 : 4, host: local.host };
  const origin = { user: '-', id: BigInt(local.id), version: BigInt(local.version), connection };
  return { origin, connection, attributes: [], media };
}

function image(local: LocalImage, parameters: T38Parameters): Media {
  return {
    kind: 'image',
    port: local.port,
    protocol: 'udptl',
    formats: ['t38'],
    connection: undefined,
    attributes: writeT38Parameters(parameters),
  };
}

/** The media of `before` in their places, all with port 0 but one, which is `wanted` now. */
function inPlace(before: string | undefined, kind: 'audio' | 'image', wanted: Media): readonly Media[] {
  const parsed = before === undefined ? undefined : parseSdp(before);
  const media = parsed?.ok === true ? parsed.value.media : [];
  const isKind = (one: Media): boolean => (kind === 'image' ? isImage(one) : one.kind === 'audio');
  const isFax = (one: Media): boolean => one.kind === 'audio' || isImage(one);
  const same = media.findIndex(isKind);
  const place = same >= 0 ? same : media.findIndex(isFax);
  if (place < 0) return [...media.map(refused), wanted];
  return media.map((one, index) => (index === place ? wanted : refused(one)));
}

function refused(media: Media): Media {
  return { ...media, port: 0, connection: undefined, attributes: [] };
}
