import { BOARD_FRAME_MS, BOARD_FRAME_SAMPLES } from '../../hal/board.ts';
import { ok, type Result, refuse } from '../../lib/base/errors.ts';
import { COMFORT_NOISE_TYPE, decodeComfortNoise } from '../../lib/voice/rtp/comfort-noise.ts';
import type { EventPacket } from '../../lib/voice/rtp/event-sender.ts';
import { JitterBuffer } from '../../lib/voice/rtp/jitter-buffer.ts';
import { decodeRtp, encodeRtp, type RtpPacket, rewriteRtp } from '../../lib/voice/rtp/packet.ts';
import { ReceiverStats } from '../../lib/voice/rtp/receiver-stats.ts';
import { RtpSender } from '../../lib/voice/rtp/sender.ts';
import { SessionSecurity } from '../../lib/voice/srtp/session-security.ts';
import { type FaxPlace, FaxSide } from './fax-side.ts';
import { PacketMaker } from './packet-maker.ts';
import type { FaxParameters, RtpFigures, RtpOpened } from './protocol.ts';
import { type RtpPeer, RtpSocket } from './rtp-socket.ts';
import { SessionKeys } from './session-keys.ts';
import { qualityOf, voipMetricsOf } from './session-quality.ts';
import { SessionReports } from './session-reports.ts';
import type { RtpSurroundings, RtpTarget } from './session-surroundings.ts';

/** Packets of 10 ms are 100 a second; four times that leaves room for key presses and stalls, and none for a flood. */
const PACKETS_PER_SECOND = 400;

type PacketKind = 'sound' | 'event' | 'noise';

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
  readonly #security = new SessionSecurity();
  readonly #reports: SessionReports;
  readonly #maker = new PacketMaker();
  readonly #keys: SessionKeys;
  #socket: RtpSocket | undefined;
  #localPort = 0;
  #payloadType = 0;
  #voicePeer: RtpPeer | undefined;
  #dtmfPayloadType: number | null = null;
  #comfortNoise = false;
  #ptimeMs = 20;
  #heldBack = false;
  /** Noise is sent in place of a silence that the joined session tells of. */
  filled = false;
  #eventFrom = 0;
  #lastHeardMs: number;
  #second = 0;
  #inSecond = 0;
  #attached = false;
  #hungUpAt: number | undefined;
  #bridgedTo: RtpSession | undefined;

  private constructor(session: string, localHost: string, note: string, around: RtpSurroundings) {
    this.session = session;
    this.localHost = localHost;
    this.note = note;
    this.#around = around;
    const { clock, random } = around;
    this.fax = new FaxSide({ clock, onTone: (from, tone) => around.onFaxTone(session, from, tone) });
    this.#sender = new RtpSender(random);
    this.#keys = new SessionKeys((digit) => around.onDigit(session, digit));
    this.#reports = new SessionReports({
      clock,
      random,
      host: localHost,
      sender: this.#sender,
      heard: () => this.#stats.takeReport(),
      voip: () => voipMetricsOf(this.#measured()),
      send: (report) => {
        if (this.#tapped) this.#tap('out', 'rtcp', report);
        const wire = this.#security.protectReport(report);
        if (wire !== undefined) this.#socket?.sendReport(wire);
      },
    });
    this.#lastHeardMs = clock.monotonicMs();
  }

  /** Opens the socket. Errors: `media.bind`, `media.noUdpPort`. */
  static open(session: string, localHost: string, note: string, around: RtpSurroundings): Result<RtpSession> {
    const made = new RtpSession(session, localHost, note, around);
    const socket = RtpSocket.open(around.pool, localHost, around.ports, {
      rtp: (datagram) => made.#receive(datagram),
      rtcp: (datagram) => made.#receiveReport(datagram),
      looksRight: (datagram) => made.#looksRight(datagram),
    });
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

  /** Whether the far end takes key presses beside the sound (RFC 4733). */
  get takesEvents(): boolean {
    return this.#dtmfPayloadType !== null;
  }

  /** Whether keys of the line that talks here go beside the sound now. */
  get takesKeys(): boolean {
    return this.takesEvents && !this.transparent && this.connected;
  }

  /** Whether a key of the far end is being played to the line, whose microphone may give it back. */
  get playsKey(): boolean {
    return this.#keys.audible;
  }

  /** Whether somebody here talks to the far end: a line, or another session. */
  get hasCompany(): boolean {
    return this.#attached || this.#bridgedTo !== undefined;
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
    const { heard, played } = this.#measured();
    const quality = qualityOf(this.#measured());
    const fax = this.fax.figures;
    const { suite, refused } = this.#security;
    return {
      packetsSent: this.#sender.packets,
      packetsReceived: heard.received,
      packetsLost: heard.lost,
      packetsLate: played.late,
      jitterMs: Math.round((heard.jitterSamples / 8) * 100) / 100,
      concealedMs: played.concealedMs,
      ...(quality === undefined ? {} : { quality }),
      ...(suite === undefined ? {} : { srtp: { suite, refused } }),
      ...(fax === undefined ? {} : { fax }),
    };
  }

  /** Errors: `media.badKeys`, `media.unreachable`. */
  connect(target: RtpTarget): Result<null> {
    const nowMs = this.#around.clock.monotonicMs();
    if (!this.#security.use(target.srtp, nowMs)) {
      const say = 'The SRTP keys do not fit their suite, or are the same both ways.';
      return refuse({ code: 'media.badKeys', fault: 'caller', say });
    }
    this.#payloadType = target.payloadType;
    this.#dtmfPayloadType = target.dtmfPayloadType;
    this.#keys.inBand = target.dtmfPayloadType === null;
    this.#comfortNoise = target.comfortNoise === true;
    this.#ptimeMs = target.ptimeMs ?? 20;
    this.#useMaker();
    this.#voicePeer = {
      host: target.host,
      port: target.port,
      rtcpMux: target.rtcpMux === true,
      rtcp: target.rtcp,
      latch: target.latch,
    };
    if (this.fax.mode === 't38') return ok(null);
    return this.#backToVoicePeer();
  }

  /** T.38 in place of RTP, on the same port. Errors: those of the gateway. */
  openFax(parameters: FaxParameters, place: FaxPlace): Result<null> {
    const opened = this.fax.open(parameters, place, (datagram, host, port) => {
      if (this.#tapped) this.#tap('out', 'udptl', datagram, { host, port });
      this.#socket?.sendTo(datagram, host, port);
    });
    if (!opened.ok) return opened;
    this.#maker.clear();
    this.#socket?.hearEverybody((datagram, host, port) => {
      if (this.#tapped) this.#tap('in', 'udptl', datagram, { host, port });
      this.fax.receive(datagram, host, port);
    });
    return ok(null);
  }

  /** Pass-through from T.38 or voice. */
  passthroughFax(because: string): Result<null> {
    this.fax.passthrough(because);
    this.#useMaker();
    return this.#backToVoicePeer();
  }

  /** Voice again. */
  closeFax(): Result<null> {
    this.fax.end();
    this.#useMaker();
    this.#buffer.reset();
    return this.#backToVoicePeer();
  }

  /** A pause of a modem is signal, too: nothing of it is left out. */
  #useMaker(): void {
    this.#maker.use(this.#ptimeMs, this.#comfortNoise && !this.transparent);
  }

  /** The socket hears only the peer of the call's sound again. */
  #backToVoicePeer(): Result<null> {
    const peer = this.#voicePeer;
    if (peer === undefined) return ok(null);
    const connected = this.#socket?.connect(peer) ?? ok(null);
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
    this.#maker.clear();
  }

  /** Takes 10 ms of the line's microphone that came from the board at `nowMs`; every second one sends a packet. */
  speak(microphone: Uint8Array, nowMs: number, lost = false): void {
    const ulaw = this.fax.fromLine(microphone, lost, nowMs);
    if (ulaw === undefined || !this.connected || this.#heldBack) {
      this.#sender.skip(BOARD_FRAME_SAMPLES);
      return;
    }
    this.#make(ulaw, nowMs);
  }

  /** Tones of keys, in place of the line's sound. */
  sendTone(ulaw: Uint8Array, nowMs: number): void {
    if (this.fax.mode !== 't38' && this.connected) this.#make(ulaw, nowMs);
  }

  /** A packet of a key press. */
  sendEvent(packet: EventPacket, nowMs: number): void {
    if (this.#dtmfPayloadType === null || this.fax.mode === 't38' || !this.connected) return;
    if (packet.marker) this.#eventFrom = this.#sender.timestamp;
    const { payload, marker } = packet;
    this.#send(this.#sender.event(this.#dtmfPayloadType, payload, this.#eventFrom, marker), nowMs);
    if (packet.last) this.#sender.reach(this.#eventFrom + packet.offset);
  }

  /** While keys are pressed nothing else is sent. */
  holdBack(held: boolean): void {
    this.#heldBack = held;
    this.#maker.clear();
  }

  get heldBack(): boolean {
    return this.#heldBack;
  }

  /** The next 10 ms for the line's ear. */
  listen(out: Int16Array): void {
    this.fax.toLine(out, this.#buffer);
    if (!this.transparent) this.#keys.heard(out);
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

  /** The phone is down; the session stays to be asked about. */
  hungUp(at: number): void {
    this.#hungUpAt ??= at;
  }

  /** Sends the reports that are due. Asked every half second. */
  report(): void {
    if (this.fax.mode !== 't38' && this.#socket?.connected === true) this.#reports.tick();
  }

  /** Closes the socket; figures stay. */
  close(): void {
    this.unbridge();
    if (this.fax.mode !== 't38' && this.#socket?.connected === true) this.#reports.bye();
    this.fax.close();
    this.#keys.close();
    this.#socket?.close();
    this.#socket = undefined;
  }

  #measured() {
    return {
      heard: this.#stats.figures,
      played: this.#buffer.figures,
      reports: this.#reports.figures,
      relayed: this.#bridgedTo !== undefined,
    };
  }

  #make(ulaw: Uint8Array, nowMs: number): void {
    const made = this.#maker.push(ulaw, nowMs);
    if (made === undefined) return;
    if (made.send === 'nothing') {
      this.#sender.skip(made.samples);
      return;
    }
    if (made.send === 'noise') {
      const { timestamp } = this.#sender;
      this.#sender.skip(made.samples);
      this.#send(this.#sender.event(COMFORT_NOISE_TYPE, made.payload, timestamp, false), nowMs);
      this.#sender.skip(0);
      return;
    }
    this.#send(this.#sender.next(this.#payloadType, made.payload), nowMs + BOARD_FRAME_MS);
    this.#around.delays.note(this.#around.clock.monotonicMs() - made.fromMs);
  }

  #send(packet: RtpPacket, nowMs: number): void {
    const plain = encodeRtp(packet);
    if (this.#tapped) this.#tap('out', 'rtp', plain);
    const wire = this.#security.protect(plain);
    if (wire === undefined) return;
    this.#reports.noteSent(nowMs);
    this.#socket?.send(wire);
  }

  get #tapped(): boolean {
    return this.#around.tap?.packets === true;
  }

  /** Tells whoever watches, in plain. */
  #tap(
    way: 'in' | 'out',
    carries: 'rtp' | 'rtcp' | 'udptl',
    bytes: Uint8Array,
    remote = this.#socket?.remote(carries === 'rtcp' ? 'rtcp' : 'rtp'),
  ): void {
    if (remote === undefined) return;
    const own = this.#localPort;
    const reports = carries === 'rtcp' && this.#voicePeer?.rtcpMux !== true;
    const local = { host: this.localHost, port: reports ? own + 1 : own };
    const secured = this.#security.on && carries !== 'udptl';
    const of = { session: this.session, way, carries, ...(secured ? { decrypted: true as const } : {}) };
    this.#around.tap?.datagram(of, local, remote, bytes);
  }

  /** Asked of a datagram that comes from elsewhere than the far end is said to be. */
  #looksRight(datagram: Buffer): boolean {
    const opened = this.#security.on
      ? this.#security.open(Buffer.from(datagram), this.#around.clock.monotonicMs())
      : datagram;
    if (opened === undefined) return false;
    const decoded = decodeRtp(opened);
    if (!decoded.ok) return false;
    const { payloadType } = decoded.value;
    return payloadType === this.#payloadType || payloadType === this.#dtmfPayloadType;
  }

  #receiveReport(datagram: Buffer): void {
    const opened = this.#security.openReport(datagram, this.#around.clock.monotonicMs());
    if (opened === undefined) return;
    if (this.#tapped) this.#tap('in', 'rtcp', opened);
    this.#reports.take(opened);
  }

  #receive(datagram: Buffer): void {
    const nowMs = this.#around.clock.monotonicMs();
    if (!this.#hasRoom(nowMs)) return;
    const opened = this.#security.open(datagram, nowMs);
    if (opened === undefined) return;
    if (this.#tapped) this.#tap('in', 'rtp', opened);
    const decoded = decodeRtp(opened);
    if (!decoded.ok) return;
    const packet = decoded.value;
    const kind = this.#kindOf(packet.payloadType);
    if (kind === undefined) return;
    this.#lastHeardMs = nowMs;
    this.#stats.note(packet, nowMs);
    this.#reports.noteHeard(packet.ssrc, nowMs);
    if (this.#bridgedTo !== undefined) {
      const other = this.#bridgedTo;
      this.#passing(other, packet, kind);
      other.#relay(opened, packet, kind, nowMs);
    }
    this.#hear(packet, kind, nowMs);
  }

  #hear(packet: RtpPacket, kind: PacketKind, nowMs: number): void {
    switch (kind) {
      case 'sound':
        if (this.#bridgedTo !== undefined || !this.#attached) return;
        if (this.fax.buffer !== undefined) this.fax.buffer.push(packet);
        else this.#buffer.push(packet, nowMs);
        return;
      case 'noise': {
        const level = decodeComfortNoise(packet.payload);
        if (level !== undefined && this.#attached) this.#buffer.comfort(level);
        return;
      }
      case 'event': {
        const digit = this.#keys.event(packet, this.#attached);
        if (digit === undefined) return;
        this.#around.onDigit(this.session, digit);
        const other = this.#bridgedTo;
        if (other !== undefined && !other.takesEvents) this.#around.onUntaken(other, digit);
        return;
      }
    }
  }

  /** What the other far end has no word for is told in another way. */
  #passing(other: RtpSession, packet: RtpPacket, kind: PacketKind): void {
    if (kind === 'noise' && !other.#comfortNoise) {
      this.#around.onQuiet(other, decodeComfortNoise(packet.payload));
    }
    if (kind !== 'sound') return;
    if (other.filled) this.#around.onQuiet(other, undefined);
    if (other.takesKeys) this.#keys.passed(packet.payload, (keyed) => this.#around.onKeyed(other, keyed));
  }

  /** A far end that floods costs no more than a busy one: what is too much is not even decrypted. */
  #hasRoom(nowMs: number): boolean {
    const second = Math.floor(nowMs / 1_000);
    this.#inSecond = second === this.#second ? this.#inSecond + 1 : 1;
    this.#second = second;
    return this.#inSecond <= PACKETS_PER_SECOND;
  }

  #kindOf(payloadType: number): PacketKind | undefined {
    if (payloadType === this.#payloadType) return 'sound';
    if (payloadType === this.#dtmfPayloadType) return 'event';
    return payloadType === COMFORT_NOISE_TYPE ? 'noise' : undefined;
  }

  /** Sends what another session received, in the memory in which it came. */
  #relay(datagram: Buffer, packet: RtpPacket, kind: PacketKind, nowMs: number): void {
    const payloadType = this.#typeFor(kind);
    if (payloadType === null || this.#heldBack || this.#socket?.connected !== true) return;
    const passed = this.#sender.relayed(packet, payloadType);
    const plain = rewriteRtp(datagram, passed);
    if (this.#tapped) this.#tap('out', 'rtp', plain);
    const wire = this.#security.protect(plain);
    if (wire === undefined) return;
    this.#reports.noteSent(nowMs);
    this.#socket.send(wire);
  }

  #typeFor(kind: PacketKind): number | null {
    switch (kind) {
      case 'sound':
        return this.#payloadType;
      case 'event':
        return this.#dtmfPayloadType;
      case 'noise':
        return this.#comfortNoise ? COMFORT_NOISE_TYPE : null;
    }
  }
}
