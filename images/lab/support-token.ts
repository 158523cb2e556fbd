import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../build/run.ts';

/** Where a box looks for one, on `persist`. */
export const SUPPORT_TOKEN = '/engawa/support.token';

/** What a token says: this box, until then. */
export function supportWords(serial: string, notAfter: Date): string {
  return `root-console ${serial} ${notAfter.toISOString().replace(/\.[0-9]+Z$/, 'Z')}\n`;
}

/** A support token, signed with the key of updates (CMS): opens a root shell on the third console of one box. */
export function signSupportToken(keys: string, serial: string, notAfter: Date): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'engawa-token-'));
  try {
    const [words, token] = [join(folder, 'words'), join(folder, 'token')];
    writeFileSync(words, supportWords(serial, notAfter));
    run([
      ...['openssl', 'cms', '-sign', '-binary', '-nodetach', '-outform', 'DER', '-md', 'sha256'],
      ...[
        '-signer',
        join(keys, 'update.crt'),
        '-inkey',
        join(keys, 'update.key'),
        '-in',
        words,
        '-out',
        token,
      ],
    ]);
    return readFileSync(token);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
