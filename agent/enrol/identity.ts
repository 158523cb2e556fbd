import { createPublicKey } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Enrolment, enrolment } from '../../lib/contract/enrolment.ts';
import { ENROLMENT_FILE } from './claim.ts';

/** Largest enrolment file that is read. */
const LIMIT_BYTES = 65_536;

/** Whose a box is. */
export type Identity =
  | { readonly at: 'claimed'; readonly enrolment: Enrolment }
  /** Nobody has claimed it yet. */
  | { readonly at: 'unclaimed' }
  /** It was claimed, and what it was given cannot be used. */
  | { readonly at: 'damaged'; readonly say: string };

/** Reads what the gateway was given at its enrolment, and believes nothing in it. Never throws. */
export function readIdentity(folder: string): Identity {
  const path = join(folder, ENROLMENT_FILE);
  let text: string;
  try {
    if (!existsSync(path)) return { at: 'unclaimed' };
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return damaged(path, error instanceof Error ? error.message : String(error));
  }
  if (text.length > LIMIT_BYTES) return damaged(path, 'it is too large');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return damaged(path, 'it is not JSON');
  }
  const parsed = enrolment.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return damaged(path, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'wrong'}`);
  }
  if (!isConfigKey(parsed.data.configKeyPem)) return damaged(path, 'its configuration key is none');
  return { at: 'claimed', enrolment: parsed.data };
}

function isConfigKey(pem: string): boolean {
  try {
    return createPublicKey(pem).asymmetricKeyType === 'ed25519';
  } catch {
    return false;
  }
}

function damaged(path: string, what: string): Identity {
  return { at: 'damaged', say: `The enrolment at ${path} cannot be used (${what}).` };
}
