import type { LineTest } from '../../technician/index.ts';
import { type Look, rowLines, sayLine, spoken, todoLines, verdictCell } from '../screen.ts';
import { clean, column, cut, SCREEN_COLUMNS } from '../text.ts';

const NAME: Readonly<Record<string, string>> = {
  board: 'board answers',
  voltage: 'foreign voltage',
  leakage: 'leakage',
  ringer: 'ringer',
  loop: 'loop',
};

/** `engawa line test N` */
export function lineTestScreen(test: LineTest, label: string, look: Look): readonly string[] {
  const total = test.checks.length;
  const rows = test.checks.map((check, index) => {
    if (look.plain === true) {
      return rowLines(
        { verdict: check.verdict, name: NAME[check.name] ?? check.name, say: check.say },
        look,
      )[0];
    }
    const head = `[${index + 1}/${total}] ${verdictCell(check.verdict, look)}`;
    const room = SCREEN_COLUMNS - 12 - 18;
    return `${head}${column(spoken(NAME[check.name] ?? check.name, look), 17)} ${cut(spoken(clean(check.say), look), room)}`;
  });
  const good = test.checks.filter((check) => check.verdict === 'OK').length;
  const todos = test.checks.flatMap(({ advice, say }) =>
    advice === null
      ? []
      : [{ code: advice.code, say, remedy: advice.say, command: `engawa line test ${test.port}` }],
  );
  return [
    sayLine(`Line ${test.port} "${clean(label)}"`, look),
    ...rows.filter((row) => row !== undefined),
    spoken(`${good} of ${total} good.`, look),
    ...todoLines(todos, look),
  ];
}
