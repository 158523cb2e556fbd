import { isIP } from 'node:net';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '../lib/base/clock.ts';
import { StartupError } from '../lib/base/errors.ts';
import { type Running, runMain } from '../lib/base/lifecycle.ts';
import { createLog } from '../lib/base/log.ts';
import { LogLevelKeeper } from '../lib/base/log-level.ts';
import { systemRandom } from '../lib/base/random.ts';
import { firstAddress } from '../lib/net/first-address.ts';
import { supervisorSettings, systemdSupervisor } from '../lib/net/supervisor.ts';
import { startAgent } from './agent.ts';
import { finishReset } from './reset/index.ts';
import { trustedClock } from './trusted-clock.ts';
import { RaucSlots } from './update/index.ts';
import type { UpdatePlaces } from './update-side.ts';
import { agentVersion } from './version.ts';

const FLAGS = {
  state: { type: 'string' },
  media: { type: 'string' },
  api: { type: 'string' },
  'api-group': { type: 'string' },
  host: { type: 'string' },
  lan: { type: 'string' },
  'lan-address': { type: 'string' },
  'media-gate': { type: 'string' },
  'time-mark': { type: 'string' },
  persist: { type: 'string' },
  downloads: { type: 'string' },
  slots: { type: 'string' },
  'log-level': { type: 'string', default: 'info' },
  'follow-stdin': { type: 'boolean', default: false },
} as const;

function readFlags() {
  try {
    return parseArgs({ options: FLAGS }).values;
  } catch (error) {
    return String(error instanceof Error ? error.message : error);
  }
}

const flags = readFlags();
const log = createLog('agent', typeof flags === 'string' ? 'info' : flags['log-level']);

await runMain(log, start, systemdSupervisor(supervisorSettings(), systemClock));

async function start(): Promise<Running> {
  if (typeof flags === 'string') throw usage(flags);
  const { state, media, api, host, lan } = flags;
  if (state === undefined || media === undefined || api === undefined || host === undefined) {
    throw usage(
      '--state DIR, --media SOCK, --api SOCK and --host IP (or interfaces: wan,lan) are all needed',
    );
  }
  const { 'api-group': apiGroup, 'time-mark': mark } = flags;
  const reset = finishReset(state);
  if (reset?.ok === false) log.error({ code: reset.error.code, say: reset.error.say }, 'not reset');
  else if (reset !== undefined) log.warn({ ...reset.value }, 'reset to factory');
  return startAgent({
    state,
    media,
    api,
    apiGroup,
    // Interfaces are followed: their address may come late, and may change.
    host: isIP(host) === 0 ? firstAddress(host.split(','), systemClock) : host,
    lan,
    lanAddress: flags['lan-address'],
    mediaGate: flags['media-gate'],
    updates: updatesOf(flags, api, state),
    // Written by whoever keeps the machine's clock, when it has heard the time.
    clock: mark === undefined ? systemClock : trustedClock(systemClock, mark),
    random: systemRandom,
    log,
    logLevel: new LogLevelKeeper(log, systemClock),
    // As systemd and the launcher end it; both start it again.
    restart: () => process.kill(process.pid, 'SIGTERM'),
  });
}

/** Only the appliance has another slot: elsewhere nothing is ever installed. */
function updatesOf(
  { persist, downloads, slots }: { persist?: string; downloads?: string; slots?: string },
  api: string,
  state: string,
): UpdatePlaces | undefined {
  if (persist === undefined && slots === undefined) return undefined;
  if (persist === undefined || slots !== 'rauc') throw usage('--persist DIR and --slots rauc go together');
  const tool = new RaucSlots({
    ...{ program: 'rauc', bootState: '/run/engawa-boot-state', version: agentVersion() },
    restartWanted: join(dirname(api), 'restart-wanted'),
  });
  return { persist, downloads: downloads ?? join(state, 'downloads'), slots: tool };
}

function usage(say: string): StartupError {
  return new StartupError({ code: 'agent.usage', fault: 'caller', say: `agent: ${say}` });
}
