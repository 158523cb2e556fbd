import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { seededRandom } from '../lib/base/random.ts';
import { killDrill } from './drills/kill-drill.ts';
import { layoutOf } from './launch/layout.ts';
import { startOffice } from './launch/office.ts';
import { temporaryState } from './launch/temporary-state.ts';

const USAGE = `usage: scripts/drill kills [ROUNDS] [--seed N]

  kills   makes calls and kills agent, cloud or media process (-9) at a random moment of each, ROUNDS times (default 30);
          then compares what phones and carrier saw with what is on record. Exit code 1 when a call was lost or doubled.
`;

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

async function kills(rounds: number, seed: number): Promise<number> {
  const state = temporaryState('drill');
  const tell = (sentence: string): void => {
    process.stderr.write(`engawa: ${sentence}\n`);
  };
  const office = await startOffice(layoutOf(root, state.path, '127.58.6'), () => {});
  try {
    const report = await killDrill(office, rounds, seededRandom(seed).fraction, tell);
    process.stdout.write(`${JSON.stringify({ seed, ...report }, null, 2)}\n`);
    return report.trouble.length === 0 ? 0 : 1;
  } finally {
    await office.stop();
    state.remove();
  }
}

function main(): Promise<number> | number {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seed: { type: 'string', default: '1' } },
  });
  const rounds = Number(positionals[1] ?? 30);
  if (positionals[0] !== 'kills' || !Number.isInteger(rounds) || rounds < 1) {
    process.stderr.write(USAGE);
    return 2;
  }
  return kills(rounds, Number(values.seed));
}

process.exitCode = await main();
