import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { measureCost } from './fax-cost.part.ts';
import { type Crowd, measureCrowd } from './fax-crowd.part.ts';
import { measureSurvival, type SurvivalCell } from './fax-survival.part.ts';

export const describe =
  'pages that survive loss, what a fax costs, and many faxes beside calls (--seeds, --rates)';

const DEFAULT_SEEDS = '200';
const DEFAULT_RATES = '0,1,3,5,10';
const USAGE = `--seeds N (1 to 1000) and --rates PERCENT,PERCENT… (0 to 50); --only survival|cost|crowd`;

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** Runs the bench: about 8 minutes with 200 seeds, of which one minute is real time. */
export async function run(args: readonly string[]): Promise<void> {
  const wanted = readArguments(args);
  if (wanted === undefined) {
    process.stderr.write(`engawa: scripts/bench fax takes ${USAGE}\n`);
    process.exitCode = 2;
    return;
  }
  const { seeds, rates, only } = wanted;
  const wants = (part: string): boolean => only === undefined || only === part;
  const cost = wants('cost') ? measureCost() : [];
  for (const one of cost)
    say(
      `${one.name.padEnd(28)} ${one.cpuMsPerChannelSecond.toFixed(2)} ms CPU a channel-second, ${one.cpuMsPerPage.toFixed(0)} ms a page of ${one.secondsPerPage.toFixed(0)} s, ${(one.bitsPerSecond / 1_000).toFixed(0)} kbit/s of UDPTL`,
    );
  const crowd = wants('crowd') ? await measureCrowd() : undefined;
  if (crowd !== undefined) printCrowd(crowd);
  const cells: SurvivalCell[] = [];
  if (wants('survival')) {
    say(`pages that arrive dot by dot, redundancy 3, seeds 1 to ${seeds}, losses independent`);
    measureSurvival(seeds, rates, (cell) => {
      cells.push(cell);
      say(rowOf(cell));
    });
  }
  say(`load of this machine at the end: ${loadavg()[0]?.toFixed(1)}`);
  say(JSON.stringify({ bench: 'fax', cost, crowd, cells, loadAverage: loadavg()[0] }));
}

function readArguments(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seeds: { type: 'string', default: DEFAULT_SEEDS },
        rates: { type: 'string', default: DEFAULT_RATES },
        only: { type: 'string' },
      },
    });
    const seeds = Number(values.seeds);
    const rates = values.rates.split(',').map(Number);
    const { only } = values;
    if (!Number.isInteger(seeds) || seeds < 1 || seeds > 1_000) return undefined;
    if (rates.some((rate) => !(rate >= 0 && rate <= 50))) return undefined;
    if (only !== undefined && !['survival', 'cost', 'crowd'].includes(only)) return undefined;
    return { seeds, rates, only };
  } catch {
    return undefined;
  }
}

function rowOf({ name, lossPercent, ecm, identical, of, failed }: SurvivalCell): string {
  const share = ((100 * identical) / of).toFixed(1);
  const seeds =
    failed.length === 0 ? '' : `  seeds ${failed.slice(0, 8).join(' ')}${failed.length > 8 ? ' …' : ''}`;
  const correction = `error correction ${ecm ? 'on ' : 'off'}`;
  return `${name.padEnd(14)} ${correction}  ${String(lossPercent).padStart(4)} % lost  ${identical}/${of}  ${share.padStart(5)} %${seeds}`;
}

function printCrowd(crowd: Crowd): void {
  const { faxes, identical, calls, delayMs, faxCpuPercent, callCpuPercent, seconds } = crowd;
  say(
    `${faxes} faxes at once beside ${calls} calls, media processes on one core: ${identical} of ${faxes} pages dot by dot`,
  );
  say(
    `  delay of the calls, board frame to RTP packet: p50 ${delayMs.p50} p99 ${delayMs.p99} max ${delayMs.max} ms over ${delayMs.count} packets`,
  );
  say(
    `  media process of the faxes ${faxCpuPercent} % CPU (${((faxCpuPercent * 10) / faxes).toFixed(2)} ms a channel-second with everything), of the calls ${callCpuPercent} %, ${seconds.toFixed(0)} s`,
  );
}
