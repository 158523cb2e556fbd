import type { LanConfig } from '../../lib/contract/lan-config.ts';

/** Digest in the derivation of a file's key; which one a firmware takes is in no public document. */
export type FileDigest = 'md5' | 'sha256';

/** What is known of the digest that one phone takes. */
export type EncryptionTrial =
  /** Nothing was tried yet. */
  | { readonly at: 'open' }
  /** A file is, or is about to be, encrypted so. `sent`: all of it went out, and the phone has not come back. */
  | { readonly at: 'trying'; readonly digest: FileDigest; readonly sent: boolean }
  /** It has read one. */
  | { readonly at: 'proved'; readonly digest: FileDigest }
  /** It has read neither: it gets its files in the clear. */
  | { readonly at: 'failed' };

/** The order in which they are tried: the makers' guides are older than the OpenSSL that changed its default. */
const ORDER: readonly FileDigest[] = ['md5', 'sha256'];
/** Folder below `/p/` that an encrypted file names for the next one: who asks there has read it. */
const FOLDERS: Readonly<Record<FileDigest, string>> = { md5: 'm', sha256: 's' };

export type EncryptionWish = NonNullable<LanConfig['phoneHabits']['encryption']>;

/** With which digest the next file is encrypted, and the folder that it names; null: not at all. */
export function encryptionFor(
  wish: EncryptionWish,
  trial: EncryptionTrial,
): { readonly digest: FileDigest; readonly folder: string | null } | null {
  if (wish === 'off') return null;
  if (wish !== 'try') return { digest: wish, folder: null };
  if (trial.at === 'failed') return null;
  const digest = trial.at === 'open' ? 'md5' : trial.digest;
  return { digest, folder: FOLDERS[digest] };
}

/** A file that was asked for by one of the folders: the file itself, and which digest that proves. */
export function splitFolder(file: string): {
  readonly file: string;
  readonly proves: FileDigest | undefined;
} {
  const proves = ORDER.find((digest) => file.startsWith(`${FOLDERS[digest]}/`));
  return { proves, file: proves === undefined ? file : file.slice(FOLDERS[proves].length + 1) };
}

/** The phone asks for its own configuration: by the folder of what it was sent, or as if it had read nothing. */
export function afterRequest(trial: EncryptionTrial, proves: FileDigest | undefined): EncryptionTrial {
  if (proves !== undefined) return { at: 'proved', digest: proves };
  if (trial.at !== 'trying' || !trial.sent) return trial;
  const next = ORDER[ORDER.indexOf(trial.digest) + 1];
  return next === undefined ? { at: 'failed' } : { at: 'trying', digest: next, sent: false };
}

/** A file that was encrypted so went out, all of it. */
export function afterSent(trial: EncryptionTrial, digest: FileDigest): EncryptionTrial {
  return trial.at === 'proved' && trial.digest === digest ? trial : { at: 'trying', digest, sent: true };
}
