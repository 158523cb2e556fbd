import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { OWN_NETWORK, whyNoLan } from '../lab/lan.ts';
import { heading, type PartResult } from './run.ts';

/**
 * The demo on fresh data, in a network of its own where the machine can have one; every step of its story counts as a
 * test.
 */
export async function demoPart(root: string, state: string, net: string): Promise<PartResult> {
  heading('demo');
  const startedMs = performance.now();
  const { code, text } = await startDemo(root, state, net);
  const steps = readSteps(text);
  for (const step of steps)
    process.stdout.write(`${step.ok ? 'OK  ' : 'FAIL'} ${step.name}: ${step.detail}\n`);
  const failed = steps.filter((step) => !step.ok).length;
  return {
    name: 'demo',
    passed: steps.length - failed,
    failed: failed === 0 && (code !== 0 || steps.length === 0) ? 1 : failed,
    skipped: 0,
    tookMs: performance.now() - startedMs,
  };
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

interface Step {
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
