import { createHash, type KeyObject, sign, X509Certificate } from 'node:crypto';
import type { GatewayId } from '../../lib/base/ids.ts';
import type { Random } from '../../lib/base/random.ts';
import { SIGNED_BY } from '../../lib/contract/certificate-request.ts';
import {
  DER_TAG,
  type DerElement,
  der,
  derBits,
  derChildren,
  derInteger,
  derOid,
  derSequence,
  derText,
  derTime,
  readDer,
  toPem,
} from '../../lib/contract/der.ts';

const DAY_MS = 86_400_000;
/** A box that lay in a store-room for most of a year still has its identity; it renews after two thirds. */
export const DEVICE_DAYS = 365;
/** Clocks of brokers differ from ours by less. */
const BACKDATE_MS = 3_600_000;
/**
 * Who goes by a list that is older lets nobody in, the service included: it is written anew at every change and every few
 * hours, and taken anew by the broker every third of this.
 */
export const LIST_LIVES_MS = 30 * DAY_MS;
const SERIAL_BYTES = 16;
/** Domain of the name that is another one in each certificate: brokers that know users by name tell old from new by it. */
const NAME_DOMAIN = 'gateways.engawa.example';

const OID = {
  organisation: '2.5.4.10',
  commonName: '2.5.4.3',
  keyUsage: '2.5.29.15',
  alternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  listNumber: '2.5.29.20',
  authorityKey: '2.5.29.35',
  extendedUsage: '2.5.29.37',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const;

/** A certificate that was just issued. */
export interface IssuedCertificate {
  readonly pem: string;
  /** 32 hex digits. */
  readonly serial: string;
  readonly issuedAt: number;
  readonly endsAt: number;
}

/** The name that one certificate has, and no other one: `gw-000001-40…ff.gateways.engawa.example`. */
export function certificateName(gateway: GatewayId, serial: string): string {
  return `${gateway}-${serial}.${NAME_DOMAIN}`;
}

/** Issues certificates of gateways, and the list of those that were revoked (X.509, RFC 5280), by the service's authority. */
export class Issuer {
  readonly #issuer: Buffer;
  readonly #keyId: Buffer;
  readonly #key: KeyObject;
  readonly #random: Random;

  /** Throws when `caPem` is no certificate. */
  constructor(caPem: string, key: KeyObject, random: Random) {
    const authority = new X509Certificate(caPem);
    const parts = childrenOf(childrenOf(readDer(authority.raw)?.element)[0]);
    // version, serial, algorithm, issuer, validity, subject (RFC 5280 section 4.1).
    this.#issuer = parts[5]?.whole ?? Buffer.alloc(0);
    const spki = readDer(authority.publicKey.export({ type: 'spki', format: 'der' }))?.element;
    const bits = childrenOf(spki)[1]?.content.subarray(1) ?? Buffer.alloc(0);
    this.#keyId = createHash('sha1').update(bits).digest();
    this.#key = key;
    this.#random = random;
  }

  /** A certificate for a gateway's public key. */
  issue(gateway: GatewayId, key: KeyObject, nowMs: number, livesMs: number): IssuedCertificate {
    const bytes = Buffer.from(this.#random.bytes(SERIAL_BYTES));
    // Positive, and always of the same length (RFC 5280 section 4.1.2.2).
    bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
    const serial = bytes.toString('hex');
    const endsAt = nowMs + livesMs;
    const name = derSequence(
      der(DER_TAG.set, derSequence(derOid(OID.organisation), derText('Engawa'))),
      der(DER_TAG.set, derSequence(derOid(OID.commonName), derText(gateway))),
    );
    const extensions = derSequence(
      extension(OID.basicConstraints, derSequence(), true),
      // digitalSignature: bit 0, so seven unused ones.
      extension(OID.keyUsage, derBits(Buffer.from([0x80]), 7), true),
      extension(OID.extendedUsage, derSequence(derOid(OID.clientAuth))),
      extension(OID.alternativeName, derSequence(der(0x82, Buffer.from(certificateName(gateway, serial))))),
      this.#authorityKey(),
    );
    const toBeSigned = derSequence(
      der(0xa0, derInteger(2)),
      derInteger(bytes),
      SIGNED_BY,
      this.#issuer,
      derSequence(derTime(nowMs - BACKDATE_MS), derTime(endsAt)),
      name,
      key.export({ type: 'spki', format: 'der' }),
      der(0xa3, extensions),
    );
    return { pem: this.#signed('CERTIFICATE', toBeSigned), serial, issuedAt: nowMs, endsAt };
  }

  /** The list of revoked certificates (RFC 5280 section 5), PEM. */
  revocationList(
    revoked: readonly { readonly serial: string; readonly atMs: number }[],
    nowMs: number,
  ): string {
    const entries = revoked.map(({ serial, atMs }) =>
      derSequence(derInteger(Buffer.from(serial, 'hex')), derTime(atMs)),
    );
    const toBeSigned = derSequence(
      derInteger(1),
      SIGNED_BY,
      this.#issuer,
      derTime(nowMs - BACKDATE_MS),
      derTime(nowMs + LIST_LIVES_MS),
      // Left out when empty: section 5.1.2.6.
      ...(entries.length === 0 ? [] : [derSequence(...entries)]),
      der(0xa0, derSequence(this.#authorityKey(), extension(OID.listNumber, derInteger(nowMs)))),
    );
    return this.#signed('X509 CRL', toBeSigned);
  }

  #authorityKey(): Buffer {
    return extension(OID.authorityKey, derSequence(der(0x80, this.#keyId)));
  }

  #signed(label: string, toBeSigned: Buffer): string {
    return toPem(label, derSequence(toBeSigned, SIGNED_BY, derBits(sign('sha256', toBeSigned, this.#key))));
  }
}

function extension(oid: string, value: Buffer, critical = false): Buffer {
  const flag = critical ? [der(0x01, Buffer.from([0xff]))] : [];
  return derSequence(derOid(oid), ...flag, der(DER_TAG.octetString, value));
}

function childrenOf(element: DerElement | undefined): readonly DerElement[] {
  return (element && derChildren(element)) ?? [];
}
