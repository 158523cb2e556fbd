import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run.ts';

/** Where the keys of a build lie. What signs updates and what signs the start are two things: each can be changed alone. */
export interface Keys {
  /** Folder with `boot.key` and `boot.crt`: the bootloader knows the public half. */
  readonly bootFolder: string;
  readonly updateCa: string;
  readonly updateKey: string;
  readonly updateCertificate: string;
}

/** The keys of `folder`; where it has none, keys for development are made in it. A fleet's keys are handed in and never made here. */
export function keysOf(folder: string): Keys {
  const at = (name: string): string => join(folder, name);
  const keys: Keys = {
    bootFolder: folder,
    updateCa: at('update-ca.crt'),
    updateKey: at('update.key'),
    updateCertificate: at('update.crt'),
  };
  if (existsSync(at('boot.key')) && existsSync(keys.updateKey)) return keys;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const long = ['-days', '7300', '-nodes', '-newkey', 'rsa:3072'];
  run([
    'openssl',
    'req',
    '-x509',
    ...long,
    '-subj',
    '/CN=engawa boot',
    '-keyout',
    at('boot.key'),
    '-out',
    at('boot.crt'),
  ]);
  run([
    ...['openssl', 'req', '-x509', ...long, '-subj', '/CN=engawa updates'],
    ...['-keyout', at('update-ca.key'), '-out', keys.updateCa],
    ...['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign,cRLSign'],
  ]);
  run([
    ...['openssl', 'req', '-x509', ...long, '-subj', '/CN=engawa updates 1'],
    ...[
      '-CA',
      keys.updateCa,
      '-CAkey',
      at('update-ca.key'),
      '-keyout',
      keys.updateKey,
      '-out',
      keys.updateCertificate,
    ],
    ...['-addext', 'basicConstraints=critical,CA:FALSE', '-addext', 'keyUsage=critical,digitalSignature'],
    ...['-addext', 'extendedKeyUsage=codeSigning'],
  ]);
  return keys;
}
