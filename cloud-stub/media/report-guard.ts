import { decodeRtcp, encodeRtcp, type RtcpPacket } from '../../lib/voice/rtcp/packet.ts';

/**
 * A party's reports (RFC 3550 §6) as the other party gets them: what they say of the sound stays, because the sound passes
 * with its own numbers, and every name is replaced by `cname`, because the usual one holds the party's own address. Feedback and
 * application packets, and what is no RTCP at all, stay behind: undefined when nothing is left.
 *
 * `80 c9 00 01 00 00 00 07 | 81 ca 00 03 00 00 00 07 01 05 61 40 31 2e 32 00`: SSRC 7, who calls himself `a@1.2`, hears nobody.
 */
export function shownReports(datagram: Buffer, cname: string): Buffer | undefined {
  const decoded = decodeRtcp(datagram);
  if (!decoded.ok) return undefined;
  const shown = decoded.value.flatMap((packet) => anonymous(packet, cname));
  return encodeRtcp(shown);
}

function anonymous(packet: RtcpPacket, cname: string): RtcpPacket[] {
  switch (packet.type) {
    case 'sourceDescription':
      return [{ ...packet, chunks: packet.chunks.map(({ ssrc }) => ({ ssrc, cname })) }];
    case 'bye':
      return [{ ...packet, reason: '' }];
    case 'other':
      return [];
    default:
      return [packet];
  }
}
