import type { LineTest } from '../../technician/index.ts';
import { todoLines, verdictCell } from '../screen.ts';
import { clean, column, cut, SCREEN_COLUMNS } from '../text.ts';

const NAME: Readonly<Record<string, string>> = {
  board: 'board answers',
  voltage: 'foreign voltage',
  leakage: 'leakage',
  ringer: 'ringer',
  loop: 'loop',
};

/** `engawa line test N` */
export function lineTestScreen(test: LineTest, label: string, colours: boolean): readonly string[] {
  const total = test.checks.length;
  const rows = test.checks.map((check, index) => {
    const head = `[${index + 1}/${total}] ${verdictCell(check.verdict, colours)}`;
    const room = SCREEN_COLUMNS - 12 - 18;
    return `${head}${column(NAME[check.name] ?? check.name, 17)} ${cut(clean(check.say), room)}`;
  });
  const good = test.checks.filter((check) => check.verdict === 'OK').length;
  const todos = test.checks.flatMap(({ advice, say }) =>
    advice === null
      ? []
      : [{ code: advice.code, say, remedy: advice.say, command: `engawa line test ${test.port}` }],
  );
  return [
    cut(`Line ${test.port} "${clean(label)}"`, SCREEN_COLUMNS),
    ...rows,
    `${good} of ${total} good.`,
    ...todoLines(todos),
  ];
}
