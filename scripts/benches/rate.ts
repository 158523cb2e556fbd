import { cpus, loadavg, setPriority } from 'node:os';
import { catalogue, type ProductId } from '../../cloud-stub/catalogue/index.ts';
import { prepareRater, type RatingStream, tariffOf } from '../../cloud-stub/rating/index.ts';
import type { RatableUsage } from '../../cloud-stub/rating/types.ts';
import { japanMidnight } from '../../lib/base/japan-time.ts';
import { type MixedUse, mixAllowance, seededMix } from './mix.part.ts';

export const describe = 'rating: uses a second of one core, a seeded mix of all five services';

const PLAN = {
  seed: 20_261_225,
  uses: 50_000,
  contracts: 200,
  from: japanMidnight(2026, 11, 26),
  until: japanMidnight(2026, 12, 26),
} as const;
const ROUNDS = 21;
/** Rounds before, so that the compiler is done. */
const WARM_ROUNDS = 8;

/** Goals, uses a second. */
const GOALS = { amount: 2_000_000, trace: 200_000 } as const;

interface Run {
  /** Uses a second of processor time: what others do on the machine does not count against us. */
  readonly perSecond: number;
  /** Uses a second on the clock. */
  readonly onClock: number;
  readonly sum: number;
}

export async function run(): Promise<void> {
  goFirst();
  const mix = seededMix(PLAN);
  const seconds = { amount: [] as Run[], trace: [] as Run[] };
  let sum = Number.NaN;
  for (let round = 0; round < WARM_ROUNDS + ROUNDS; round++) {
    const amount = measure(mix, (stream, usage) => stream.amountOf(usage) ?? 0);
    const traced = measure(mix, (stream, usage) => {
      const rating = stream.rate(usage);
      return rating.ok && rating.trace.length > 0 ? rating.charge.amount : 0;
    });
    if (amount.sum !== traced.sum) throw new Error(`two sums: ${amount.sum} and ${traced.sum} micro-yen`);
    sum = amount.sum;
    if (round >= WARM_ROUNDS) {
      seconds.amount.push(amount);
      seconds.trace.push(traced);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  print(mix, seconds, sum);
}

/** Other programs of the machine must not bend the ruler. */
function goFirst(): void {
  try {
    setPriority(-15);
  } catch {
    process.stderr.write('no right to a higher priority: a busy machine shows in the figures\n');
  }
}

function measure(mix: readonly MixedUse[], take: (stream: RatingStream, usage: RatableUsage) => number): Run {
  const raters = new Map<ProductId, ReturnType<typeof prepareRater>>();
  const streams = Array.from({ length: PLAN.contracts }, () => undefined as RatingStream | undefined);
  for (const { contract, product } of mix) {
    const rater = raters.get(product) ?? prepareRater(tariffOf(catalogue, product));
    raters.set(product, rater);
    streams[contract] ??= rater.stream(mixAllowance(contract, PLAN.from));
  }
  let sum = 0;
  const start = performance.now();
  const before = process.cpuUsage();
  for (const { contract, usage } of mix) {
    const stream = streams[contract];
    if (stream !== undefined) sum += take(stream, usage);
  }
  const { user, system } = process.cpuUsage(before);
  const onClock = (mix.length * 1_000) / (performance.now() - start);
  return { perSecond: (mix.length * 1_000_000) / (user + system), onClock, sum };
}

function print(
  mix: readonly MixedUse[],
  seconds: Readonly<Record<'amount' | 'trace', readonly Run[]>>,
  sum: number,
): void {
  const shares = new Map<ProductId, number>();
  for (const { product } of mix) shares.set(product, (shares.get(product) ?? 0) + 1);
  const share = [...shares].map(([product, n]) => `${product} ${((n * 100) / mix.length).toFixed(1)} %`);
  const row = (name: string, runs: readonly Run[], goal: number): string => {
    const [low, middle, high] = spread(runs.map((run) => run.perSecond));
    const clock = spread(runs.map((run) => run.onClock))[1];
    const verdict = middle >= goal ? 'met' : 'MISSED';
    const span = `${grouped(low)} to ${grouped(high)}; on the clock ${grouped(clock)}`;
    return `${name.padEnd(26)} ${grouped(middle)}/s (${span}), wanted ${grouped(goal)}: ${verdict}`;
  };
  const lines = [
    `${grouped(mix.length)} uses of ${grouped(PLAN.contracts)} contracts, seed ${PLAN.seed}: ${share.join(', ')}`,
    row('amount, without trace', seconds.amount, GOALS.amount),
    row('charge object and trace', seconds.trace, GOALS.trace),
    `both rate the same ${grouped(sum / 1_000_000)} yen; one thread of ${cpus()[0]?.model ?? 'a processor'}, load ${loadavg()[0]?.toFixed(1)}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function spread(values: readonly number[]): readonly [low: number, middle: number, high: number] {
  const sorted = [...values].sort((a, b) => a - b);
  return [sorted[0] ?? 0, sorted[sorted.length >> 1] ?? 0, sorted.at(-1) ?? 0];
}

function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
