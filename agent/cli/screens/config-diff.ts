import { changeLine } from '../../../lib/contract/config-diff.ts';
import type { ConfigDiffAnswer } from '../../local-api/index.ts';
import { type Look, type Row, rowLines, spoken, type Verdict } from '../screen.ts';

/** `engawa config --diff`: one change a line, as the configuration has it. */
export function configDiffScreen(answer: ConfigDiffAnswer, look: Look): readonly string[] {
  const { compared, changes } = answer;
  if (compared === null) return [spoken('--    there is only one configuration; nothing to compare', look)];
  const many = changes.length === 1 ? '1 change' : `${changes.length} changes`;
  const row: Row = {
    verdict: compared.takenBack ? 'WARN' : 'OK',
    name: 'revision',
    say: compared.takenBack
      ? `${compared.to} was taken back, ${compared.from} runs: ${many}`
      : `${compared.from} to ${compared.to}, which runs: ${many}`,
  };
  return [...rowLines(row, look), ...changes.map((change) => `      ${changeLine(change)}`)];
}

/** What was taken back is worth a look. */
export function configDiffVerdict({ compared }: ConfigDiffAnswer): Verdict {
  return compared?.takenBack === true ? 'WARN' : 'OK';
}
