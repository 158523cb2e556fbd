import type { TrialAnswer } from '../../local-api/index.ts';
import { type Look, type Row, rowLines, type Verdict } from '../screen.ts';
import { clean, duration, japanTime } from '../text.ts';

/** `engawa try` alone: what is on trial, and what was changed here. */
export function trialScreen({ local }: TrialAnswer, look: Look): readonly string[] {
  const { trial, kept } = local;
  const rows: Row[] = [];
  if (trial === null) rows.push({ verdict: 'OK', name: 'trial', say: 'nothing is on trial' });
  else {
    rows.push({
      verdict: '--',
      name: 'trial',
      say: `${clean(trial.by)} tries, ${duration(trial.leftMs)} left`,
    });
    for (const say of trial.say) rows.push({ verdict: '', name: '', say });
    rows.push({ verdict: '', name: '', say: 'it stays with  engawa keep  and goes with  engawa undo' });
  }
  if (kept === null) rows.push({ verdict: 'OK', name: 'changed here', say: 'nothing' });
  else {
    const since = japanTime(kept.at).slice(5, 16);
    rows.push({ verdict: '--', name: 'changed here', say: `by ${clean(kept.by)}, ${since}` });
    for (const say of kept.say) rows.push({ verdict: '', name: '', say });
    rows.push({ verdict: '', name: '', say: 'tell the operator; it goes with  engawa undo --all' });
  }
  return rows.flatMap((row) => rowLines(row, look));
}

/** Neither is a fault. */
export function trialVerdict(): Verdict {
  return 'OK';
}
