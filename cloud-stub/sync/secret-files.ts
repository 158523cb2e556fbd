import { createPrivateKey, type KeyObject } from 'node:crypto';
import { chmod, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StartupError } from '../../lib/base/errors.ts';

/** The text of a file, or undefined when there is none. Throws a StartupError when it may not be read. */
export async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new StartupError({
      code: 'keys.unreadable',
      fault: 'environment',
      say: `${file} cannot be read: ${String(error)}. Check its owner and mode.`,
    });
  }
}

/** Writes a file that only its owner can read: whole or not at all, also through a power cut. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const fresh = `${file}.new`;
  try {
    const handle = await open(fresh, 'w', 0o600);
    try {
      await handle.chmod(0o600);
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(fresh, file);
    const folder = await open(dirname(file), 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (error) {
    throw new StartupError({
      code: 'keys.unwritable',
      fault: 'environment',
      say: `${file} cannot be written: ${String(error)}. Check the space, the owner and the mode of its folder.`,
    });
  }
}

/** A private key from a file (PKCS #8, PEM), made and kept when there is none. */
export async function readOrMakePrivateKey(
  file: string,
  make: () => KeyObject,
): Promise<{ readonly key: KeyObject; readonly text: string }> {
  const known = await readText(file);
  if (known === undefined) {
    const key = make();
    const text = key.export({ type: 'pkcs8', format: 'pem' }).toString();
    await replaceFile(file, text);
    return { key, text };
  }
  try {
    await chmod(file, 0o600);
    return { key: createPrivateKey(known), text: known };
  } catch (error) {
    throw new StartupError({
      code: 'keys.unreadable',
      fault: 'environment',
      say: `${file} is not a private key of ours: ${String(error)}. Restore it from a backup.`,
    });
  }
}
