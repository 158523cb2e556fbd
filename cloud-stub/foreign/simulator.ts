import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { type Clock, systemClock } from '../../lib/base/clock.ts';
import { StartupError } from '../../lib/base/errors.ts';
import { runMain } from '../../lib/base/lifecycle.ts';
import { createLog, type Logger } from '../../lib/base/log.ts';
import { type Random, systemRandom } from '../../lib/base/random.ts';
import { type Controlled, ControlSocket } from './control-socket.ts';

/** What every simulator is told. */
const COMMON = {
  host: { type: 'string' },
  port: { type: 'string', default: '5060' },
  control: { type: 'string' },
  'follow-stdin': { type: 'boolean', default: false },
  'log-level': { type: 'string', default: 'info' },
} as const satisfies ParseArgsOptionsConfig;

type Values<Options extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ options: Options }>
>['values'];

interface Given<Options extends ParseArgsOptionsConfig> {
  readonly own: Values<Options>;
  readonly common: Values<typeof COMMON>;
}

/** What a simulator gets besides its flags. */
interface SimulatorShell {
  readonly host: string;
  readonly port: number;
  /** Its control socket. */
  readonly control: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** A simulator as a program: its name is the first part of its codes. */
interface SimulatorProgram<Options extends ParseArgsOptionsConfig> {
  readonly name: string;
  readonly usage: string;
  /** Flags beside `--host`, `--port`, `--control`, `--follow-stdin` and `--log-level`. */
  readonly options: Options;
  /** `usage` throws: the flags are not as they should be. */
  make(
    flags: Values<Options>,
    shell: SimulatorShell,
    usage: (why: string) => never,
  ): Promise<{ readonly simulator: Simulator; readonly control: Controlled }>;
}

/** Something that runs between start and stop. */
interface Simulator {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Runs a simulator from its command line to the end of the process, with its control socket. */
export async function runSimulator<const Options extends ParseArgsOptionsConfig>(
  program: SimulatorProgram<Options>,
): Promise<void> {
  const { name, usage } = program;
  const wrong = (why: string): never => {
    throw new StartupError({ code: `${name}.usage`, fault: 'caller', say: `${why}. ${usage}` });
  };
  const given = readFlags(program.options);
  const log = createLog(name, typeof given === 'string' ? 'info' : given.common['log-level']);
  await runMain(log, async () => {
    if (typeof given === 'string') return wrong(given);
    const { host, control: path } = given.common;
    if (host === undefined || path === undefined) return wrong('--host and --control are needed');
    const port = portNumber(given.common.port, wrong);
    const shell = { host, port, control: path, clock: systemClock, random: systemRandom, log };
    const { simulator, control } = await program.make(given.own, shell, wrong);
    await simulator.start();
    const socket = new ControlSocket(control, log);
    await socket.start(path);
    return {
      async stop() {
        await simulator.stop();
        await socket.stop();
      },
    };
  });
}

function readFlags<Options extends ParseArgsOptionsConfig>(options: Options): Given<Options> | string {
  try {
    const { values } = parseArgs({ options: { ...COMMON, ...options } });
    // One row of flags, seen as two: the compiler cannot take a general one apart.
    return { own: values as Values<Options>, common: values as unknown as Values<typeof COMMON> };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** `HOST:PORT` of a flag. */
export function addressOf(
  text: string,
  usage: (why: string) => never,
): { readonly host: string; readonly port: number } {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, Math.max(0, colon)), port: portNumber(text.slice(colon + 1), usage) };
}

function portNumber(text: string, usage: (why: string) => never): number {
  const port = Number(text);
  return Number.isInteger(port) && port >= 1 && port <= 65_535 ? port : usage(`"${text}" is not a port`);
}
