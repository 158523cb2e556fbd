import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { PLANT_SEEDS, PLANTS, type Plant } from './plants.ts';
import { simulateSite } from './site.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Memory is looked at after so many seeds … */
const HEAP_EVERY = 50;
/** … and may be so much more at the end than at the beginning. */
const HEAP_GROWS_MB = 20;

/** What the command line asks for. */
export interface SiteDrillOptions {
  readonly seeds: number;
  readonly first: number;
  /** Prints how the afternoons went, line by line. */
  readonly trace: boolean;
  /** Ends at the first that went wrong. */
  readonly untilWrong: boolean;
}

/** Simulated afternoons, one after the other; one line for each that went wrong, and one for all. True when none did. */
export async function siteDrill({ seeds, first, trace, untilWrong }: SiteDrillOptions): Promise<boolean> {
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  const startedMs = performance.now();
  const sum = {
    calls: 0,
    talks: 0,
    records: 0,
    charges: 0,
    agentStarts: 0,
    mediaStarts: 0,
    packets: 0,
    late: 0,
  };
  const faults = new Map<string, number>();
  const broken: number[] = [];
  const heap: number[] = [];
  let worstGapMs = 0;
  let done = 0;
  for (let seed = first; seed < first + seeds; seed++) {
    const { report, trace: lines } = await simulateSite(seed);
    done++;
    if (trace) say(lines.join('\n'));
    sum.calls += report.calls;
    sum.talks += report.talks;
    sum.records += report.records;
    sum.charges += report.charges;
    sum.agentStarts += report.agentStarts;
    sum.mediaStarts += report.mediaStarts;
    sum.packets += report.sound.packetsSent + report.sound.packetsArrived;
    sum.late += report.sound.late;
    worstGapMs = Math.max(worstGapMs, report.sound.worstGapMs);
    for (const [name, count] of Object.entries(report.faults))
      faults.set(name, (faults.get(name) ?? 0) + count);
    if (done % HEAP_EVERY === 0) heap.push(heapMb());
    if (report.trouble.length === 0) continue;
    broken.push(seed);
    say(JSON.stringify({ seed, trouble: report.trouble }));
    if (untilWrong) break;
  }
  const seconds = Math.round((performance.now() - startedMs) / 1_000);
  say(
    JSON.stringify({
      ...{ seeds: done, first, broken, seconds, ...sum, worstGapMs, heapMb: heap },
      faults: Object.fromEntries([...faults].sort(([one], [other]) => (one < other ? -1 : 1))),
    }),
  );
  if (!grows(heap)) return broken.length === 0;
  say(JSON.stringify({ trouble: [`memory: ${heap.join(', ')} MiB after each ${HEAP_EVERY} seeds`] }));
  return false;
}

/** What one afternoon leaves behind is found again in a thousand of them. */
function grows(heap: readonly number[]): boolean {
  const middle = (values: readonly number[]): number => [...values].sort((one, other) => one - other)[1] ?? 0;
  return heap.length >= 6 && middle(heap.slice(-3)) - middle(heap.slice(0, 3)) > HEAP_GROWS_MB;
}

/** Used memory after a collection. */
function heapMb(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return Math.round(process.memoryUsage().heapUsed / 1_048_576);
}

/** What became of a planted fault. */
interface Found {
  readonly plant: string;
  readonly what: string;
  /** The seed that found it; null when none did. */
  readonly seed: number | null;
  readonly trouble: string;
}

/** Plants one fault after the other, each in a process of its own. True when every one was found by its rule. */
export async function plantDrill(only: string | undefined): Promise<boolean> {
  let all = true;
  for (const plant of PLANTS) {
    if (only !== undefined && only !== '' && plant.name !== only) continue;
    const found = await tryPlant(plant);
    process.stdout.write(`${JSON.stringify(found)}\n`);
    all &&= found.seed !== null;
  }
  return all;
}

/** Simulates with the fault until a run breaks its rule, for {@link PLANT_SEEDS} seeds at most. */
export function tryPlant(plant: Plant): Promise<Found> {
  return new Promise((resolve) => {
    const hook = fileURLToPath(new URL('plant-hook.ts', import.meta.url));
    const trial = fileURLToPath(new URL('plant-trial.ts', import.meta.url));
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', '--import', hook, trial, plant.rule, String(PLANT_SEEDS)],
      {
        cwd: root,
        env: { ...process.env, SITE_PLANT: plant.name },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let said = '';
    let complained = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      complained += chunk.toString();
    });
    child.on('close', () => {
      const planted = complained.includes(`planted: ${plant.name}`);
      const { name, what } = plant;
      if (!planted || said === '') {
        resolve({ plant: name, what, seed: null, trouble: `it did not run: ${complained.slice(-400)}` });
        return;
      }
      const { seed, trouble } = JSON.parse(said) as { seed: number | null; trouble: string };
      resolve({ plant: name, what, seed, trouble });
    });
  });
}
