import { type Command, InvalidArgumentError } from 'commander';
import { claim } from '../enrol/index.ts';
import type { Readers } from './describe.ts';
import { EXIT } from './exit-codes.ts';
import type { LineCall } from './line-verbs.ts';
import { boxPaths } from './paths.ts';
import {
  reportLines,
  type SetupOptions,
  SetupWorld,
  STEPS,
  type StepName,
  setUp,
  Unasked,
  wasInterrupted,
} from './setup/index.ts';
import { technician } from './try-verbs.ts';

interface SetupFlags extends Omit<SetupOptions, 'by' | 'skip'> {
  readonly again?: boolean;
  readonly skip?: readonly StepName[];
  readonly by?: string;
  readonly state?: string;
}

/** `engawa setup` */
export function addSetupVerb(
  describe: (name: string, readers?: Readers) => Command,
  callOf: (command: Command) => LineCall,
  finish: (code: number) => void,
): void {
  describe('setup', { step: stepOf, '--skip': stepsOf, '--lan': modeOf }).action(
    async (step: StepName | undefined, _options, command: Command) =>
      finish(await setup(callOf(command), step, command.optsWithGlobals<SetupFlags>())),
  );
}

async function setup(call: LineCall, step: StepName | undefined, flags: SetupFlags): Promise<number> {
  const { io, socket, look, json } = call;
  const paths = boxPaths(flags.state);
  const options = { ...flags, by: flags.by ?? technician() };
  const world = new SetupWorld({ io, look, paths, socket, quiet: json, options, claim });
  try {
    const report = await setUp(world, { only: step, again: flags.again === true });
    if (json) io.out(`${JSON.stringify({ v: 1, setup: report }, null, 2)}\n`);
    else {
      world.line('');
      for (const [verdict, name, say] of reportLines(report, io.now())) world.row(verdict, name, say);
      if (report.file !== null) world.row('', 'kept in', report.file);
      world.line(ending(report.done, step));
    }
    return report.verdict === 'OK' || report.verdict === '--' ? EXIT.good : EXIT.fault;
  } catch (error) {
    if (error instanceof Unasked) return call.refused(error.failure);
    if (!wasInterrupted(error)) throw error;
    if (json)
      io.out(`${JSON.stringify({ v: 1, error: { code: 'setup.interrupted', say: LEFT } }, null, 2)}\n`);
    io.err(`\nengawa: ${LEFT}\n`);
    return EXIT.fault;
  }
}

const LEFT = 'setup was left; what is done stays, and  engawa setup  goes on there.';

function ending(done: boolean, step: StepName | undefined): string {
  if (done) return 'Set up. Hand the report over; the box looks after itself: engawa status';
  return step === undefined
    ? 'Not finished: what is to do stands above; then  engawa setup  goes on.'
    : 'The whole of it: engawa setup';
}

function stepOf(text: string): StepName {
  const found = STEPS.find((name) => name === text);
  if (found !== undefined) return found;
  throw new InvalidArgumentError(`Steps are ${STEPS.join(', ')}.`);
}

function stepsOf(text: string): readonly StepName[] {
  return text.split(',').map(stepOf);
}

function modeOf(text: string): string {
  if (['off', 'detect', 'optionOnly', 'phonesOnly', 'serve'].includes(text)) return text;
  throw new InvalidArgumentError('Modes are off, detect, optionOnly, phonesOnly, serve.');
}
