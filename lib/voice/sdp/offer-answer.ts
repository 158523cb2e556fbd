import { isIP } from 'node:net';
import { ok, type Result, refuse } from '../../base/errors.ts';
import type { SrtpKey, SrtpKeys } from '../srtp/suites.ts';
import { type CryptoLine, cryptoAttribute, cryptoLinesOf, hasCrypto } from './crypto.ts';
import { parseSdp } from './parse.ts';
import { COMFORT_NOISE, commonDetails, dtmfOf, PCMU } from './path-details.ts';
import type { AudioPath, Connection, Direction, Media, SdpRefusal, SessionDescription } from './types.ts';
import { writeSdp } from './write.ts';

/** Payload type of telephone-event in our offers. */
const DTMF_PAYLOAD_TYPE = 101;
const PTIME_MS = 20;

/** Whether sound is encrypted, and with what. */
export interface LocalSrtp {
  /**
   * `required` offers RTP/SAVP and takes nothing else. `optional` offers RTP/AVP with keys, which a peer without SRTP reads
   * over, and takes either.
   */
  readonly use: 'optional' | 'required';
  /** One of ours for each suite, in order of preference (`makeSrtpKeys`). Other keys in a re-INVITE are a rekey. */
  readonly keys: readonly SrtpKey[];
}

/** Our end of a call's audio. `id` names the session; `version` grows by one with each description that differs. */
export interface LocalAudio {
  /** Address to receive at, IPv4 or IPv6. */
  readonly host: string;
  readonly port: number;
  readonly id: number;
  readonly version: number;
  /** Default `sendrecv`. `sendonly` puts the peer on hold. */
  readonly direction?: Direction;
  /** Absent: plain RTP only, and an offer of nothing but SRTP is refused. */
  readonly srtp?: LocalSrtp | undefined;
  /** Offers RTCP on the port of RTP; what is offered is always taken. */
  readonly rtcpMux?: boolean | undefined;
  /** Offers and takes comfort noise in place of sent silence. */
  readonly comfortNoise?: boolean | undefined;
}

/** What our media line says beside the codec. */
interface Said {
  readonly dtmf: number | null;
  readonly direction: Direction;
  readonly protocol: string;
  readonly crypto: readonly (readonly [tag: number, key: SrtpKey])[];
  readonly rtcpMux: boolean;
  readonly comfortNoise: boolean;
}

/** Offers PCMU and telephone-event at 20 ms (RFC 3264 §5). */
export function makeOffer(local: LocalAudio): string {
  const { srtp } = local;
  const media = audio(local, {
    dtmf: DTMF_PAYLOAD_TYPE,
    direction: local.direction ?? 'sendrecv',
    protocol: srtp?.use === 'required' ? 'RTP/SAVP' : 'RTP/AVP',
    crypto: srtp === undefined ? [] : srtp.keys.map((key, index) => [index + 1, key] as const),
    rtcpMux: local.rtcpMux === true,
    comfortNoise: local.comfortNoise === true,
  });
  return writeSdp(describe(local, [media]));
}

/**
 * Answers an offer (RFC 3264 §6): the first audio with PCMU is taken, every other media is refused with port 0 in its
 * place. `local.direction` says what we are willing to do; the answer never exceeds what was offered.
 */
export function answerOffer(
  offer: string,
  local: LocalAudio,
): Result<{ readonly sdp: string; readonly path: AudioPath }, SdpRefusal> {
  const parsed = parseSdp(offer);
  if (!parsed.ok) return parsed;
  const found = findAudio(parsed.value, (media) => answerable(media, local.srtp));
  if (!found.ok) return found;
  const { media: chosen, index, path } = found.value;
  const direction = meet(path.direction, local.direction ?? 'sendrecv');
  const agreed = agree(chosen, local.srtp);
  const comfortNoise = local.comfortNoise === true && path.comfortNoise === true;
  const said: Said = {
    dtmf: path.dtmfPayloadType,
    direction,
    protocol: chosen.protocol,
    crypto: agreed === undefined ? [] : [[agreed.tag, agreed.local]],
    rtcpMux: path.rtcpMux === true,
    comfortNoise,
  };
  const { comfortNoise: _, ...rest } = path;
  return ok({
    sdp: writeSdp(
      describe(
        local,
        parsed.value.media.map((offered, at) => (at === index ? audio(local, said) : refused(offered))),
      ),
    ),
    path: {
      ...rest,
      direction,
      ...(agreed === undefined ? {} : { srtp: agreed.keys }),
      ...(comfortNoise ? { comfortNoise } : {}),
    },
  });
}

/**
 * Reads the answer to an offer of ours. `offered` is the direction that we offered; `offer` our own description, in which
 * the keys stand: without it an answer with keys is refused.
 */
export function readAnswer(
  answer: string,
  offered: Direction = 'sendrecv',
  offer?: string,
): Result<AudioPath, SdpRefusal> {
  const parsed = parseSdp(answer);
  if (!parsed.ok) return parsed;
  const ours = offer === undefined ? undefined : audioOf(offer);
  const wanted = ours?.protocol ?? 'RTP/AVP';
  const found = findAudio(parsed.value, (media) => media.protocol === wanted);
  if (!found.ok) return found;
  const { media, path } = found.value;
  const keys = keysOfAnswer(media, ours);
  if (keys === 'none') return noKeys();
  const { comfortNoise, rtcpMux, ...rest } = path;
  return ok({
    ...rest,
    direction: meet(path.direction, offered),
    ...(keys === undefined ? {} : { srtp: keys }),
    ...(rtcpMux === true && ours !== undefined && has(ours, 'rtcp-mux') ? { rtcpMux } : {}),
    ...(comfortNoise === true && ours?.formats.includes(COMFORT_NOISE) === true ? { comfortNoise } : {}),
  });
}

/** An offer of audio is taken when its transport is spoken and, where keys are needed, one of them is of use. */
function answerable(media: Media, srtp: LocalSrtp | undefined): boolean {
  const found = agree(media, srtp) !== undefined;
  if (media.protocol === 'RTP/SAVP') return found;
  return media.protocol === 'RTP/AVP' && (srtp?.use !== 'required' || found);
}

/** The first line of the offer for whose suite we have a key. */
function agree(
  media: Media,
  srtp: LocalSrtp | undefined,
): { readonly tag: number; readonly local: SrtpKey; readonly keys: SrtpKeys } | undefined {
  if (srtp === undefined) return undefined;
  for (const { tag, suite, key } of cryptoLinesOf(media)) {
    const local = srtp.keys.find((one) => one.suite === suite);
    if (local !== undefined) return { tag, local, keys: { suite, local: local.key, remote: key } };
  }
  return undefined;
}

/**
 * The keys of an answer: exactly one line, with the tag and the suite of a line of the offer (RFC 4568 §5.1.3). Undefined
 * for plain RTP where that was offered, `none` where the answer breaks the rules.
 */
function keysOfAnswer(media: Media, ours: Media | undefined): SrtpKeys | 'none' | undefined {
  if (!hasCrypto(media)) return media.protocol === 'RTP/SAVP' ? 'none' : undefined;
  const lines: readonly CryptoLine[] = cryptoLinesOf(media);
  const [line] = lines;
  if (line === undefined || lines.length > 1 || ours === undefined) return 'none';
  const own = cryptoLinesOf(ours).find((one) => one.tag === line.tag && one.suite === line.suite);
  // The same key both ways would be the same key stream twice (RFC 4568 §6.1).
  if (own === undefined || own.key === line.key) return 'none';
  return { suite: line.suite, local: own.key, remote: line.key };
}

function noKeys(): { readonly ok: false; readonly error: SdpRefusal } {
  const say = 'The session description encrypts its audio in a way that is not spoken here, or gives no key.';
  return refuse({ code: 'sdp.noKeys', fault: 'peer', status: 488, say });
}

function has(media: Media, name: string): boolean {
  return media.attributes.some(([one]) => one === name);
}

function audioOf(sdp: string): Media | undefined {
  const parsed = parseSdp(sdp);
  return parsed.ok ? parsed.value.media.find((one) => one.kind === 'audio' && one.port !== 0) : undefined;
}

/** The first audio that we can speak. Its direction is turned round: it is ours. */
function findAudio(
  description: SessionDescription,
  fits: (media: Media) => boolean,
): Result<{ readonly index: number; readonly media: Media; readonly path: AudioPath }, SdpRefusal> {
  const offered = description.media.filter((media) => media.kind === 'audio' && media.port !== 0);
  if (offered.length === 0) {
    const say = 'The session description has no audio. Only voice is possible here.';
    return refuse({ code: 'sdp.noAudio', fault: 'peer', status: 488, say });
  }
  const spoken = offered.filter((one) => one.formats.includes(PCMU));
  const media = spoken.find(fits);
  if (media === undefined) {
    if (spoken.some(hasCrypto)) return noKeys();
    const say = 'The session description offers no G.711 µ-law over a transport spoken here.';
    return refuse({ code: 'sdp.noCodec', fault: 'peer', status: 488, say });
  }
  const connection = media.connection ?? description.connection;
  if (connection === undefined || isIP(connection.host) === 0) {
    const say = 'The session description names no IP address for its audio. Give a c= line with one.';
    return refuse({ code: 'sdp.noAddress', fault: 'peer', status: 488, say });
  }
  const said = directionOf(media) ?? directionOf(description) ?? 'sendrecv';
  // RFC 2543 held a call by the null address; RFC 3264 §8.4 still has us understand it.
  const held = connection.host === '0.0.0.0' || connection.host === '::';
  const path: AudioPath = {
    host: connection.host,
    port: media.port,
    payloadType: Number(PCMU),
    dtmfPayloadType: dtmfOf(media),
    direction: held ? 'inactive' : turned(said),
    ...commonDetails(media, connection.host),
  };
  return ok({ index: description.media.indexOf(media), media, path });
}

const DIRECTIONS: readonly Direction[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];

function directionOf(part: Pick<Media, 'attributes'>): Direction | undefined {
  for (const [name] of part.attributes) {
    const direction = DIRECTIONS.find((one) => one === name);
    if (direction !== undefined) return direction;
  }
  return undefined;
}

/** The same from the other side. */
function turned(direction: Direction): Direction {
  switch (direction) {
    case 'sendonly':
      return 'recvonly';
    case 'recvonly':
      return 'sendonly';
    case 'sendrecv':
    case 'inactive':
      return direction;
  }
}

/** What both sides, seen from ours, are willing to do. */
function meet(left: Direction, right: Direction): Direction {
  const sends = (one: Direction): boolean => one === 'sendrecv' || one === 'sendonly';
  const listens = (one: Direction): boolean => one === 'sendrecv' || one === 'recvonly';
  if (sends(left) && sends(right)) return listens(left) && listens(right) ? 'sendrecv' : 'sendonly';
  return listens(left) && listens(right) ? 'recvonly' : 'inactive';
}

function describe(local: LocalAudio, media: readonly Media[]): SessionDescription {
  const connection = connectionOf(local.host);
  const origin = { user: '-', id: BigInt(local.id), version: BigInt(local.version), connection };
  return { origin, connection, attributes: [], media };
}

function connectionOf(host: string): Connection {
  return { family: isIP(host) === 6 ? 6 : 4, host };
}

function audio(local: LocalAudio, said: Said): Media {
  const { dtmf } = said;
  const events: [string, string][] =
    dtmf === null
      ? []
      : [
          ['rtpmap', `${dtmf} telephone-event/8000`],
          ['fmtp', `${dtmf} 0-15`],
        ];
  const noise: [string, string][] = said.comfortNoise ? [['rtpmap', `${COMFORT_NOISE} CN/8000`]] : [];
  return {
    kind: 'audio',
    port: local.port,
    protocol: said.protocol,
    formats: [PCMU, ...(dtmf === null ? [] : [String(dtmf)]), ...(said.comfortNoise ? [COMFORT_NOISE] : [])],
    connection: undefined,
    attributes: [
      ['rtpmap', `${PCMU} PCMU/8000`],
      ...events,
      ...noise,
      ['ptime', String(PTIME_MS)],
      ...(said.rtcpMux ? [['rtcp-mux', ''] as const] : []),
      ...said.crypto.map(([tag, key]) => cryptoAttribute(tag, key)),
      [said.direction, ''],
    ],
  };
}

/** A media that we do not want keeps its place and gets port 0 (RFC 3264 §6). */
function refused(offered: Media): Media {
  return { ...offered, port: 0, connection: undefined, attributes: [] };
}
