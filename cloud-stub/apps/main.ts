import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { systemClock } from '../../lib/base/clock.ts';
import { StartupError } from '../../lib/base/errors.ts';
import { type Running, runMain } from '../../lib/base/lifecycle.ts';
import { createLog } from '../../lib/base/log.ts';
import { systemRandom } from '../../lib/base/random.ts';
import { App } from './app.ts';
import { AppControlServer } from './control-server.ts';

const USAGE =
  'usage: app --host IP --cloud HOST:PORT --user ID --password-file FILE --control SOCKET [--transport udp|tcp] [--port 5060] [--domain engawa.example] [--log-level info]';

const FLAGS = {
  host: { type: 'string' },
  port: { type: 'string', default: '5060' },
  cloud: { type: 'string' },
  user: { type: 'string' },
  'password-file': { type: 'string' },
  control: { type: 'string' },
  transport: { type: 'string', default: 'udp' },
  domain: { type: 'string', default: 'engawa.example' },
  'follow-stdin': { type: 'boolean', default: false },
  'log-level': { type: 'string', default: 'info' },
} as const;

type Flags = ReturnType<typeof parseArgs<{ options: typeof FLAGS }>>['values'];

function badUsage(why: string): StartupError {
  return new StartupError({ code: 'app.usage', fault: 'caller', say: `${why}. ${USAGE}` });
}

function readFlags(): Flags | StartupError {
  try {
    return parseArgs({ options: FLAGS }).values;
  } catch (error) {
    return badUsage(error instanceof Error ? error.message : String(error));
  }
}

function portNumber(text: string | undefined): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw badUsage(`"${text}" is not a port`);
  return port;
}

async function passwordIn(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw badUsage(`the password cannot be read (${error instanceof Error ? error.message : 'no file'})`);
  }
}

const flags = readFlags();
const log = createLog('app', flags instanceof StartupError ? 'info' : flags['log-level']);

async function start(): Promise<Running> {
  if (flags instanceof StartupError) throw flags;
  const { host, cloud, user, control, transport, domain, 'password-file': file } = flags;
  if (host === undefined || cloud === undefined || user === undefined) {
    throw badUsage('--host, --cloud and --user are needed');
  }
  if (file === undefined || control === undefined) throw badUsage('--password-file and --control are needed');
  if (transport !== 'udp' && transport !== 'tcp') throw badUsage(`"${transport}" is neither udp nor tcp`);
  const colon = cloud.lastIndexOf(':');
  const app = new App({
    host,
    port: portNumber(flags.port),
    transport,
    cloud: { host: cloud.slice(0, colon), port: portNumber(cloud.slice(colon + 1)) },
    domain,
    user,
    password: await passwordIn(file),
    clock: systemClock,
    random: systemRandom,
    log,
  });
  await app.start();
  const server = new AppControlServer(app, log);
  await server.start(control);
  return {
    async stop() {
      await app.stop();
      await server.stop();
    },
  };
}

await runMain(log, start);
