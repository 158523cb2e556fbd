import type { UpdateAnswer } from '../../local-api/index.ts';
import { type Look, type Row, rowLines, type Verdict } from '../screen.ts';
import { clean } from '../text.ts';

/** `engawa update`: what runs, what lies beside it, what is on its way. */
export function updateScreen({ update }: UpdateAnswer, look: Look): readonly string[] {
  const { report, say, back } = update;
  const rows: Row[] = [];
  if (report !== null) {
    const { running, other } = report;
    const trial = running.confirmed ? '' : ', on trial';
    rows.push({
      verdict: running.confirmed ? 'OK' : '--',
      name: 'running',
      say: `${clean(running.version)}, slot ${running.slot}${trial}`,
    });
    if (other !== null) {
      const dead = other.startable ? '' : ', not to be started';
      rows.push({ verdict: '--', name: 'other slot', say: `${clean(other.version)}${dead}` });
    }
    if (report.rollout !== null) {
      rows.push({ verdict: '--', name: 'rollout', say: clean(report.rollout) });
    }
  }
  rows.push({ verdict: updateVerdict({ v: 1, update }), name: 'update', say: clean(say) });
  if (back !== null)
    rows.push({ verdict: '', name: '', say: 'back to the other one:  engawa update rollback' });
  return rows.flatMap((row) => rowLines(row, look));
}

export function updateVerdict({ update: { report } }: UpdateAnswer): Verdict {
  switch (report?.state.at) {
    case undefined:
      return 'FAIL';
    case 'failed':
    case 'rolledBack':
      return 'WARN';
    case 'idle':
    case 'done':
      return 'OK';
    default:
      return '--';
  }
}

/** One line for what changes while it is watched. */
export function updateLine({ update: { report, say } }: UpdateAnswer): string {
  const state = report?.state;
  if (state?.at === 'installing') return `installing ${Math.floor(state.percent / 10) * 10} %`;
  if (state?.at === 'downloading') {
    return `fetching ${Math.floor((state.bytes * 10) / Math.max(1, state.sizeBytes)) * 10} %`;
  }
  return clean(say);
}
