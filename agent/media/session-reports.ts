import type { Clock } from '../../lib/base/clock.ts';
import type { Random } from '../../lib/base/random.ts';
import { type HeardStream, type RtcpFigures, RtcpSession } from '../../lib/voice/rtcp/session.ts';
import type { VoipMetrics } from '../../lib/voice/rtcp/voip-metrics.ts';
import type { RtpSender } from '../../lib/voice/rtp/sender.ts';

const SAMPLES_PER_MS = 8;

/** What reports are made of. */
export interface ReportSources {
  readonly clock: Clock;
  readonly random: Random;
  readonly host: string;
  readonly sender: RtpSender;
  heard(): HeardStream;
  voip(): VoipMetrics | undefined;
  send(report: Buffer): void;
}

/** RTCP of one session: sends what is due, reads what comes, takes another SSRC when ours is taken. */
export class SessionReports {
  readonly #sources: ReportSources;
  readonly #session: RtcpSession;
  /** When the stream's time was last what it says. */
  #sentAtMs: number;
  #collided = false;

  constructor(sources: ReportSources) {
    const { clock, random, host } = sources;
    this.#sources = sources;
    this.#sentAtMs = clock.monotonicMs();
    this.#session = new RtcpSession({
      facts: {
        sent: (nowMs) => this.#sent(nowMs),
        heard: () => sources.heard(),
        voip: () => sources.voip(),
      },
      // RFC 7022: unlike a user's name, it tells nothing and is the same in no two calls.
      cname: `${random.bytes(9).toString('base64url')}@${host}`,
      random,
      nowMs: clock.monotonicMs(),
      wallMs: clock.now(),
    });
  }

  get figures(): RtcpFigures {
    return this.#session.figures;
  }

  /** A packet of ours has just gone: the stream's time is now. */
  noteSent(nowMs: number): void {
    this.#sentAtMs = nowMs;
  }

  noteHeard(ssrc: number, nowMs: number): void {
    if (ssrc === this.#sources.sender.ssrc) this.#collide(nowMs);
    else this.#session.noteRtp(ssrc, nowMs);
  }

  /** Asked often enough; sends only what is due. */
  tick(): void {
    const report = this.#session.tick(this.#sources.clock.monotonicMs());
    if (report !== undefined) this.#sources.send(report);
  }

  take(datagram: Buffer): void {
    const nowMs = this.#sources.clock.monotonicMs();
    const news = this.#session.receive(datagram, nowMs);
    if ('collision' in news && news.collision) this.#collide(nowMs);
  }

  bye(): void {
    const last = this.#session.bye(this.#sources.clock.monotonicMs());
    if (last !== undefined) this.#sources.send(last);
  }

  #sent(nowMs: number): { ssrc: number; packets: number; octets: number; rtpTimestamp: number } {
    const { ssrc, packets, octets, timestamp } = this.#sources.sender;
    const since = Math.min(1_000, Math.max(0, nowMs - this.#sentAtMs));
    return { ssrc, packets, octets, rtpTimestamp: (timestamp + Math.round(since * SAMPLES_PER_MS)) >>> 0 };
  }

  /**
   * The far end speaks under our SSRC (RFC 3550 §8.2): we take another, once. When it goes on with the new one it is an
   * echo of ours, and is heard as such.
   */
  #collide(nowMs: number): void {
    if (this.#collided) return;
    this.#collided = true;
    const last = this.#session.bye(nowMs, 'SSRC collision');
    if (last !== undefined) this.#sources.send(last);
    this.#sources.sender.renew(this.#sources.random);
  }
}
