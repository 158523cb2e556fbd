import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import { CHANGES_MOST, localChange, type TrialRoom, type TrialState } from '../trial/index.ts';
import { BODY_LIMIT_BYTES, done, withBody } from './json-body.ts';

/** `GET /v1/trial`, and what every `POST` below it answers. */
export interface TrialAnswer {
  readonly v: 1;
  readonly local: TrialState;
}

const who = z.string().regex(/^[\p{L}\p{N} ._@-]{1,40}$/u);
const wish = z.strictObject({
  changes: z.array(localChange).min(1).max(CHANGES_MOST),
  minutes: z.number().min(0.05).max(60).default(5),
  by: who,
  /** Undone when `alive` has not been said for 15 s. */
  session: z.boolean().default(false),
});
const undone = z.strictObject({ all: z.boolean().default(false) });

const STATUSES = {
  'trial.noLine': 404,
  'trial.none': 404,
  'trial.noConfig': 503,
  'trial.disk': 503,
} as const;

/** Changes on the spot: `POST /v1/trial` tries some, `…/alive`, `…/keep` and `…/undo` end as they say. */
export function trialRoutes(room: TrialRoom): Hono {
  const app = new Hono();
  app.use('*', bodyLimit({ maxSize: BODY_LIMIT_BYTES }));
  app.get('/', (context) => context.json({ v: 1, local: room.state } satisfies TrialAnswer));
  app.post('/', (context) =>
    withBody(context, wish, ({ changes, minutes, by, session }) =>
      done(context, 'local', room.begin(changes, { forMs: minutes * 60_000, by, session }), STATUSES),
    ),
  );
  app.post('/alive', (context) => context.json({ v: 1, local: room.alive() } satisfies TrialAnswer));
  app.post('/keep', (context) => done(context, 'local', room.keep(), STATUSES));
  app.post('/undo', (context) =>
    withBody(context, undone, ({ all }) => done(context, 'local', room.undo(all), STATUSES)),
  );
  return app;
}
