import { isIP } from 'node:net';
import { ok, type Result, refuse } from '../../base/errors.ts';
import { attributesOf, parseSdp } from './parse.ts';
import type { AudioPath, Connection, Direction, Media, SdpRefusal, SessionDescription } from './types.ts';
import { writeSdp } from './write.ts';

/** Payload type of telephone-event in our offers. */
const DTMF_PAYLOAD_TYPE = 101;
const PCMU = '0';
const PTIME_MS = 20;

/** Our end of a call's audio. `id` names the session; `version` grows by one with each description that differs. */
export interface LocalAudio {
  /** Address to receive at, IPv4 or IPv6. */
  readonly host: string;
  readonly port: number;
  readonly id: number;
  readonly version: number;
  /** Default `sendrecv`. `sendonly` puts the peer on hold. */
  readonly direction?: Direction;
}

/** Offers PCMU and telephone-event at 20 ms (RFC 3264 §5). */
export function makeOffer(local: LocalAudio): string {
  const formats = [PCMU, String(DTMF_PAYLOAD_TYPE)];
  return writeSdp(describe(local, [audio(local, formats, DTMF_PAYLOAD_TYPE, local.direction ?? 'sendrecv')]));
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
  const found = findAudio(parsed.value);
  if (!found.ok) return found;
  const { index, path } = found.value;
  const direction = meet(path.direction, local.direction ?? 'sendrecv');
  const formats = path.dtmfPayloadType === null ? [PCMU] : [PCMU, String(path.dtmfPayloadType)];
  const media = parsed.value.media.map((offered, at) =>
    at === index ? audio(local, formats, path.dtmfPayloadType, direction) : refused(offered),
  );
  return ok({ sdp: writeSdp(describe(local, media)), path: { ...path, direction } });
}

/** Reads the answer to an offer of ours. `offered` is the direction that we offered. */
export function readAnswer(answer: string, offered: Direction = 'sendrecv'): Result<AudioPath, SdpRefusal> {
  const parsed = parseSdp(answer);
  if (!parsed.ok) return parsed;
  const found = findAudio(parsed.value);
  if (!found.ok) return found;
  const { path } = found.value;
  return ok({ ...path, direction: meet(path.direction, offered) });
}

/** The first audio that we can speak. Its direction is turned round: it is ours. */
function findAudio(
  description: SessionDescription,
): Result<{ readonly index: number; readonly path: AudioPath }, SdpRefusal> {
  const offered = description.media.filter((media) => media.kind === 'audio' && media.port !== 0);
  if (offered.length === 0) {
    const say = 'The session description has no audio. Only voice is possible here.';
    return refuse({ code: 'sdp.noAudio', fault: 'peer', status: 488, say });
  }
  const media = offered.find((one) => one.protocol === 'RTP/AVP' && one.formats.includes(PCMU));
  if (media === undefined) {
    const say = 'The session description offers no G.711 µ-law over RTP/AVP, the one codec spoken here.';
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
  return ok({
    index: description.media.indexOf(media),
    path: {
      host: connection.host,
      port: media.port,
      payloadType: Number(PCMU),
      dtmfPayloadType: dtmfOf(media),
      direction: held ? 'inactive' : turned(said),
    },
  });
}

/** The payload type that `a=rtpmap:101 telephone-event/8000` gives, among the formats of the `m=` line. */
function dtmfOf(media: Media): number | null {
  for (const value of attributesOf(media, 'rtpmap')) {
    const [format, encoding] = value.split(' ', 2);
    if (format === undefined || encoding?.toLowerCase() !== 'telephone-event/8000') continue;
    const type = Number(format);
    if (media.formats.includes(format) && Number.isInteger(type) && type >= 96 && type <= 127) return type;
  }
  return null;
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

function audio(
  local: LocalAudio,
  formats: readonly string[],
  dtmf: number | null,
  direction: Direction,
): Media {
  const events: [string, string][] =
    dtmf === null
      ? []
      : [
          ['rtpmap', `${dtmf} telephone-event/8000`],
          ['fmtp', `${dtmf} 0-15`],
        ];
  return {
    kind: 'audio',
    port: local.port,
    protocol: 'RTP/AVP',
    formats,
    connection: undefined,
    attributes: [['rtpmap', `${PCMU} PCMU/8000`], ...events, ['ptime', String(PTIME_MS)], [direction, '']],
  };
}

/** A media that we do not want keeps its place and gets port 0 (RFC 3264 §6). */
function refused(offered: Media): Media {
  return { ...offered, port: 0, connection: undefined, attributes: [] };
}
