import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import type { ResetTools, ResetView } from '../reset/index.ts';
import { BODY_LIMIT_BYTES, done, withBody } from './json-body.ts';

/** `GET` and `POST /v1/reset` */
export interface ResetAnswer {
  readonly v: 1;
  readonly reset: ResetView;
}

const wish = z.strictObject({ records: z.boolean().default(false), enrolment: z.boolean().default(false) });

/** `GET /v1/reset`: what stands in its way; `POST` does it and restarts the agent. */
export function resetRoutes(tools: ResetTools): Hono {
  const app = new Hono();
  app.use('*', bodyLimit({ maxSize: BODY_LIMIT_BYTES }));
  app.get('/', (context) => context.json({ v: 1, reset: tools.view() } satisfies ResetAnswer));
  app.post('/', (context) =>
    withBody(context, wish, (order) =>
      done(context, 'reset', tools.reset(order), { 'reset.disk': 503, 'reset.notHere': 503 }),
    ),
  );
  return app;
}
