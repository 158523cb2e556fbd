import { type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';
import { type CodedError, ok, type Result, refuse } from '../base/errors.ts';

/** What is sealed; the name is part of what is signed, so that no text of one kind passes for another. */
export type SealedKind = 'command' | 'spend' | 'update';

/** A text under a signature. `payload` is the very text that was signed: what is signed is what is read. */
const sealed = z.strictObject({
  v: z.literal(1),
  payload: z.string().max(65_536),
  /** Ed25519 over {@link signedBytes} with the key that signs configurations, base64. */
  signature: z.string().regex(/^[A-Za-z0-9+/]{86}==$/),
});

/** Why a sealed text is not believed. */
export interface SealRefusal extends CodedError {
  readonly code: 'sealed.unreadable' | 'sealed.signature';
}

/** Signs `payload` as a text of `kind`: the message as it is published, UTF-8 JSON. */
export function seal(kind: SealedKind, payload: string, privateKey: KeyObject): Buffer {
  const signature = sign(null, signedBytes(kind, payload), privateKey).toString('base64');
  return Buffer.from(JSON.stringify(sealed.parse({ v: 1, payload, signature })));
}

/**
 * The JSON value inside a sealed message of `kind`, proved and not yet checked for its shape. Takes any bytes and never throws.
 * Whom it is for and how long it holds is the payload's own business.
 */
export function openSealed(
  kind: SealedKind,
  bytes: Uint8Array,
  options: { readonly publicKey: KeyObject; readonly limitBytes: number },
): Result<unknown, SealRefusal> {
  const outer = bytes.length > options.limitBytes ? undefined : sealed.safeParse(parseJson(bytes));
  if (outer?.success !== true) return no('sealed.unreadable', `That is no ${kind} of this generation.`);
  if (!signatureHolds(kind, outer.data, options.publicKey)) {
    return no('sealed.signature', `The ${kind} is not signed by this gateway's cloud.`);
  }
  return ok(parseJson(Buffer.from(outer.data.payload)));
}

/** The bytes under the signature. */
function signedBytes(kind: SealedKind, payload: string): Buffer {
  return Buffer.from(`engawa-${kind}\n${payload}\n`);
}

function signatureHolds(
  kind: SealedKind,
  message: { readonly payload: string; readonly signature: string },
  publicKey: KeyObject,
): boolean {
  if (publicKey.asymmetricKeyType !== 'ed25519') return false;
  const signature = Buffer.from(message.signature, 'base64');
  // The last letter of base64 has spare bits: only the one right way to write a signature is taken.
  if (signature.toString('base64') !== message.signature) return false;
  try {
    return verify(null, signedBytes(kind, message.payload), publicKey, signature);
  } catch {
    return false;
  }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
}

function no(code: SealRefusal['code'], say: string) {
  return refuse<SealRefusal>({ code, fault: 'peer', say });
}
