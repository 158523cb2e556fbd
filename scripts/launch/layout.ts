import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';

/** Where everything of one running office lies and listens. */
export interface Layout {
  readonly root: string;
  readonly state: string;
  /** Unix sockets and pty links. Short enough for a socket address, whatever the state folder is called. */
  readonly run: string;
  readonly log: string;
  readonly cloud: string;
  readonly agent: string;
  /** TIFF files of the simulated fax machines. */
  readonly fax: string;
  readonly hosts: {
    readonly database: string;
    readonly cloud: string;
    readonly carrier: string;
    readonly gateway: string;
  };
  readonly databasePort: number;
  readonly sockets: {
    readonly board: string;
    readonly media: string;
    readonly agent: string;
    readonly cloud: string;
    readonly carrier: string;
  };
  /** The serial line: what the media process opens, and the simulated board's end. */
  readonly serial: { readonly agent: string; readonly board: string };
}

/** A unix socket's path has at most 107 bytes; the longest name below takes 13. */
const RUN_PATH_LIMIT = 90;

/** `net` is the first three parts of the loopback addresses that the programs use, for example `127.42.0`. */
export function layoutOf(root: string, stateFolder: string, net: string): Layout {
  const state = resolve(stateFolder);
  const inside = join(state, 'run');
  const run =
    inside.length <= RUN_PATH_LIMIT
      ? inside
      : join('/tmp', `engawa-${createHash('sha256').update(state).digest('hex').slice(0, 12)}`);
  return {
    root,
    state,
    run,
    log: join(state, 'log'),
    cloud: join(state, 'cloud'),
    agent: join(state, 'agent'),
    fax: join(state, 'fax'),
    hosts: { database: `${net}.5`, cloud: `${net}.10`, carrier: `${net}.20`, gateway: `${net}.30` },
    databasePort: 54_320,
    sockets: {
      board: join(run, 'board.sock'),
      media: join(run, 'media.sock'),
      agent: join(run, 'agent.sock'),
      cloud: join(run, 'cloud.sock'),
      carrier: join(run, 'carrier.sock'),
    },
    serial: { agent: join(run, 'tty-board'), board: join(run, 'tty-board-far') },
  };
}

/** Whether `text` is a loopback prefix of three parts. */
export function isLoopbackPrefix(text: string): boolean {
  const parts = text.split('.');
  return (
    parts.length === 3 &&
    parts[0] === '127' &&
    parts.every((part) => /^[0-9]{1,3}$/.test(part) && Number(part) <= 255)
  );
}
