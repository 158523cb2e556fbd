import type { Box } from './box.ts';
import type { LabCloud } from './cloud.ts';
import { LabError } from './lab-error.ts';

const LOOK_EVERY_MS = 1_000;

/** What the box says of itself, of which the stories look at little. */
export interface BoxStatus {
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
  const { status, output } = await box.root.run(`engawa setup claim --code ${code} --yes`, limitMs);
  if (status !== 0) throw new LabError(`engawa setup ended with ${status}:\n${output}`);
  await serving(box, limitMs);
}

/** Waits until the box serves: its board answers, its configuration is there, its line is registered. */
export async function serving(box: Box, limitMs: number): Promise<BoxStatus> {
  const end = performance.now() + limitMs;
  let said = '';
  while (performance.now() < end) {
    const { output } = await box.root.run('engawa status --json', 60_000);
    said = output;
    const status = statusOf(output);
    if (status !== undefined && serves(status)) return status;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  throw new LabError(
    `the box does not serve after ${Math.round(limitMs / 1_000)} s. It says:\n${said.slice(-1_500)}`,
  );
}

function serves({ board, cloud, lines }: BoxStatus): boolean {
  return (
    board.up &&
    cloud.connected &&
    lines.length > 0 &&
    lines.every(({ registration }) => registration.at === 'registered')
  );
}

function statusOf(text: string): BoxStatus | undefined {
  try {
    return JSON.parse(text) as BoxStatus;
  } catch {
    return undefined;
  }
}
