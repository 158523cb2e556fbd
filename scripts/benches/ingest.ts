import { parseArgs } from 'node:util';
import { monthOf, openBenchStore, PERIOD, writeContracts } from './month.part.ts';
import { durability, machine, startScratchPostgres } from './scratch-postgres.part.ts';

export const describe = 'uses a second that are rated, de-duplicated and durably stored, two cores';

const GOAL_PER_SECOND = 30_000;
/** Records that a sender hands over at a time. */
const HANDFUL = 10_000;
/** Uses that are taken before the clock runs. */
const WARM_UP = 10_000;

/** `--uses 200000 --contracts 1000 --lanes 2` */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      uses: { type: 'string', default: '200000' },
      contracts: { type: 'string', default: '1000' },
      lanes: { type: 'string', default: '2' },
    },
  });
  const [uses, contracts, lanes] = [Number(values.uses), Number(values.contracts), Number(values.lanes)];
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const postgres = await startScratchPostgres();
  try {
    const empty = await openBenchStore(postgres.url);
    await empty.close();
    await writeContracts(postgres.url, contracts);
    const store = await openBenchStore(postgres.url);
    const all = monthOf(uses + WARM_UP, contracts);
    say(`machine     ${machine()}`);
    say(`database    ${await durability(postgres.url)}`);
    say(
      `month       ${uses} uses of ${contracts} contracts in ${PERIOD.name}, all five services, ${lanes} lanes`,
    );
    await store.feed.take(all.slice(0, WARM_UP));
    const month = all.slice(WARM_UP);
    for (const [name, wanted] of [
      ['first time', 'stored'],
      ['again', 'duplicates'],
    ] as const) {
      const begun = performance.now();
      const cpu = process.cpuUsage();
      const server = postgres.processorSeconds();
      const took = await feed(month, lanes, (records) => store.feed.take(records));
      const seconds = (performance.now() - begun) / 1_000;
      const { user, system } = process.cpuUsage(cpu);
      const [ours, theirs] = [(user + system) / 1e6, postgres.processorSeconds() - server];
      const rate = Math.round(uses / seconds);
      const good = took[wanted] + (wanted === 'stored' ? took.unpriced : 0) === uses;
      say(
        `${name.padEnd(11)} ${rate} uses/s on the clock, ${seconds.toFixed(1)} s; processor: ours ${ours.toFixed(1)} s, PostgreSQL's ${theirs.toFixed(1)} s, ` +
          `so ${Math.round((2 * uses) / (ours + theirs))} uses/s on two cores of our own; ` +
          `${took.stored} stored, ${took.unpriced} without price, ${took.duplicates} known, ${took.quarantined} doubtful${good ? '' : '  WRONG'}`,
      );
      if (!good) process.exitCode = 1;
    }
    say(`goal        ${GOAL_PER_SECOND} uses/s the first time; load at the end: ${machine()}`);
    await store.close();
  } finally {
    await postgres.stop();
  }
}

type Took = Record<'stored' | 'duplicates' | 'quarantined' | 'unpriced', number>;

/** Some senders at the same time, each with the next handful. */
async function feed<Item>(
  items: readonly Item[],
  lanes: number,
  take: (some: readonly Item[]) => Promise<Readonly<Took>>,
): Promise<Took> {
  const total: Took = { stored: 0, duplicates: 0, quarantined: 0, unpriced: 0 };
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const some = items.slice(next, next + HANDFUL);
      next += HANDFUL;
      const done = await take(some);
      for (const key of Object.keys(total) as (keyof Took)[]) total[key] += done[key];
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return total;
}
