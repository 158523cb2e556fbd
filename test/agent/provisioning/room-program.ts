import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { PhoneView, ProvisioningStatus, VerdictLine } from '../../../agent/provisioning/index.ts';
import type { Lan } from '../../../scripts/lab/lan.ts';

/** A user without any right: no port of this room is below 1024. */
const AS_NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=-all'];
const CHILD = fileURLToPath(new URL('./room-child.ts', import.meta.url));

/** What the room tells after every command. */
export interface RoomAnswer {
  readonly answer: unknown;
  /** Every phone that was told to fetch, in order. */
  readonly told: readonly string[];
  /** The room's wall clock. */
  readonly now: number;
  readonly phones: readonly PhoneView[];
  readonly status: ProvisioningStatus;
  readonly warnings: Readonly<Record<string, string>>;
  /** The password of extension 21, as the registrar would know it. */
  readonly account: string | null;
}

/** A provisioning room that runs as its own program on a host of the LAN. */
export interface RoomProgram {
  /** As whom it runs, and its effective capabilities in hex. */
  readonly first: { readonly uid: number; readonly capabilities: string };
  ask(command: string): Promise<RoomAnswer>;
  why(mac: string): Promise<readonly VerdictLine[]>;
  until(is: (answer: RoomAnswer) => boolean, limitMs?: number): Promise<RoomAnswer>;
  end(): Promise<void>;
}

export async function startRoom(lan: Lan, folder: string, config: object): Promise<RoomProgram> {
  const child = lan.start('box', [
    ...AS_NOBODY,
    process.execPath,
    '--import',
    'tsx',
    CHILD,
    folder,
    JSON.stringify(config),
  ]);
  const waiting: ((line: string) => void)[] = [];
  const lines: string[] = [];
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
      const limit = setTimeout(() => reject(new Error(`the room says nothing: ${errors}`)), 20_000);
      waiting.push((text) => {
        clearTimeout(limit);
        resolve(text);
      });
    });
  const first = JSON.parse(await read()) as RoomProgram['first'];
  const ask = async (command: string): Promise<RoomAnswer> => {
    child.stdin?.write(`${command}\n`);
    return JSON.parse(await read()) as RoomAnswer;
  };
  return {
    first,
    ask,
    why: async (mac) => (await ask(`why ${mac}`)).answer as readonly VerdictLine[],
    async until(is, limitMs = 15_000) {
      for (const startedMs = performance.now(); ; ) {
        const now = await ask('?');
        if (is(now)) return now;
        if (performance.now() - startedMs > limitMs) throw new Error(`never so: ${JSON.stringify(now)}`);
        await new Promise((resolve) => setTimeout(resolve, 150));
      }
    },
    async end() {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.stdin?.end();
      await gone;
    },
  };
}
