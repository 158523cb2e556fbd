import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate and its key, PEM. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority of a test, and a server certificate that it signed. */
export interface TestAuthority {
  readonly caPem: string;
  /** A certificate for `serverName`. */
  issue(serverName: string): TestCertificate;
}

/** Makes an authority with the `openssl` program. */
export function testAuthority(): TestAuthority {
  const folder = mkdtempSync(join(tmpdir(), 'engawa-tls-'));
  try {
    const ca = selfSigned(folder, 'ca', ['-subj', '/CN=Engawa test authority'], []);
    return { caPem: ca.cert, issue: (serverName) => issue(ca, serverName) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function issue(ca: TestCertificate, serverName: string): TestCertificate {
  const folder = mkdtempSync(join(tmpdir(), 'engawa-tls-'));
  try {
    const caCert = join(folder, 'ca.pem');
    const caKey = join(folder, 'ca.key');
    writeFileSync(caCert, ca.cert);
    writeFileSync(caKey, ca.key);
    const name = ['-subj', `/CN=${serverName}`, '-addext', `subjectAltName=DNS:${serverName}`];
    return selfSigned(folder, 'server', name, ['-CA', caCert, '-CAkey', caKey]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function selfSigned(
  folder: string,
  name: string,
  subject: readonly string[],
  signer: readonly string[],
): TestCertificate {
  const cert = join(folder, `${name}.pem`);
  const key = join(folder, `${name}.key`);
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync(
    'openssl',
    ['req', '-x509', ...curve, '-days', '30', ...subject, ...signer, '-keyout', key, '-out', cert],
    { stdio: 'pipe' },
  );
  return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
}
