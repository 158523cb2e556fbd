import type { BoardCapability, BoardIdentity } from '../board.ts';
import { FieldReader, FieldWriter } from './bytes.ts';

/** Bit numbers of the capability word in HELLO. A bit that is not here is ignored. */
const CAPABILITY_BITS: readonly BoardCapability[] = ['pcm', 't38', 'gr909', 'callerIdAudio', 'polarity'];
/** Values of the boot reason byte; one that is not here is read as `reset`. */
const BOOT_REASONS: readonly BoardIdentity['bootReason'][] = [
  'powerOn',
  'reset',
  'watchdog',
  'brownOut',
  'software',
];
const NAME_LIMIT_BYTES = 32;

/** HELLO: who the board is, and whose HELLO_REQUEST it answers (`nonce`, 0 when it only says that it booted). */
export interface Hello {
  readonly identity: BoardIdentity;
  readonly nonce: number;
}

/**
 * HELLO payload.
 * ```
 *  0     1     2     3          4        8           12          16         18
 * |major|minor|ports|bootReason|nonce u32|capab. u32|receive u32|frame u16|model|serial|firmware|   names: length u8, UTF-8
 * ```
 * Example, 2 ports, power on, nonce 1, pcm only, 4096, 1024, "A", "B", "C":
 * `01 00 02 00 01 00 00 00 01 00 00 00 00 10 00 00 00 04 01 41 01 42 01 43`.
 */
export function encodeHello(hello: Hello): Buffer {
  const { identity } = hello;
  const capabilities = CAPABILITY_BITS.reduce(
    (word, name, bit) => (identity.capabilities.includes(name) ? word | (1 << bit) : word),
    0,
  );
  return new FieldWriter()
    .u8(identity.protocol.major)
    .u8(identity.protocol.minor)
    .u8(identity.ports)
    .u8(BOOT_REASONS.indexOf(identity.bootReason))
    .u32(hello.nonce)
    .u32(capabilities)
    .u32(identity.limits.receiveBytes)
    .u16(identity.limits.frameBytes)
    .text(identity.model, NAME_LIMIT_BYTES)
    .text(identity.serial, NAME_LIMIT_BYTES)
    .text(identity.firmware, NAME_LIMIT_BYTES)
    .take();
}

/**
 * Reads HELLO, or undefined when it is too short or announces no port or more than 8. Of a foreign major version only
 * the first two bytes are meant: then `identity` holds nothing but the version.
 */
export function decodeHello(payload: Uint8Array, ownMajor: number): Hello | undefined {
  const reader = new FieldReader(payload);
  const protocol = { major: reader.u8(), minor: reader.u8() };
  if (reader.short) return undefined;
  if (protocol.major !== ownMajor) return { nonce: 0, identity: foreignIdentity(protocol) };
  const ports = reader.u8();
  const bootReason = BOOT_REASONS[reader.u8()] ?? 'reset';
  const nonce = reader.u32();
  const word = reader.u32();
  const limits = { receiveBytes: reader.u32(), frameBytes: reader.u16() };
  const [model, serial, firmware] = [reader.text(), reader.text(), reader.text()];
  if (reader.short || ports < 1 || ports > 8) return undefined;
  const capabilities = CAPABILITY_BITS.filter((_name, bit) => (word & (1 << bit)) !== 0);
  return { nonce, identity: { protocol, model, serial, firmware, ports, bootReason, capabilities, limits } };
}

function foreignIdentity(protocol: BoardIdentity['protocol']): BoardIdentity {
  return {
    protocol,
    model: '',
    serial: '',
    firmware: '',
    ports: 0,
    bootReason: 'reset',
    capabilities: [],
    limits: { receiveBytes: 0, frameBytes: 0 },
  };
}

/** HELLO_REQUEST: the box opens a session. `nonce` is random and not 0. */
export interface HelloRequest {
  readonly major: number;
  readonly minor: number;
  readonly nonce: number;
  /** The box's receive buffer, as `receiveBytes` in HELLO. */
  readonly receiveBytes: number;
}

/** `|major u8|minor u8|nonce u32|receive u32|`. Example: `01 00 04 03 02 01 00 00 01 00`. */
export function encodeHelloRequest(request: HelloRequest): Buffer {
  return new FieldWriter()
    .u8(request.major)
    .u8(request.minor)
    .u32(request.nonce)
    .u32(request.receiveBytes)
    .take();
}

export function decodeHelloRequest(payload: Uint8Array): HelloRequest | undefined {
  const reader = new FieldReader(payload);
  const request = { major: reader.u8(), minor: reader.u8(), nonce: reader.u32(), receiveBytes: reader.u32() };
  return reader.short ? undefined : request;
}

/** CREDIT: how many bytes of this session the sender has taken off the line, and how much room it has left. */
export interface Credit {
  readonly receivedBytes: number;
  readonly freeBytes: number;
}

/** `|received u32|free u32|`. Example: `00 01 00 00 00 10 00 00` is 256 taken, 4096 free. */
export function encodeCredit(credit: Credit): Buffer {
  return new FieldWriter().u32(credit.receivedBytes).u32(credit.freeBytes).take();
}

export function decodeCredit(payload: Uint8Array): Credit | undefined {
  const reader = new FieldReader(payload);
  const credit = { receivedBytes: reader.u32(), freeBytes: reader.u32() };
  return reader.short ? undefined : credit;
}

/** HEARTBEAT: credit, the sender's own byte count (which mends the credit of lost bytes), and its counters. */
export interface Heartbeat extends Credit {
  /** Bytes that the sender had put on the line in this session before this frame. */
  readonly sentBytes: number;
  readonly uptimeMs: number;
  readonly crcErrors: number;
  readonly framingErrors: number;
  readonly overruns: number;
  readonly retransmits: number;
  readonly audioGaps: number;
}

/**
 * `|received u32|free u32|sent u32|uptime u32|crc u16|framing u16|overruns u16|retransmits u16|audio gaps u16|`; the
 * counters stop at 65535.
 * Example: `00 01 00 00 00 10 00 00 00 02 00 00 e8 03 00 00 01 00 02 00 00 00 03 00 04 00`.
 */
export function encodeHeartbeat(beat: Heartbeat): Buffer {
  return new FieldWriter()
    .bytes(encodeCredit(beat))
    .u32(beat.sentBytes)
    .u32(beat.uptimeMs)
    .u16(beat.crcErrors)
    .u16(beat.framingErrors)
    .u16(beat.overruns)
    .u16(beat.retransmits)
    .u16(beat.audioGaps)
    .take();
}

export function decodeHeartbeat(payload: Uint8Array): Heartbeat | undefined {
  const reader = new FieldReader(payload);
  const beat = {
    receivedBytes: reader.u32(),
    freeBytes: reader.u32(),
    sentBytes: reader.u32(),
    uptimeMs: reader.u32(),
    crcErrors: reader.u16(),
    framingErrors: reader.u16(),
    overruns: reader.u16(),
    retransmits: reader.u16(),
    audioGaps: reader.u16(),
  };
  return reader.short ? undefined : beat;
}

/**
 * ACK payload: bit `i` says that control frame `ack + 1 + i` has come although `ack` has not, so that it need not be
 * sent again. `|early u16|`. Example: `05 00` with ack 7: 8 and 10 have come.
 */
export function encodeAck(early: number): Buffer {
  return new FieldWriter().u16(early).take();
}

export function decodeAck(payload: Uint8Array): number | undefined {
  const reader = new FieldReader(payload);
  const early = reader.u16();
  return reader.short ? undefined : early;
}
