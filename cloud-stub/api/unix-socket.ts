import { lstat, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { StartupError } from '../../lib/base/errors.ts';

/** Longest path that the kernel takes (`sun_path` of unix(7), less its end). */
const PATH_LIMIT_BYTES = 107;

/** Removes a socket whose owner is gone. Anything else at `path` is left alone and refused. */
export async function clearStaleSocket(path: string): Promise<void> {
  if (Buffer.byteLength(path) > PATH_LIMIT_BYTES) {
    throw cannot(`the path has more than ${PATH_LIMIT_BYTES} bytes`, path);
  }
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket()) throw cannot('something that is no socket stands there', path);
  if (await answers(path)) throw cannot('another program answers there; stop it first', path);
  await rm(path, { force: true });
}

/** Listens, for this user alone: the mode is right from the first moment, as the bind happens inside `listen`. */
export function listenPrivately(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(cannot(error.message, path)));
    const before = process.umask(0o177);
    server.listen(path, () => resolve());
    process.umask(before);
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
}

function cannot(why: string, path: string): StartupError {
  return new StartupError({
    code: 'api.socket',
    fault: 'environment',
    say: `The operator's API cannot listen on ${path}: ${why}.`,
  });
}
