import { SrtcpReceiver, SrtcpSender } from './rtcp-protection.ts';
import { SrtpReceiver, SrtpSender } from './rtp-protection.ts';
import { readSrtpKey, type SrtpKeys, type SrtpSuite } from './suites.ts';

/** After a rekey packets under the old key are still on their way. */
const OLD_KEY_MS = 2_000;

interface Out {
  readonly key: string;
  readonly rtp: SrtpSender;
  readonly rtcp: SrtcpSender;
}

interface In {
  readonly key: string;
  readonly rtp: SrtpReceiver;
  readonly rtcp: SrtcpReceiver;
}

/**
 * SRTP of one session: nothing while there are no keys. With keys nothing goes or comes in the clear. The same keys again
 * go on where they stand, so that a re-INVITE that changes something else repeats no key stream.
 */
export class SessionSecurity {
  #suite: SrtpSuite | undefined;
  #out: Out | undefined;
  #in: In | undefined;
  #before: In | undefined;
  #beforeUntilMs = 0;
  #refused = 0;

  get on(): boolean {
    return this.#suite !== undefined;
  }

  get suite(): SrtpSuite | undefined {
    return this.#suite;
  }

  /** Datagrams that were forged, played again, or in the clear. */
  get refused(): number {
    return this.#refused;
  }

  /** Takes keys, or goes on without. False when they are none of their suite; then nothing has changed. */
  use(keys: SrtpKeys | undefined, nowMs: number): boolean {
    if (keys === undefined) {
      this.#suite = undefined;
      this.#out = undefined;
      this.#in = undefined;
      this.#before = undefined;
      return true;
    }
    const { suite } = keys;
    const local = readSrtpKey(suite, keys.local);
    const remote = readSrtpKey(suite, keys.remote);
    if (local === undefined || remote === undefined || keys.local === keys.remote) return false;
    const changed = suite !== this.#suite;
    this.#suite = suite;
    if (changed || this.#out?.key !== keys.local) {
      this.#out = {
        key: keys.local,
        rtp: new SrtpSender(suite, local),
        rtcp: new SrtcpSender(suite, local),
      };
    }
    if (changed || this.#in?.key !== keys.remote) {
      this.#before = this.#in;
      this.#beforeUntilMs = nowMs + OLD_KEY_MS;
      this.#in = {
        key: keys.remote,
        rtp: new SrtpReceiver(suite, remote),
        rtcp: new SrtcpReceiver(suite, remote),
      };
    }
    return true;
  }

  /** What goes on the wire. */
  protect(packet: Uint8Array): Uint8Array | undefined {
    return this.#out === undefined ? packet : this.#out.rtp.protect(packet);
  }

  protectReport(packet: Uint8Array): Uint8Array | undefined {
    return this.#out === undefined ? packet : this.#out.rtcp.protect(packet);
  }

  /** The packet in the clear, in the same memory; undefined for what is not genuine. */
  open(datagram: Buffer, nowMs: number): Buffer | undefined {
    return this.#open('rtp', datagram, nowMs);
  }

  openReport(datagram: Buffer, nowMs: number): Buffer | undefined {
    return this.#open('rtcp', datagram, nowMs);
  }

  #open(kind: 'rtp' | 'rtcp', datagram: Buffer, nowMs: number): Buffer | undefined {
    if (this.#in === undefined) return datagram;
    let opened = this.#in[kind].unprotect(datagram);
    if (opened === 'forged' && this.#before !== undefined) {
      if (nowMs < this.#beforeUntilMs) opened = this.#before[kind].unprotect(datagram);
      else this.#before = undefined;
    }
    if (typeof opened !== 'string') return opened;
    this.#refused++;
    return undefined;
  }
}
