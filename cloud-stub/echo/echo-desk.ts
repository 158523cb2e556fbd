import {
  decodeEchoRequest,
  ECHO_DELAY_MOST_S,
  type EchoAnswer,
  encodeEchoAnswer,
} from '../../lib/contract/echo-packet.ts';
import { decodeStun, encodeStunResponse, type StunAddress } from '../../lib/net/stun.ts';
import { mirrorSip } from './sip-mirror.ts';

/** What came, on which of the echo's sockets. */
export interface Arrived {
  readonly bytes: Buffer;
  readonly source: StunAddress;
  /** Our own end. */
  readonly at: StunAddress;
  readonly monotonicMs: number;
  readonly nowMs: number;
}

/** What is sent back. */
export interface Answer {
  readonly bytes: Buffer;
  readonly delayMs: number;
  /** From the socket of the other port. */
  readonly fromOther: boolean;
}

/** Per source: a whole check sends some 600 packets, most of them in a few seconds. */
const PER_SECOND = 200;
const BURST = 600;
const SOURCES_MOST = 4_096;
const BURSTS_MOST = 4_096;

interface Bucket {
  tokens: number;
  filledMs: number;
}

interface Burst {
  count: number;
  transit: number | undefined;
  jitterMs: number;
}

/** Decides what the echo answers: STUN, the packets of {@link file://../../lib/contract/echo-packet.ts}, and SIP requests. */
export class EchoDesk {
  readonly #other: (at: StunAddress) => StunAddress | undefined;
  readonly #buckets = new Map<string, Bucket>();
  readonly #bursts = new Map<string, Burst>();
  /** What was not answered: no request of ours, or too many from one source. */
  readonly dropped = { unknown: 0, rate: 0 };

  constructor(other: (at: StunAddress) => StunAddress | undefined) {
    this.#other = other;
  }

  /** Never throws. An answer is never larger than what asked for it, but for SIP and STUN, where it is twice as large at most. */
  answer(arrived: Arrived): Answer | undefined {
    const made = this.#stun(arrived) ?? this.#echo(arrived) ?? this.#sip(arrived);
    if (made === undefined) {
      this.dropped.unknown++;
      return undefined;
    }
    if (this.#admit(arrived)) return made;
    this.dropped.rate++;
    return undefined;
  }

  #stun({ bytes, source, at }: Arrived): Answer | undefined {
    const message = decodeStun(bytes);
    if (message?.kind !== 'request') return undefined;
    const other = this.#other(at);
    const origin = message.changePort ? (other ?? at) : at;
    const places = { mapped: source, origin, ...(other === undefined ? {} : { other }) };
    return {
      bytes: encodeStunResponse(message.transaction, places),
      delayMs: 0,
      fromOther: message.changePort && other !== undefined,
    };
  }

  #echo(arrived: Arrived): Answer | undefined {
    const { bytes } = arrived;
    const found = decodeEchoRequest(bytes);
    if (found === undefined) return undefined;
    const { request, sequence, ssrc, sentMs } = found;
    const counted = request.do === 'echo' && request.counted;
    const burst = this.#burst(arrived, ssrc, sentMs, counted);
    const answer: EchoAnswer = {
      ...{ sequence, ssrc, bytes: bytes.length, atMs: arrived.nowMs },
      ...{ count: burst.count, jitterMs: burst.jitterMs },
    };
    const size = request.do === 'echo' ? Math.min(bytes.length, request.answerBytes) : 0;
    const delayS = request.do === 'later' ? Math.min(ECHO_DELAY_MOST_S, request.delayS) : 0;
    return { bytes: encodeEchoAnswer(answer, size), delayMs: delayS * 1_000, fromOther: false };
  }

  #sip({ bytes, source }: Arrived): Answer | undefined {
    const mirrored = mirrorSip(bytes, source);
    return mirrored === undefined ? undefined : { bytes: mirrored, delayMs: 0, fromOther: false };
  }

  #burst({ source, monotonicMs }: Arrived, ssrc: number, sentMs: number, counted: boolean): Burst {
    const key = `${source.host} ${source.port} ${ssrc}`;
    const burst = this.#bursts.get(key) ?? { count: 0, transit: undefined, jitterMs: 0 };
    if (!counted) return burst;
    this.#bursts.delete(key);
    this.#bursts.set(key, burst);
    forgetOldest(this.#bursts, BURSTS_MOST);
    burst.count++;
    const transit = monotonicMs - sentMs;
    if (burst.transit !== undefined) {
      burst.jitterMs += (Math.abs(transit - burst.transit) - burst.jitterMs) / 16;
    }
    burst.transit = transit;
    return burst;
  }

  #admit({ source, monotonicMs }: Arrived): boolean {
    const bucket = this.#buckets.get(source.host) ?? { tokens: BURST, filledMs: monotonicMs };
    this.#buckets.delete(source.host);
    this.#buckets.set(source.host, bucket);
    forgetOldest(this.#buckets, SOURCES_MOST);
    bucket.tokens = Math.min(BURST, bucket.tokens + ((monotonicMs - bucket.filledMs) * PER_SECOND) / 1_000);
    bucket.filledMs = monotonicMs;
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  }
}

function forgetOldest(map: Map<string, unknown>, most: number): void {
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}
