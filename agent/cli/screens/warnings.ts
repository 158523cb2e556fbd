import { resolveWarning, warningKinds } from '../../health/index.ts';
import type { WarningsAnswer, WarningView } from '../../local-api/index.ts';
import { FINDING_MEANINGS } from '../doctor/meanings.ts';
import { type Look, rowLines, type Verdict, verdictOf, worst } from '../screen.ts';
import { clean, duration } from '../text.ts';
import { WARNINGS_JA } from '../warnings-ja.ts';

/** `engawa warnings`: what is wrong now, whom it hurts, and what to do. */
export function warningsScreen(answer: WarningsAnswer, now: number, look: Look): readonly string[] {
  const { warnings } = answer;
  if (warnings.length === 0) return rowLines({ verdict: 'OK', name: 'warnings', say: 'none' }, look);
  return warnings.flatMap((warning) => linesOf(warning, now, look));
}

export function warningsVerdict(answer: WarningsAnswer): Verdict {
  return worst(answer.warnings.map(({ severity }) => verdictOf(severity)));
}

function linesOf(warning: WarningView, now: number, look: Look): readonly string[] {
  const meaning = said(warning.code, look)?.[0];
  const means = meaning === undefined ? [] : [{ verdict: '', name: '', say: meaning } as const];
  const rows = [
    { verdict: verdictOf(warning.severity), name: clean(warning.code), say: warning.say },
    ...means,
    { verdict: '', name: 'since', say: `since ${duration(now - warning.sinceMs)}` },
    { verdict: '', name: 'hurts', say: hurtText(warning) },
    { verdict: '', name: 'to do', say: said(warning.code, look)?.[1] ?? warning.remedy },
    { verdict: '', name: 'next', say: warning.command },
  ] as const;
  return rows.flatMap((row) => rowLines(row, look));
}

/** The code's meaning and remedy on a Japanese screen. */
function said(code: string, look: Look): readonly [means: string, remedy: string] | undefined {
  return look.language === 'ja' ? WARNINGS_JA[code.split('/')[0] ?? ''] : undefined;
}

function hurtText({ hurts }: WarningView): string {
  if (hurts.lines.length === 0) return 'no line by itself';
  const lines = `lines ${hurts.lines.join(' ')}`;
  return hurts.calls.length === 0 ? lines : `${lines}; calls ${hurts.calls.join(' ')}`;
}

/** What `engawa warnings CODE` tells: the code's meaning, and where the box has it now. */
export interface WarningMeaning {
  readonly v: 1;
  readonly code: string;
  readonly severity: string;
  readonly means: string;
  readonly remedy: string | null;
  readonly command: string | null;
  /** Null when no agent could be asked. */
  readonly now: readonly WarningView[] | null;
}

/** The meaning of a code of the registry, the doctor or a line test; undefined when there is none. */
export function meaningOf(code: string, now: readonly WarningView[] | null): WarningMeaning | undefined {
  const wanted = code.toUpperCase();
  const [name = ''] = wanted.split('/');
  if (warningKinds.some((kind) => kind.code === name)) {
    const { kind } = resolveWarning(name);
    const { severity, means, remedy, command } = kind;
    const raised = now?.filter((warning) => warning.code === wanted || warning.code.startsWith(`${wanted}/`));
    return { v: 1, code: wanted, severity, means, remedy, command, now: raised ?? null };
  }
  const finding = FINDING_MEANINGS[name];
  if (finding === undefined) return undefined;
  return { v: 1, code: name, severity: 'finding', means: finding.en, remedy: null, command: null, now: null };
}

/** `engawa warnings CODE` */
export function meaningScreen(meaning: WarningMeaning, at: number, look: Look): readonly string[] {
  const { code, severity, means, remedy, command, now } = meaning;
  const japanese = look.language === 'ja' ? FINDING_MEANINGS[code]?.ja : undefined;
  const head = [
    { verdict: '--', name: clean(code), say: said(code, look)?.[0] ?? japanese ?? means },
    { verdict: '', name: 'severity', say: severity },
    ...(remedy === null
      ? []
      : [{ verdict: '', name: 'to do', say: said(code, look)?.[1] ?? remedy } as const]),
    ...(command === null ? [] : [{ verdict: '', name: 'next', say: command } as const]),
  ] as const;
  const raised =
    now === null
      ? []
      : now.length === 0
        ? rowLines({ verdict: 'OK', name: 'now', say: 'this box does not have it' }, look)
        : now.flatMap((warning) => linesOf(warning, at, look));
  return [...head.flatMap((row) => rowLines(row, look)), ...raised];
}
