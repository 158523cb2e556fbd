import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { StartupError } from '../../lib/base/errors.ts';
import { replaceFile } from './secret-files.ts';

// Node reads certificates but issues none, so the system's `openssl` does.
const run = promisify(execFile);
const LIMIT_MS = 20_000;

const CONFIG = `[req]
distinguished_name = name
prompt = no
[name]
O = Engawa
CN = Engawa service authority
[authority]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
`;

/** Makes `ca.pem` from `ca-key.pem` in `folder`: a self-signed authority that may sign servers and nothing above them. */
export async function issueAuthority(made: {
  readonly folder: string;
  readonly days: number;
}): Promise<void> {
  await withScratch(made.folder, { 'ca.cnf': CONFIG }, async (path) => {
    const { folder, days } = made;
    const flags = ['req', '-x509', '-new', '-sha256', '-config', path('ca.cnf'), '-extensions', 'authority'];
    await openssl([
      ...flags,
      '-key',
      join(folder, 'ca-key.pem'),
      '-days',
      String(days),
      '-out',
      path('ca.crt'),
    ]);
    await replaceFile(join(folder, 'ca.pem'), await readFile(path('ca.crt'), 'utf8'));
  });
}

/** Makes `server.pem` from `server-key.pem`, signed by the authority, for one host name. */
export async function issueServer(made: {
  readonly folder: string;
  readonly serverName: string;
  readonly days: number;
  readonly serialHex: string;
}): Promise<void> {
  const { folder, serverName, days, serialHex } = made;
  const extensions = [
    'basicConstraints = critical, CA:FALSE',
    'keyUsage = critical, digitalSignature',
    'extendedKeyUsage = serverAuth, clientAuth',
    `subjectAltName = DNS:${serverName}`,
    'authorityKeyIdentifier = keyid',
  ].join('\n');
  await withScratch(folder, { 'server.cnf': CONFIG, 'server.ext': `${extensions}\n` }, async (path) => {
    const key = join(folder, 'server-key.pem');
    const subject = `/O=Engawa/CN=${serverName}`;
    await openssl([
      'req',
      '-new',
      '-config',
      path('server.cnf'),
      '-key',
      key,
      '-subj',
      subject,
      '-out',
      path('server.csr'),
    ]);
    const signing = ['-CA', join(folder, 'ca.pem'), '-CAkey', join(folder, 'ca-key.pem')];
    await openssl([
      ...['x509', '-req', '-sha256', '-in', path('server.csr'), ...signing, '-set_serial', `0x${serialHex}`],
      ...['-days', String(days), '-extfile', path('server.ext'), '-out', path('server.crt')],
    ]);
    await replaceFile(join(folder, 'server.pem'), await readFile(path('server.crt'), 'utf8'));
  });
}

const SCRATCH = ['ca.cnf', 'ca.crt', 'server.cnf', 'server.ext', 'server.csr', 'server.crt'];

async function withScratch(
  folder: string,
  files: Readonly<Record<string, string>>,
  work: (path: (name: string) => string) => Promise<void>,
): Promise<void> {
  const path = (name: string): string => join(folder, `.${name}`);
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(path(name), text, { mode: 0o600 });
    await work(path);
  } finally {
    for (const name of SCRATCH) await rm(path(name), { force: true });
  }
}

async function openssl(flags: readonly string[]): Promise<void> {
  try {
    await run('openssl', [...flags], { timeout: LIMIT_MS });
  } catch (error) {
    const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new StartupError({
      code: absent ? 'keys.noOpenssl' : 'keys.openssl',
      fault: 'environment',
      say: absent
        ? 'The command openssl is missing; it makes the service’s certificates. Install it: apt-get install openssl'
        : `openssl ${flags[0]} failed: ${error instanceof Error ? error.message.trim() : String(error)}`,
    });
  }
}
