import { cpus, loadavg } from 'node:os';
import type { ProductId } from '../../cloud-stub/catalogue/index.ts';
import { routingSnapshot } from '../../cloud-stub/contracts/index.ts';
import { decide, defaultPolicy, type Tracing } from '../../cloud-stub/routing/index.ts';
import { instant } from '../../lib/base/clock.ts';
import { japanMidnight } from '../../lib/base/japan-time.ts';
import { type MixedCall, seededCalls, seededOffices } from './offices.part.ts';

export const describe = 'routing: decisions a second on one core, a seeded mix of all five services';

const SEED = 20_261_226;
const OFFICES = 1_000;
const CALLS = 200_000;
const ROUNDS = 5;
const HOUR_MS = 3_600_000;
/** A Tuesday at 10:00 in Japan. */
const FROM = instant(japanMidnight(2026, 11, 24) + 10 * HOUR_MS);

/** Goals: decisions a second without trace; the 99th percentile with one, in ms. */
const GOALS = { perSecond: 200_000, p99Ms: 1 } as const;

export async function run(): Promise<void> {
  const offices = seededOffices(OFFICES);
  const calls = seededCalls(SEED, CALLS, offices);
  const perSecond: Record<Tracing, number[]> = { none: [], full: [] };
  const tookMs = new Float64Array(CALLS);
  let verbs = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const tracing of ['none', 'full'] as const) {
      verbs = new Map();
      perSecond[tracing].push(measure(offices, calls, tracing, verbs));
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  one(offices, calls, tookMs);
  print(calls, perSecond, tookMs, verbs);
}

let turn = 0;
/** One call in three finds every channel in use, one in ten nobody registered. */
const live = { busyChannels: () => turn % 6, reachable: () => turn % 10 !== 0 };

/** Each call has its own moment and its own snapshot, as in the switch. */
function decideOne(offices: ReturnType<typeof seededOffices>, call: MixedCall, n: number, tracing: Tracing) {
  const now = instant(FROM + n * 50);
  turn = n;
  return decide(call.request, routingSnapshot(offices, live, now), now, defaultPolicy, tracing);
}

/** Decisions per second of the thread's CPU time, so that neighbours on the machine do not count. */
function measure(
  offices: ReturnType<typeof seededOffices>,
  calls: readonly MixedCall[],
  tracing: Tracing,
  verbs: Map<string, number>,
): number {
  let lines = 0;
  const start = process.threadCpuUsage();
  for (const [n, call] of calls.entries()) {
    const { plan, trace } = decideOne(offices, call, n, tracing);
    lines += trace.length;
    verbs.set(plan.verb, (verbs.get(plan.verb) ?? 0) + 1);
  }
  const { user, system } = process.threadCpuUsage(start);
  if (lines > 0 !== (tracing === 'full')) throw new Error(`${lines} lines of trace with tracing ${tracing}`);
  return (calls.length * 1_000_000) / (user + system);
}

function one(
  offices: ReturnType<typeof seededOffices>,
  calls: readonly MixedCall[],
  tookMs: Float64Array,
): void {
  for (const [n, call] of calls.entries()) {
    const start = performance.now();
    decideOne(offices, call, n, 'full');
    tookMs[n] = performance.now() - start;
  }
}

function print(
  calls: readonly MixedCall[],
  perSecond: Readonly<Record<Tracing, readonly number[]>>,
  tookMs: Float64Array,
  verbs: ReadonlyMap<string, number>,
): void {
  const shares = new Map<ProductId, number>();
  for (const { product } of calls) shares.set(product, (shares.get(product) ?? 0) + 1);
  const share = [...shares].map(([product, n]) => `${product} ${percent(n)}`);
  const ends = [...verbs].sort((a, b) => b[1] - a[1]).map(([verb, n]) => `${verb} ${percent(n)}`);
  const sorted = tookMs.toSorted();
  const at = (part: number): number => sorted[Math.floor((sorted.length - 1) * part)] ?? 0;
  const lines = [
    `${grouped(CALLS)} calls of ${grouped(OFFICES)} offices, seed ${SEED}: ${share.join(', ')}`,
    `plans: ${ends.join(', ')}`,
    `${row('without trace', perSecond.none)}, wanted ${grouped(GOALS.perSecond)}: ${verdict(middle(perSecond.none) >= GOALS.perSecond)}`,
    row('with full trace', perSecond.full),
    `one decision with trace: p50 ${us(at(0.5))}, p99 ${us(at(0.99))}, worst ${us(at(1))}, wanted p99 under 1 ms: ${verdict(at(0.99) < GOALS.p99Ms)}`,
    `decisions per second of CPU time on one thread of ${cpus()[0]?.model ?? 'a processor'}, load ${loadavg()[0]?.toFixed(1)}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

function row(name: string, values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  return `${name.padEnd(28)} ${grouped(middle(values))}/s (${grouped(sorted[0] ?? 0)} to ${grouped(sorted.at(-1) ?? 0)})`;
}

function verdict(met: boolean): string {
  return met ? 'met' : 'MISSED';
}

function us(ms: number): string {
  return `${(ms * 1_000).toFixed(1)} µs`;
}

function percent(n: number): string {
  return `${((n * 100) / CALLS).toFixed(1)} %`;
}

function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
