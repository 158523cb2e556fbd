import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import type { CodedError, Result } from '../../lib/base/errors.ts';
import type { UpdateView } from '../update/index.ts';
import { BODY_LIMIT_BYTES, done, error, withBody } from './json-body.ts';

/** `GET /v1/update`, and what every `POST` below it answers. */
export interface UpdateAnswer {
  readonly v: 1;
  readonly update: UpdateView;
}

/** What a technician may do to the systems of the box. */
export interface UpdateTools {
  readonly view: UpdateView;
  install(wish: {
    readonly path: string | null;
    readonly now: boolean;
    readonly allowOlder: boolean;
  }): Promise<Result<UpdateView>>;
  bring(pieces: AsyncIterable<Uint8Array>, sizeBytes: number): Promise<Result<{ readonly bytes: number }>>;
  rollback(): Result<UpdateView>;
  now(): Result<UpdateView>;
}

const wish = z.strictObject({
  /** Absolute; absent: the file that was put before. */
  path: z.string().regex(/^\//).max(1_000).optional(),
  now: z.boolean().default(false),
  allowOlder: z.boolean().default(false),
});

const STATUSES = {
  'update.noFile': 404,
  'update.notReady': 503,
  'update.notHere': 503,
  'update.inspect': 503,
  'update.space': 503,
} as const;

/** `GET /v1/update`; `PUT …/file` takes a bundle in, `POST …/install`, `…/rollback` and `…/now` do as they say. */
export function updateRoutes(tools: UpdateTools | undefined): Hono {
  const app = new Hono();
  if (tools === undefined) {
    app.all('*', (context) => context.json(error(NOT_HERE.code, NOT_HERE.say), 503));
    return app;
  }
  app.get('/', (context) => context.json({ v: 1, update: tools.view } satisfies UpdateAnswer));
  app.put('/file', async (context) => {
    const { body } = context.req.raw;
    const sizeBytes = Number(context.req.header('content-length') ?? 0);
    const result = await tools.bring(body ?? NOTHING, Number.isSafeInteger(sizeBytes) ? sizeBytes : 0);
    return done(context, 'file', result, STATUSES);
  });
  const small = bodyLimit({ maxSize: BODY_LIMIT_BYTES });
  const view = (context: Context, result: Result<UpdateView, CodedError>): Response =>
    done(context, 'update', result, STATUSES);
  app.post('/install', small, (context) =>
    withBody(context, wish, async ({ path, now, allowOlder }) =>
      view(context, await tools.install({ path: path ?? null, now, allowOlder })),
    ),
  );
  app.post('/rollback', small, (context) => view(context, tools.rollback()));
  app.post('/now', small, (context) => view(context, tools.now()));
  return app;
}

const NOT_HERE = {
  code: 'update.notHere',
  say: 'This box has no updater: only the appliance installs systems.',
};

const NOTHING: AsyncIterable<Uint8Array> = {
  async *[Symbol.asyncIterator]() {
    // A body without a byte.
  },
};
