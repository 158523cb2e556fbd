import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Lan } from '../../../scripts/lab/lan.ts';

const CHILD = fileURLToPath(new URL('./room-child.ts', import.meta.url));
/** What the box's unit gives the agent: a user without rights, and leave to use port 67. */
const AS_NOBODY = [
  'setpriv',
  '--reuid=65534',
  '--regid=65534',
  '--clear-groups',
  '--inh-caps=+net_bind_service',
  '--ambient-caps=+net_bind_service',
];

/** What the room tells of itself. */
export interface RoomView {
  readonly standing: { readonly at: string; readonly foreign?: number };
  readonly looked: boolean;
  readonly bound: number;
  readonly foreign: readonly { readonly serverId: number; readonly provisioning: readonly number[] }[];
  readonly leases: readonly { readonly address: string; readonly at: string; readonly client?: string }[];
  readonly counts: Readonly<Record<string, number>>;
  readonly warnings: Readonly<Record<string, string>>;
}

/** A DHCP room that runs as its own program on a host of the LAN. */
export interface RoomProgram {
  readonly first: { readonly started: boolean; readonly say: string; readonly uid: number };
  view(): Promise<RoomView>;
  why(mac: string): Promise<readonly { readonly rule: string; readonly message: string }[]>;
  /** Asks until it is so; fails after `limitMs`. */
  until(is: (view: RoomView) => boolean, limitMs?: number): Promise<RoomView>;
  kill(): Promise<void>;
}

/** Starts a room with this configuration. `unlimited` takes the starvation limits away, for load. */
export async function startRoom(
  lan: Lan,
  journal: string,
  config: object,
  options: {
    readonly host?: string;
    readonly address?: string;
    readonly unlimited?: boolean;
    /** Shorter than a configuration may say, for leases that are to end while the test looks on. */
    readonly leaseMs?: number;
  } = {},
): Promise<RoomProgram> {
  const { host = 'box', address = '192.168.20.2', unlimited = false, leaseMs = '' } = options;
  const child = lan.start(host, [
    ...AS_NOBODY,
    process.execPath,
    '--import',
    'tsx',
    CHILD,
    JSON.stringify(config),
    journal,
    address,
    unlimited ? 'none' : 'office',
    String(leaseMs),
  ]);
  const lines: string[] = [];
  const waiting: ((line: string) => void)[] = [];
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  if (child.stdout === null) throw new Error('no output');
  createInterface({ input: child.stdout }).on('line', (line) => {
    const next = waiting.shift();
    if (next === undefined) lines.push(line);
    else next(line);
  });
  const read = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const line = lines.shift();
      if (line !== undefined) return resolve(line);
      const limit = setTimeout(() => reject(new Error(`the room says nothing: ${errors}`)), 15_000);
      waiting.push((text) => {
        clearTimeout(limit);
        resolve(text);
      });
    });
  const ask = async (question: string): Promise<unknown> => {
    child.stdin?.write(`${question}\n`);
    return JSON.parse(await read());
  };
  const first = JSON.parse(await read()) as RoomProgram['first'];
  const view = async (): Promise<RoomView> => (await ask('?')) as RoomView;
  return {
    first,
    view,
    why: async (mac) => ((await ask(mac)) as { why: { rule: string; message: string }[] }).why,
    async until(is, limitMs = 15_000) {
      for (const startedMs = performance.now(); ; ) {
        const now = await view();
        if (is(now)) return now;
        if (performance.now() - startedMs > limitMs) throw new Error(`never so: ${JSON.stringify(now)}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    async kill() {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    },
  };
}
