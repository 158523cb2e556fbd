import { isIPv4 } from 'node:net';

/** What a person wants to know of a DHCP packet. */
export interface DhcpSkim {
  /** `DISCOVER`, `OFFER`, … */
  readonly message: string;
  /** Twelve hexadecimal digits. */
  readonly mac: string;
  readonly transaction: string;
  /** The address that is offered, given or wanted. */
  readonly address?: string;
  /** Whose answer it is, or whom the client chose. */
  readonly server?: string;
  readonly hostName?: string;
}

/** Option 53 (RFC 2132 §9.6). */
const MESSAGES = ['?', 'DISCOVER', 'OFFER', 'REQUEST', 'DECLINE', 'ACK', 'NAK', 'RELEASE', 'INFORM'];
const FIXED_BYTES = 240;
const OPTION = { pad: 0, hostName: 12, requested: 50, message: 53, server: 54, end: 255 } as const;

/** Takes any bytes; undefined for what is no BOOTP packet. */
export function skimDhcp(bytes: Uint8Array): DhcpSkim | undefined {
  if (bytes.length < FIXED_BYTES || (bytes[0] !== 1 && bytes[0] !== 2)) return undefined;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (buffer.readUInt32BE(236) !== 0x63825363) return undefined;
  const options = optionsOf(buffer);
  const message = MESSAGES[options.get(OPTION.message)?.[0] ?? 0] ?? '?';
  const yours = addressAt(buffer, 16);
  const client = addressAt(buffer, 12);
  const requested = addressAt(options.get(OPTION.requested) ?? Buffer.alloc(0), 0);
  const address = [yours, requested, client].find((each) => each !== undefined);
  const server = addressAt(options.get(OPTION.server) ?? Buffer.alloc(0), 0);
  const hostName = options.get(OPTION.hostName)?.toString('utf8').slice(0, 64);
  return {
    message,
    mac: buffer.toString('hex', 28, 34),
    transaction: buffer.toString('hex', 4, 8),
    ...(address === undefined ? {} : { address }),
    ...(server === undefined ? {} : { server }),
    ...(hostName === undefined ? {} : { hostName }),
  };
}

function optionsOf(buffer: Buffer): ReadonlyMap<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let at = FIXED_BYTES; at < buffer.length; ) {
    const code = buffer[at] ?? OPTION.end;
    if (code === OPTION.end) break;
    if (code === OPTION.pad) {
      at++;
      continue;
    }
    const length = buffer[at + 1] ?? 0;
    if (!found.has(code)) found.set(code, buffer.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return found;
}

function addressAt(buffer: Uint8Array, at: number): string | undefined {
  const text = buffer.subarray(at, at + 4).join('.');
  return isIPv4(text) && text !== '0.0.0.0' ? text : undefined;
}
