import { readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';

/**
 * Whose a socket is, and what somebody does who may not use it. The kernel decides by owner and group of the socket and of
 * the folders above; here it is only told.
 */
export function whoMay(socket: string): string {
  const owned = ownerOf(socket);
  if (owned === undefined) return `You may not use ${socket}; use sudo or join its group.`;
  const { user, group } = owned;
  const me = myName();
  return `You (${me}) may not use ${socket}: it is for user ${user} and group ${group}. Use sudo, or join:  sudo usermod -aG ${group} ${me}`;
}

/** The socket's, else the nearest folder's that lets itself be looked at. */
function ownerOf(path: string): { readonly user: string; readonly group: string } | undefined {
  for (let at = path; ; at = dirname(at)) {
    try {
      const { uid, gid } = statSync(at);
      return { user: nameIn('/etc/passwd', uid), group: nameIn('/etc/group', gid) };
    } catch {
      if (at === dirname(at)) return undefined;
    }
  }
}

/** The name of a number in a file of the form `name:x:number:…`, or the number. */
function nameIn(file: string, id: number): string {
  try {
    const found = readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .find((fields) => fields[2] === String(id));
    return found?.[0] ?? String(id);
  } catch {
    return String(id);
  }
}

function myName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? '?');
  }
}
