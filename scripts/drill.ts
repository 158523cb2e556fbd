import { getPriority } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { seededRandom } from '../lib/base/random.ts';
import { brokersDrill } from './drills/brokers.ts';
import { DESK_PHONES, hourDrill } from './drills/hour.ts';
import { LINES } from './drills/hour-parties.ts';
import { killDrill } from './drills/kill-drill.ts';
import { drillSip } from './drills/sip-calls.ts';
import { plantDrill, siteDrill } from './drills/site/site-drill.ts';
import { weigh } from './launch/child.ts';
import { layoutOf } from './launch/layout.ts';
import { type RunningOffice, startOffice } from './launch/office.ts';
import type { OfficeKind } from './launch/programs.ts';
import { temporaryState } from './launch/temporary-state.ts';

const USAGE = `usage: scripts/drill kills [ROUNDS] [--seed N]
       scripts/drill hour [--minutes 60] [--phones 16] [--seed N]
       scripts/drill brokers [GATEWAYS] [--seed N]
       scripts/drill sip [SEEDS] [--seed N] [--calls COUNT]
       scripts/drill site [SEEDS] [--seed N] [--trace] [--until-wrong]
       scripts/drill site --plant [NAME]

  kills   makes calls and faxes and kills agent, media process, cloud (with its broker) or database (-9) at a random moment of
          each, ROUNDS times (default 30); then compares what phones and carrier saw with what is on record. Exit code 1 when
          a call was lost or doubled.
  hour    calls on all lines of a full board and on --phones desk phones for an hour (--minutes), with an outage drill every ten
          minutes, changes of the configuration and restarts of the agent; tells the gaps between packets that the box sends, whose
          doing they are, and whether every call is on record once and rated. Exit code 1 when one of them made a gap over 60 ms,
          or the books are wrong. To be run alone, first in line for the processor: nice -n -15 scripts/drill hour.
  brokers a cluster of three NATS servers carries configurations and call records of GATEWAYS (default 40); one server is
          killed (-9) meanwhile. Exit code 1 when a record was lost or doubled, or a gateway had not its configuration in 60 s.
  sip     whole calls over a simulated network that loses, doubles, delays, reorders and translates: from party to party, over a
          B2BUA, over a proxy that forks, and back to whoever is registered; with a witness of what goes over the wire. From SEEDS
          seeds (default 1) beginning with N (default 1). Exit code 1 when a rule broke; the same N shows it again.
  site    the whole box and the cloud on a simulated network, disk and clock for an afternoon, from SEEDS seeds (default 20)
          beginning with N; --trace tells line by line what happened. Exit code 1 when a rule broke. With --plant faults are
          planted into the programs, one (NAME) or all, and each has to be found.
`;

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const tell = (sentence: string): void => void process.stderr.write(`engawa: ${sentence}\n`);

/** Exit code after Ctrl-C. */
const INTERRUPTED = 130;

class Interruption extends Error {}

/** Rejects at Ctrl-C and at the end of the terminal. */
function interruption(): Promise<never> {
  return new Promise((_resolve, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => reject(new Interruption('interrupted')));
  });
}

/** A drill in an office of its own, which ends with it: also when somebody has enough of it. */
async function inOffice<Report extends { readonly trouble: readonly string[] }>(
  net: string,
  kind: OfficeKind,
  seed: number,
  drill: (office: RunningOffice) => Promise<Report>,
): Promise<number> {
  // From here on: a start that is cut off in its middle would leave networks and folders behind.
  const interrupted = interruption();
  interrupted.catch(() => undefined);
  const state = temporaryState('drill');
  const office = await startOffice(layoutOf(root, state.path, net), () => {}, kind);
  try {
    const report = await Promise.race([interrupted, drill(office)]);
    process.stdout.write(`${JSON.stringify({ seed, ...report }, null, 2)}\n`);
    return report.trouble.length === 0 ? 0 : 1;
  } finally {
    await office.stop();
    state.remove();
  }
}

function kills(rounds: number, seed: number): Promise<number> {
  const { fraction } = seededRandom(seed);
  return inOffice('127.63.6', { fax: true }, seed, (office) =>
    killDrill(office, rounds, fraction, tell, true),
  );
}

function hour(minutes: number, deskPhones: number, seed: number): Promise<number> {
  const { fraction } = seededRandom(seed);
  const length = { minutes, deskPhones };
  return inOffice('127.63.7', { ports: LINES, lan: true }, seed, (office) =>
    hourDrill(office, length, fraction, tell),
  );
}

async function brokers(gateways: number, seed: number): Promise<number> {
  const report = await brokersDrill({ gateways, seed, tell });
  process.stdout.write(`${JSON.stringify({ seed, ...report }, null, 2)}\n`);
  return report.trouble.length === 0 && !report.late ? 0 : 1;
}

async function sip(seeds: number, first: number, calls: number): Promise<number> {
  let broken = 0;
  for (let seed = first; seed < first + seeds; seed++) {
    const report = await drillSip(seed, calls);
    process.stdout.write(`${JSON.stringify(report)}\n`);
    if (report.trouble.length > 0) broken++;
  }
  return broken === 0 ? 0 : 1;
}

async function site(seeds: number, first: number, trace: boolean, untilWrong: boolean): Promise<number> {
  return (await siteDrill({ seeds, first, trace, untilWrong })) ? 0 : 1;
}

function main(): Promise<number> | number {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seed: { type: 'string', default: '1' },
      calls: { type: 'string', default: '30' },
      minutes: { type: 'string', default: '60' },
      phones: { type: 'string', default: String(DESK_PHONES) },
      trace: { type: 'boolean', default: false },
      'until-wrong': { type: 'boolean', default: false },
      plant: { type: 'boolean', default: false },
    },
  });
  const [drill, count] = positionals;
  const usual: Readonly<Record<string, number>> = { sip: 1, brokers: 40, site: 20 };
  if (drill === 'site' && values.plant) return plantDrill(count).then((all) => (all ? 0 : 1));
  const rounds = Number(count ?? usual[drill ?? ''] ?? 30);
  const seed = Number(values.seed);
  const calls = Number(values.calls);
  const sound = [rounds, seed, calls].every((one) => Number.isInteger(one)) && rounds >= 1 && calls >= 1;
  const minutes = Number(values.minutes);
  const phones = Number(values.phones);
  const inRange = minutes > 0 && Number.isInteger(phones) && phones >= 0 && phones <= DESK_PHONES;
  if (sound && drill === 'hour' && inRange) return hour(minutes, phones, seed);
  if (sound && drill === 'kills') return kills(rounds, seed);
  if (sound && drill === 'brokers') return brokers(rounds, seed);
  if (sound && drill === 'sip') return sip(rounds, seed, calls);
  if (sound && drill === 'site') return site(rounds, seed, values.trace, values['until-wrong']);
  process.stderr.write(USAGE);
  return 2;
}

weigh(process.pid, getPriority());
try {
  process.exitCode = await main();
} catch (error) {
  const interrupted = error instanceof Interruption;
  process.stderr.write(`engawa: ${interrupted ? error.message : (error as Error).stack}\n`);
  // What the drill was waiting for will not come any more.
  process.exit(interrupted ? INTERRUPTED : 1);
}
