import type { LinesAnswer } from '../../local-api/index.ts';
import {
  type Look,
  spoken,
  tableLines,
  todoLines,
  type Verdict,
  verdictOf,
  warningTodos,
  worst,
} from '../screen.ts';
import { clean, cut, SCREEN_COLUMNS } from '../text.ts';
import { nextCommand } from './next-command.ts';
import { isRegistered } from './status.ts';
import { lineWord } from './words.ts';

const HEADS = [
  { name: 'PORT', columns: 4 },
  { name: 'EXT', columns: 5 },
  { name: 'LABEL', columns: 16 },
  { name: 'STATE', columns: 10, words: true },
  { name: 'ID', columns: 14 },
  { name: 'SERVICE', columns: 0, words: true },
] as const;

/** `engawa lines` */
export function linesScreen(answer: LinesAnswer, look: Look): readonly string[] {
  if (answer.lines.length === 0) {
    return [
      spoken('--    no lines: the box has no configuration yet', look),
      ...todoLines(todosOf(answer), look),
    ];
  }
  if (answer.lines.every(({ serviceId }) => serviceId === '')) return lonePorts(answer, look);
  const rows = answer.lines.map((line) => ({
    verdict: isRegistered(line) ? ('OK' as const) : ('FAIL' as const),
    cells: [
      String(line.port),
      line.extension,
      line.label,
      lineWord(line.state),
      line.serviceId,
      isRegistered(line) ? 'registered' : `${line.registration.at} ${line.registration.say}`.trim(),
    ],
  }));
  const registered = answer.lines.filter(isRegistered).length;
  const reasons = answer.lines.flatMap((line) =>
    line.because ? [`      line ${line.port}: ${clean(line.because)}`] : [],
  );
  return [
    ...tableLines(HEADS, rows, look),
    ...reasons.map((reason) => (look.plain === true ? reason.trim() : cut(reason, SCREEN_COLUMNS))),
    spoken(`${answer.lines.length} lines, ${registered} registered`, look),
    ...todoLines(todosOf(answer), look),
  ];
}

/** Of a box that nobody has claimed: the ports of its board, which can be tested. */
function lonePorts({ lines }: LinesAnswer, look: Look): readonly string[] {
  const rows = lines.map((line) => ({
    verdict: '--' as const,
    cells: [String(line.port), '', '', lineWord(line.state), '', line.registration.say],
  }));
  return [
    ...tableLines(HEADS, rows, look),
    spoken(`${lines.length} ports; test one: engawa line test 1`, look),
  ];
}

/** The worst line or warning about lines. */
export function linesVerdict(answer: LinesAnswer): Verdict {
  return worst([
    ...answer.lines.map(
      (line): Verdict => (isRegistered(line) ? 'OK' : line.serviceId === '' ? '--' : 'FAIL'),
    ),
    ...about(answer).map((warning) => verdictOf(warning.severity)),
  ]);
}

/** Warnings about lines, board and trunk; the others belong to `status`. */
function about(answer: LinesAnswer): LinesAnswer['warnings'] {
  return answer.warnings.filter((warning) => /^W-(LIN|TRK|BRD)-/.test(warning.code));
}

function todosOf(answer: LinesAnswer): ReturnType<typeof warningTodos> {
  return warningTodos(about(answer), nextCommand);
}
