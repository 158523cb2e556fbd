import { statSync } from 'node:fs';
import { join } from 'node:path';
import { BuildError } from '../build/run.ts';
import { Lab, type LabOrder } from './lab.ts';
import { type Played, type Playing, play, report } from './play.ts';
import type { Figures, Story } from './story.ts';
import { whyNoLab } from './why-no-lab.ts';

/** What is tested. */
export interface TestOrder {
  readonly stories: readonly Story[];
  /** Builds the image first; left out where one is there. */
  readonly build: (() => Promise<readonly string[]>) | undefined;
  /** A machine that cannot is no failure. */
  readonly skipWhereImpossible: boolean;
  /** No story begins so many minutes after the beginning of all, the build included; without a limit when left out. */
  readonly withinMinutes?: number | undefined;
}

const MIB = 1024 * 1024;
/** Exit code after Ctrl-C. */
export const INTERRUPTED = 130;

/** Builds and plays every story. The exit code: 0 when all of them went well. */
export async function testImage(order: LabOrder, test: TestOrder, signal: AbortSignal): Promise<number> {
  const fromMs = performance.now();
  const why = whyNoLab() ?? (await cannotBuild(test));
  if (why !== undefined) {
    order.say(`the appliance is not tested here: ${why}`);
    process.stdout.write('0 passed, 0 failed\n');
    return test.skipWhereImpossible ? 0 : 1;
  }
  const builtMs = performance.now();
  const beginUntilMs = fromMs + (test.withinMinutes ?? Number.POSITIVE_INFINITY) * 60_000;
  const played = await playAll(order, test.stories, { say: order.say, signal, beginUntilMs });
  const left = test.stories
    .map(({ name }) => name)
    .filter((name) => !played.some((one) => one.name === name));
  const figures: Figures = {
    ...(test.build === undefined ? {} : { buildS: seconds(builtMs - fromMs) }),
    storiesS: seconds(performance.now() - builtMs),
    ...sizes(order.out),
  };
  process.stdout.write(report(played, figures, left));
  if (signal.aborted) return INTERRUPTED;
  const whole = left.length === 0 || test.withinMinutes !== undefined;
  return whole && played.length > 0 && played.every(({ ok }) => ok) ? 0 : 1;
}

/** Builds; the reason where this machine cannot, and an error where the build is at fault. */
async function cannotBuild({ build }: TestOrder): Promise<string | undefined> {
  try {
    await build?.();
    return undefined;
  } catch (error) {
    if (error instanceof BuildError && error.message.startsWith('this machine cannot')) return error.message;
    throw error;
  }
}

async function playAll(order: LabOrder, stories: readonly Story[], how: Playing): Promise<readonly Played[]> {
  const lab = await Lab.open(order);
  const { signal } = how;
  const stop = (): void => void lab.close();
  signal.addEventListener('abort', stop);
  try {
    return await play(stories, lab, how);
  } finally {
    signal.removeEventListener('abort', stop);
    if (order.keep) order.say(`disks and logs are in ${lab.folder}`);
    await lab.close();
  }
}

function sizes(out: string): Figures {
  const megabytes = (file: string): number => Math.round(statSync(join(out, file)).size / MIB);
  return { systemMiB: megabytes('root.img'), bootMiB: megabytes('boot.fit') };
}

function seconds(ms: number): number {
  return Math.round(ms / 1_000);
}
