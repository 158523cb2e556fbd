import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import { type Instant, instant } from '../../lib/base/clock.ts';
import type { Result } from '../../lib/base/errors.ts';
import { japanDay, japanMidnight } from '../../lib/base/japan-time.ts';
import { DRILL_SECONDS, type DrillRefusal, type DrillStatus } from '../drill/index.ts';
import type { ApiError } from './source.ts';

const BODY_LIMIT_BYTES = 1_024;

/** `GET /v1/drill`, `POST /v1/drill/outage` and `…/stop` */
export interface DrillAnswer extends DrillStatus {
  readonly v: 1;
}

/** What may be done with drills. */
export interface DrillTools {
  status(): DrillStatus;
  begin(seconds: number, beginsAt: number | null, by: string): Result<DrillStatus, DrillRefusal>;
  end(by: string): Result<DrillStatus, DrillRefusal>;
}

const order = z.strictObject({
  seconds: z.int().min(DRILL_SECONDS.least).max(DRILL_SECONDS.most).default(DRILL_SECONDS.usual),
  /** Time of day in Japan, the next time that it comes. */
  at: z
    .string()
    .regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/)
    .optional(),
});

/** `POST /v1/drill/outage` begins a drill and answers at once; how it stands and what came of it: `GET /v1/drill`. */
export function drillRoutes(tools: DrillTools, now: () => Instant): Hono {
  const app = new Hono();
  app.use(bodyLimit({ maxSize: BODY_LIMIT_BYTES }));
  app.get('/', (context) => context.json<DrillAnswer>({ v: 1, ...tools.status() }));
  app.post('/outage', async (context) => {
    const text = await context.req.text();
    const parsed = order.safeParse(readJson(text));
    if (!parsed.success) {
      const { least, most } = DRILL_SECONDS;
      const say = `seconds: ${least} to ${most}; at: HH:MM, Japan time.`;
      return context.json<ApiError>({ v: 1, code: 'api.badRequest', say }, 400);
    }
    const { seconds, at } = parsed.data;
    return answer(tools.begin(seconds, at === undefined ? null : nextTime(at, now()), 'local API'));
  });
  app.post('/stop', () => answer(tools.end('local API')));
  return app;
}

function answer(result: Result<DrillStatus, DrillRefusal>): Response {
  if (result.ok) return Response.json({ v: 1, ...result.value } satisfies DrillAnswer);
  const { code, say } = result.error;
  return Response.json({ v: 1, code, say } satisfies ApiError, { status: 409 });
}

function readJson(text: string): unknown {
  try {
    return text === '' ? {} : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

/** The next moment at which the clocks of Japan show `HH:MM`. */
export function nextTime(at: string, now: Instant): number {
  const { year, month, day } = japanDay(now);
  const [hours = 0, minutes = 0] = at.split(':').map(Number);
  const today = japanMidnight(year, month, day) + (hours * 60 + minutes) * 60_000;
  return today > now ? today : instant(today + 86_400_000);
}
