import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import type { BoxIdentity } from '../status.ts';
import type { ClaimTools } from '../unclaimed/index.ts';
import { BODY_LIMIT_BYTES, done, withBody } from './json-body.ts';

/** `GET /v1/identity` */
export interface IdentityAnswer {
  readonly v: 1;
  readonly identity: BoxIdentity;
}

/** `POST /v1/identity/claim` */
export interface ClaimAnswer {
  readonly v: 1;
  readonly claim: { readonly gateway: string };
}

const wish = z.strictObject({
  code: z.string().min(1).max(64),
  service: z.strictObject({ host: z.string().min(1).max(253), port: z.int().min(1).max(65_535) }),
  serialNumber: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/)
    .optional(),
});

const STATUSES = { 'claim.away': 504, 'claim.answer': 503, 'claim.store': 503 } as const;

/** `GET /v1/identity`: who the box is. `POST …/claim`: claims it; it works under its identity some moments later. */
export function claimRoutes(tools: ClaimTools): Hono {
  const app = new Hono();
  app.use('*', bodyLimit({ maxSize: BODY_LIMIT_BYTES }));
  app.get('/', (context) => context.json({ v: 1, identity: tools.identity() } satisfies IdentityAnswer));
  app.post('/claim', (context) =>
    withBody(context, wish, async (asked) => done(context, 'claim', await tools.claim(asked), STATUSES)),
  );
  return app;
}
