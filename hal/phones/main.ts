import { systemClock } from '../../lib/base/clock.ts';
import { StartupError } from '../../lib/base/errors.ts';
import { type Running, runMain } from '../../lib/base/lifecycle.ts';
import { createLog } from '../../lib/base/log.ts';
import { systemRandom } from '../../lib/base/random.ts';
import { modelOf } from './config/models.ts';
import { serveControl } from './control-server.ts';
import { type Flags, readFlags } from './flags.ts';
import { SimulatedPhone } from './phone.ts';

const flags = flagsOf(process.argv.slice(2));
const log = createLog('desk-phone', flags instanceof StartupError ? 'info' : flags.logLevel);

await runMain(log, async (): Promise<Running> => {
  if (flags instanceof StartupError) throw flags;
  const model = modelOf(flags.maker, flags.model);
  if (model === undefined) {
    const say = `There is no simulated ${flags.maker} ${flags.model}. hal/phones/README.md lists the models.`;
    throw new StartupError({ code: 'phone.model', fault: 'caller', say });
  }
  const phone = new SimulatedPhone({ flags, model, clock: systemClock, random: systemRandom, log });
  const control = await serveControl(phone, systemClock, flags.control);
  try {
    await phone.start();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const say = `${flags.device} cannot be set (${why}). A phone runs as root in a network namespace of its own.`;
    throw new StartupError({ code: 'phone.device', fault: 'environment', say });
  }
  return {
    stop: async () => {
      await control.stop();
      await phone.stop();
    },
  };
});

function flagsOf(args: readonly string[]): Flags | StartupError {
  try {
    return readFlags(args);
  } catch (error) {
    if (error instanceof StartupError) return error;
    throw error;
  }
}
