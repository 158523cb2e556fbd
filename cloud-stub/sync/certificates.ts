import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  X509Certificate,
} from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../lib/base/clock.ts';
import { StartupError } from '../../lib/base/errors.ts';
import type { Random } from '../../lib/base/random.ts';
import { randomHex } from '../../lib/base/random.ts';
import { SERVICE_NAME } from '../../lib/contract/enrolment.ts';
import { issueAuthority, issueServer } from './openssl.ts';
import { readOrMakePrivateKey, readText, replaceFile } from './secret-files.ts';

/** Name that every gateway expects in the service's certificate. */
export const CLOUD_SERVER_NAME = SERVICE_NAME;

const DAY_MS = 86_400_000;
/** Twenty years: every enrolled box has to be visited when it ends. */
const AUTHORITY_DAYS = 7_300;
/** As long as public authorities allow (CA/Browser Forum ballot SC31), and short enough that renewal is practised. */
const SERVER_DAYS = 397;
/** A server certificate that ends within this time is made anew at the next start. */
const RENEW_BEFORE_MS = 60 * DAY_MS;
const CLAIM_KEY_BYTES = 32;

/** Everything that the service proves itself with. */
export interface ServiceKeys {
  readonly caPem: string;
  /** Signs certificates of gateways. */
  readonly caKey: KeyObject;
  /** Keys the digests of claim codes. */
  readonly claimKey: Buffer;
  readonly serverCertPem: string;
  readonly serverKeyPem: string;
  /** Ed25519; signs desired configurations. */
  readonly configKey: KeyObject;
  readonly configPublicPem: string;
  /** SHA-256 of the public key, hex: changes only when every configuration has to be signed anew. */
  readonly configKeyFingerprint: string;
}

/** Where the keys live and what they are made with. */
export interface KeyOptions {
  readonly folder: string;
  readonly serverName: string;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Opens the service's keys in the state folder; makes those that are missing, and a new server certificate when the old
 * one is about to end or belongs to another key. Private keys are files with mode 0600. Throws a StartupError when
 * `openssl` is absent, the folder cannot be written, or the authority has ended or lost its key.
 */
export async function openServiceKeys(options: KeyOptions): Promise<ServiceKeys> {
  const { folder } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw new StartupError({
      code: 'keys.folder',
      fault: 'environment',
      say: `The state folder ${folder} cannot be made: ${String(error)}. Choose another with --state.`,
    });
  });
  const caPem = await openAuthority(options);
  const caKey = await authorityKey(folder);
  const claimKey = await openClaimKey(options);
  const serverKeyPem = await readOrMakePrivateKey(join(folder, 'server-key.pem'), newEcKey);
  const serverCertPem = await openServer(options, caPem, serverKeyPem);
  const configPem = await readOrMakePrivateKey(join(folder, 'config-key.pem'), newEd25519Key);
  const publicKey = createPublicKey(configPem.text);
  return {
    ...{ caPem, caKey: caKey.key, claimKey },
    serverCertPem,
    serverKeyPem: serverKeyPem.text,
    configKey: configPem.key,
    configPublicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    configKeyFingerprint: createHash('sha256')
      .update(publicKey.export({ type: 'spki', format: 'der' }))
      .digest('hex'),
  };
}

async function openAuthority({ folder, clock }: KeyOptions): Promise<string> {
  const file = join(folder, 'ca.pem');
  const known = await readText(file);
  if (known === undefined) {
    await readOrMakePrivateKey(join(folder, 'ca-key.pem'), newEcKey);
    await issueAuthority({ folder, days: AUTHORITY_DAYS });
    return (await readText(file)) ?? '';
  }
  const certificate = parseCertificate(file, known);
  if (certificate.validToDate.getTime() < clock.now()) {
    throw new StartupError({
      code: 'keys.authorityEnded',
      fault: 'environment',
      say: `The authority in ${file} ended on ${certificate.validTo}. Move the file away, start again, and enrol every gateway anew.`,
    });
  }
  return known;
}

/** Made together with the authority, and never by itself: what another key signs, no box believes. */
async function authorityKey(folder: string): ReturnType<typeof readOrMakePrivateKey> {
  const file = join(folder, 'ca-key.pem');
  if ((await readText(file)) === undefined) {
    throw new StartupError({
      code: 'keys.authorityKeyLost',
      fault: 'environment',
      say: `${file} is gone: no box can be enrolled and no certificate renewed. Restore it from a backup.`,
    });
  }
  return readOrMakePrivateKey(file, newEcKey);
}

async function openClaimKey({ folder, random }: KeyOptions): Promise<Buffer> {
  const file = join(folder, 'claim.key');
  const known = Buffer.from((await readText(file))?.trim() ?? '', 'base64');
  if (known.length === CLAIM_KEY_BYTES) return known;
  // Lost or damaged, it only ends the claim codes that nobody has used yet.
  const key = random.bytes(CLAIM_KEY_BYTES);
  await replaceFile(file, `${key.toString('base64')}\n`);
  return key;
}

async function openServer(
  options: KeyOptions,
  caPem: string,
  serverKey: { readonly key: KeyObject },
): Promise<string> {
  const { folder, serverName, clock, random } = options;
  const file = join(folder, 'server.pem');
  const known = await readText(file);
  const authority = new X509Certificate(caPem);
  if (known !== undefined) {
    const certificate = parseCertificate(file, known);
    const good =
      certificate.checkPrivateKey(serverKey.key) &&
      certificate.verify(authority.publicKey) &&
      certificate.checkHost(serverName) !== undefined &&
      certificate.validToDate.getTime() - clock.now() > RENEW_BEFORE_MS;
    if (good) return known;
  }
  await issueServer({ folder, serverName, days: SERVER_DAYS, serialHex: randomHex(random, 8) });
  return (await readText(file)) ?? '';
}

function parseCertificate(file: string, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new StartupError({
      code: 'keys.unreadable',
      fault: 'environment',
      say: `${file} is not a certificate. Restore it from a backup, or move it away to have a new one made.`,
    });
  }
}

function newEcKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
}

function newEd25519Key(): KeyObject {
  return generateKeyPairSync('ed25519').privateKey;
}

/** Opens or makes the key that seals secrets in the database. */
export async function openVaultKey(folder: string, bytes: number, random: Random): Promise<Buffer> {
  const file = join(folder, 'vault.key');
  const known = await readText(file);
  if (known === undefined) {
    const key = random.bytes(bytes);
    await replaceFile(file, `${key.toString('base64')}\n`);
    return key;
  }
  const key = Buffer.from(known.trim(), 'base64');
  if (key.length === bytes) return key;
  throw new StartupError({
    code: 'keys.unreadable',
    fault: 'environment',
    say: `${file} is not a key of ${bytes} bytes. Restore it from a backup: without it the SIP passwords in the database do not open.`,
  });
}
