import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import type { Result } from '../../lib/base/errors.ts';
import { GUIDES } from '../media/protocol.ts';
import type { LineTools, ToolRefusal } from '../technician/index.ts';
import type { ApiError, LineAnswer } from './source.ts';

const BODY_LIMIT_BYTES = 4_096;

const port = z.coerce.number().int().min(1).max(8);
const seconds = (usual: number, most: number) => z.number().min(1).max(most).default(usual);
const force = z.boolean().default(false);

const TONES = [
  ...GUIDES,
  'dial',
  'secondDial',
  'ringback',
  'busy',
  'congestion',
  'howler',
  'callWaiting',
  'confirmation',
  'refused',
  'hold',
  'reference',
] as const;

/** What each route takes; everything may be left out. */
const BODIES = {
  test: z.strictObject({ force }),
  tone: z.strictObject({ tone: z.enum(TONES).default('reference'), seconds: seconds(30, 300), force }),
  loopback: z.strictObject({ seconds: seconds(30, 300), force }),
  ring: z.strictObject({
    ring: z.enum(['normal', 'double', 'short']).default('normal'),
    seconds: seconds(6, 60),
  }),
  capture: z.strictObject({ seconds: seconds(10, 120), law: z.enum(['pcm', 'ulaw']).default('pcm'), force }),
  stop: z.strictObject({}),
} as const;

const HTTP_STATUS = {
  'line.none': 404,
  'line.nothing': 404,
  'line.inCall': 409,
  'line.emergency': 409,
  'line.hook': 409,
  'line.running': 409,
  'line.refused': 409,
  'line.noBoard': 503,
  'line.timeout': 504,
} as const satisfies Record<ToolRefusal['code'], number>;

/** `POST /v1/lines/N/test|tone|loopback|ring|capture|stop` and `GET /v1/lines/N/recording`. */
export function lineRoutes(tools: LineTools): Hono {
  const app = new Hono();
  app.use('*', bodyLimit({ maxSize: BODY_LIMIT_BYTES }));
  app.post('/:port/test', (context) =>
    told(context, BODIES.test, (line, body) => tools.test(line, body.force)),
  );
  app.post('/:port/tone', (context) =>
    told(context, BODIES.tone, (line, body) => tools.tone(line, body.tone, body.seconds * 1_000, body.force)),
  );
  app.post('/:port/loopback', (context) =>
    told(context, BODIES.loopback, (line, body) => tools.loopback(line, body.seconds * 1_000, body.force)),
  );
  app.post('/:port/ring', (context) =>
    told(context, BODIES.ring, (line, body) => tools.ring(line, body.ring, body.seconds * 1_000)),
  );
  app.post('/:port/capture', (context) =>
    told(context, BODIES.capture, (line, body) =>
      tools.capture(line, body.seconds * 1_000, body.law, body.force),
    ),
  );
  app.post('/:port/stop', (context) => told(context, BODIES.stop, (line) => tools.stop(line)));
  app.get('/:port/recording', async (context) => {
    const line = port.safeParse(context.req.param('port'));
    if (!line.success) return context.json(noLine(context.req.param('port')), 404);
    const taken = await tools.recording(line.data);
    if (!taken.ok) return refused(context, taken.error);
    const recording = taken.value;
    if (recording.at === 'running') {
      const answer: LineAnswer = { v: 1, line: { port: line.data, forMs: recording.forMs } };
      return context.json(answer, 202);
    }
    return context.body(new Uint8Array(recording.wav), 200, {
      'content-type': 'audio/wav',
      'x-recorded-ms': String(recording.recordedMs),
    });
  });
  return app;
}

/** Checks what came, does it, and says what became of it. */
async function told<Body>(
  context: Context,
  schema: z.ZodType<Body>,
  act: (line: number, body: Body) => Promise<Result<object, ToolRefusal>>,
): Promise<Response> {
  const line = port.safeParse(context.req.param('port'));
  if (!line.success) return context.json(noLine(context.req.param('port')), 404);
  const body = schema.safeParse(await bodyOf(context));
  if (!body.success) {
    const issue = body.error.issues[0];
    const say = `${issue?.path.join('.') || 'the body'}: ${issue?.message ?? 'not understood'}`;
    const answer: ApiError = { v: 1, code: 'api.badRequest', say: say.slice(0, 300) };
    return context.json(answer, 400);
  }
  const done = await act(line.data, body.data);
  if (!done.ok) return refused(context, done.error);
  const answer: LineAnswer = { v: 1, line: done.value };
  return context.json(answer);
}

async function bodyOf(context: Context): Promise<unknown> {
  const text = await context.req.text();
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refused(context: Context, refusal: ToolRefusal): Response {
  const answer: ApiError = { v: 1, code: refusal.code, say: refusal.say };
  return context.json(answer, HTTP_STATUS[refusal.code]);
}

function noLine(name: string | undefined): ApiError {
  return { v: 1, code: 'line.none', say: `This box has no line ${(name ?? '').slice(0, 20)}.` };
}
