import { pause, until } from '../../scripts/demo/story.ts';
import type { Box } from './box.ts';
import type { LabCloud } from './cloud.ts';
import { LabError } from './lab-error.ts';

const LOOK_EVERY_MS = 3_000;
/** A verb of the box takes some seconds there, and longer on a machine that is busy. */
const STATUS_LIMIT_MS = 180_000;

/** What the box says of itself, of which the stories look at little. */
export interface BoxStatus {
  readonly identity: { readonly at: string; readonly fingerprint: string | null };
  readonly config: { readonly appliedRev: number; readonly state: string };
  readonly board: { readonly up: boolean };
  readonly cloud: { readonly connected: boolean; readonly outbox: number };
  readonly calls: { readonly now: number };
  readonly lines: readonly {
    readonly port: number;
    readonly state: string;
    readonly registration: { readonly at: string };
  }[];
  readonly memory: { readonly agentBytes: number; readonly mediaBytes: number };
}

/** Claims the box as a technician with the order in hand does, and waits until it can make calls. */
export async function claimBox(box: Box, cloud: LabCloud, limitMs: number): Promise<void> {
  const code = await cloud.claimCode();
  const { status, output } = await box.root.run(`engawa setup claim --code ${code}`, limitMs);
  if (status !== 0) throw new LabError(`engawa setup ended with ${status}:\n${output}`);
  await serving(box, cloud, limitMs);
}

/** Waits until the box serves: its configuration is there, its board answers, its lines are registered. */
export async function serving(box: Box, cloud: LabCloud, limitMs: number): Promise<BoxStatus> {
  const end = performance.now() + limitMs;
  const configured = await until(limitMs, async () => {
    const { online, desiredRev, reported } = await cloud.view();
    return online && reported?.appliedRev === desiredRev ? true : undefined;
  });
  if (configured === undefined)
    throw await notServing(box, limitMs, 'the service does not see it with its configuration');
  while (performance.now() < end) {
    const status = await boxStatus(box);
    if (status !== undefined && serves(status)) return status;
    await pause(LOOK_EVERY_MS);
  }
  throw await notServing(box, limitMs, 'its board or its lines are not there');
}

/** What the box says of itself; undefined while it says nothing. */
export async function boxStatus(box: Box): Promise<BoxStatus | undefined> {
  try {
    const { output } = await box.root.run('engawa status --json 2>/dev/null', STATUS_LIMIT_MS);
    // An agent that is just starting answers with an error, which is no status.
    const said = JSON.parse(output) as Partial<BoxStatus>;
    return said.lines === undefined ? undefined : (said as BoxStatus);
  } catch {
    return undefined;
  }
}

async function notServing(box: Box, limitMs: number, what: string): Promise<LabError> {
  const words: string[] = [];
  for (const command of [
    'systemctl --failed --no-legend --no-pager',
    'journalctl -b -n 40 -o cat --no-pager -u engawa-agent -u engawa-media | cut -c1-200',
    'engawa status',
  ]) {
    const said = await box.root
      .run(command, STATUS_LIMIT_MS)
      .catch((error: Error) => ({ output: error.message }));
    words.push(said.output.slice(-6_000));
  }
  return new LabError(
    `the box does not serve after ${Math.round(limitMs / 1_000)} s: ${what}. It says:\n${words.join('\n')}`,
  );
}

function serves({ board, cloud, lines }: BoxStatus): boolean {
  const registered = lines.every(({ registration }) => registration.at === 'registered');
  return board.up && cloud.connected && lines.length > 0 && registered;
}
