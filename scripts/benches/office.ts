import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shareOfTone } from '../demo/hearing.ts';
import { Stage } from '../demo/stage.ts';
import { pause, until } from '../demo/story.ts';
import { layoutOf } from '../launch/layout.ts';
import { type RunningOffice, startOffice } from '../launch/office.ts';
import { temporaryState } from '../launch/temporary-state.ts';

/** For `scripts/bench --list`. */
export const describe =
  'a whole office: start to dial tone, memory of agent and media process idle and in two calls';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
/** Answers at once and plays a steady tone. */
const FAR_NUMBER = '0355550150';
const TALK_MS = 15_000;

interface Memory {
  readonly agentMb: number;
  readonly mediaMb: number;
}

/** Starts an office twice, on fresh data and on data that is there, and makes two calls in the second. */
export async function run(): Promise<void> {
  const state = temporaryState('bench');
  const layout = layoutOf(ROOT, state.path, '127.58.7');
  try {
    const first = await started(layout);
    await first.office.stop();
    const second = await started(layout);
    const idle = await memoryOf(second.office);
    const calls = await inTwoCalls(second.office);
    await second.office.stop();
    print({ freshMs: first.dialToneMs, againMs: second.dialToneMs, idle, calls });
  } finally {
    state.remove();
  }
}

/** From nothing to 400 Hz in the ear of phone 1. */
async function started(
  layout: ReturnType<typeof layoutOf>,
): Promise<{ office: RunningOffice; dialToneMs: number }> {
  const fromMs = performance.now();
  const office = await startOffice(layout, () => {});
  const stage = await Stage.open(layout);
  try {
    await stage.phones.lift(1);
    const heard = await until(20_000, async () =>
      shareOfTone(await stage.hear(1, 100), 400) > 0 ? true : undefined,
    );
    if (heard === undefined) throw new Error('no dial tone in 20 s');
    const dialToneMs = Math.round(performance.now() - fromMs);
    await stage.phones.hangUp(1);
    const registered = await until(20_000, async () => {
      const { lines } = await stage.agent();
      return lines.every((line) => line.registration.at === 'registered' && line.state === 'onHook')
        ? true
        : undefined;
    });
    if (registered === undefined) throw new Error('the lines did not register in 20 s');
    return { office, dialToneMs };
  } finally {
    stage.close();
  }
}

async function inTwoCalls(office: RunningOffice): Promise<Memory> {
  const stage = await Stage.open(office.layout);
  try {
    await pause(1_500);
    for (const port of [1, 2]) {
      await stage.phones.lift(port);
      await pause(500);
      await stage.phones.dial(port, FAR_NUMBER, 'dtmf');
      await stage.phones.speak(port, 600 + port * 50);
    }
    await pause(TALK_MS);
    const talking = (await stage.agent()).lines.filter((line) => line.state === 'talking').length;
    if (talking !== 2) throw new Error(`${talking} of 2 lines talk`);
    return await memoryOf(office);
  } finally {
    stage.close();
  }
}

async function memoryOf(office: RunningOffice): Promise<Memory> {
  const stage = await Stage.open(office.layout);
  try {
    // Figures of the media process are asked for every 5 s.
    await pause(6_000);
    const { memory } = await stage.agent();
    return { agentMb: inMb(memory.agentBytes), mediaMb: inMb(memory.mediaBytes) };
  } finally {
    stage.close();
  }
}

function inMb(bytes: number): number {
  return Math.round(bytes / 1e5) / 10;
}

function print(found: { freshMs: number; againMs: number; idle: Memory; calls: Memory }): void {
  const { freshMs, againMs, idle, calls } = found;
  process.stdout.write(
    [
      `start to dial tone, fresh data       ${freshMs} ms`,
      `start to dial tone, second start     ${againMs} ms`,
      `resident, idle                       agent ${idle.agentMb} MB, media process ${idle.mediaMb} MB`,
      `resident, in two calls               agent ${calls.agentMb} MB, media process ${calls.mediaMb} MB`,
      JSON.stringify({ bench: 'office', ...found }),
      '',
    ].join('\n'),
  );
}
