import { readFileSync } from 'node:fs';
import { openWire } from '../../agent/sync/index.ts';
import { systemClock } from '../../lib/base/clock.ts';
import { systemRandom } from '../../lib/base/random.ts';
import type { Enrolment } from '../../lib/contract/enrolment.ts';
import { SimGateway } from '../lab/gateways.ts';

/** What the program says of its gateways, ten times a second. */
export interface FleetLine {
  readonly connected: number;
  /** Lowest revision that any of them runs. */
  readonly lowestRev: number;
  /** When connections were begun since the last line, in order. */
  readonly openedAtMs: readonly number[];
  /** Why the last connection ended, and how many have. */
  readonly ends: number;
  readonly lastEnd: string;
}

const EVERY_MS = 100;

// A process full of gateways: `node sync-gateways.part.ts FLEET.json`, until its input ends.
const fleet = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as readonly Enrolment[];
let openedAtMs: number[] = [];
let ends = 0;
let lastEnd = '';
const gateways = fleet.map(
  (enrolment) =>
    new SimGateway({
      ...{ enrolment, clock: systemClock, random: systemRandom },
      openWire: (options) => {
        openedAtMs.push(Math.round(performance.now()));
        return openWire({
          ...options,
          onEnd: (end) => {
            ends++;
            lastEnd = end.say;
            options.onEnd(end);
          },
        });
      },
    }),
);
// As after a power cut of a town, but for the stampede: they come up within seconds, not in one moment.
for (const [index, gateway] of gateways.entries()) setTimeout(() => gateway.sync.start(), index * 8);

setInterval(() => {
  const line: FleetLine = {
    connected: gateways.filter(({ sync }) => sync.cloud().connected).length,
    lowestRev: Math.min(...gateways.map(({ rev }) => rev)),
    ...{ openedAtMs, ends, lastEnd },
  };
  openedAtMs = [];
  process.stdout.write(`${JSON.stringify(line)}\n`);
}, EVERY_MS);
process.stdin.on('end', () => process.exit(0)).resume();
