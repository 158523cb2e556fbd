import { ulawEncodeBlock } from '../../../lib/dsp/g711.ts';
import { peakOf } from '../../../lib/dsp/level.ts';
import { encodeRtp, type RtpPacket } from '../../../lib/voice/rtp/packet.ts';

/** The packet with the given number of a steady 1,000 Hz at −13 dBm0, 20 ms of it. */
export function voice(index: number, more: Partial<RtpPacket> = {}): Buffer {
  const samples = Int16Array.from({ length: 160 }, (_, at) =>
    Math.round(peakOf(-13) * Math.sin((2 * Math.PI * 1_000 * (index * 160 + at)) / 8_000)),
  );
  return encodeRtp({
    payloadType: 0,
    marker: index === 0,
    sequence: index & 0xffff,
    timestamp: index * 160,
    ssrc: 5,
    payload: ulawEncodeBlock(samples),
    ...more,
  });
}
