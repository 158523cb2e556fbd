import type { LogLevelsAnswer } from '../../local-api/index.ts';
import type { Entry } from '../log/entry.ts';
import { type Look, rowLines, type Verdict, verdictCell } from '../screen.ts';
import { clean, japanTime, SCREEN_COLUMNS, wrap } from '../text.ts';

const INDENT = 6;
/** Longest value of a field that is shown; `--json` has all of it. */
const VALUE_MOST = 200;

/** `engawa log`: one line of a log, readable. */
export function entryLines(entry: Entry, look: Look): readonly string[] {
  const time = entry.atMs === null ? '--:--:--.---' : japanTime(entry.atMs).slice(11) + milliseconds(entry);
  const from = entry.room === null ? entry.program : `${entry.program}/${entry.room}`;
  const fields = Object.entries(entry.fields).map(([name, value]) => `${name}=${valueText(value)}`);
  const text = [time, from, clean(entry.message), ...fields].filter(Boolean).join(' ');
  const verdict = verdictOfLevel(entry.level);
  if (look.plain === true) return [`${verdict} ${clean(text)}`];
  return wrap(text, SCREEN_COLUMNS - INDENT).map((line, index) =>
    index === 0 ? `${verdictCell(verdict, look)}${line}` : `${' '.repeat(INDENT)}${line}`,
  );
}

function milliseconds({ atMs }: Entry): string {
  return `.${String(Math.floor(atMs ?? 0) % 1_000).padStart(3, '0')}`;
}

function verdictOfLevel(level: number | null): Verdict {
  if (level === null || level >= 50) return 'FAIL';
  return level >= 40 ? 'WARN' : '--';
}

function valueText(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const shown = clean(text ?? '');
  const short = shown.length > VALUE_MOST ? `${shown.slice(0, VALUE_MOST)}..` : shown;
  return /[ =]/.test(short) && typeof value === 'string' ? `"${short}"` : short;
}

/** `engawa log level` */
export function levelsScreen({ levels }: LogLevelsAnswer, look: Look): readonly string[] {
  return (['agent', 'media'] as const).flatMap((program) => {
    const state = levels[program];
    if (state === null) return rowLines({ verdict: 'FAIL', name: program, say: 'does not answer' }, look);
    const until =
      state.until === null ? '' : `, until ${japanTime(state.until).slice(5, 16)}, then as at the start`;
    return rowLines(
      { verdict: state.until === null ? 'OK' : '--', name: program, say: `level ${state.level}${until}` },
      look,
    );
  });
}
