import { instant } from '../../../lib/base/clock.ts';
import { japanDateTime } from '../../../lib/base/japan-time.ts';
import type { DrillFeature } from '../../drill/index.ts';
import type { DrillAnswer } from '../../local-api/index.ts';
import { type Look, rowLines, sayLine, type Verdict } from '../screen.ts';

const NAME: Readonly<Record<DrillFeature, string>> = {
  cut: 'links down',
  extensions: 'extensions',
  lamps: 'lamps',
  park: 'park',
  pickup: 'pickup',
  groups: 'ring groups',
  night: 'night switch',
  outside: 'outside',
  emergency: 'emergency',
  sound: 'sound',
  phones: 'desk phones',
  calls: 'calls',
  trunkBack: 'trunk back',
  serviceBack: 'service back',
  recordsBack: 'records back',
};

const SHOWN = 5;

/** `engawa drill`: how it stands, the last report row by row, and those before it. */
export function drillScreen(answer: DrillAnswer, look: Look): readonly string[] {
  const [last, ...earlier] = answer.reports;
  const lines = [nextLine(answer, look)];
  if (last === undefined) return lines;
  lines.push('', sayLine(`Drill of ${japanDateTime(instant(last.startedAt))}, ${last.seconds} s`, look));
  for (const { feature, verdict, say } of last.checks) {
    lines.push(...rowLines({ verdict, name: NAME[feature] ?? feature, say }, look));
  }
  lines.push(...rowLines({ verdict: worst(last.verdict), name: 'drill', say: last.say }, look));
  for (const { startedAt, verdict, say } of earlier.slice(0, SHOWN)) {
    const when = japanDateTime(instant(startedAt)).slice(5, 16);
    lines.push(...rowLines({ verdict: worst(verdict), name: when, say }, look));
  }
  return lines;
}

/** What runs, waits, or that nothing does. */
export function nextLine({ at, beginsAt, seconds }: DrillAnswer, look: Look): string {
  const when = beginsAt === null ? '' : japanDateTime(instant(beginsAt));
  switch (at) {
    case 'idle':
      return sayLine('No drill runs or waits.', look);
    case 'waiting':
      return sayLine(`A drill of ${seconds} s begins at ${when} JST.`, look);
    case 'cut':
      return sayLine(`A drill runs: the links are cut for ${seconds} s since ${when} JST.`, look);
    case 'returning':
      return sayLine('A drill runs: the links are mended and come back.', look);
  }
}

/** Of the last drill. */
export function drillVerdict({ reports: [last] }: DrillAnswer): Verdict {
  return last === undefined ? '--' : worst(last.verdict);
}

function worst(verdict: DrillAnswer['reports'][number]['verdict']): Verdict {
  return verdict === 'endedEarly' ? 'WARN' : verdict;
}
