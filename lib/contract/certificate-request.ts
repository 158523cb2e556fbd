import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import {
  DER_TAG,
  der,
  derBits,
  derChildren,
  derInteger,
  derOid,
  derSequence,
  derText,
  fromPem,
  readDer,
  toPem,
} from './der.ts';

const LABEL = 'CERTIFICATE REQUEST';
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const COMMON_NAME = '2.5.4.3';
const REQUEST_LIMIT = 4_096;

/** Algorithm identifier of every signature here: ECDSA with SHA-256 (RFC 5758 section 3.2). */
export const SIGNED_BY: Buffer = derSequence(derOid(ECDSA_WITH_SHA256));

/** A distinguished name of one part. */
export function commonName(name: string): Buffer {
  return der(DER_TAG.set, derSequence(derOid(COMMON_NAME), derText(name)));
}

/** A certificate request (PKCS #10, RFC 2986), PEM: names the box by its serial number and proves that it holds the key. */
export function makeCertificateRequest(privateKey: KeyObject, serialNumber: string): string {
  const publicKey = createPublicKey(privateKey as never).export({ type: 'spki', format: 'der' });
  const info = derSequence(derInteger(0), derSequence(commonName(serialNumber)), publicKey, der(0xa0));
  const signature = sign('sha256', info, privateKey);
  return toPem(LABEL, derSequence(info, SIGNED_BY, derBits(signature)));
}

/**
 * The public key of a request: P-256, and proved to be held by whoever made it. Undefined for everything else. The name in
 * it is nobody's claim: who it is for says the code or the certificate that it came with. Never throws.
 */
export function openCertificateRequest(pem: string): KeyObject | undefined {
  if (pem.length > REQUEST_LIMIT) return undefined;
  const parts = partsOf(fromPem(LABEL, pem));
  if (parts === undefined) return undefined;
  const { info, publicPart, signature } = parts;
  try {
    const key = createPublicKey({ key: publicPart, format: 'der', type: 'spki' });
    if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return undefined;
    return verify('sha256', info, key, signature) ? key : undefined;
  } catch {
    return undefined;
  }
}

interface RequestParts {
  readonly info: Buffer;
  readonly publicPart: Buffer;
  readonly signature: Buffer;
}

function partsOf(bytes: Buffer | undefined): RequestParts | undefined {
  const outer = bytes && readDer(bytes);
  if (outer === undefined || outer.element.tag !== DER_TAG.sequence || outer.rest.length > 0)
    return undefined;
  const [info, algorithm, signature, ...more] = derChildren(outer.element) ?? [];
  if (info === undefined || algorithm === undefined || signature === undefined || more.length > 0)
    return undefined;
  const publicPart = derChildren(info)?.[2];
  const plain = signature.tag === DER_TAG.bitString && signature.content[0] === 0;
  if (publicPart === undefined || !plain || !algorithm.whole.equals(SIGNED_BY)) return undefined;
  return { info: info.whole, publicPart: publicPart.whole, signature: signature.content.subarray(1) };
}
