import { ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { DatagramSocket, Datagrams } from '../../lib/net/datagram-pool.ts';
import { isRtcp } from '../../lib/voice/rtcp/packet.ts';
import type { PortRange } from '../../lib/voice/rtp/port-range.ts';
import { PeerLatch } from './peer-latch.ts';

/** How many ports are tried before giving up: others on this host may use some of the range. */
const BIND_TRIES = 50;

/** Takes a datagram and where it came from. */
export type TakeDatagram = (datagram: Buffer, host: string, port: number) => void;

/** Where sound and its reports go, and who may send. */
export interface RtpPeer {
  readonly host: string;
  readonly port: number;
  /** RTCP: on the same port, one higher (undefined), or there. */
  readonly rtcpMux: boolean;
  readonly rtcp: { readonly host: string; readonly port: number } | undefined;
  readonly latch: { readonly network: string; readonly prefix: number } | undefined;
}

/** Who is handed what comes. The bytes are valid, and may be changed, until the call returns. */
export interface RtpEars {
  rtp(datagram: Buffer): void;
  rtcp(datagram: Buffer): void;
  /** Whether a datagram from an address that is not the described one is what the far end would send. */
  looksRight(datagram: Buffer): boolean;
}

/**
 * The sockets of one call's sound: RTP on an even port, RTCP on the odd one above it. Connected, they hear only their peer,
 * by the kernel's word.
 */
export class RtpSocket {
  readonly localPort: number;
  readonly #rtp: DatagramSocket;
  readonly #rtcp: DatagramSocket;
  readonly #ports: PortRange;
  readonly #ears: RtpEars;
  #peer: RtpPeer | undefined;
  #settled: { readonly host: string; readonly port: number } | undefined;
  #latch: PeerLatch | undefined;
  #closed = false;
  #refused = 0;
  #everybody: TakeDatagram | undefined;

  private constructor(rtp: DatagramSocket, rtcp: DatagramSocket, ports: PortRange, ears: RtpEars) {
    this.#rtp = rtp;
    this.#rtcp = rtcp;
    this.localPort = rtp.port;
    this.#ports = ports;
    this.#ears = ears;
  }

  /** Errors: `media.noUdpPort` when the range is used up, `media.bind` when `host` is no address of this machine. */
  static open(pool: Datagrams, host: string, ports: PortRange, ears: RtpEars): Result<RtpSocket> {
    for (let tries = 0; tries < BIND_TRIES; tries++) {
      const port = ports.take();
      if (port === undefined) break;
      let made: RtpSocket | undefined;
      const rtp = pool.open(host, port, (datagram, from, fromPort) => made?.heard(datagram, from, fromPort));
      const rtcp = rtp.ok ? pool.open(host, port + 1, (datagram) => made?.reported(datagram)) : rtp;
      if (rtp.ok && rtcp.ok) {
        made = new RtpSocket(rtp.value, rtcp.value, ports, ears);
        return ok(made);
      }
      if (rtp.ok) rtp.value.close();
      ports.giveBack(port);
      const failure = rtcp.ok ? undefined : rtcp.error;
      if (failure !== undefined && failure.code !== 'net.portTaken') {
        const say = `No RTP socket can be opened on ${host}. ${failure.say}`;
        return refuse({ code: 'media.bind', fault: 'environment', say });
      }
    }
    return refuse({
      code: 'media.noUdpPort',
      fault: 'environment',
      say: `No UDP port is free for RTP on ${host}.`,
    });
  }

  /** Whether there is somebody to send to. */
  get connected(): boolean {
    return this.#peer !== undefined && !this.#closed;
  }

  /** Where its sound comes from and goes to, or its reports. */
  remote(carries: 'rtp' | 'rtcp' = 'rtp'): { readonly host: string; readonly port: number } {
    const { host, port } = this.#settled ?? this.#peer ?? { host: '0.0.0.0', port: 0 };
    if (carries === 'rtp' || this.#peer?.rtcpMux === true) return { host, port };
    return this.#peer?.rtcp ?? { host, port: port + 1 };
  }

  /** Errors the network reported: a peer that refuses, no route. */
  get errors(): number {
    return this.#rtp.errors + this.#rtcp.errors;
  }

  /** Datagrams from somewhere else, while a phone's address is not certain. */
  get refused(): number {
    return this.#refused;
  }

  /** Takes this peer, instead of an earlier one. The same again changes nothing, a latch included. */
  connect(peer: RtpPeer): Result<null> {
    this.#everybody = undefined;
    if (this.#closed) return unreachable(peer, 'the session was closed');
    if (this.#peer !== undefined && same(this.#peer, peer)) {
      if (this.#latch !== undefined || this.#rtp.connected) return ok(null);
    }
    this.#latch = undefined;
    this.#settled = undefined;
    const { host, port, latch } = peer;
    // An address that cannot be reached is found out either way, because the kernel is asked for the route.
    const connected = this.#rtp.connect(host, port);
    if (!connected.ok) {
      this.#peer = undefined;
      return unreachable(peer, connected.error.say);
    }
    this.#peer = peer;
    const rtcp = peer.rtcp ?? { host, port: port + 1 };
    if (peer.rtcpMux || rtcp.port > 65_535) this.#rtcp.disconnect();
    else this.#rtcp.connect(rtcp.host, rtcp.port);
    if (latch !== undefined) {
      this.#latch = new PeerLatch({ host, port, ...latch });
      this.#rtp.disconnect();
    }
    return ok(null);
  }

  /** Hears everybody from now on, until it is connected again: the peer of T.38 may speak from elsewhere. */
  hearEverybody(take: TakeDatagram): void {
    if (this.#closed) return;
    this.#rtp.disconnect();
    this.#peer = undefined;
    this.#latch = undefined;
    this.#everybody = take;
  }

  /** Sends to anybody, while everybody is heard. */
  sendTo(datagram: Uint8Array, host: string, port: number): void {
    if (this.#everybody !== undefined) this.#rtp.sendTo(datagram, host, port);
  }

  send(datagram: Uint8Array): void {
    if (this.#rtp.connected) this.#rtp.send(datagram);
    else if (this.#peer !== undefined) this.#rtp.sendTo(datagram, this.#peer.host, this.#peer.port);
  }

  sendReport(datagram: Uint8Array): void {
    if (this.#peer?.rtcpMux === true) this.send(datagram);
    else this.#rtcp.send(datagram);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#peer = undefined;
    this.#rtp.close();
    this.#rtcp.close();
    this.#ports.giveBack(this.localPort);
  }

  /** Something came on the port of RTP. */
  heard(datagram: Buffer, host: string, port: number): void {
    if (this.#everybody !== undefined) this.#everybody(Buffer.from(datagram), host, port);
    else if (this.#latch !== undefined) this.#maybe(this.#latch, datagram, host, port);
    else if (this.#rtp.connected) this.#hear(datagram);
  }

  /** Something came on the port of RTCP. */
  reported(datagram: Buffer): void {
    if (this.#rtcp.connected && isRtcp(datagram)) this.#ears.rtcp(datagram);
  }

  #hear(datagram: Buffer): void {
    if (!isRtcp(datagram)) this.#ears.rtp(datagram);
    else if (this.#peer?.rtcpMux === true) this.#ears.rtcp(datagram);
  }

  /** The far end's address is not certain yet. */
  #maybe(latch: PeerLatch, datagram: Buffer, host: string, port: number): void {
    const described = host === this.#peer?.host && port === this.#peer.port;
    if (!latch.mayBe(host, port) || (!described && !this.#ears.looksRight(datagram))) {
      this.#refused++;
      return;
    }
    switch (latch.judge(host, port)) {
      case 'take':
      case 'latch':
        this.#settle(host, port);
        this.#hear(datagram);
        return;
      case 'wait':
      case 'refuse':
        this.#refused++;
        return;
    }
  }

  #settle(host: string, port: number): void {
    const peer = this.#peer;
    this.#latch = undefined;
    if (peer === undefined || !this.#rtp.connect(host, port).ok) return;
    this.#settled = { host, port };
    if (!peer.rtcpMux && host !== peer.host && port < 65_535) this.#rtcp.connect(host, port + 1);
  }
}

function same(one: RtpPeer, other: RtpPeer): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function unreachable(peer: RtpPeer, why: string): Result<never> {
  const say = `RTP cannot be sent to ${peer.host} port ${peer.port}: ${why}`;
  return refuse({ code: 'media.unreachable', fault: 'peer', say });
}
