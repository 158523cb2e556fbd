/**
 * What a box sends to the service's echo to learn what the networks between them do, and what comes back. It looks like RTP
 * with 20 ms of sound, so that a network treats it as it treats sound.
 *
 * ```
 *  0                   1                   2                   3
 * |V=2|     0     |M|   PT = 0    |       sequence number         |
 * |      timestamp: when it was sent, in eighths of a ms          |
 * |                             SSRC                              |
 * |                         "EWEC" (magic)                        |
 * |   operation   |     zero      |  request: delay in seconds    |
 * |                               |  answer: bytes that came      |
 * |       size of the answer (IP packet)     | request only, 2 B  |
 * answer, from byte 20 on: count of packets (4), jitter in µs (4), time of the service in epoch µs (8)
 * ```
 */
export type EchoRequest =
  /** Comes back at once. `counted`: belongs to a burst, whose arrivals are counted. */
  | { readonly do: 'echo'; readonly counted: boolean; readonly answerBytes: number }
  /** Comes back after this long, to whoever sent it. */
  | { readonly do: 'later'; readonly delayS: number };

/** The name of a packet, which its answer repeats. */
export interface EchoName {
  readonly sequence: number;
  readonly ssrc: number;
}

/** What the service says of a packet that came. */
export interface EchoAnswer extends EchoName {
  /** Of the datagram that came, without the heads of IP and UDP. */
  readonly bytes: number;
  /** Counted packets of the same SSRC so far. */
  readonly count: number;
  /** Of their arrival (RFC 3550 §6.4.1). */
  readonly jitterMs: number;
  /** The service's clock, epoch ms with a fraction. */
  readonly atMs: number;
}

/** Ports of the echo on its host. */
export const ECHO_PORTS = { first: 3_478, second: 3_479, sip: 5_060, media: 16_380 } as const;
/** A packet of 20 ms of G.711: RTP's head and 160 bytes. */
export const ECHO_USUAL_BYTES = 172;
/** An answer is never larger than what asked for it: nobody is flooded through the echo. */
export const ECHO_LEAST_BYTES = 36;
/** Longest delay, and most that wait. */
export const ECHO_DELAY_MOST_S = 300;

const MAGIC = 0x45574543;
const VERSION = 0x80;
const PER_MS = 8;
const USUAL_MS = 20;
const OPERATION = { echo: 1, counted: 2, later: 3, answer: 0x80 } as const;

/**
 * A request of `bytes` bytes, at least {@link ECHO_LEAST_BYTES}, that was sent at `sentMs` of any clock, so that whoever counts
 * the packets of a burst does not take an uneven sender for an uneven way.
 */
export function encodeEchoRequest(
  name: EchoName,
  request: EchoRequest,
  bytes = ECHO_USUAL_BYTES,
  sentMs = name.sequence * USUAL_MS,
): Buffer {
  const out = headOf(name, Math.max(ECHO_LEAST_BYTES, bytes));
  out.writeUInt32BE(Math.round(sentMs * PER_MS) >>> 0, 4);
  if (request.do === 'later') {
    out[16] = OPERATION.later;
    out.writeUInt16BE(request.delayS, 18);
  } else {
    out[16] = request.counted ? OPERATION.counted : OPERATION.echo;
    out.writeUInt16BE(request.answerBytes, 20);
  }
  return out;
}

/** A request as it came. */
export interface EchoAsked extends EchoName {
  readonly request: EchoRequest;
  /** On the sender's clock, which begins anew every six days. */
  readonly sentMs: number;
}

/** Takes any bytes; undefined for what is no request. */
export function decodeEchoRequest(bytes: Uint8Array): EchoAsked | undefined {
  const buffer = viewOf(bytes);
  if (buffer === undefined) return undefined;
  const name = { ...nameOf(buffer), sentMs: buffer.readUInt32BE(4) / PER_MS };
  switch (buffer[16]) {
    case OPERATION.echo:
    case OPERATION.counted: {
      const counted = buffer[16] === OPERATION.counted;
      return { ...name, request: { do: 'echo', counted, answerBytes: buffer.readUInt16BE(20) } };
    }
    case OPERATION.later:
      return { ...name, request: { do: 'later', delayS: buffer.readUInt16BE(18) } };
    default:
      return undefined;
  }
}

/** The answer, padded to `bytes`. */
export function encodeEchoAnswer(answer: EchoAnswer, bytes: number): Buffer {
  const out = headOf(answer, Math.max(ECHO_LEAST_BYTES, bytes));
  out[16] = OPERATION.answer;
  out.writeUInt16BE(Math.min(0xffff, answer.bytes), 18);
  out.writeUInt32BE(answer.count >>> 0, 20);
  out.writeUInt32BE(Math.min(0xffffffff, Math.round(answer.jitterMs * 1_000)), 24);
  out.writeBigUInt64BE(BigInt(Math.max(0, Math.round(answer.atMs * 1_000))), 28);
  return out;
}

/** Takes any bytes; undefined for what is no answer. */
export function decodeEchoAnswer(bytes: Uint8Array): EchoAnswer | undefined {
  const buffer = viewOf(bytes);
  if (buffer === undefined || buffer[16] !== OPERATION.answer) return undefined;
  return {
    ...nameOf(buffer),
    bytes: buffer.readUInt16BE(18),
    count: buffer.readUInt32BE(20),
    jitterMs: buffer.readUInt32BE(24) / 1_000,
    atMs: Number(buffer.readBigUInt64BE(28)) / 1_000,
  };
}

function headOf({ sequence, ssrc }: EchoName, bytes: number): Buffer {
  const out = Buffer.alloc(bytes);
  out[0] = VERSION;
  out.writeUInt16BE(sequence & 0xffff, 2);
  out.writeUInt32BE(ssrc >>> 0, 8);
  out.writeUInt32BE(MAGIC, 12);
  return out;
}

function viewOf(bytes: Uint8Array): Buffer | undefined {
  if (bytes.length < ECHO_LEAST_BYTES || bytes[0] !== VERSION) return undefined;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return buffer.readUInt32BE(12) === MAGIC ? buffer : undefined;
}

function nameOf(buffer: Buffer): EchoName {
  return { sequence: buffer.readUInt16BE(2), ssrc: buffer.readUInt32BE(8) };
}
