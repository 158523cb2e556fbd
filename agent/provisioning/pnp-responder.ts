import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { Clock, Timer } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import { type Random, randomHex } from '../../lib/base/random.ts';
import { formatIpv4, type Ipv4, parseIpv4 } from '../../lib/net/ipv4.ts';
import { parseMessage } from '../../lib/voice/sip/codec/parse.ts';
import { FetchGate } from './fetch-gate.ts';
import { type PnpQuestion, pnpAccepted, pnpNotify, readPnpQuestion } from './pnp-message.ts';

/** Where phones ask (IANA: sip.mcast.net). */
export const PNP_GROUP = '224.0.1.75';
const PNP_PORT = 5_060;
/** Nobody listens there (RFC 863), and the kernel asks for the neighbour all the same. */
const DISCARD_PORT = 9;
/** So long the neighbour has to answer ARP. */
const NEIGHBOUR_MS = 150;
/** A NOTIFY that is not answered goes out again (RFC 3261 §17.1.2: T1 500 ms, doubled). */
const AGAIN_MS = [500, 1_000, 2_000] as const;
/** A question that was seen is remembered for as long as it may be repeated (64 × T1). */
const REMEMBER_MS = 32_000;
const QUESTIONS_MOST = 128;
/** A phone asks five times when it boots. */
const LIMITS = {
  perSource: { burst: 10, perSecond: 1 },
  everybody: { burst: 100, perSecond: 20 },
  misses: 20,
  lockMs: 60_000,
  longestMs: 600_000,
} as const;

export interface PnpResponderOptions {
  /** The box's address on the LAN; nothing is heard or sent on another interface. */
  readonly address: Ipv4;
  readonly clock: Clock;
  readonly random: Random;
  /** The address of the files for this phone, or undefined: then it is not answered at all. */
  answer(question: PnpQuestion, source: Ipv4): string | undefined;
}

/** Answers phones that ask the LAN for their configuration by multicast, as they do where no DHCP option tells them. */
export class PnpResponder {
  readonly #options: PnpResponderOptions;
  readonly #gate = new FetchGate(LIMITS);
  /** Questions of the last half minute: what was answered, or null while it is looked at or was refused. */
  readonly #seen = new Map<string, { readonly atMs: number; accepted: Buffer | null }>();
  readonly #waiting = new Map<string, Timer>();
  #group: Socket | undefined;
  #own: Socket | undefined;
  #stopped = false;
  dropped = 0;

  constructor(options: PnpResponderOptions) {
    this.#options = options;
  }

  /** Joins the group on the LAN's interface. */
  async start(): Promise<Result<void, CodedError>> {
    const address = formatIpv4(this.#options.address);
    try {
      this.#group = await bound(PNP_PORT, PNP_GROUP);
      this.#group.addMembership(PNP_GROUP, address);
      this.#own = await bound(0, address);
    } catch (error) {
      this.stop();
      const why = error instanceof Error ? error.message : String(error);
      const say = `Phones that ask by multicast (SIP PnP) cannot be answered: ${why}.`;
      return refuse({ code: 'phones.pnp', fault: 'environment', say });
    }
    this.#group.on('message', (bytes, from) => this.#onQuestion(bytes, from));
    this.#own.on('message', (bytes) => this.#onAnswer(bytes));
    for (const socket of [this.#group, this.#own]) socket.on('error', () => {});
    return ok(undefined);
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#waiting.values()) timer.cancel();
    this.#waiting.clear();
    for (const socket of [this.#group, this.#own]) socket?.close();
    this.#group = undefined;
    this.#own = undefined;
  }

  #onQuestion(bytes: Buffer, from: RemoteInfo): void {
    const nowMs = this.#options.clock.monotonicMs();
    const source = parseIpv4(from.address);
    if (source === undefined || this.#gate.enter(source, nowMs) !== 'open') {
      this.dropped += 1;
      return;
    }
    const question = readPnpQuestion(bytes);
    if (question === undefined) {
      this.#gate.missed(source, nowMs);
      this.dropped += 1;
      return;
    }
    this.#forget(nowMs);
    const key = `${from.address} ${question.key}`;
    const seen = this.#seen.get(key);
    if (seen !== undefined) {
      if (seen.accepted !== null) this.#send(this.#group, seen.accepted, from.address, from.port);
      return;
    }
    if (this.#seen.size >= QUESTIONS_MOST) {
      this.dropped += 1;
      return;
    }
    this.#seen.set(key, { atMs: nowMs, accepted: null });
    this.#send(this.#own, Buffer.alloc(1), from.address, DISCARD_PORT);
    const wait = this.#options.clock.after(NEIGHBOUR_MS, 'pnp neighbour', () => {
      this.#waiting.delete(key);
      this.#decide(key, question, source, from);
    });
    this.#waiting.set(key, wait);
  }

  #decide(key: string, question: PnpQuestion, source: Ipv4, from: RemoteInfo): void {
    const url = this.#options.answer(question, source);
    const seen = this.#seen.get(key);
    if (url === undefined || seen === undefined) {
      if (url === undefined) {
        this.#gate.missed(source, this.#options.clock.monotonicMs());
        // The LAN may tell whose address it is a moment later, or somebody approves it: the same question is looked at anew.
        this.#seen.delete(key);
      }
      return;
    }
    const { random, address } = this.#options;
    const tag = randomHex(random, 6);
    const box = formatIpv4(address);
    seen.accepted = pnpAccepted(question, { host: from.address, port: from.port }, tag, `${box}:${PNP_PORT}`);
    this.#send(this.#group, seen.accepted, from.address, from.port);
    // Only ever to where the question came from: this is no way to make the box send to others.
    const port = question.contact?.host === from.address ? question.contact.port : from.port;
    const notify = pnpNotify(question, {
      from: { host: box, port: this.#own?.address().port ?? 0 },
      to: { host: from.address, port },
      tag,
      branch: `z9hG4bK${randomHex(random, 8)}`,
      url,
    });
    this.#notify(question.request.callId, notify, { host: from.address, port }, 0);
  }

  #notify(callId: string, bytes: Buffer, to: { host: string; port: number }, round: number): void {
    this.#send(this.#own, bytes, to.host, to.port);
    const againMs = AGAIN_MS[round];
    this.#waiting.get(callId)?.cancel();
    this.#waiting.delete(callId);
    if (againMs === undefined || this.#stopped) return;
    const again = this.#options.clock.after(againMs, 'pnp notify', () =>
      this.#notify(callId, bytes, to, round + 1),
    );
    this.#waiting.set(callId, again);
  }

  /** Any final answer to a NOTIFY ends its repetition. */
  #onAnswer(bytes: Buffer): void {
    const parsed = parseMessage(bytes);
    if (parsed.kind !== 'ok' || parsed.message.kind !== 'response' || parsed.message.status < 200) return;
    this.#waiting.get(parsed.message.callId)?.cancel();
    this.#waiting.delete(parsed.message.callId);
  }

  #forget(nowMs: number): void {
    for (const [key, { atMs }] of this.#seen) {
      if (nowMs - atMs < REMEMBER_MS) return;
      this.#seen.delete(key);
    }
  }

  #send(socket: Socket | undefined, bytes: Buffer, host: string, port: number): void {
    if (socket === undefined || this.#stopped || port < 1) return;
    socket.send(bytes, port, host, (error) => {
      if (error) this.dropped += 1;
    });
  }
}

function bound(port: number, address: string): Promise<Socket> {
  const socket = createSocket('udp4');
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close();
      reject(error);
    });
    // No address is shared: a second responder on the LAN's interface is to be noticed, not joined.
    socket.bind({ port, address, exclusive: true }, () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}
