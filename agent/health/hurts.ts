import { unreachable } from '../../lib/base/errors.ts';
import type { CallStatus, LineStatus, Warning } from '../status.ts';
import { resolveWarning, type WarningKind } from './registry.ts';

/** Lines by their ports (a desk phone is 101 to 132), and calls that run on them. */
export interface Hurts {
  readonly lines: readonly number[];
  readonly calls: readonly string[];
}

/** A warning with everything that is known of its kind, the same for CLI, cloud and lamps. */
export interface WholeWarning extends Warning {
  /** What the code means whenever it appears. */
  readonly means: string;
  /** The next command to run. */
  readonly command: string;
  readonly hurts: Hurts;
}

/** What the box has, as far as a warning can hurt it. */
export interface Around {
  readonly lines: readonly Pick<LineStatus, 'port'>[];
  /** Ports of desk phones. */
  readonly phones: readonly number[];
  readonly calls: readonly Pick<CallStatus, 'call' | 'line' | 'state'>[];
}

/** Pure: a warning as it is shown, with the lines and calls that it hurts now. */
export function wholeWarning(warning: Warning, around: Around): WholeWarning {
  const { kind } = resolveWarning(warning.code);
  const lines = linesOf(kind, warning.code, around);
  const calls = around.calls
    .filter((call) => call.state !== 'ended' && lines.includes(call.line))
    .map(({ call }) => call);
  return {
    ...warning,
    means: kind.means,
    command: kind.command,
    hurts: { lines, calls: [...new Set(calls)] },
  };
}

function linesOf(kind: WarningKind, code: string, { lines, phones }: Around): readonly number[] {
  const about = code.split('/')[1];
  const port = about !== undefined && /^[0-9]{1,3}$/.test(about) ? Number(about) : undefined;
  // About one line, and so about no other.
  if (kind.hurts === undefined) return [];
  if (port !== undefined) return [port];
  const analog = lines.map((line) => line.port);
  switch (kind.hurts) {
    case 'line':
      return [];
    case 'lines':
      return analog;
    case 'phones':
      return phones;
    case 'all':
      return [...analog, ...phones];
    default:
      return unreachable(kind.hurts);
  }
}
