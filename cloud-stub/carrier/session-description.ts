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
      username: 'carrier',
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
