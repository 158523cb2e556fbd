import type { CallsAnswer, WhyNumberAnswer } from '../../local-api/index.ts';
import type { CallStatus } from '../../status.ts';
import { endWord } from '../screens/words.ts';
import { failed, good, leftOut, type SetupStep, type StepResult } from './step.ts';
import type { SetupWorld } from './world.ts';

const CALL_LIMIT_MS = 180_000;
/** Below it a call sounds poor (ITU-T G.107: many users dissatisfied). */
const POOR_MOS = 3.6;

/** A real call from a real phone. */
export const callStep: SetupStep = {
  name: 'call',
  about: 'A test call: somebody lifts a phone, dials, listens, and hangs up; the box judges it.',
  async run(world) {
    const number = world.options.call ?? (await world.ask('Number to call, or skip', '117'));
    if (number === undefined) return leftOut('not tried; with --call NUMBER it waits for one');
    if (number === 'skip') return leftOut('not tried, as somebody said');
    const digits = number.replace(/[^0-9*#]/g, '');
    const told = await world.get<WhyNumberAnswer>(`/v1/why-number/${encodeURIComponent(digits)}`);
    const stops = told.ok ? told.value.explained.steps.find(({ verdict }) => verdict === 'FAIL') : undefined;
    if (stops !== undefined)
      return failed(`${digits} cannot be called: ${stops.say}`, `engawa why ${digits}`);
    const from = world.io.now();
    world.line(`Lift a phone, dial ${digits}, listen, hang up. Enter leaves it.`);
    const seen = await world.until(() => newCall(world, digits, from), CALL_LIMIT_MS);
    if (seen === 'late')
      return failed('nobody called', 'Is the phone dead? engawa lines, engawa line test N');
    if ('typed' in seen) return leftOut('not tried, as somebody said');
    world.row('--', 'call', `line ${seen.found.line} calls ${seen.found.to}`);
    const over = await world.until(() => endedCall(world, seen.found.call), CALL_LIMIT_MS);
    if (over === 'late' || 'typed' in over)
      return failed('the call did not end', 'Hang up; then engawa setup call.');
    return judged(over.found);
  },
};

async function newCall(world: SetupWorld, digits: string, from: number): Promise<CallStatus | undefined> {
  const { calls } = await world.must<CallsAnswer>('/v1/calls');
  // The clock of the box may have been set since: a running call counts whenever it began.
  return calls.find(
    (call) =>
      call.direction !== 'in' &&
      call.to === digits &&
      (call.startedAt >= from - 1_000 || call.state !== 'ended'),
  );
}

async function endedCall(world: SetupWorld, id: string): Promise<CallStatus | undefined> {
  const { calls } = await world.must<CallsAnswer>('/v1/calls');
  return calls.find((call) => call.call === id && call.state === 'ended');
}

function judged(call: CallStatus): StepResult {
  const how = `line ${call.line} called ${call.to}: ${endWord(call.end ?? 'ended')}`;
  if (call.answeredAt === null) {
    return { ...failed(`${how}${call.because ? ` (${call.because})` : ''}`, 'Why: engawa why last') };
  }
  const { sound } = call;
  if (sound === undefined) return good(how);
  const heard = `MOS ${sound.mos.toFixed(1)}, loss ${sound.lossPercent} %${sound.encrypted ? ', encrypted' : ''}`;
  if (sound.mos >= POOR_MOS) return good(how, heard);
  return {
    verdict: 'WARN',
    say: [how, heard],
    todo: ['It sounded poor: engawa netcheck measures the way to the service.'],
  };
}
