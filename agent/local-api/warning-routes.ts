import { Hono } from 'hono';
import { resolveWarning } from '../health/index.ts';
import type { LineStatus, Warning } from '../status.ts';
import type { LocalApiSource, WarningsAnswer, WarningView } from './source.ts';

/** What is wrong now, each with what it means and whom it hurts. */
export function warningRoutes(source: LocalApiSource): Hono {
  const app = new Hono();
  app.get('/', (context) => {
    const answer: WarningsAnswer = {
      v: 1,
      warnings: source.status().warnings.map((warning) => viewOf(warning, source)),
    };
    return context.json(answer);
  });
  return app;
}

function viewOf(warning: Warning, source: LocalApiSource): WarningView {
  const { kind } = resolveWarning(warning.code);
  const lines = hurtLines(warning.code, source.lines());
  const calls = source
    .calls()
    .filter((call) => call.state !== 'ended' && lines.includes(call.line))
    .map(({ call }) => call);
  return {
    ...warning,
    means: kind.means,
    command: kind.command,
    hurts: { lines, calls: [...new Set(calls)] },
  };
}

/** A code about one line (`W-TRK-301/2`) hurts that one; trouble of board, media process or trunk hurts all. */
function hurtLines(code: string, lines: readonly LineStatus[]): readonly number[] {
  const [kind = '', about] = code.split('/');
  if (!/^W-(?:LIN|TRK|BRD|MED)-/.test(kind)) return [];
  const port = about !== undefined && /^[1-8]$/.test(about) ? Number(about) : undefined;
  if (port !== undefined) return [port];
  return kind.startsWith('W-LIN') ? [] : lines.map((line) => line.port);
}
