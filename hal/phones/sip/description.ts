import type { Codec, SrtpMode } from '../config/settings.ts';
import { type SrtpKey, SUITES, type Suite } from '../media/srtp.ts';
import type { Agreement } from '../media/voice.ts';

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** The audio of a session description, as far as a phone reads it. */
export interface Audio {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly payloadTypes: readonly number[];
  readonly dtmf: number | undefined;
  readonly direction: Direction;
  readonly crypto: readonly { readonly tag: number; readonly key: SrtpKey }[];
}

/** What one side of a call says of its sound. */
export interface OwnAudio {
  readonly host: string;
  readonly port: number;
  readonly version: number;
  readonly codecs: readonly Codec[];
  readonly dtmf: number;
  readonly srtp: SrtpMode;
  readonly keySalt: Buffer;
}

const LONGEST = 8_192;
const PAYLOADS: Readonly<Record<Codec, readonly [number, string]>> = {
  PCMU: [0, 'PCMU/8000'],
  PCMA: [8, 'PCMA/8000'],
  G722: [9, 'G722/8000'],
  G729: [18, 'G729/8000'],
  'G726-32': [2, 'G726-32/8000'],
};
/** What a simulated phone can really speak. */
const SPOKEN: readonly Codec[] = ['PCMU', 'PCMA'];
const OCTETS = /^(?:\d{1,3}\.){3}\d{1,3}$/;

/** Reads the first audio stream; undefined when there is none, or not on IPv4. Never throws. */
export function readAudio(sdp: string | undefined): Audio | undefined {
  if (sdp === undefined || sdp.length > LONGEST) return undefined;
  const lines = sdp.split(/\r?\n/).slice(0, 400);
  const first = lines.findIndex((line) => line.startsWith('m=audio '));
  if (first < 0) return undefined;
  const after = lines.findIndex((line, index) => index > first && line.startsWith('m='));
  const own = lines.slice(first, after < 0 ? undefined : after);
  const head = lines.slice(
    0,
    lines.findIndex((line) => line.startsWith('m=')),
  );
  const media = /^m=audio (\d{1,5}) RTP\/(S?)AVPF? ([\d ]{1,200})$/.exec(own[0] ?? '');
  const host = connectionOf(own) ?? connectionOf(head);
  const port = Number(media?.[1]);
  if (media === null || host === undefined || port > 65_535) return undefined;
  return {
    host,
    port,
    secure: media[2] === 'S',
    payloadTypes: (media[3] ?? '').trim().split(/ +/).map(Number),
    dtmf: dtmfOf(own),
    direction: host === '0.0.0.0' ? 'inactive' : (directionOf(own) ?? directionOf(head) ?? 'sendrecv'),
    crypto: own.flatMap(readCrypto),
  };
}

function connectionOf(lines: readonly string[]): string | undefined {
  const host = lines
    .find((line) => line.startsWith('c=IN IP4 '))
    ?.slice(9)
    .split('/')[0]
    ?.trim();
  return host !== undefined && OCTETS.test(host) ? host : undefined;
}

function directionOf(lines: readonly string[]): Direction | undefined {
  const all: readonly Direction[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];
  return all.find((each) => lines.includes(`a=${each}`));
}

function dtmfOf(lines: readonly string[]): number | undefined {
  const found = lines.find((line) => /^a=rtpmap:\d{2,3} telephone-event\/8000/i.test(line));
  return found === undefined ? undefined : Number(/:(\d+)/.exec(found)?.[1]);
}

/** `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:…` (RFC 4568 §9.1). */
function readCrypto(line: string): { tag: number; key: SrtpKey }[] {
  const found =
    /^a=crypto:(\d{1,9}) (AES_CM_128_HMAC_SHA1_(?:80|32)) inline:([A-Za-z0-9+/]{40}=*)(?:\||\s|$)/.exec(line);
  const suite = found?.[2];
  if (found === null || suite === undefined || !(suite in SUITES)) return [];
  const keySalt = Buffer.from(found[3] ?? '', 'base64');
  return keySalt.length === 30 ? [{ tag: Number(found[1]), key: { suite: suite as Suite, keySalt } }] : [];
}

/** An offer of ours. SRTP that is not required stands beside plain RTP as an attribute, as these phones write it. */
export function offerAudio(own: OwnAudio, direction: Direction): string {
  const codecs = own.codecs.length === 0 ? SPOKEN : own.codecs;
  const crypto =
    own.srtp === 'off'
      ? []
      : (['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'] as const).map((suite, index) =>
          cryptoLine(index + 1, suite, own.keySalt),
        );
  return describe(own, codecs, own.srtp === 'required', own.dtmf, direction, crypto);
}

function cryptoLine(tag: number, suite: Suite, keySalt: Buffer): string {
  return `a=crypto:${tag} ${suite} inline:${keySalt.toString('base64')}`;
}

function describe(
  { host, port, version }: OwnAudio,
  codecs: readonly Codec[],
  secure: boolean,
  dtmf: number | undefined,
  direction: Direction,
  crypto: readonly string[],
): string {
  const payloads = codecs.map((codec) => PAYLOADS[codec]);
  const numbers = [...payloads.map(([number]) => number), ...(dtmf === undefined ? [] : [dtmf])];
  return [
    'v=0',
    `o=phone ${port} ${version} IN IP4 ${host}`,
    's=SIP Call',
    `c=IN IP4 ${host}`,
    't=0 0',
    `m=audio ${port} RTP/${secure ? 'S' : ''}AVP ${numbers.join(' ')}`,
    ...payloads.map(([number, map]) => `a=rtpmap:${number} ${map}`),
    ...(dtmf === undefined ? [] : [`a=rtpmap:${dtmf} telephone-event/8000`, `a=fmtp:${dtmf} 0-15`]),
    'a=ptime:20',
    ...crypto,
    `a=${direction}`,
    '',
  ].join('\r\n');
}

/** The answer to an offer, and what it comes to; undefined when nothing in it can be spoken or it is not safe enough. */
export function answerAudio(
  offer: Audio,
  own: OwnAudio,
  wanted: Direction,
): { readonly sdp: string; readonly agreement: Agreement } | undefined {
  const codec = speakable(offer.payloadTypes, own.codecs);
  const [theirs] = offer.crypto;
  const encrypts = theirs !== undefined && (offer.secure || own.srtp !== 'off');
  if (codec === undefined || (offer.secure && !encrypts) || (own.srtp === 'required' && !encrypts))
    return undefined;
  const direction = both(mirrored(offer.direction), wanted);
  const mine = theirs === undefined ? undefined : { suite: theirs.key.suite, keySalt: own.keySalt };
  const crypto = encrypts && mine !== undefined ? [cryptoLine(theirs.tag, mine.suite, mine.keySalt)] : [];
  const sdp = describe(own, [codec], offer.secure, offer.dtmf, direction, crypto);
  const srtp = encrypts && mine !== undefined ? { mine, theirs: theirs.key } : undefined;
  return { sdp, agreement: agreementOf(offer, PAYLOADS[codec][0], direction, srtp) };
}

/** What an answer to our offer comes to; undefined when it is none. */
export function agreed(answer: Audio, own: OwnAudio, wanted: Direction): Agreement | undefined {
  const codec = speakable(answer.payloadTypes, own.codecs);
  const [theirs] = answer.crypto;
  if (codec === undefined || (theirs === undefined && own.srtp === 'required')) return undefined;
  const mine = theirs === undefined ? undefined : { suite: theirs.key.suite, keySalt: own.keySalt };
  const srtp =
    own.srtp === 'off' || theirs === undefined || mine === undefined
      ? undefined
      : { mine, theirs: theirs.key };
  return agreementOf(answer, PAYLOADS[codec][0], both(mirrored(answer.direction), wanted), srtp);
}

function agreementOf(
  theirs: Audio,
  payloadType: number,
  mine: Direction,
  srtp: Agreement['srtp'],
): Agreement {
  const sends = mine === 'sendrecv' || mine === 'sendonly';
  const receives = mine === 'sendrecv' || mine === 'recvonly';
  return { host: theirs.host, port: theirs.port, payloadType, dtmf: theirs.dtmf, sends, receives, srtp };
}

/** The first of theirs that is switched on here and can be spoken. */
function speakable(payloadTypes: readonly number[], codecs: readonly Codec[]): Codec | undefined {
  const on = codecs.length === 0 ? SPOKEN : codecs.filter((codec) => SPOKEN.includes(codec));
  const first = payloadTypes.find((type) => on.some((codec) => PAYLOADS[codec][0] === type));
  return on.find((codec) => PAYLOADS[codec][0] === first);
}

export function mirrored(direction: Direction): Direction {
  return direction === 'sendonly' ? 'recvonly' : direction === 'recvonly' ? 'sendonly' : direction;
}

/** What two limits leave. */
function both(one: Direction, two: Direction): Direction {
  const sends = [one, two].every((each) => each === 'sendrecv' || each === 'sendonly');
  const receives = [one, two].every((each) => each === 'sendrecv' || each === 'recvonly');
  return sends ? (receives ? 'sendrecv' : 'sendonly') : receives ? 'recvonly' : 'inactive';
}
