import { chownSync, lstatSync, readFileSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { StartupError } from '../../lib/base/errors.ts';

/** Longest path of a unix socket on Linux (`sun_path` less its end mark). */
const PATH_LIMIT_BYTES = 107;

/** Makes `path` free to listen on: removes a socket that nobody answers, and nothing else. */
export async function clearStaleSocket(path: string): Promise<void> {
  if (Buffer.byteLength(path) > PATH_LIMIT_BYTES) {
    throw refusal('api.pathTooLong', `The socket path ${path} is longer than ${PATH_LIMIT_BYTES} bytes.`);
  }
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) {
    throw refusal('api.notASocket', `${path} exists and is not a socket; move it away.`);
  }
  if (await somebodyListens(path)) {
    throw refusal('api.inUse', `Another agent already answers on ${path}; stop it first.`);
  }
  rmSync(path, { force: true });
}

/** Whether a connection to the unix socket is taken. Any other failure than a dead socket counts as taken. */
function somebodyListens(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.on('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.on('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT');
    });
  });
}

/** Listens with mode 0660 from the first moment on: owner and group may talk, nobody else. */
export function listenPrivately(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const before = process.umask(0o117);
    server.once('error', (error) => {
      reject(refusal('api.listen', `Cannot listen on ${path}: ${error.message}. Check the folder.`));
    });
    server.listen(path, () => resolve());
    process.umask(before);
  });
}

/** Gives the socket to a group, by its name or number: its members may talk too. We must be one of them, or root. */
export function giveToGroup(path: string, group: string): void {
  const gid = groupId(group);
  if (gid === undefined) {
    throw refusal(
      'api.noGroup',
      `There is no group ${group}; make it, or name another one with --api-group.`,
    );
  }
  try {
    chownSync(path, process.getuid?.() ?? 0, gid);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw refusal(
      'api.group',
      `Cannot give ${path} to the group ${group}: ${why}. Put the agent's user into it.`,
    );
  }
}

function groupId(group: string): number | undefined {
  if (/^[0-9]{1,9}$/.test(group)) return Number(group);
  const found = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name]) => name === group);
  return found?.[2] === undefined ? undefined : Number(found[2]);
}

function refusal(code: string, say: string): StartupError {
  return new StartupError({ code, fault: 'environment', say });
}
