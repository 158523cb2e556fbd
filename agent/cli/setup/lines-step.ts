import type { LinesAnswer } from '../../local-api/index.ts';
import type { LineStatus } from '../../status.ts';
import type { LineTest } from '../../technician/index.ts';
import type { LocalChange } from '../../trial/index.ts';
import { changeSafely } from './change.ts';
import { failed, good, leftOut, type SetupStep, type StepResult } from './step.ts';
import type { SetupWorld } from './world.ts';

/** The configuration comes by itself once the service was reached. */
const CONFIG_LIMIT_MS = 60_000;
const REGISTER_LIMIT_MS = 30_000;
const LIFT_LIMIT_MS = 120_000;

/** Which phone is on which port, and whether the wire to it is good. */
export const linesStep: SetupStep = {
  name: 'lines',
  about: 'Finds which phone is on which port, measures the wire to it, and waits for its registration.',
  async run(world) {
    const lines = await linesOf(world);
    if (lines === undefined) {
      return failed(
        'no configuration came',
        'Check that the box reaches the service (engawa sync); the operator publishes it with engawa-cloud.',
      );
    }
    if (lines.length === 0) return leftOut('the contract has no analog line on this box');
    const wished =
      world.options.lines === undefined ? await byLifting(world, lines) : readWish(world.options.lines);
    if (wished === undefined)
      return failed(
        `--lines ${world.options.lines} cannot be read`,
        'Write --lines 11=2,12=1: extension=port.',
      );
    const changes = wished.filter(({ extension, port }) =>
      lines.some((line) => line.extension === extension && line.port !== port),
    );
    if (changes.length > 0) {
      const wrong = await changeSafely(world, changes, async () => undefined);
      if (wrong !== undefined) return failed(wrong, 'Say it again: engawa setup lines.');
    }
    return check(world);
  },
};

async function linesOf(world: SetupWorld): Promise<readonly LineStatus[] | undefined> {
  const first = await world.must<LinesAnswer>('/v1/lines');
  if (first.lines.length > 0) return first.lines;
  world.row('--', 'config', 'waiting for it, up to a minute');
  const came = await world.until(async () => {
    const { lines } = await world.must<LinesAnswer>('/v1/lines');
    return lines.length > 0 ? lines : undefined;
  }, CONFIG_LIMIT_MS);
  return typeof came === 'object' && 'found' in came ? came.found : undefined;
}

type PortChange = Extract<LocalChange, { readonly set: 'port' }>;

/** Somebody lifts the phone that each line is to be. */
async function byLifting(world: SetupWorld, lines: readonly LineStatus[]): Promise<readonly PortChange[]> {
  if (!world.interactive) return [];
  const wished: PortChange[] = [];
  for (const { extension, label, port } of lines) {
    world.line(
      `Lift the phone for extension ${extension} "${label}", then hang up. Enter: it is on port ${port}.`,
    );
    const lifted = await world.until(() => liftedPort(world, wished), LIFT_LIMIT_MS);
    const at = typeof lifted === 'object' && 'found' in lifted ? lifted.found : port;
    wished.push({ set: 'port', extension, port: at });
    world.row('OK', `extension ${extension}`, `is on port ${at}`);
    await world.until(
      async () => ((await liftedPort(world, [])) === undefined ? true : undefined),
      LIFT_LIMIT_MS,
    );
  }
  return wished;
}

async function liftedPort(world: SetupWorld, taken: readonly PortChange[]): Promise<number | undefined> {
  const { lines } = await world.must<LinesAnswer>('/v1/lines');
  return lines.find(
    ({ state, port }) =>
      state !== 'onHook' && state !== 'ringing' && !taken.some((each) => each.port === port),
  )?.port;
}

function readWish(text: string): readonly PortChange[] | undefined {
  const wished: PortChange[] = [];
  for (const part of text.split(',')) {
    const found = /^([1-9][0-9]{0,4})=([1-8])$/.exec(part.trim());
    if (found === null) return undefined;
    wished.push({ set: 'port', extension: found[1] ?? '', port: Number(found[2]) });
  }
  return wished;
}

async function check(world: SetupWorld): Promise<StepResult> {
  const up = await world.until(async () => {
    const { lines } = await world.must<LinesAnswer>('/v1/lines');
    return lines.every(isRegistered) ? lines : undefined;
  }, REGISTER_LIMIT_MS);
  const lines =
    typeof up === 'object' && 'found' in up ? up.found : (await world.must<LinesAnswer>('/v1/lines')).lines;
  const say: string[] = [];
  const todo: string[] = [];
  let fails = false;
  let warns = false;
  for (const line of lines) {
    const test = await world.post<{ v: 1; line: LineTest }>(`/v1/lines/${line.port}/test`, {});
    const measured = test.ok ? test.value.line : undefined;
    const advice = measured?.checks.find((one) => one.advice !== null)?.advice;
    const registered = isRegistered(line)
      ? 'registered'
      : `not registered (${line.registration.say || line.registration.at})`;
    const wire =
      measured === undefined
        ? 'not measured'
        : measured.verdict === 'OK'
          ? 'wire good'
          : `${advice?.code ?? 'wire'} ${advice?.say ?? ''}`.trim();
    const text = `port ${line.port}, extension ${line.extension}, ${line.label}: ${registered}; ${wire}`;
    const verdict = !isRegistered(line) ? 'FAIL' : measured?.verdict === 'OK' ? 'OK' : 'WARN';
    world.row(verdict, `line ${line.port}`, text);
    say.push(text);
    fails ||= verdict === 'FAIL';
    warns ||= verdict === 'WARN';
    if (measured !== undefined && measured.verdict !== 'OK') todo.push(`engawa line test ${line.port}`);
  }
  if (fails)
    todo.push('A line that is not registered can neither call nor be called: engawa trunk says why.');
  return { ...good(...say), verdict: fails ? 'FAIL' : warns ? 'WARN' : 'OK', todo };
}

function isRegistered({ registration }: LineStatus): boolean {
  return registration.at === 'registered';
}
