import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { OWN_NETWORK, whyNoLan } from '../lab/lan.ts';
import { temporaryState } from '../launch/temporary-state.ts';
import type { Failure } from './report.ts';
import { heading, type PartResult } from './run.ts';

const DEMO = 'scripts/demo';

/** How a showing of the demo went; nothing of it is printed yet. */
export interface DemoPlayed {
  readonly code: number;
  readonly steps: readonly Step[];
  readonly tookMs: number;
}

/**
 * Plays the demo on fresh data, in a network of its own where the machine can have one. It waits most of the time (a fax takes a
 * minute), so it may run beside other tests; `demoPart` tells what became of it.
 */
export async function playDemo(root: string, net: string): Promise<DemoPlayed> {
  const state = temporaryState('demo');
  const startedMs = performance.now();
  try {
    const { code, text } = await startDemo(root, state.path, net);
    return { code, steps: readSteps(text), tookMs: performance.now() - startedMs };
  } finally {
    state.remove();
  }
}

/** Prints every step, and counts each as a test. A showing that failed beside other tests is given once more, alone. */
export async function demoPart(root: string, net: string, first: DemoPlayed): Promise<PartResult> {
  const played = isWhole(first) ? first : await playDemo(root, net);
  heading(played === first ? 'demo' : 'demo, at the second try');
  for (const step of played.steps)
    process.stdout.write(`${step.ok ? 'OK  ' : 'FAIL'} ${step.name}: ${step.detail}\n`);
  const failed = played.steps.filter((step) => !step.ok).length;
  return {
    name: 'demo',
    passed: played.steps.length - failed,
    failed: failed === 0 && !isWhole(played) ? 1 : failed,
    skipped: 0,
    failures: isWhole(played) ? [] : failuresOf(played),
    onlyThen: played === first ? [] : failuresOf(first),
    tookMs: first.tookMs + (played === first ? 0 : played.tookMs),
  };
}

function isWhole({ code, steps }: DemoPlayed): boolean {
  return code === 0 && steps.length > 0 && steps.every(({ ok }) => ok);
}

/** What did not happen; a showing that ended before it said so counts as one. */
export function failuresOf({ code, steps }: DemoPlayed): readonly Failure[] {
  const wrong = steps
    .filter(({ ok }) => !ok)
    .map(({ name, detail }) => ({ file: DEMO, test: name, why: detail }));
  if (wrong.length > 0) return wrong;
  return [{ file: DEMO, test: 'the demo itself', why: `it ended with ${code} after ${steps.length} steps` }];
}

function startDemo(root: string, state: string, net: string): Promise<{ code: number; text: string }> {
  return new Promise((resolve) => {
    const start = [join(root, 'scripts/start'), '--demo', '--json', '--state', state, '--net', net];
    const [program = '', ...args] = whyNoLan() === undefined ? [...OWN_NETWORK, ...start] : start;
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('exit', (code) => resolve({ code: code ?? 1, text: Buffer.concat(chunks).toString('utf8') }));
  });
}

/** A step of the demo's story, as the launcher says it. */
export interface Step {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

function readSteps(text: string): readonly Step[] {
  try {
    return (JSON.parse(text) as { steps: readonly Step[] }).steps;
  } catch {
    return [];
  }
}
