import { simulateSite } from './site.ts';

/** Run with a planted fault: tells the first seed that breaks the rule, and how. */
async function trial(rule: string, seeds: number): Promise<{ seed: number | null; trouble: string }> {
  for (let seed = 1; seed <= seeds; seed++) {
    const { report } = await simulateSite(seed);
    const found = report.trouble.find((one) => one.startsWith(`${rule}:`));
    if (found !== undefined) return { seed, trouble: found };
  }
  return { seed: null, trouble: `not found in ${seeds} seeds` };
}

const [rule = '', seeds = '1'] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await trial(rule, Number(seeds))));
process.exit(0);
