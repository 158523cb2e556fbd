import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LinesAnswer } from '../../local-api/index.ts';
import type { AgentStatus } from '../../status.ts';
import { type Verdict, worst } from '../screen.ts';
import { japanTime } from '../text.ts';
import { boxStep } from './box-step.ts';
import { callStep } from './call-step.ts';
import { claimStep } from './claim-step.ts';
import { faxStep } from './fax-step.ts';
import { lanStep } from './lan-step.ts';
import { linesStep } from './lines-step.ts';
import { forgetProgress, loadProgress, type Progress, saveProgress } from './progress.ts';
import { leftOut, type SetupStep, type StepName, type StepResult } from './step.ts';
import { Interrupted, type SetupWorld } from './world.ts';

export { STEPS, type StepName } from './step.ts';
export { type SetupOptions, SetupWorld, Unasked } from './world.ts';

const ALL: readonly SetupStep[] = [boxStep, claimStep, lanStep, linesStep, callStep, faxStep];
/** Where the report is kept. */
const REPORT_FILE = 'setup-report.txt';

/** How a setup ended. */
export interface SetupReport {
  readonly gateway: string | null;
  readonly office: string | null;
  /** Every step has been gone through; else the setup goes on where it was left. */
  readonly done: boolean;
  readonly verdict: Verdict;
  readonly steps: readonly (StepResult & { readonly step: StepName })[];
  readonly lines: readonly {
    readonly port: number;
    readonly extension: string;
    readonly label: string;
    readonly serviceId: string;
  }[];
  /** The file of the report, where it could be written. */
  readonly file: string | null;
}

/**
 * Goes through the steps, says of each what it does and what to do where it fails, and keeps how far it came: interrupted at any
 * point, it goes on there. `only` does one step again.
 */
export async function setUp(
  world: SetupWorld,
  wish: { readonly only?: StepName | undefined; readonly again: boolean },
): Promise<SetupReport> {
  const folder = world.paths.setupFolder;
  if (wish.again) forgetProgress(folder);
  let progress: Progress = loadProgress(folder) ?? { startedAt: world.io.now(), steps: {} };
  const known = Object.keys(progress.steps);
  if (known.length > 0 && wish.only === undefined) {
    world.line(
      `Goes on with the setup of ${japanTime(progress.startedAt).slice(5, 16)}. From the beginning: engawa setup --again`,
    );
  }
  for (const [index, step] of ALL.entries()) {
    if (wish.only !== undefined && step.name !== wish.only) continue;
    world.line(`[${index + 1}/${ALL.length}] ${step.name}`);
    const before = progress.steps[step.name];
    if (wish.only === undefined && step.name !== 'box' && before !== undefined && before.verdict !== 'FAIL') {
      world.row(before.verdict, step.name, 'done before');
      continue;
    }
    const result = await runStep(world, step);
    progress = { ...progress, steps: { ...progress.steps, [step.name]: result } };
    if (!saveProgress(folder, progress)) {
      world.row('WARN', 'setup', 'how far it came cannot be written: interrupted, it begins anew (use sudo)');
    }
    // Nothing after it can work.
    if (result.verdict === 'FAIL' && (step.name === 'box' || step.name === 'claim')) break;
  }
  return report(world, progress);
}

async function runStep(world: SetupWorld, step: SetupStep): Promise<StepResult> {
  world.row('', '', step.about);
  if (world.options.skip?.includes(step.name) === true) {
    world.row('--', step.name, 'left out, as somebody said');
    return leftOut('left out, as somebody said');
  }
  const result = await step.run(world);
  for (const say of result.say) world.row(result.verdict, step.name, say);
  for (const todo of result.todo) world.row('', 'to do', todo);
  return result;
}

async function report(world: SetupWorld, { steps, startedAt }: Progress): Promise<SetupReport> {
  const status = await world.get<AgentStatus>('/v1/status');
  const lines = await world.get<LinesAnswer>('/v1/lines');
  const list = ALL.flatMap(({ name }) => {
    const result = steps[name];
    return result === undefined ? [] : [{ step: name, ...result }];
  });
  const verdict = worst(list.map((each) => each.verdict));
  const made = {
    gateway: status.ok ? status.value.gateway : null,
    office: status.ok ? status.value.office : null,
    done: list.length === ALL.length && verdict !== 'FAIL',
    verdict,
    steps: list,
    lines: (lines.ok ? lines.value.lines : []).map(({ port, extension, label, serviceId }) => ({
      port,
      extension,
      label,
      serviceId,
    })),
  };
  if (made.done) forgetProgress(world.paths.setupFolder);
  return { ...made, file: write(world, { ...made, file: null }, startedAt) };
}

/** The report as a sheet, 80 columns wide. */
export function reportLines(
  report: SetupReport,
  at: number,
): readonly (readonly [verdict: Verdict | '', name: string, say: string])[] {
  return [
    ['', 'handover', `${japanTime(at)} JST`],
    [report.verdict, 'box', `${report.gateway ?? 'not claimed'}, ${report.office ?? 'no configuration yet'}`],
    ...report.lines.map(
      (line) =>
        ['', `line ${line.port}`, `extension ${line.extension}, ${line.label}, ${line.serviceId}`] as const,
    ),
    ...report.steps.flatMap(({ step, verdict, say, todo }) => [
      ...say.map((text, index) => [index === 0 ? verdict : '', index === 0 ? step : '', text] as const),
      ...todo.map((text) => ['', 'to do', text] as const),
    ]),
  ];
}

function write(world: SetupWorld, made: SetupReport, startedAt: number): string | null {
  const path = join(world.paths.setupFolder, REPORT_FILE);
  const sheet = reportLines(made, world.io.now()).map(
    ([verdict, name, say]) => `${verdict.padEnd(6)}${name.padEnd(13)}${say}`,
  );
  try {
    writeFileSync(path, `${[...sheet, `begun ${japanTime(startedAt)} JST`].join('\n')}\n`, { mode: 0o600 });
    return path;
  } catch {
    return null;
  }
}

/** Whether the setup was left by the person. */
export function wasInterrupted(error: unknown): boolean {
  return error instanceof Interrupted;
}
