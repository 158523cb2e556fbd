import type { Random } from '../../base/random.ts';
import { type Membership, ReportInterval } from './interval.ts';
import { decodeRtcp, encodeRtcp, type RtcpPacket, type RtcpRefusal } from './packet.ts';
import type { ReceptionReport } from './reception-report.ts';
import type { VoipMetrics } from './voip-metrics.ts';

/** Our stream, as reports tell of it. */
export interface SentStream {
  readonly ssrc: number;
  readonly packets: number;
  readonly octets: number;
  /** RTP time of this moment. */
  readonly rtpTimestamp: number;
}

/** The stream that we hear, as reports tell of it; `undefined` before the first packet. */
export type HeardStream =
  | Pick<ReceptionReport, 'ssrc' | 'fractionLost' | 'lost' | 'extendedHighest' | 'jitter'>
  | undefined;

/** What we ask our surroundings for when a report goes. */
export interface RtcpFacts {
  sent(nowMs: number): SentStream;
  /** Ends the interval over which the fraction lost is counted. */
  heard(): HeardStream;
  /** Absent: no extended report. */
  voip?(): VoipMetrics | undefined;
}

/** What a far end has told. */
export interface RtcpFigures {
  readonly sent: number;
  readonly received: number;
  readonly malformed: number;
  /** Of the last report that spoke of ours; undefined before it. */
  readonly roundTripMs: number | undefined;
  /** How the far end hears us. */
  readonly remote:
    | { readonly fractionLost: number; readonly lost: number; readonly jitter: number }
    | undefined;
  readonly cname: string | undefined;
}

/** News of a compound packet. */
export interface RtcpNews {
  /** The far end has ended its stream. */
  readonly bye: boolean;
  /** Somebody else speaks under our SSRC (RFC 3550 §8.2): take another, after a BYE for the old one. */
  readonly collision: boolean;
}

const SECONDS_TO_1970 = 2_208_988_800;
const FRACTION = 0x1_0000_0000;
/** More sources than a call has are somebody's mistake. */
const SOURCES_LIMIT = 8;
/** A source that has not been heard for five intervals is gone (RFC 3550 §6.3.5). */
const TIMEOUT_INTERVALS = 5;
const LONGEST_ROUND_TRIP_MS = 10_000;

interface Source {
  heardMs: number;
  sends: boolean;
}

/**
 * RTCP of a call between two (RFC 3550 §6). Knows no socket and no timer: `tick` is called at `dueMs` and answers what to
 * send. Wall time is asked for once; from then on the monotonic clock counts, so that a corrected clock bends no round trip.
 */
export class RtcpSession {
  readonly #facts: RtcpFacts;
  readonly #cname: string;
  readonly #interval: ReportInterval;
  readonly #wallAtZeroMs: number;
  readonly #sources = new Map<number, Source>();
  #sentPackets = 0;
  #sentBefore = 0;
  #lastReport = 0;
  #lastReportMs = 0;
  #lastReportOf = 0;
  #sent = 0;
  #received = 0;
  #malformed = 0;
  #roundTripMs: number | undefined;
  #remote: RtcpFigures['remote'];
  #remoteCname: string | undefined;

  constructor(options: {
    readonly facts: RtcpFacts;
    readonly cname: string;
    readonly random: Random;
    readonly nowMs: number;
    readonly wallMs: number;
  }) {
    this.#facts = options.facts;
    this.#cname = options.cname;
    this.#interval = new ReportInterval(options.random, options.nowMs);
    this.#wallAtZeroMs = options.wallMs - options.nowMs;
  }

  get dueMs(): number {
    return this.#interval.dueMs;
  }

  get figures(): RtcpFigures {
    return {
      sent: this.#sent,
      received: this.#received,
      malformed: this.#malformed,
      roundTripMs: this.#roundTripMs,
      remote: this.#remote,
      cname: this.#remoteCname,
    };
  }

  /** The report that is due, or undefined when none is. */
  tick(nowMs: number): Buffer | undefined {
    const ours = this.#facts.sent(nowMs);
    if (nowMs < this.dueMs) return undefined;
    this.#forgetSilent(ours, nowMs);
    if (!this.#interval.expired(this.#membership(ours), nowMs)) return undefined;
    return this.#write(this.#report(ours, nowMs));
  }

  /** The last packet of a stream: the call ends, or our SSRC does. None when nothing was ever sent (§6.3.7). */
  bye(nowMs: number, reason = ''): Buffer | undefined {
    const ours = this.#facts.sent(nowMs);
    if (ours.packets === 0 && this.#sent === 0) return undefined;
    return this.#write([...this.#report(ours, nowMs), { type: 'bye', ssrcs: [ours.ssrc], reason }]);
  }

  /** A packet of sound came from `ssrc`: somebody is there, and sends. */
  noteRtp(ssrc: number, nowMs: number): void {
    const source = this.#sourceOf(ssrc);
    if (source === undefined) return;
    source.heardMs = nowMs;
    source.sends = true;
  }

  /** Takes a datagram. Never throws. */
  receive(datagram: Buffer, nowMs: number): RtcpNews | RtcpRefusal {
    const decoded = decodeRtcp(datagram);
    if (!decoded.ok) {
      this.#malformed++;
      return decoded.error;
    }
    this.#received++;
    this.#interval.noteSize(datagram.length);
    const ours = this.#facts.sent(nowMs);
    let bye = false;
    let collision = false;
    for (const packet of decoded.value) {
      const ssrc = 'ssrc' in packet ? packet.ssrc : undefined;
      if (ssrc === ours.ssrc) collision = true;
      else if (ssrc !== undefined) this.#heardFrom(ssrc, nowMs);
      if (this.#take(packet, ours, nowMs)) bye = true;
    }
    return { bye, collision };
  }

  #take(packet: RtcpPacket, ours: SentStream, nowMs: number): boolean {
    switch (packet.type) {
      case 'senderReport':
        if (packet.ssrc === ours.ssrc) return false;
        this.#lastReport = ((packet.ntpSeconds & 0xffff) * 0x1_0000 + (packet.ntpFraction >>> 16)) >>> 0;
        this.#lastReportMs = nowMs;
        this.#lastReportOf = packet.ssrc;
        for (const report of packet.reports) this.#takeReport(report, ours, nowMs);
        return false;
      case 'receiverReport':
        for (const report of packet.reports) this.#takeReport(report, ours, nowMs);
        return false;
      case 'sourceDescription':
        this.#remoteCname = packet.chunks.find(({ ssrc }) => ssrc !== ours.ssrc)?.cname ?? this.#remoteCname;
        return false;
      case 'bye': {
        const left = packet.ssrcs.filter((ssrc) => this.#sources.delete(ssrc));
        if (left.length > 0) this.#interval.left(1 + this.#sources.size, nowMs);
        return left.length > 0;
      }
      case 'extendedReport':
      case 'other':
        return false;
    }
  }

  /** RFC 3550 §6.4.1: now, less the time of our report, less how long the far end held it. */
  #takeReport(report: ReceptionReport, ours: SentStream, nowMs: number): void {
    if (report.ssrc !== ours.ssrc) return;
    const { fractionLost, lost, jitter } = report;
    this.#remote = { fractionLost: fractionLost / 256, lost, jitter };
    if (report.lastReport === 0) return;
    const ntp = this.#ntp(nowMs);
    const now = ((ntp.seconds & 0xffff) * 0x1_0000 + (ntp.fraction >>> 16)) >>> 0;
    const trip = ((now - report.lastReport - report.sinceLastReport) | 0) / 65.536;
    // A far end that rounds its own holding time up makes it less than nothing.
    if (trip > -50 && trip < LONGEST_ROUND_TRIP_MS) this.#roundTripMs = Math.max(0, trip);
  }

  #report(ours: SentStream, nowMs: number): RtcpPacket[] {
    const { ssrc } = ours;
    const heard = this.#facts.heard();
    const known = heard !== undefined && this.#lastReport !== 0 && heard.ssrc === this.#lastReportOf;
    const reports =
      heard === undefined
        ? []
        : [
            {
              ...heard,
              lastReport: known ? this.#lastReport : 0,
              sinceLastReport: known ? Math.round((nowMs - this.#lastReportMs) * 65.536) : 0,
            },
          ];
    const ntp = this.#ntp(nowMs);
    const sends = ours.packets > this.#sentBefore;
    this.#sentBefore = this.#sentPackets;
    this.#sentPackets = ours.packets;
    const first: RtcpPacket = sends
      ? {
          type: 'senderReport',
          ssrc,
          ntpSeconds: ntp.seconds,
          ntpFraction: ntp.fraction,
          rtpTimestamp: ours.rtpTimestamp,
          packets: ours.packets,
          octets: ours.octets,
          reports,
        }
      : { type: 'receiverReport', ssrc, reports };
    const voip = this.#facts.voip?.();
    return [
      first,
      { type: 'sourceDescription', chunks: [{ ssrc, cname: this.#cname }] },
      ...(voip === undefined ? [] : [{ type: 'extendedReport', ssrc, voip: [voip] } as const]),
    ];
  }

  #write(packets: readonly RtcpPacket[]): Buffer {
    const bytes = encodeRtcp(packets);
    this.#interval.noteSize(bytes.length);
    this.#sent++;
    return bytes;
  }

  #ntp(nowMs: number): { readonly seconds: number; readonly fraction: number } {
    const wallMs = this.#wallAtZeroMs + nowMs;
    const seconds = Math.floor(wallMs / 1_000);
    const fraction = Math.floor(((wallMs - seconds * 1_000) / 1_000) * FRACTION) % FRACTION;
    return { seconds: (seconds + SECONDS_TO_1970) % FRACTION, fraction };
  }

  #membership(ours: SentStream): Membership {
    const weSend = ours.packets > this.#sentBefore;
    const senders = [...this.#sources.values()].filter(({ sends }) => sends).length;
    return { members: 1 + this.#sources.size, senders: senders + (weSend ? 1 : 0), weSend };
  }

  #heardFrom(ssrc: number, nowMs: number): void {
    const source = this.#sourceOf(ssrc);
    if (source !== undefined) source.heardMs = nowMs;
  }

  #sourceOf(ssrc: number): Source | undefined {
    const known = this.#sources.get(ssrc);
    if (known !== undefined || this.#sources.size >= SOURCES_LIMIT) return known;
    const made: Source = { heardMs: 0, sends: false };
    this.#sources.set(ssrc, made);
    return made;
  }

  #forgetSilent(ours: SentStream, nowMs: number): void {
    const limitMs = TIMEOUT_INTERVALS * this.#interval.meanMs(this.#membership(ours));
    for (const [ssrc, source] of this.#sources) {
      if (nowMs - source.heardMs > limitMs) this.#sources.delete(ssrc);
    }
  }
}
