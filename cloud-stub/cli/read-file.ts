import { readFile, stat } from 'node:fs/promises';
import { ok, type Result, refuse } from '../../lib/base/errors.ts';

/** As long as any format of ours may be. */
const BYTES_MOST = 4 * 1_048_576;

/** A file of the person who asks, as text. Refuses what cannot be read, or is too long to be meant. */
export async function readGivenFile(path: string): Promise<Result<string>> {
  try {
    const { size } = await stat(path);
    if (size > BYTES_MOST) return cannot(path, `it has ${size} bytes, and a file may have ${BYTES_MOST}`);
    return ok(await readFile(path, 'utf8'));
  } catch (error) {
    return cannot(path, error instanceof Error ? error.message : String(error));
  }
}

function cannot(path: string, why: string): Result<never> {
  return refuse({ code: 'operator.file', fault: 'caller', say: `${path} cannot be read: ${why}.` });
}
