import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shareOfTone } from '../demo/hearing.ts';
import { Stage } from '../demo/stage.ts';
import { pause, until } from '../demo/story.ts';
import { type Layout, layoutOf } from '../launch/layout.ts';
import { type RunningOffice, startOffice } from '../launch/office.ts';
import { temporaryState } from '../launch/temporary-state.ts';
import { bundleMedia } from './media-bundle.part.ts';

/** For `scripts/bench --list`. */
export const describe =
  'from kill -9 of the media process to dial tone in a whole office, from the sources and bundled as on the box';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const DIAL_TONE_HZ = 400;
const SETTLE_MS = 3_000;
const LIMIT_MS = 30_000;

/** One kill, in ms after it. */
interface Revival {
  /** The new process says that it is ready. */
  readonly readyMs: number;
  /** An agent is there. */
  readonly agentMs: number;
  /** 400 Hz in the ear of somebody who has the handset up all the while. */
  readonly dialToneMs: number;
}

/** Kills the media process `--rounds` times (10) in each of two offices: as developed, and as the box runs it. */
export async function run(args: readonly string[]): Promise<void> {
  const rounds = Number(args[args.indexOf('--rounds') + 1] ?? 0) || 10;
  const bundle = await bundleMedia(ROOT);
  const found = { sources: await revivals(rounds), bundled: await revivals(rounds, bundle.file) };
  bundle.remove();
  for (const [name, all] of Object.entries(found)) {
    for (const what of ['readyMs', 'agentMs', 'dialToneMs'] as const) {
      const sorted = all.map((one) => one[what]).sort((one, other) => one - other);
      const median = sorted[Math.floor(sorted.length / 2)];
      process.stdout.write(
        `${name.padEnd(8)} ${what.padEnd(11)} median ${median} ms, worst ${sorted.at(-1)} ms\n`,
      );
    }
  }
  process.stdout.write(`${JSON.stringify({ bench: 'media', rounds, ...found })}\n`);
}

async function revivals(rounds: number, mediaProgram?: string): Promise<readonly Revival[]> {
  const state = temporaryState('bench');
  const layout = layoutOf(ROOT, state.path, '127.63.8');
  const office = await startOffice(layout, () => {}, mediaProgram === undefined ? {} : { mediaProgram });
  try {
    const all: Revival[] = [];
    for (let round = 0; round < rounds; round++) all.push(await revival(office));
    return all;
  } finally {
    await office.stop();
    state.remove();
  }
}

async function revival(office: RunningOffice): Promise<Revival> {
  const { layout } = office;
  const stage = await Stage.open(layout);
  try {
    await stage.phones.hangUp(1);
    await pause(SETTLE_MS);
    await stage.phones.lift(1);
    await toned(stage);
    const [fromMs, wallMs] = [performance.now(), Date.now()];
    office.kill('media');
    // What the ear has heard already is not the new process's.
    await until(LIMIT_MS, async () => (share(await stage.hear(1, 100)) === 0 ? true : undefined));
    await toned(stage);
    const dialToneMs = Math.round(performance.now() - fromMs);
    const said = sayings(layout).filter(({ time }) => time > wallMs);
    const after = (is: (line: Saying) => boolean): number => (said.find(is)?.time ?? 0) - wallMs;
    return {
      readyMs: after(({ event }) => event === 'ready'),
      agentMs: after(({ code }) => code === 'media.agent'),
      dialToneMs,
    };
  } finally {
    stage.close();
  }
}

async function toned(stage: Stage): Promise<void> {
  const heard = await until(LIMIT_MS, async () => (share(await stage.hear(1, 100)) > 0 ? true : undefined));
  if (heard === undefined) throw new Error(`no dial tone in ${LIMIT_MS / 1_000} s`);
}

function share(windows: Parameters<typeof shareOfTone>[0]): number {
  return shareOfTone(windows, DIAL_TONE_HZ);
}

interface Saying {
  readonly time: number;
  readonly event: string | undefined;
  readonly code: string | undefined;
}

function sayings(layout: Layout): readonly Saying[] {
  const lines = readFileSync(join(layout.log, 'media.log'), 'utf8').split('\n');
  return lines.flatMap((line) => {
    if (!line.startsWith('{')) return [];
    const { time, event, code } = JSON.parse(line) as { time: string; event?: string; code?: string };
    return [{ time: Date.parse(time), event, code }];
  });
}
