import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import type { LanAddressTools, LanAddressView } from '../lan-address/index.ts';
import { BODY_LIMIT_BYTES, done, withBody } from './json-body.ts';

/** `GET` and `POST /v1/address` */
export interface LanAddressAnswer {
  readonly v: 1;
  readonly address: LanAddressView;
}

const text = z.string().max(64);
const wish = z.strictObject({
  address: text,
  router: text.optional(),
  nameServers: z.array(text).max(8).optional(),
  force: z.boolean().default(false),
});

/** The address of the LAN port: which it is, which it is to be. */
export function lanAddressRoutes(tools: LanAddressTools): Hono {
  const app = new Hono();
  app.use('*', bodyLimit({ maxSize: BODY_LIMIT_BYTES }));
  app.get('/', (context) => context.json({ v: 1, address: tools.view() } satisfies LanAddressAnswer));
  app.post('/', (context) =>
    withBody(context, wish, ({ force, ...asked }) =>
      done(context, 'address', tools.set(asked, force), {
        ...{ 'lanAddress.unreadable': 400, 'lanAddress.notHere': 503, 'lanAddress.disk': 503 },
      }),
    ),
  );
  return app;
}
