import { IFP_PLAYOUT_MS, IfpPlayout } from '../../lib/voice/t38/ifp-playout.ts';
import { decodeUdptl } from '../../lib/voice/t38/udptl.ts';
import { judgeSource, latchTarget, openLatch, type UdptlLatch } from '../../lib/voice/t38/udptl-latch.ts';
import { UdptlReceiver } from '../../lib/voice/t38/udptl-receiver.ts';
import { UdptlSender } from '../../lib/voice/t38/udptl-sender.ts';
import type { FaxGateway } from './fax-gateway.ts';
import type { FaxFigures, FaxParameters } from './protocol.ts';

/** RTP of before the switch may still be on its way for so long. */
const STRAY_RTP_MS = 1_000;
/** Until the far end has been heard, it is told that we are there, so often: address translators forget. */
const KNOCK_EVERY_MS = 500;
/**
 * A board's own gateway plays on while this process does not run, so it gets so much of a signal ahead. Ours stands still
 * with the rest, and needs only what the network does.
 */
const BOARD_PLAYOUT_MS = 300;
/** T.30 indicator "no signal" (ITU-T T.38 §7.3.1.1): one octet of zeros in every version. */
const NO_SIGNAL = Uint8Array.of(0);

/** What a session needs to send with. */
export type SendDatagram = (datagram: Uint8Array, host: string, port: number) => void;

/**
 * One call's T.38: packets between the gateway of its line and the network. No timer of its own: every 10 ms of the board
 * drive it, repeats and all.
 */
export class FaxSession {
  readonly #gateway: FaxGateway;
  readonly #sender: UdptlSender;
  readonly #receiver = new UdptlReceiver();
  readonly #playout: IfpPlayout;
  readonly #send: SendDatagram;
  readonly #startedMs: number;
  #parameters: FaxParameters;
  #latch: UdptlLatch;
  #nowMs: number;
  /** When either machine last said something. */
  #activeMs: number;
  #sentMs: number;
  #strayRtp = 0;

  constructor(options: {
    readonly parameters: FaxParameters;
    /** Opened with {@link FaxSession.made} as the taker of its packets. */
    readonly gateway: FaxGateway;
    readonly send: SendDatagram;
    readonly nowMs: number;
  }) {
    const { parameters, gateway, send, nowMs } = options;
    this.#parameters = parameters;
    this.#gateway = gateway;
    this.#playout = new IfpPlayout(gateway.path === 't38Board' ? BOARD_PLAYOUT_MS : IFP_PLAYOUT_MS);
    this.#send = send;
    this.#startedMs = nowMs;
    this.#nowMs = nowMs;
    this.#activeMs = nowMs;
    this.#sentMs = nowMs;
    this.#latch = openLatch(parameters);
    this.#sender = new UdptlSender({
      errorCorrection: parameters.errorCorrection,
      redundancy: parameters.redundancy,
      maxDatagramBytes: parameters.maxDatagram,
    });
  }

  get gateway(): FaxGateway {
    return this.#gateway;
  }

  get parameters(): FaxParameters {
    return this.#parameters;
  }

  /** Since when neither machine has said anything, in ms. */
  silentMs(nowMs: number): number {
    return nowMs - this.#activeMs;
  }

  get packets(): NonNullable<FaxFigures['packets']> {
    const { received, recovered, lost, malformed } = this.#receiver.counters;
    const sent = this.#sender.figures.datagrams;
    return { sent, received, recovered, lost, malformed: malformed + this.#strayRtp };
  }

  /** The far end has another address; everything else stays. */
  moveTo(parameters: FaxParameters): void {
    const moved = parameters.host !== this.#parameters.host || parameters.port !== this.#parameters.port;
    this.#parameters = parameters;
    this.#sender.limitDatagrams(parameters.maxDatagram);
    if (moved) this.#latch = openLatch(parameters);
  }

  /** The gateway has made a packet. */
  made(ifp: Uint8Array, copies: number): void {
    if (!isNoSignal(ifp)) this.#activeMs = this.#nowMs;
    this.#transmit(this.#sender.send(ifp, copies, this.#nowMs));
  }

  /** 10 ms of the line; repeats that are due go out with them. */
  hear(samples: Int16Array, lost: boolean, nowMs: number): void {
    this.#nowMs = nowMs;
    for (const { ifp, sequence } of this.#playout.due(nowMs)) this.#gateway.receiveIfp(ifp, sequence);
    this.#gateway.hear(samples, lost);
    this.#transmit(this.#sender.due(nowMs));
    if (this.#receiver.counters.received === 0 && nowMs - this.#sentMs >= KNOCK_EVERY_MS) {
      this.#transmit(this.#sender.send(NO_SIGNAL, 1, nowMs));
    }
  }

  /** 10 ms for the line. */
  speak(out: Int16Array): void {
    this.#gateway.speak(out);
  }

  /** A datagram from the network, from anybody. */
  receive(datagram: Uint8Array, host: string, port: number, nowMs: number): void {
    this.#nowMs = nowMs;
    if (nowMs - this.#startedMs < STRAY_RTP_MS && looksLikeRtp(datagram)) {
      this.#strayRtp++;
      return;
    }
    const valid = decodeUdptl(datagram).ok;
    const judged = judgeSource(this.#latch, { host, port }, valid);
    this.#latch = judged.latch;
    // What is no UDPTL is counted by the receiver; what is a stranger's is not even that.
    if (valid && !judged.accept) return;
    const ready = this.#receiver.receive(datagram);
    if (ready.some(({ ifp }) => !isNoSignal(ifp))) this.#activeMs = nowMs;
    this.#playout.push(ready, nowMs);
  }

  close(): void {
    this.#gateway.close();
  }

  #transmit(datagrams: readonly Uint8Array[]): void {
    if (datagrams.length === 0) return;
    this.#sentMs = this.#nowMs;
    const { host, port } = latchTarget(this.#latch);
    for (const datagram of datagrams) this.#send(datagram, host, port);
  }
}

function isNoSignal(ifp: Uint8Array): boolean {
  return ifp.length === 1 && ifp[0] === 0;
}

/** Version 2, and a payload type of this trunk (RFC 3550 §5.1). UDPTL would have to be at its 32,768th packet to look so. */
function looksLikeRtp(datagram: Uint8Array): boolean {
  const [first = 0, second = 0] = datagram;
  const type = second & 0x7f;
  return (
    datagram.length >= 12 &&
    (first & 0xc0) === 0x80 &&
    (type <= 34 || type >= 96 || (type >= 72 && type <= 76))
  );
}
