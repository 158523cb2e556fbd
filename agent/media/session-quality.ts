import { mosOf, ratingOf } from '../../lib/voice/quality/e-model.ts';
import type { RtcpFigures } from '../../lib/voice/rtcp/session.ts';
import type { VoipMetrics } from '../../lib/voice/rtcp/voip-metrics.ts';
import type { JitterFigures } from '../../lib/voice/rtp/jitter-buffer.ts';
import type { ReceiverFigures } from '../../lib/voice/rtp/receiver-stats.ts';
import type { CallQuality } from './protocol.ts';

const PACKET_MS = 20;
/** Behind the jitter buffer: the board's own, and the frame on its way there. */
const BOARD_MS = 30;
const SAMPLES_PER_MS = 8;
/** Fewer packets say nothing of a call. */
const LEAST_PACKETS = 10;
const VOICE_MOST_MS = 120;

/** What was measured of one session. */
export interface Measured {
  readonly heard: ReceiverFigures;
  readonly played: JitterFigures;
  readonly reports: RtcpFigures;
  /** Nobody listens here: packets are passed on, without a buffer. */
  readonly relayed: boolean;
}

/** How the call sounded here (E-model), or undefined when hardly anything came. */
export function qualityOf({ heard, played, reports, relayed }: Measured): CallQuality | undefined {
  const expected = heard.received + heard.lost;
  if (expected < LEAST_PACKETS) return undefined;
  const lossFraction = heard.lost / expected;
  const lateFraction = relayed ? 0 : played.late / expected;
  const bufferMs = relayed ? 0 : played.delayMs + BOARD_MS;
  const rating = ratingOf({
    delayMs: (reports.roundTripMs ?? 0) / 2 + PACKET_MS + bufferMs,
    lossFraction: Math.min(1, lossFraction + lateFraction),
    burstRatio: heard.bursts.burstRatio,
  });
  const { remote } = reports;
  return {
    mos: tenth(mosOf(rating), 100),
    rating: tenth(rating, 10),
    lossPercent: tenth(100 * lossFraction, 100),
    latePercent: tenth(100 * lateFraction, 100),
    burstDensityPercent: tenth(100 * heard.bursts.burstDensity, 100),
    burstMs: Math.round(heard.bursts.burstPackets * PACKET_MS),
    jitterMostMs: tenth(heard.jitterMostSamples / SAMPLES_PER_MS, 100),
    bufferMs: Math.round(relayed ? 0 : played.delayMs),
    roundTripMs: reports.roundTripMs === undefined ? null : tenth(reports.roundTripMs, 10),
    remoteLossPercent: remote === undefined ? null : tenth(100 * remote.fractionLost, 100),
    remoteJitterMs: remote === undefined ? null : tenth(remote.jitter / SAMPLES_PER_MS, 100),
  };
}

/** The same for the far end (RFC 3611). */
export function voipMetricsOf(measured: Measured): VoipMetrics | undefined {
  const quality = qualityOf(measured);
  if (quality === undefined) return undefined;
  const { heard } = measured;
  const mos = Math.round(10 * quality.mos);
  return {
    ssrc: heard.ssrc,
    lossRate: 2.56 * quality.lossPercent,
    discardRate: 2.56 * quality.latePercent,
    burstDensity: 2.56 * quality.burstDensityPercent,
    gapDensity: 256 * heard.bursts.gapDensity,
    burstMs: quality.burstMs,
    gapMs: heard.bursts.gapPackets * PACKET_MS,
    roundTripMs: quality.roundTripMs ?? 0,
    endSystemDelayMs: quality.bufferMs + PACKET_MS,
    rFactor: quality.rating,
    mosListening: mos,
    mosConversational: mos,
    bufferMs: quality.bufferMs,
    bufferMostMs: quality.bufferMs,
    bufferLimitMs: VOICE_MOST_MS,
  };
}

function tenth(value: number, parts: number): number {
  return Math.round(value * parts) / parts;
}
