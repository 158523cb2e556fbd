import { Hono } from 'hono';
import { wholeWarning } from '../health/index.ts';
import type { LocalApiSource, WarningsAnswer } from './source.ts';

/** What is wrong now, each with what it means and whom it hurts. */
export function warningRoutes(source: LocalApiSource): Hono {
  const app = new Hono();
  app.get('/', (context) => {
    const around = { lines: source.lines(), phones: source.phonePorts(), calls: source.calls() };
    const answer: WarningsAnswer = {
      v: 1,
      warnings: source.status().warnings.map((warning) => wholeWarning(warning, around)),
    };
    return context.json(answer);
  });
  return app;
}
