import { type ChildProcess, spawn } from 'node:child_process';
import { request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { claim } from '../../agent/enrol/index.ts';
import { ENROL_PORT, type Enrolment } from '../../lib/contract/enrolment.ts';
import { SOURCE_ENVIRONMENT, SOURCE_NODE } from '../../scripts/launch/source-program.ts';
import { eventually } from './sync/gateway-client.ts';

const MAIN = fileURLToPath(new URL('../../cloud-stub/main.ts', import.meta.url));

/** Where a service of a test lives. */
export interface CloudPlace {
  readonly state: string;
  readonly host: string;
  readonly database: string;
  readonly api: string;
}

/** The service as a process of its own. */
export interface CloudProcess {
  readonly child: ChildProcess;
  readonly exit: Promise<number | null>;
  /** Log lines, parsed. */
  readonly lines: Record<string, unknown>[];
}

/** Starts the program and does not wait. */
export function spawnCloud(place: CloudPlace, changed: Record<string, string> = {}): CloudProcess {
  const flags = { ...place, carrier: '127.56.0.50:5060', ...changed };
  const given = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
  const [program = '', ...args] = [...SOURCE_NODE, MAIN, '--example-office', '--follow-stdin', ...given];
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...SOURCE_ENVIRONMENT },
  });
  const lines: Record<string, unknown>[] = [];
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) lines.push(JSON.parse(part) as Record<string, unknown>);
  });
  const exit = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return { child, exit, lines };
}

/** Starts the program and waits until it is ready. */
export async function startCloud(place: CloudPlace): Promise<CloudProcess> {
  const cloud = spawnCloud(place);
  const said = (word: string): boolean => cloud.lines.some(({ event }) => event === word);
  await eventually(() => said('ready') || said('fatal'), 30_000);
  if (!said('ready')) throw new Error(JSON.stringify(cloud.lines));
  return cloud;
}

/** Enrols the example gateway as a technician would; `enrolment.json` lies in the folder then. */
export async function enrolBox(place: CloudPlace, folder: string): Promise<Enrolment> {
  const ticket = (await ask(place, 'POST', '/gateways/gw-000001/claim')) as { code: string };
  const service = { host: place.host, port: ENROL_PORT };
  const claimed = await claim({ folder, service, code: ticket.code, serialNumber: 'TEST-1' });
  if (!claimed.ok) throw new Error(claimed.error.say);
  return claimed.value;
}

/** Asks the operator's API. */
export function ask(place: CloudPlace, method: string, path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath: place.api, method, path }, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      answer.on('end', () => resolve(JSON.parse(text)));
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}
