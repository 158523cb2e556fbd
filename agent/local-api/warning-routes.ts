import { Hono } from 'hono';
import { wholeWarning } from '../health/index.ts';
import type { LocalApiSource, WarningsAnswer } from './source.ts';

/** What is wrong now, each with what it means and whom it hurts. */
export function warningRoutes(source: LocalApiSource): Hono {
  const app = new Hono();
  app.get('/', (context) => {
    const calls = source.calls();
    // A phone is known by its calls: it has no port that anybody dials.
    const phones = [...new Set(calls.map(({ line }) => line))].filter((line) => line > MOST_PORTS);
    const around = { lines: source.lines(), phones, calls };
    const answer: WarningsAnswer = {
      v: 1,
      warnings: source.status().warnings.map((warning) => wholeWarning(warning, around)),
    };
    return context.json(answer);
  });
  return app;
}

/** Analog lines of a box. */
const MOST_PORTS = 8;
