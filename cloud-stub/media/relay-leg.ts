import type { Clock } from '../../lib/base/clock.ts';
import { isRtcp } from '../../lib/voice/rtcp/packet.ts';
import { SessionSecurity } from '../../lib/voice/srtp/session-security.ts';
import type { SrtpKeys } from '../../lib/voice/srtp/suites.ts';
import { PartySocket } from './party-socket.ts';
import type { BoundPair } from './port-pair.ts';
import type { RelaySideFigures } from './relay.ts';
import { shownReports } from './report-guard.ts';
import { freshBudget, looksLikeRtp, looksLikeUdptl, type PacketBudget, spend } from './rtp-guard.ts';

/** 20 ms packets are 50 a second; four times that leaves room for 10 ms ones, and none for a flood. */
const PACKETS_PER_SECOND = 200;
/** Reports come every five seconds. */
const REPORTS_PER_SECOND = 10;

/** One side of a relay: the sound on an even port, its reports on the next. */
export class RelayLeg {
  readonly port: number;
  readonly figures: RelaySideFigures = { received: 0, sent: 0, reports: 0, refused: 0, errors: 0 };
  readonly #sound: PartySocket;
  readonly #reports: PartySocket;
  readonly #clock: Clock;
  readonly #cname: string;
  #soundBudget: PacketBudget = freshBudget;
  #reportBudget: PacketBudget = freshBudget;
  #lastHeardMs: number;
  carries: 'rtp' | 'udptl' = 'rtp';
  readonly #security = new SessionSecurity();
  onPacket: (datagram: Buffer) => void = () => undefined;
  onReports: (datagram: Buffer) => void = () => undefined;

  /** `cname`: the name that the other party gets to see. */
  constructor(bound: BoundPair, clock: Clock, cname: string) {
    this.port = bound.port;
    this.#clock = clock;
    this.#cname = cname;
    this.#lastHeardMs = clock.monotonicMs();
    const refused = {
      stranger: (): number => this.figures.refused++,
      error: (): number => this.figures.errors++,
    };
    this.#sound = new PartySocket(bound.sound, {
      ...refused,
      packet: (datagram) => this.#takeSound(datagram),
    });
    this.#reports = new PartySocket(bound.reports, {
      ...refused,
      packet: (datagram) => this.#takeReports(datagram),
    });
  }

  get silentMs(): number {
    return this.#clock.monotonicMs() - this.#lastHeardMs;
  }

  connect(host: string, port: number, reportPort: number): void {
    this.#sound.connect(host, port);
    if (reportPort > 0 && reportPort <= 65_535) this.#reports.connect(host, reportPort);
  }

  secure(keys: SrtpKeys | undefined): void {
    this.#security.use(keys, this.#clock.monotonicMs());
  }

  send(datagram: Buffer): void {
    const wire = this.#encrypted ? this.#security.protect(datagram) : datagram;
    if (wire !== undefined && this.#sound.send(wire)) this.figures.sent++;
  }

  sendReports(datagram: Buffer): void {
    if (this.carries !== 'rtp') return;
    const wire = this.#encrypted ? this.#security.protectReport(datagram) : datagram;
    if (wire !== undefined) this.#reports.send(wire);
  }

  close(): void {
    this.#sound.close();
    this.#reports.close();
  }

  get #encrypted(): boolean {
    return this.#security.on && this.carries === 'rtp';
  }

  #takeSound(datagram: Buffer): void {
    const nowMs = this.#clock.monotonicMs();
    // Nobody was told that reports may come here: they would pass with the party's own name in them.
    const fits =
      this.carries === 'rtp' ? looksLikeRtp(datagram) && !isRtcp(datagram) : looksLikeUdptl(datagram);
    const spent = fits ? spend(this.#soundBudget, nowMs, PACKETS_PER_SECOND) : undefined;
    if (spent !== undefined) this.#soundBudget = spent.budget;
    const taken = spent?.allowed === true;
    const opened = taken && this.#encrypted ? this.#security.open(datagram, nowMs) : datagram;
    if (!taken || opened === undefined) {
      this.figures.refused++;
      return;
    }
    this.figures.received++;
    this.#lastHeardMs = nowMs;
    this.onPacket(opened);
  }

  #takeReports(datagram: Buffer): void {
    const nowMs = this.#clock.monotonicMs();
    const spent = spend(this.#reportBudget, nowMs, REPORTS_PER_SECOND);
    this.#reportBudget = spent.budget;
    const taken = spent.allowed && this.carries === 'rtp';
    const opened = taken && this.#encrypted ? this.#security.openReport(datagram, nowMs) : datagram;
    const shown = !taken || opened === undefined ? undefined : shownReports(opened, this.#cname);
    if (shown === undefined) {
      this.figures.refused++;
      return;
    }
    this.figures.reports++;
    this.onReports(shown);
  }
}
