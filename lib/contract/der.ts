/**
 * The little of DER (ITU-T X.690) that certificate requests and certificates are made of: definite lengths, tags of one
 * byte. Writers take finished parts; the reader takes any bytes and never throws.
 */

/** One element: its tag, its content, and all of its bytes. */
export interface DerElement {
  readonly tag: number;
  readonly content: Buffer;
  readonly whole: Buffer;
}

/** Tags that are used here (X.690 section 8). */
export const DER_TAG = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** An element of any tag. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

/** SEQUENCE of finished elements. */
export function derSequence(...parts: readonly Uint8Array[]): Buffer {
  return der(DER_TAG.sequence, ...parts);
}

/** INTEGER ≥ 0, from a number or from bytes, high ones first. */
export function derInteger(value: number | Uint8Array): Buffer {
  const bytes = typeof value === 'number' ? Buffer.from(evenHex(value), 'hex') : Buffer.from(value);
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const short = bytes.subarray(start);
  const positive = ((short[0] ?? 0) & 0x80) === 0 ? short : Buffer.concat([Buffer.from([0]), short]);
  return der(DER_TAG.integer, positive.length === 0 ? Buffer.from([0]) : positive);
}

/** BIT STRING of whole bytes. */
export function derBits(bytes: Uint8Array, unusedBits = 0): Buffer {
  return der(DER_TAG.bitString, Buffer.from([unusedBits]), bytes);
}

/** OBJECT IDENTIFIER from its dotted form. */
export function derOid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap(base128);
  return der(DER_TAG.oid, Buffer.from(bytes));
}

/** UTF8String. */
export function derText(text: string): Buffer {
  return der(DER_TAG.utf8, Buffer.from(text, 'utf8'));
}

/** UTCTime before 2050, GeneralizedTime from then on (RFC 5280 section 4.1.2.5). Epoch ms; seconds are kept. */
export function derTime(atMs: number): Buffer {
  const text = new Date(atMs).toISOString().replace(/[-:T]|\.[0-9]{3}/g, '');
  const late = Number(text.slice(0, 4)) >= 2050;
  return der(late ? DER_TAG.generalizedTime : DER_TAG.utcTime, Buffer.from(late ? text : text.slice(2)));
}

/** The first element of `bytes` and what follows it; undefined when there is none. */
export function readDer(
  bytes: Uint8Array,
): { readonly element: DerElement; readonly rest: Buffer } | undefined {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [tag, first] = [all[0], all[1]];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) return undefined;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || lengthBytes > 3 || all.length < 2 + lengthBytes) return undefined;
  const length = lengthBytes === 0 ? first : all.readUIntBE(2, lengthBytes);
  const start = 2 + lengthBytes;
  if (all.length < start + length) return undefined;
  const end = start + length;
  const element = { tag, content: all.subarray(start, end), whole: all.subarray(0, end) };
  return { element, rest: all.subarray(end) };
}

/** All elements inside a constructed one; undefined when its content is not a row of whole elements. */
export function derChildren(element: DerElement): readonly DerElement[] | undefined {
  const children: DerElement[] = [];
  for (let rest: Buffer = element.content; rest.length > 0; ) {
    const read = readDer(rest);
    if (read === undefined) return undefined;
    children.push(read.element);
    rest = read.rest;
  }
  return children;
}

/** DER in PEM armour (RFC 7468). */
export function toPem(label: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** The bytes in PEM armour with `label`; undefined when there are none. */
export function fromPem(label: string, text: string): Buffer | undefined {
  const [, inside] =
    new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]*)-----END ${label}-----`).exec(text) ?? [];
  return inside === undefined ? undefined : Buffer.from(inside.replace(/\s/g, ''), 'base64');
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes = Buffer.from(evenHex(length), 'hex');
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
}

function evenHex(value: number): string {
  const hex = value.toString(16);
  return hex.length % 2 === 0 ? hex : `0${hex}`;
}

function base128(value: number): readonly number[] {
  const bytes = [value & 0x7f];
  for (let left = Math.floor(value / 128); left > 0; left = Math.floor(left / 128)) {
    bytes.unshift(0x80 | (left & 0x7f));
  }
  return bytes;
}
