import { audioAddress } from './session-description.ts';

/** What a session description says about its fax stream. */
export interface FaxDescribed {
  readonly host: string;
  readonly port: number;
  readonly version: 0 | 1 | 2 | 3;
  /** Longest datagram that the other side takes. */
  readonly largestDatagram: number;
  /** The description has living audio beside it. */
  readonly audioToo: boolean;
  /** `m=` lines in their order; the answer has as many. */
  readonly media: readonly ('audio' | 'image' | 'other')[];
}

const LARGEST_SDP = 8_192;
const OCTETS = /^(?:\d{1,3}\.){3}\d{1,3}$/;
/** What is taken where the other side names no limit, or one that cannot be meant. */
const USUAL_DATAGRAM = 400;
const LEAST_DATAGRAM = 72;

/** The T.38 stream in a session description, or undefined when there is none. Never throws. */
export function readFaxDescription(sdp: string | undefined): FaxDescribed | undefined {
  if (sdp === undefined || sdp.length > LARGEST_SDP) return undefined;
  // The package does not read `m=image … t38` into its parts.
  const sections = sdp.split(/^(?=m=)/m);
  const media = sections.slice(1);
  const fax = media.find((section) => /^m=image [1-9]\d{0,4} udptl /i.test(section));
  const port = Number(/^m=\S+ (\d+)/.exec(fax ?? '')?.[1] ?? 0);
  const host = hostIn(fax) ?? hostIn(sections[0]);
  if (fax === undefined || host === undefined || port < 1 || port > 65_535) return undefined;
  const version = numberIn(fax, /^a=T38FaxVersion:(\d+)/im) ?? 0;
  const largest = numberIn(fax, /^a=T38(?:Fax)?MaxDatagram:(\d+)/im) ?? USUAL_DATAGRAM;
  return {
    host,
    port,
    version: version === 1 || version === 2 || version === 3 ? version : 0,
    largestDatagram: largest < LEAST_DATAGRAM ? USUAL_DATAGRAM : largest,
    audioToo: audioAddress(sdp) !== undefined,
    media: media.map((section) =>
      section.startsWith('m=audio') ? 'audio' : section.startsWith('m=image') ? 'image' : 'other',
    ),
  };
}

function hostIn(section: string | undefined): string | undefined {
  const host = /^c=IN IP4 ([\d.]{7,15})\s*$/m.exec(section ?? '')?.[1];
  return host !== undefined && OCTETS.test(host) ? host : undefined;
}

function numberIn(section: string, pattern: RegExp): number | undefined {
  const text = pattern.exec(section)?.[1];
  return text === undefined || text.length > 6 ? undefined : Number(text);
}

/** What this side says of its own fax stream. */
export interface FaxToDescribe {
  readonly host: string;
  readonly port: number;
  readonly sdpVersion: number;
  readonly version: 0 | 1 | 2 | 3;
  /** Every `m=` line in order: `fax` and `audio` live at the port, the others are refused with port 0. */
  readonly media: readonly ('fax' | 'audio' | 'noAudio' | 'noFax' | 'noOther')[];
}

/** A session description with a T.38 stream (T.38 Annex D), in the words that Asterisk uses. */
export function writeFaxDescription(of: FaxToDescribe): string {
  const { host, port } = of;
  const lines: Readonly<Record<FaxToDescribe['media'][number], readonly string[]>> = {
    fax: [
      `m=image ${port} udptl t38`,
      `a=T38FaxVersion:${of.version}`,
      'a=T38MaxBitRate:14400',
      'a=T38FaxRateManagement:transferredTCF',
      'a=T38FaxMaxDatagram:400',
      'a=T38FaxUdpEC:t38UDPRedundancy',
    ],
    audio: [`m=audio ${port} RTP/AVP 0`, 'a=rtpmap:0 PCMU/8000', 'a=ptime:20', 'a=sendrecv'],
    noAudio: ['m=audio 0 RTP/AVP 0'],
    noFax: ['m=image 0 udptl t38'],
    noOther: ['m=application 0 UDP 0'],
  };
  return [
    'v=0',
    `o=foreign ${port} ${of.sdpVersion} IN IP4 ${host}`,
    's=-',
    `c=IN IP4 ${host}`,
    't=0 0',
    ...of.media.flatMap((line) => lines[line]),
    '',
  ].join('\r\n');
}
