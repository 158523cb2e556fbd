import { isIPv4 } from 'node:net';
import { AF_INET, encodeSocketAddress } from './socket-address.ts';

/** `struct mmsghdr` and `struct iovec` of 64-bit Linux (recvmmsg(2)). */
const HEADER_BYTES = 64;
const VECTOR_BYTES = 16;
/** Offsets in a header. */
const AT = { name: 0, nameLength: 8, vectors: 16, vectorCount: 24, length: 56 } as const;
/** Offsets in an IPv4 socket address. */
const PORT_AT = 2;
const HOST_AT = 4;
const IPV4_BYTES = 16;
/** Addresses whose text is remembered. */
const HOSTS = 4_096;

/**
 * Memory for a batch of IPv4 datagrams as the kernel takes them: headers, which point to addresses and, by way of vectors,
 * to the bytes. The pointers are written once; what changes is what they point to.
 *
 * ```
 *  | mmsghdr × count | iovec × count | address × count | slot × count |
 *      name ───────────────────────────↑
 *      iov ──────────────↑ base ────────────────────────↑
 * ```
 */
export class MessageBatch {
  /** What the kernel is given. */
  readonly memory: Buffer;
  readonly count: number;
  readonly slotBytes: number;
  readonly #vectorsAt: number;
  readonly #addressesAt: number;
  readonly #slotsAt: number;
  readonly #names = new Map<number, string>();
  readonly #numbers = new Map<string, number>();

  /** `slotBytes`: room for each datagram. `addressOf`: where memory lies. */
  constructor(count: number, slotBytes: number, addressOf: (memory: Uint8Array) => bigint) {
    this.count = count;
    this.slotBytes = slotBytes;
    const vectorsAt = count * HEADER_BYTES;
    this.#vectorsAt = vectorsAt;
    this.#addressesAt = vectorsAt + count * VECTOR_BYTES;
    this.#slotsAt = this.#addressesAt + count * IPV4_BYTES;
    // Never from the pool: it must not move. Where no datagram has reached, a slot takes no memory.
    this.memory = Buffer.allocUnsafeSlow(this.#slotsAt + count * slotBytes).fill(0, 0, this.#slotsAt);
    const base = addressOf(this.memory);
    for (let at = 0; at < count; at++) {
      const header = at * HEADER_BYTES;
      const vector = this.#vectorAt(at);
      this.memory.writeBigUInt64LE(base + BigInt(this.#addressAt(at)), header + AT.name);
      this.memory.writeUInt32LE(IPV4_BYTES, header + AT.nameLength);
      this.memory.writeBigUInt64LE(base + BigInt(vector), header + AT.vectors);
      this.memory.writeBigUInt64LE(1n, header + AT.vectorCount);
      this.memory.writeBigUInt64LE(base + BigInt(this.#slotAt(at)), vector);
      this.memory.writeBigUInt64LE(BigInt(slotBytes), vector + 8);
    }
  }

  /** Puts a datagram in place `at`, to be sent; it fits its slot. False when `host` is no IPv4 address. */
  write(at: number, bytes: Uint8Array, host: string, port: number): boolean {
    const number = this.#numberOf(host);
    if (number === undefined) return false;
    this.memory.set(bytes, this.#slotAt(at));
    this.memory.writeUInt32LE(bytes.length, this.#vectorAt(at) + 8);
    const address = this.#addressAt(at);
    this.memory.writeUInt16LE(AF_INET, address);
    this.memory.writeUInt16BE(port, address + PORT_AT);
    this.memory.writeUInt32BE(number, address + HOST_AT);
    return true;
  }

  /** What the kernel put in place `at`: valid until it is given the batch again. */
  bytes(at: number): Buffer {
    const from = this.#slotAt(at);
    return this.memory.subarray(from, from + this.memory.readUInt32LE(at * HEADER_BYTES + AT.length));
  }

  host(at: number): string {
    const number = this.memory.readUInt32BE(this.#addressAt(at) + HOST_AT);
    return this.#names.get(number) ?? this.#nameOf(number);
  }

  port(at: number): number {
    return this.memory.readUInt16BE(this.#addressAt(at) + PORT_AT);
  }

  /** The part of the memory that begins with header `at`. */
  from(at: number): Buffer {
    return at === 0 ? this.memory : this.memory.subarray(at * HEADER_BYTES);
  }

  #nameOf(number: number): string {
    if (this.#names.size >= HOSTS) this.#names.clear();
    const name = [number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255].join('.');
    this.#names.set(number, name);
    return name;
  }

  #numberOf(host: string): number | undefined {
    const known = this.#numbers.get(host);
    if (known !== undefined || !isIPv4(host)) return known;
    if (this.#numbers.size >= HOSTS) this.#numbers.clear();
    const number = encodeSocketAddress(host, 0).readUInt32BE(HOST_AT);
    this.#numbers.set(host, number);
    return number;
  }

  #vectorAt(at: number): number {
    return this.#vectorsAt + at * VECTOR_BYTES;
  }

  #addressAt(at: number): number {
    return this.#addressesAt + at * IPV4_BYTES;
  }

  #slotAt(at: number): number {
    return this.#slotsAt + at * this.slotBytes;
  }
}
