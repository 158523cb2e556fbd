import { type CryptoLine, cryptoLinesOf } from '../../lib/voice/sdp/crypto.ts';

/**
 * The one audio stream of a call, read from a party's session description (RFC 8866) and written anew for the other
 * party with the cloud's own address. Only what is listed here passes; everything else (addresses, session names,
 * bandwidth, ICE, keys, vendor attributes) stays behind, so that the other side learns nothing of this one.
 */
export interface AudioDescription {
  readonly host: string;
  readonly port: number;
  /** Where this party has its reports (RFC 3605), when that is not the next port. */
  readonly reportPort?: number;
  readonly direction: Direction;
  /** As in the m line, in order of preference. */
  readonly payloadTypes: readonly number[];
  /** `rtpmap`, `fmtp`, `ptime` and `maxptime` lines, without the leading `a=`. */
  readonly attributes: readonly string[];
  /** Keys of this party for the way to it (RFC 4568): they end here and are never passed on. */
  readonly crypto: readonly CryptoLine[];
  /** Place of the audio among the media lines, and the other lines' types, to be refused with port 0. */
  readonly place: number;
  readonly otherMedia: readonly ('audio' | 'video' | 'image' | 'application' | 'message' | 'text')[];
}

/** What a party says about its own side of the stream. */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** Where the other party is told to send, and the numbers of the origin line. */
export interface Anchor {
  readonly host: string;
  readonly port: number;
  readonly sessionId: number;
  readonly version: number;
}

const SDP_LIMIT_BYTES = 8_192;
const LINE_LIMIT = 400;
const LINES_LIMIT = 200;
const MEDIA_LIMIT = 8;
const ATTRIBUTES_LIMIT = 40;
const CRYPTO_LIMIT = 16;

const MEDIA_TYPES = ['audio', 'video', 'image', 'application', 'message', 'text'] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];

/** One m line and what belongs to it. */
export interface Section {
  readonly type: MediaType;
  readonly port: number;
  readonly protocol: string;
  readonly formats: readonly string[];
  host: string | undefined;
  direction: Direction | undefined;
  readonly attributes: string[];
  /** Values of `a=crypto`. */
  readonly crypto: string[];
  /** Value of `a=rtcp`. */
  rtcp: string | undefined;
}

/** The media of a session description as far as it is looked at. */
export interface Sections {
  readonly sections: readonly Section[];
  readonly host: string | undefined;
  readonly direction: Direction | undefined;
}

/** The audio of a session description, or undefined when there is none that can be relayed. Never throws. */
export function readAudio(sdp: string | undefined): AudioDescription | undefined {
  const read = readSections(sdp);
  return read === undefined ? undefined : describe(read.sections, read.host, read.direction);
}

/** Splits a session description; undefined when it is too long or has a media line that is none. Never throws. */
export function readSections(sdp: string | undefined): Sections | undefined {
  if (sdp === undefined || sdp.length > SDP_LIMIT_BYTES) return undefined;
  const lines = sdp.split('\n', LINES_LIMIT + 1).map((line) => line.trim());
  if (lines.length > LINES_LIMIT || lines.some((line) => line.length > LINE_LIMIT)) return undefined;
  const sections: Section[] = [];
  let sessionHost: string | undefined;
  let sessionDirection: Direction | undefined;
  for (const line of lines) {
    const value = line.slice(2);
    const section = sections.at(-1);
    if (line.startsWith('m=')) {
      const media = readMedia(value);
      if (media === undefined || sections.length >= MEDIA_LIMIT) return undefined;
      sections.push(media);
    } else if (line.startsWith('c=')) {
      const host = readConnection(value);
      if (section === undefined) sessionHost = host;
      else section.host = host;
    } else if (line.startsWith('a=')) {
      const direction = readDirection(value);
      if (section === undefined) sessionDirection = direction ?? sessionDirection;
      else if (direction !== undefined) section.direction = direction;
      else if (value.startsWith('crypto:') && section.crypto.length < CRYPTO_LIMIT)
        section.crypto.push(value.slice('crypto:'.length));
      else if (value.startsWith('rtcp:')) section.rtcp = value.slice('rtcp:'.length);
      else if (isCarried(value, section.type) && section.attributes.length < ATTRIBUTES_LIMIT)
        section.attributes.push(value);
    }
  }
  return { sections, host: sessionHost, direction: sessionDirection };
}

function describe(
  sections: readonly Section[],
  sessionHost: string | undefined,
  sessionDirection: Direction | undefined,
): AudioDescription | undefined {
  const place = sections.findIndex(
    (section) => section.type === 'audio' && section.port > 0 && section.protocol === 'RTP/AVP',
  );
  const audio = sections[place];
  const host = audio?.host ?? sessionHost;
  if (audio === undefined || host === undefined) return undefined;
  const payloadTypes = audio.formats.flatMap((format) => {
    const type = wholeNumber(format, 127);
    return type === undefined ? [] : [type];
  });
  if (payloadTypes.length === 0 || payloadTypes.length !== audio.formats.length) return undefined;
  const reportPort = reportPortOf(audio.rtcp, host);
  return {
    host,
    port: audio.port,
    ...(reportPort === undefined ? {} : { reportPort }),
    direction: audio.direction ?? sessionDirection ?? 'sendrecv',
    payloadTypes,
    attributes: audio.attributes,
    crypto: cryptoLinesOf({ attributes: audio.crypto.map((value) => ['crypto', value] as const) }),
    place,
    otherMedia: sections.filter((_, index) => index !== place).map((section) => section.type),
  };
}

/** The description as the other party gets it: the audio at `anchor`, every other medium refused. */
export function writeAudio(
  audio: AudioDescription,
  anchor: Anchor,
  direction = audio.direction,
  crypto: readonly string[] = [],
): string {
  const ours = [
    `m=audio ${anchor.port} RTP/AVP ${audio.payloadTypes.join(' ')}`,
    ...[...audio.attributes, ...crypto].map((attribute) => `a=${attribute}`),
    `a=${direction}`,
  ];
  return writeSession(anchor, ours, audio.place, audio.otherMedia);
}

/** A description with one medium of ours at its place, and every other medium refused. */
export function writeSession(
  anchor: Anchor,
  ours: readonly string[],
  place: number,
  otherMedia: readonly MediaType[],
): string {
  const others = otherMedia.map((type) => {
    if (type === 'image') return ['m=image 0 udptl t38'];
    return type === 'message' || type === 'application' ? [`m=${type} 0 TCP *`] : [`m=${type} 0 RTP/AVP 0`];
  });
  const media = [...others.slice(0, place), ours, ...others.slice(place)];
  return [
    'v=0',
    `o=- ${anchor.sessionId} ${anchor.version} IN IP4 ${anchor.host}`,
    's=-',
    `c=IN IP4 ${anchor.host}`,
    't=0 0',
    ...media.flat(),
    '',
  ].join('\r\n');
}

/** What a payload type of a description stands for, as its `rtpmap` has it; empty where it has none. */
export function codingOf({ attributes }: AudioDescription, type: number): string {
  const line = attributes.find((attribute) => attribute.startsWith(`rtpmap:${type} `));
  return line?.slice(`rtpmap:${type} `.length).toLowerCase() ?? '';
}

/** The answering direction to an offered one (RFC 3264 §6.1). */
export function mirrored(direction: Direction): Direction {
  if (direction === 'sendonly') return 'recvonly';
  if (direction === 'recvonly') return 'sendonly';
  return direction;
}

function readMedia(value: string): Section | undefined {
  const [type, port, protocol, ...formats] = value.split(' ').filter((word) => word.length > 0);
  const known = MEDIA_TYPES.find((name) => name === type);
  const number = wholeNumber(port ?? '', 65_535);
  if (known === undefined || number === undefined || protocol === undefined) return undefined;
  return {
    type: known,
    port: number,
    protocol,
    formats,
    host: undefined,
    direction: undefined,
    attributes: [],
    crypto: [],
    rtcp: undefined,
  };
}

function readConnection(value: string): string | undefined {
  const [net, version, address] = value.split(' ');
  const octets = (address ?? '').split('.');
  const fits = octets.length === 4 && octets.every((octet) => wholeNumber(octet, 255) !== undefined);
  return net === 'IN' && version === 'IP4' && fits ? address : undefined;
}

/** `53020`, `53020 IN IP4 126.16.64.4`: another host than that of the sound is not believed. */
function reportPortOf(rtcp: string | undefined, host: string): number | undefined {
  const [port, , , address = host] = rtcp?.split(' ') ?? [];
  return address === host ? wholeNumber(port ?? '', 65_535) : undefined;
}

function readDirection(value: string): Direction | undefined {
  switch (value) {
    case 'sendrecv':
    case 'sendonly':
    case 'recvonly':
    case 'inactive':
      return value;
    default:
      return undefined;
  }
}

const CARRIED = ['rtpmap:', 'fmtp:', 'ptime:', 'maxptime:'];
/** `T38FaxVersion`, `T38MaxBitRate`, …; capitals differ in the field (T.38 Annex D). */
const CARRIED_FAX = ['t38'];

/** Attributes that describe the codec or the fax; printable ASCII only, since they are written out again. */
function isCarried(value: string, type: MediaType): boolean {
  const carried =
    type === 'image'
      ? CARRIED_FAX.some((name) => value.toLowerCase().startsWith(name))
      : CARRIED.some((name) => value.startsWith(name));
  if (!carried) return false;
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    if (code < 0x20 || code > 0x7e) return false;
  }
  return true;
}

function wholeNumber(text: string, most: number): number | undefined {
  if (text.length === 0 || text.length > 5) return undefined;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x30 || code > 0x39) return undefined;
  }
  const number = Number(text);
  return number <= most ? number : undefined;
}
