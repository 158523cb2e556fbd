import { BOARD_FRAME_SAMPLES } from '../../hal/board.ts';
import type { Clock } from '../../lib/base/clock.ts';
import { ok, type Result } from '../../lib/base/errors.ts';
import type { Random } from '../../lib/base/random.ts';
import { JitterBuffer } from '../../lib/voice/rtp/jitter-buffer.ts';
import { decodeRtp, encodeRtp, type RtpPacket } from '../../lib/voice/rtp/packet.ts';
import type { PortRange } from '../../lib/voice/rtp/port-range.ts';
import { ReceiverStats } from '../../lib/voice/rtp/receiver-stats.ts';
import { RtpSender } from '../../lib/voice/rtp/sender.ts';
import { TelephoneEventReceiver } from '../../lib/voice/rtp/telephone-event.ts';
import type { Delays } from './delays.ts';
import { type FaxPlace, FaxSide } from './fax-side.ts';
import type { FaxParameters, FaxTone, RtpFigures, RtpOpened } from './protocol.ts';
import { RtpSocket } from './rtp-socket.ts';

/** Samples of one packet: 20 ms, two frames of the board. */
const PACKET_SAMPLES = 2 * BOARD_FRAME_SAMPLES;

/** What a session needs of its surroundings. */
export interface RtpSurroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly ports: PortRange;
  /** Filled with the time from a board frame to the packet that carries it. */
  readonly delays: Delays;
  onDigit(session: string, digit: string): void;
  onFaxTone(session: string, from: 'line' | 'network', tone: FaxTone): void;
}

/** One call's sound on the network: sends what the board gives, keeps what the peer sends until the board asks. */
export class RtpSession {
  readonly session: string;
  readonly note: string;
  readonly localHost: string;
  /** Fax in this call: the watch for it, pass-through, T.38, and what is told of it. */
  readonly fax: FaxSide;
  readonly #around: RtpSurroundings;
  readonly #sender: RtpSender;
  readonly #stats = new ReceiverStats();
  readonly #buffer = new JitterBuffer();
  readonly #events = new TelephoneEventReceiver();
  readonly #packet = new Uint8Array(PACKET_SAMPLES);
  #packetFilled = 0;
  #packetFromMs = 0;
  #socket: RtpSocket | undefined;
  #localPort = 0;
  #payloadType = 0;
  #voicePeer: { readonly host: string; readonly port: number } | undefined;
  #dtmfPayloadType: number | null = null;
  #lastHeardMs: number;
  #attached = false;
  #hungUpAt: number | undefined;
  #bridgedTo: RtpSession | undefined;

  private constructor(session: string, localHost: string, note: string, around: RtpSurroundings) {
    this.session = session;
    this.localHost = localHost;
    this.note = note;
    this.#around = around;
    this.fax = new FaxSide({
      clock: around.clock,
      onTone: (from, tone) => around.onFaxTone(session, from, tone),
    });
    this.#sender = new RtpSender(around.random);
    this.#lastHeardMs = around.clock.monotonicMs();
  }

  /** Opens the socket. Errors: `media.bind`, `media.noUdpPort`. */
  static async open(
    session: string,
    localHost: string,
    note: string,
    around: RtpSurroundings,
  ): Promise<Result<RtpSession>> {
    const made = new RtpSession(session, localHost, note, around);
    const socket = await RtpSocket.open(localHost, around.ports, (datagram) => made.#receive(datagram));
    if (!socket.ok) return socket;
    made.#socket = socket.value;
    made.#localPort = socket.value.localPort;
    return ok(made);
  }

  get opened(): RtpOpened {
    return { localPort: this.#localPort };
  }

  /** Whether a line speaks and listens to it. */
  get attached(): boolean {
    return this.#attached;
  }

  get closed(): boolean {
    return this.#socket === undefined;
  }

  get connected(): boolean {
    return this.fax.mode === 't38' || (this.#socket?.connected ?? false);
  }

  /** Modems speak: whoever touches the sound (gain, echo canceller) must leave it as it is. */
  get transparent(): boolean {
    return this.fax.mode !== 'voice';
  }

  /** When the phone was hung up; the session is still open because no agent has closed it. */
  get hungUpAt(): number | undefined {
    return this.#hungUpAt;
  }

  /** Since when nothing came, in ms; 0 while not connected. T.38 has a watch of its own. */
  get silentMs(): number {
    return this.connected && this.fax.mode !== 't38'
      ? this.#around.clock.monotonicMs() - this.#lastHeardMs
      : 0;
  }

  get figures(): RtpFigures {
    const heard = this.#stats.figures;
    const played = this.#buffer.figures;
    const fax = this.fax.figures;
    return {
      packetsSent: this.#sender.packets,
      packetsReceived: heard.received,
      packetsLost: heard.lost,
      packetsLate: played.late,
      jitterMs: Math.round((heard.jitterSamples / 8) * 100) / 100,
      concealedMs: played.concealedMs,
      ...(fax === undefined ? {} : { fax }),
    };
  }

  async connect(
    host: string,
    port: number,
    payloadType: number,
    dtmfPayloadType: number | null,
  ): Promise<Result<null>> {
    this.#payloadType = payloadType;
    this.#dtmfPayloadType = dtmfPayloadType;
    this.#voicePeer = { host, port };
    if (this.fax.mode === 't38') return ok(null);
    const connected = (await this.#socket?.connect(host, port)) ?? ok(null);
    this.#lastHeardMs = this.#around.clock.monotonicMs();
    return connected;
  }

  /** T.38 in place of RTP, on the same port. Errors: those of the gateway. */
  openFax(parameters: FaxParameters, place: FaxPlace): Result<null> {
    const opened = this.fax.open(parameters, place, (datagram, host, port) =>
      this.#socket?.sendTo(datagram, host, port),
    );
    if (!opened.ok) return opened;
    this.#packetFilled = 0;
    this.#socket?.hearEverybody((datagram, host, port) => this.fax.receive(datagram, host, port));
    return ok(null);
  }

  /** Pass-through from T.38 or voice. */
  async passthroughFax(because: string): Promise<Result<null>> {
    this.fax.passthrough(because);
    return await this.#backToVoicePeer();
  }

  /** Voice again. */
  async closeFax(): Promise<Result<null>> {
    this.fax.end();
    this.#buffer.reset();
    return await this.#backToVoicePeer();
  }

  /** The socket hears only the peer of the call's sound again. */
  async #backToVoicePeer(): Promise<Result<null>> {
    const peer = this.#voicePeer;
    if (peer === undefined) return ok(null);
    const connected = (await this.#socket?.connect(peer.host, peer.port)) ?? ok(null);
    this.#lastHeardMs = this.#around.clock.monotonicMs();
    return connected;
  }

  /** A line begins, or ends, to speak and listen. */
  attach(attached: boolean): void {
    if (attached && !this.#attached) {
      this.#buffer.reset();
      this.#hungUpAt = undefined;
    }
    this.#attached = attached;
    this.#packetFilled = 0;
  }

  /** Takes 10 ms of the line's microphone that came from the board at `nowMs`; every second one sends a packet. */
  speak(microphone: Uint8Array, nowMs: number, lost = false): void {
    const ulaw = this.fax.fromLine(microphone, lost, nowMs);
    if (ulaw === undefined || !this.connected) {
      this.#sender.skip(BOARD_FRAME_SAMPLES);
      return;
    }
    if (this.#packetFilled === 0) this.#packetFromMs = nowMs;
    this.#packet.set(ulaw, this.#packetFilled);
    this.#packetFilled += BOARD_FRAME_SAMPLES;
    if (this.#packetFilled < PACKET_SAMPLES) return;
    this.#packetFilled = 0;
    this.#socket?.send(encodeRtp(this.#sender.next(this.#payloadType, this.#packet)));
    this.#around.delays.note(this.#around.clock.monotonicMs() - this.#packetFromMs);
  }

  /** The next 10 ms for the line's ear. */
  listen(out: Int16Array): void {
    this.fax.toLine(out, this.#buffer);
  }

  /** The session that this one is joined to without a line. */
  get bridgedTo(): RtpSession | undefined {
    return this.#bridgedTo;
  }

  /** Two sessions hear each other; packets are passed as they come, and order, gaps and key presses stay as they are. */
  bridge(other: RtpSession): void {
    for (const each of [this, other]) {
      each.unbridge();
      each.attach(false);
      each.#hungUpAt = undefined;
    }
    this.#bridgedTo = other;
    other.#bridgedTo = this;
  }

  unbridge(): void {
    const other = this.#bridgedTo;
    this.#bridgedTo = undefined;
    if (other !== undefined) other.#bridgedTo = undefined;
  }

  /** Sends what another session received. */
  #relay(packet: RtpPacket, kind: 'sound' | 'event'): void {
    const payloadType = kind === 'sound' ? this.#payloadType : this.#dtmfPayloadType;
    if (payloadType === null || !this.connected) return;
    this.#socket?.send(encodeRtp(this.#sender.relayed(packet, payloadType)));
  }

  /** The phone is down; the session stays to be asked about. */
  hungUp(at: number): void {
    this.#hungUpAt ??= at;
  }

  /** Closes the socket; figures stay. */
  close(): void {
    this.unbridge();
    this.fax.close();
    this.#socket?.close();
    this.#socket = undefined;
  }

  #receive(datagram: Buffer): void {
    const decoded = decodeRtp(datagram);
    if (!decoded.ok) return;
    const packet = decoded.value;
    const nowMs = this.#around.clock.monotonicMs();
    if (packet.payloadType === this.#dtmfPayloadType) {
      this.#lastHeardMs = nowMs;
      this.#stats.note(packet, nowMs);
      if (this.#bridgedTo !== undefined) this.#bridgedTo.#relay(packet, 'event');
      const digit = this.#events.push(packet);
      if (digit !== undefined) this.#around.onDigit(this.session, digit);
    } else if (packet.payloadType === this.#payloadType) {
      this.#lastHeardMs = nowMs;
      this.#stats.note(packet, nowMs);
      if (this.#bridgedTo !== undefined) this.#bridgedTo.#relay(packet, 'sound');
      else if (this.#attached && this.fax.buffer !== undefined) this.fax.buffer.push(packet);
      else if (this.#attached) this.#buffer.push(packet, nowMs);
    }
  }
}
