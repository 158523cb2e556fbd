import { execFile } from 'node:child_process';
import { createPrivateKey, generateKeyPair, X509Certificate } from 'node:crypto';
import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Clock } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';

const run = promisify(execFile);
const makeKeys = promisify(generateKeyPair);

const LIMIT_MS = 20_000;
const DAY_MS = 86_400_000;
/** Ten years: phones do not look at it, and nobody is there to renew it. */
const DAYS = 3_650;
const RENEW_BEFORE_MS = 60 * DAY_MS;

/** What the box speaks TLS with on the LAN. */
export interface BoxCertificate {
  readonly key: string;
  readonly cert: string;
}

/**
 * The certificate of the box on its LAN, signed by itself (`phones-key.pem`, `phones-cert.pem` in `folder`), for one
 * address; made anew when the address changes or it is about to end. RSA, because older phones know nothing else. It
 * hides what is said from listeners; it proves nothing to a phone that does not check it.
 */
export async function openBoxCertificate(
  folder: string,
  address: string,
  clock: Clock,
): Promise<Result<BoxCertificate, CodedError>> {
  const [keyFile, certFile] = [join(folder, 'phones-key.pem'), join(folder, 'phones-cert.pem')];
  try {
    const known = await readKnown(keyFile, certFile, address, clock);
    if (known !== undefined) return ok(known);
    const { privateKey } = await makeKeys('rsa', { modulusLength: 2_048 });
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    await replace(keyFile, key);
    const fresh = `${certFile}.new`;
    const subject = ['-subj', `/O=Engawa/CN=${address}`, '-addext', `subjectAltName=IP:${address}`];
    const flags = ['req', '-x509', '-new', '-sha256', '-key', keyFile, '-days', String(DAYS)];
    await run('openssl', [...flags, ...subject, '-out', fresh], { timeout: LIMIT_MS });
    await chmod(fresh, 0o600);
    const cert = await readFile(fresh, 'utf8');
    await rename(fresh, certFile);
    return ok({ key, cert });
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    return refuse({
      code: 'phones.tls',
      fault: 'environment',
      say: `The box has no certificate for its phones, so their files go in the clear: ${why}`,
    });
  }
}

async function readKnown(
  keyFile: string,
  certFile: string,
  address: string,
  clock: Clock,
): Promise<BoxCertificate | undefined> {
  try {
    const [key, cert] = [await readFile(keyFile, 'utf8'), await readFile(certFile, 'utf8')];
    const parsed = new X509Certificate(cert);
    const good =
      parsed.checkPrivateKey(createPrivateKey(key)) &&
      parsed.checkIP(address) !== undefined &&
      parsed.validToDate.getTime() - clock.now() > RENEW_BEFORE_MS;
    return good ? { key, cert } : undefined;
  } catch {
    return undefined;
  }
}

async function replace(path: string, text: string): Promise<void> {
  const fresh = `${path}.new`;
  await rm(fresh, { force: true });
  await writeFile(fresh, text, { mode: 0o600, flag: 'wx' });
  await rename(fresh, path);
}
