import { writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { constants, getPriority, setPriority } from 'node:os';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { createBoardDriver } from '../../hal/driver/board-driver.ts';
import type { BoardGpio } from '../../hal/gpio/gpio.ts';
import { openGpio } from '../../hal/gpio/open-gpio.ts';
import { systemClock } from '../../lib/base/clock.ts';
import { StartupError } from '../../lib/base/errors.ts';
import { type Running, runMain } from '../../lib/base/lifecycle.ts';
import { createLog } from '../../lib/base/log.ts';
import { LogLevelKeeper } from '../../lib/base/log-level.ts';
import { systemRandom } from '../../lib/base/random.ts';
import { loadSpandsp } from '../../lib/dsp/spandsp.ts';
import { DatagramPool } from '../../lib/net/datagram-pool.ts';
import { supervisorSettings, systemdSupervisor } from '../../lib/net/supervisor.ts';
import { PortRange } from '../../lib/voice/rtp/port-range.ts';
import { BoardGuard } from './board-guard.ts';
import { MediaEngine } from './engine.ts';
import { gpioBackend } from './gpio-plan.ts';
import { type DisplayTimes, readDisplayTimes } from './line-display.ts';
import { RtpSocket } from './rtp-socket.ts';
import { MediaServer } from './server.ts';

const { values: flags } = parseArgs({
  options: {
    device: { type: 'string' },
    socket: { type: 'string' },
    host: { type: 'string' },
    gpio: { type: 'string', default: 'fake' },
    'follow-stdin': { type: 'boolean', default: false },
    'display-times': { type: 'string' },
    'log-level': { type: 'string', default: 'info' },
  },
  strict: false,
});

function need(name: 'device' | 'socket' | 'host'): string {
  const value = flags[name];
  if (typeof value === 'string' && value.length > 0) return value;
  throw new StartupError({ code: 'media.flag', fault: 'caller', say: `--${name} is missing.` });
}

const NO_EARS = { rtp: () => {}, rtcp: () => {}, looksRight: () => false };
const log = createLog('media', String(flags['log-level']));

const FIRST = constants.priority.PRIORITY_HIGHEST / 2;

/** Sound before everything else on the box. Only root may; without the right it runs as it is. */
function goFirst(): void {
  try {
    // Who was put further ahead on purpose stays there.
    if (getPriority() <= FIRST) return;
    setPriority(FIRST);
    weighSession();
  } catch {
    log.info(
      { code: 'media.priority' },
      'no right to a higher priority; on a busy machine sound may stutter',
    );
  }
}

/**
 * A kernel that groups processes by session (`CONFIG_SCHED_AUTOGROUP`, as Debian's does) compares priorities within a session
 * only: the session as a whole is put first, too.
 */
function weighSession(): void {
  try {
    writeFileSync('/proc/self/autogroup', String(FIRST));
  } catch {
    // No such groups in this kernel.
  }
}

/** `--display-times`: a JSON object of times in ms, each of them an own. */
function displayTimes(): Partial<DisplayTimes> | undefined {
  const text = flags['display-times'];
  if (typeof text !== 'string') return undefined;
  const parsed = readDisplayTimes(text);
  if (!parsed.ok) throw new StartupError(parsed.error);
  return parsed.value;
}

async function openBoardGpio(): Promise<BoardGpio> {
  const backend = gpioBackend(String(flags.gpio), (say) => log.warn({ code: 'gpio.fault' }, say));
  if (!backend.ok) throw new StartupError(backend.error);
  const gpio = await openGpio(backend.value);
  if (!gpio.ok) throw new StartupError(gpio.error);
  return gpio.value;
}

async function start(): Promise<Running> {
  const [device, path, host] = [need('device'), need('socket'), need('host')];
  if (isIP(host) === 0) {
    throw new StartupError({
      code: 'media.flag',
      fault: 'caller',
      say: `--host ${host} is not an IP address.`,
    });
  }
  const pool = new DatagramPool(systemClock);
  const probe = RtpSocket.open(pool, host, new PortRange(systemRandom), NO_EARS);
  if (!probe.ok) throw new StartupError(probe.error);
  probe.value.close();
  const library = loadSpandsp();
  if (!library.ok) throw new StartupError(library.error);
  const gpio = await openBoardGpio();
  const board = createBoardDriver({ device, clock: systemClock, random: systemRandom, log });
  const engine = new MediaEngine({
    board,
    clock: systemClock,
    random: systemRandom,
    log,
    pool,
    captureFolder: dirname(path),
    displayTimes: displayTimes(),
  });
  const guard = new BoardGuard({
    gpio,
    board,
    clock: systemClock,
    warn: (code, say) => engine.warn(code, say),
  });
  const server = new MediaServer({
    path,
    engine,
    clock: systemClock,
    log,
    logLevel: new LogLevelKeeper(log, systemClock),
    onAgent: (there) => guard.agent(there),
    onLamps: (told) => guard.tell(told),
  });
  await server.start();
  goFirst();
  guard.start();
  engine.start();
  return {
    async stop() {
      await server.stop();
      await engine.stop();
      guard.stop();
    },
  };
}

await runMain(log, start, systemdSupervisor(supervisorSettings(), systemClock));
