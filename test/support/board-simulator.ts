import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { SimControl } from '../../hal/sim/control-client.ts';
import { JsonLineReader } from '../../lib/base/json-lines.ts';
import { favour } from '../../scripts/launch/child.ts';
import { SOURCE_ENVIRONMENT, SOURCE_NODE } from '../../scripts/launch/source-program.ts';

/** A simulated board in a process of its own, as it ships. */
export interface BoardSimulator {
  readonly control: SimControl;
  readonly processId: number;
  stop(): Promise<void>;
}

const START_LIMIT_MS = 20_000;

/** Starts `hal/sim/main.ts` on the board's end of a pty pair and connects to its control socket. */
export async function startBoardSimulator(options: {
  readonly device: string;
  readonly ports?: number;
  readonly t38?: boolean;
}): Promise<BoardSimulator> {
  const socket = `${options.device}.control.${process.pid}`;
  const root = join(import.meta.dirname, '..', '..');
  const [program = '', ...args] = [...SOURCE_NODE, join(root, 'hal/sim/main.ts'), '--device', options.device];
  args.push('--control', socket, '--ports', String(options.ports ?? 2), '--follow-stdin');
  if (options.t38 === true) args.push('--t38');
  const child = spawn(program, args, {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...SOURCE_ENVIRONMENT },
  });
  favour(child.pid);
  await ready(child);
  const control = await SimControl.connect(socket);
  return {
    control,
    processId: child.pid ?? 0,
    stop: async () => {
      control.close();
      if (child.exitCode === null) {
        const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
        child.kill('SIGTERM');
        await gone;
      }
      rmSync(socket, { force: true });
    },
  };
}

function ready(child: ChildProcess): Promise<void> {
  const reader = new JsonLineReader();
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error('the simulator did not get ready')), START_LIMIT_MS);
    child.once('exit', (code) => reject(new Error(`the simulator ended with ${code}`)));
    child.stdout?.on('data', (chunk: Buffer) => {
      for (const line of reader.push(chunk)) {
        const event = line.kind === 'value' ? (line.value as { event?: string; say?: string }) : {};
        if (event.event === 'fatal') reject(new Error(event.say));
        if (event.event !== 'ready') continue;
        clearTimeout(limit);
        resolve();
      }
    });
  });
}
