import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import type { CodedError } from '../../lib/base/errors.ts';
import { CAPTURE_LIMITS, type CaptureRecorder, type CaptureView } from './capture-recorder.ts';

const BODY_LIMIT_BYTES = 4_096;
const { keepMinutes, forMinutes } = CAPTURE_LIMITS;

const order = z.strictObject({
  keepMinutes: z.int().min(keepMinutes.least).max(keepMinutes.most).default(keepMinutes.usual),
  forMinutes: z.int().min(forMinutes.least).max(forMinutes.most).optional(),
});

/** `GET /v1/capture`, `POST /v1/capture/start|save|stop` */
export interface CaptureAnswer {
  readonly v: 1;
  readonly capture: CaptureView;
  /** The bundle that was just written. */
  readonly saved?: string;
}

/** `GET /v1/capture`, `POST /v1/capture/start|save|stop`, `GET /v1/capture/bundles/NAME`. */
export function captureRoutes(recorder: CaptureRecorder): Hono {
  const app = new Hono();
  app.use('*', bodyLimit({ maxSize: BODY_LIMIT_BYTES }));
  const shown = async (context: Context, saved?: string): Promise<Response> => {
    const more = saved === undefined ? {} : { saved };
    const answer: CaptureAnswer = { v: 1, capture: await recorder.view(), ...more };
    return context.json(answer);
  };
  app.get('/', (context) => shown(context));
  app.post('/start', async (context) => {
    const asked = order.safeParse(jsonOf(await context.req.text()));
    if (!asked.success) {
      const issue = asked.error.issues[0];
      const say = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not understood'}`.slice(0, 300);
      return context.json({ v: 1, code: 'api.badRequest', say }, 400);
    }
    const begun = recorder.begin(asked.data);
    return begun.ok ? shown(context) : refused(context, begun.error);
  });
  app.post('/save', async (context) => {
    const saved = await recorder.save();
    return saved.ok ? shown(context, saved.value.name) : refused(context, saved.error);
  });
  app.post('/stop', async (context) => {
    const ended = recorder.end();
    return ended.ok ? shown(context) : refused(context, ended.error);
  });
  app.get('/bundles/:name', async (context) => {
    const path = await recorder.pathOf(context.req.param('name'));
    if (path === undefined) {
      return context.json({ v: 1, code: 'capture.none', say: 'There is no such bundle.' }, 404);
    }
    const file = Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>;
    return context.body(file, 200, { 'content-type': 'application/gzip' });
  });
  return app;
}

function refused(context: Context, { code, say }: CodedError): Response {
  return context.json({ v: 1, code, say }, code === 'capture.write' ? 500 : 409);
}

function jsonOf(text: string): unknown {
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
