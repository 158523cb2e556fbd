import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import { LOG_LEVEL_MOST_MS, LOG_LEVELS } from '../../lib/base/log-level.ts';
import type { LogLevels, LogTools } from '../technician/index.ts';
import { BODY_LIMIT_BYTES, done, withBody } from './json-body.ts';

/** `GET` and `POST /v1/log-level` */
export interface LogLevelsAnswer {
  readonly v: 1;
  readonly levels: LogLevels;
}

const wanted = z.strictObject({
  program: z.enum(['agent', 'media', 'all']).default('all'),
  /** Null: as at the start. */
  level: z.enum(LOG_LEVELS).nullable(),
  minutes: z
    .number()
    .min(0.1)
    .max(LOG_LEVEL_MOST_MS / 60_000)
    .default(15),
});

/** `GET /v1/log-level`, and `POST` of `{program, level, minutes}`: another level for a while. */
export function logRoutes(tools: LogTools): Hono {
  const app = new Hono();
  app.use('*', bodyLimit({ maxSize: BODY_LIMIT_BYTES }));
  app.get('/', async (context) => {
    const answer: LogLevelsAnswer = { v: 1, levels: await tools.levels() };
    return context.json(answer);
  });
  app.post('/', (context) =>
    withBody(context, wanted, async ({ program, level, minutes }) =>
      done(context, 'levels', await tools.set(program, level, minutes * 60_000), {
        'media.notConnected': 503,
        'media.lost': 503,
        'media.timeout': 504,
      }),
    ),
  );
  return app;
}
