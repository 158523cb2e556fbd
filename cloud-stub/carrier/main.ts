import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '../../lib/base/clock.ts';
import { StartupError } from '../../lib/base/errors.ts';
import { type Running, runMain } from '../../lib/base/lifecycle.ts';
import { createLog } from '../../lib/base/log.ts';
import { systemRandom } from '../../lib/base/random.ts';
import { Carrier } from './carrier.ts';
import { ControlServer } from './control-server.ts';

const USAGE =
  'usage: carrier --host IP --trunk HOST:PORT --control SOCKET [--port 5060] [--simulate-emergency] [--fax-folder FOLDER] [--log-level info]';

const FLAGS = {
  host: { type: 'string' },
  port: { type: 'string', default: '5060' },
  trunk: { type: 'string' },
  control: { type: 'string' },
  'simulate-emergency': { type: 'boolean', default: false },
  'fax-folder': { type: 'string' },
  'follow-stdin': { type: 'boolean', default: false },
  'log-level': { type: 'string', default: 'info' },
} as const;

type Flags = ReturnType<typeof parseArgs<{ options: typeof FLAGS }>>['values'];

function badUsage(why: string): StartupError {
  return new StartupError({ code: 'carrier.usage', fault: 'caller', say: `${why}. ${USAGE}` });
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

const flags = readFlags();
const log = createLog('carrier', flags instanceof StartupError ? 'info' : flags['log-level']);

async function start(): Promise<Running> {
  if (flags instanceof StartupError) throw flags;
  const { host, trunk, control } = flags;
  if (host === undefined || trunk === undefined || control === undefined) {
    throw badUsage('--host, --trunk and --control are needed');
  }
  const colon = trunk.lastIndexOf(':');
  const carrier = new Carrier({
    host,
    port: portNumber(flags.port),
    trunk: { host: trunk.slice(0, colon), port: portNumber(trunk.slice(colon + 1)) },
    simulateEmergency: flags['simulate-emergency'],
    faxFolder: flags['fax-folder'] ?? join(dirname(control), 'carrier-fax'),
    clock: systemClock,
    random: systemRandom,
    log,
  });
  await carrier.start();
  const server = new ControlServer(carrier, systemClock, log);
  await server.start(control);
  return {
    async stop() {
      await carrier.stop();
      await server.stop();
    },
  };
}

await runMain(log, start);
