import { parseArgs } from 'node:util';
import { systemClock } from '../../lib/base/clock.ts';
import { StartupError } from '../../lib/base/errors.ts';
import { type Running, runMain } from '../../lib/base/lifecycle.ts';
import { createLog } from '../../lib/base/log.ts';
import { systemRandom } from '../../lib/base/random.ts';
import { serveControl } from './control-server.ts';
import { SimulatedBoard } from './simulated-board.ts';

const flags = readFlags();
const log = createLog('board-simulator', flags instanceof StartupError ? 'info' : flags['log-level']);

await runMain(log, async (): Promise<Running> => {
  if (flags instanceof StartupError) throw flags;
  const { device, control, t38 } = flags;
  const ports = Number(flags.ports);
  if (device === undefined || control === undefined) {
    throw usage('Say --device (a serial device or pty) and --control (path of the control socket).');
  }
  if (!Number.isInteger(ports) || ports < 1 || ports > 8) throw usage('--ports is a number from 1 to 8.');
  const board = new SimulatedBoard({
    device,
    ports,
    clock: systemClock,
    random: systemRandom,
    log,
    capabilities: ['pcm', 'gr909', 'callerIdAudio', 'polarity', ...(t38 ? (['t38'] as const) : [])],
  });
  const server = await serveControl(board, ports, control);
  board.start();
  return {
    stop: async () => {
      await server.stop();
      await board.stop();
    },
  };
});

function readFlags() {
  try {
    return parseArgs({
      options: {
        device: { type: 'string' },
        control: { type: 'string' },
        ports: { type: 'string', default: '2' },
        t38: { type: 'boolean', default: false },
        'follow-stdin': { type: 'boolean', default: false },
        'log-level': { type: 'string', default: 'info' },
      },
    }).values;
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
}

function usage(say: string): StartupError {
  return new StartupError({ code: 'sim.usage', fault: 'caller', say });
}
