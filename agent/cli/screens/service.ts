import type { AgentStatus, LineStatus, Warning } from '../../status.ts';
import {
  type Look,
  type Row,
  rowLines,
  todoLines,
  type Verdict,
  verdictOf,
  warningTodos,
  worst,
} from '../screen.ts';
import { clean, japanTime } from '../text.ts';
import { nextCommand } from './next-command.ts';
import { configRow, isRegistered, type JudgedRow, serviceRow } from './status.ts';

const OF_TRUNK = /^W-TRK-/;
const OF_SYNC = /^W-(?:CLD|CRT|CFG|OUT|STO)-/;

/** `engawa trunk`: every line's registration at the service, and why one is not. */
export function trunkScreen(status: AgentStatus, look: Look): readonly string[] {
  return screen(trunkRows(status), about(status, OF_TRUNK), look);
}

export function trunkVerdict(status: AgentStatus): Verdict {
  return verdict(trunkRows(status), about(status, OF_TRUNK));
}

/** `engawa sync`: the connection to the service, what waits to be sent, which configuration is wanted and which runs. */
export function syncScreen(status: AgentStatus, look: Look): readonly string[] {
  return screen(syncRows(status), about(status, OF_SYNC), look);
}

export function syncVerdict(status: AgentStatus): Verdict {
  return verdict(syncRows(status), about(status, OF_SYNC));
}

function trunkRows({ lines }: AgentStatus): readonly JudgedRow[] {
  if (lines.length === 0) return [{ verdict: 'WARN', name: 'lines', say: 'none configured' }];
  return lines.map((line) => ({
    verdict: isRegistered(line) ? 'OK' : 'FAIL',
    name: `line ${line.port}`,
    say: `${clean(line.serviceId)}: ${registrationText(line)}`,
  }));
}

function registrationText({ registration }: LineStatus): string {
  return `${registration.at} ${clean(registration.say)}`.trim();
}

function syncRows(status: AgentStatus): readonly JudgedRow[] {
  const { at, refusal } = status.config;
  const rows: JudgedRow[] = [
    serviceRow(status),
    configRow(status),
    { verdict: '--', name: 'changed', say: `${japanTime(at)} JST` },
  ];
  if (refusal !== null) rows.push({ verdict: '--', name: 'refused', say: clean(refusal.say) });
  return rows;
}

function screen(rows: readonly Row[], warnings: readonly Warning[], look: Look): readonly string[] {
  return [
    ...rows.flatMap((row) => rowLines(row, look)),
    ...todoLines(warningTodos(warnings, nextCommand), look),
  ];
}

function verdict(rows: readonly JudgedRow[], warnings: readonly Warning[]): Verdict {
  return worst([...rows.map((row) => row.verdict), ...warnings.map(({ severity }) => verdictOf(severity))]);
}

function about({ warnings }: AgentStatus, codes: RegExp): readonly Warning[] {
  return warnings.filter(({ code }) => codes.test(code));
}
