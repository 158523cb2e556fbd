import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the pieces of a box lie under one state folder. */
export interface BoxPaths {
  readonly state: string;
  readonly run: string;
  readonly log: string;
  readonly agentSocket: string;
  readonly mediaSocket: string;
  readonly device: string;
  readonly enrolment: string;
  readonly store: string;
  readonly agentFolder: string;
  /** How far a setup came, and its report: where technicians may write it who may not look at keys, a folder of its own. */
  readonly setupFolder: string;
}

/** Room for the names of the sockets in the 107 bytes of a unix socket's path. */
const RUN_PATH_LIMIT = 90;

/** `.engawa` beside the package, unless `--state` says otherwise. */
export function boxPaths(state: string | undefined): BoxPaths {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const folder = resolve(state ?? join(root, '.engawa'));
  const run = runFolder(folder);
  const agentFolder = join(folder, 'agent');
  const shared = join(folder, 'setup');
  return {
    state: folder,
    run,
    log: join(folder, 'log'),
    agentSocket: join(run, 'agent.sock'),
    mediaSocket: join(run, 'media.sock'),
    device: join(run, 'tty-board'),
    enrolment: join(agentFolder, 'enrolment.json'),
    store: join(agentFolder, 'agent.sqlite'),
    agentFolder,
    setupFolder: existsSync(shared) ? shared : agentFolder,
  };
}

/** The folder of the sockets: inside the state folder, or, where that path is too long, in /tmp under its digest. */
function runFolder(state: string): string {
  const inside = join(state, 'run');
  if (inside.length <= RUN_PATH_LIMIT) return inside;
  return join('/tmp', `engawa-${createHash('sha256').update(state).digest('hex').slice(0, 12)}`);
}
