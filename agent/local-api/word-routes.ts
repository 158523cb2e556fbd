import { Hono } from 'hono';
import { warningKinds } from '../health/index.ts';
import type { LocalApiSource } from './source.ts';

/** What a shell may complete with; a line each, without blanks. */
export function wordRoutes(source: LocalApiSource): Hono {
  const words: Readonly<Record<string, () => readonly string[]>> = {
    lines: () => source.lines().map(({ port }) => String(port)),
    phones: () => source.phones().phones.map(({ mac }) => mac),
    calls: () => [...new Set(source.calls().map(({ call }) => call))],
    why: () => [
      ...['last', 'missed'],
      ...source.phones().phones.map(({ mac }) => mac.replace(/..(?=.)/g, '$&:')),
      ...new Set(source.calls().map(({ call }) => call)),
    ],
    warnings: () => [
      ...new Set([
        ...source.status().warnings.map(({ code }) => code),
        ...warningKinds.map(({ code }) => code),
      ]),
    ],
  };
  const app = new Hono();
  for (const [name, list] of Object.entries(words)) {
    app.get(`/${name}`, (context) =>
      context.text(
        list()
          .filter((word) => /^[\w.:/@+-]{1,80}$/.test(word))
          .map((word) => `${word}\n`)
          .join(''),
      ),
    );
  }
  return app;
}
