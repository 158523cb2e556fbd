import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import type { ResetTools, ResetView, WipeView } from '../reset/index.ts';
import { BODY_LIMIT_BYTES, done, withBody } from './json-body.ts';

/** `GET` and `POST /v1/reset` */
export interface ResetAnswer {
  readonly v: 1;
  readonly reset: ResetView;
}

/** `POST /v1/reset/wipe` */
export interface WipeAnswer {
  readonly v: 1;
  readonly wipe: WipeView;
}

const wipeWish = z.strictObject({ records: z.boolean().default(false) });
const wish = z.strictObject({ records: z.boolean().default(false), enrolment: z.boolean().default(false) });

/** `GET /v1/reset`: what stands in its way; `POST` does it and restarts the agent; `…/wipe` forgets the box itself. */
export function resetRoutes(tools: ResetTools): Hono {
  const app = new Hono();
  app.use('*', bodyLimit({ maxSize: BODY_LIMIT_BYTES }));
  app.get('/', (context) => context.json({ v: 1, reset: tools.view() } satisfies ResetAnswer));
  app.post('/', (context) =>
    withBody(context, wish, (order) =>
      done(context, 'reset', tools.reset(order), { 'reset.disk': 503, 'reset.notHere': 503 }),
    ),
  );
  app.post('/wipe', (context) =>
    withBody(context, wipeWish, async ({ records }) =>
      done(context, 'wipe', await tools.wipe(records), { 'wipe.notHere': 503, 'wipe.mark': 503 }),
    ),
  );
  return app;
}
