import { parse, type SdpMediaLine, write } from 'sdp-transform';

/** Where a party wants PCMU audio. */
export interface AudioAddress {
  readonly host: string;
  readonly port: number;
  /** What it says about its own direction; a held party says `sendonly` or `inactive`. */
  readonly direction: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
}

const LARGEST_SDP = 8_192;
const OCTETS = /^(?:\d{1,3}\.){3}\d{1,3}$/;

/** The audio address in a session description, or undefined when there is no PCMU audio in it. Never throws. */
export function audioAddress(sdp: string | undefined): AudioAddress | undefined {
  if (sdp === undefined || sdp.length > LARGEST_SDP) return undefined;
  try {
    const session = parse(sdp);
    const media = session.media.find((line) => line.type === 'audio' && line.port > 0 && offersPcmu(line));
    const host = (media?.connection ?? session.connection)?.ip;
    if (media === undefined || host === undefined || !OCTETS.test(String(host)) || media.port > 65_535) {
      return undefined;
    }
    return { host, port: media.port, direction: media.direction ?? session.direction ?? 'sendrecv' };
  } catch {
    return undefined;
  }
}

function offersPcmu(line: SdpMediaLine): boolean {
  return String(line.payloads ?? '')
    .split(' ')
    .includes('0');
}

/** The answering direction to an offered one (RFC 3264 §6.1). */
export function mirrored(direction: AudioAddress['direction']): AudioAddress['direction'] {
  if (direction === 'sendonly') return 'recvonly';
  if (direction === 'recvonly') return 'sendonly';
  return direction;
}

/** A session description of ours: PCMU, 20 ms, at `host`:`port`. `version` grows with each change. */
export function describeAudio(
  host: string,
  port: number,
  version: number,
  direction: AudioAddress['direction'],
): string {
  return write({
    version: 0,
    origin: {
      username: 'foreign',
      sessionId: port,
      sessionVersion: version,
      netType: 'IN',
      ipVer: 4,
      address: host,
    },
    name: '-',
    connection: { version: 4, ip: host },
    timing: { start: 0, stop: 0 },
    media: [
      {
        type: 'audio',
        port,
        protocol: 'RTP/AVP',
        payloads: '0',
        rtp: [{ payload: 0, codec: 'PCMU', rate: 8_000 }],
        fmtp: [],
        ptime: 20,
        direction,
      },
    ],
  });
}

/** The T.38 address in a session description that offers a fax and no audio; undefined otherwise. Never throws. */
export function faxAddress(
  sdp: string | undefined,
): { readonly host: string; readonly port: number } | undefined {
  if (sdp === undefined || sdp.length > LARGEST_SDP || audioAddress(sdp) !== undefined) return undefined;
  // The package does not read `m=image … t38` into its parts, so the two lines that matter are read here.
  const port = /^m=image (\d{1,5}) udptl /im.exec(sdp)?.[1];
  const host = /^c=IN IP4 ([\d.]{7,15})\s*$/m.exec(sdp)?.[1];
  const number = Number(port ?? 0);
  if (host === undefined || !OCTETS.test(host) || number < 1 || number > 65_535) return undefined;
  return { host, port: number };
}

/** A T.38 description of ours: version 0, 14400 bit/s, error correction by redundancy (T.38 Annex D). */
export function describeFax(host: string, port: number, version: number): string {
  return [
    'v=0',
    `o=foreign ${port} ${version} IN IP4 ${host}`,
    's=-',
    `c=IN IP4 ${host}`,
    't=0 0',
    `m=image ${port} udptl t38`,
    'a=T38FaxVersion:0',
    'a=T38MaxBitRate:14400',
    'a=T38FaxRateManagement:transferredTCF',
    'a=T38FaxUdpEC:t38UDPRedundancy',
    '',
  ].join('\r\n');
}
