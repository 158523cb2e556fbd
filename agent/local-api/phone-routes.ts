import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import type { CodedError, Result } from '../../lib/base/errors.ts';
import { type MacAddress, parseMac } from '../../lib/net/mac-address.ts';
import type { ApiError, LocalApiSource, PhoneAnswer, PhonesAnswer, PhoneTools } from './source.ts';

const BODY_LIMIT_BYTES = 1_024;
const USUAL_MINUTES = 5;

const approval = z.strictObject({ minutes: z.number().min(1).max(60).default(USUAL_MINUTES) });

/** HTTP status of a refusal; one that is not named here is a conflict. */
const STATUS: Readonly<Record<string, 400 | 404 | 503>> = {
  'phone.none': 404,
  'phone.minutes': 400,
  'phone.noLan': 503,
};

/** `GET /v1/phones`, `GET /v1/phones/MAC`, `POST /v1/phones/MAC/approve|reprovision`. */
export function phoneRoutes(source: LocalApiSource, tools: PhoneTools | null): Hono {
  const app = new Hono();
  app.use('*', bodyLimit({ maxSize: BODY_LIMIT_BYTES }));
  app.get('/', (context) => {
    const answer: PhonesAnswer = { v: 1, ...source.phones() };
    return context.json(answer);
  });
  app.get('/:mac', (context) => withMac(context, async (mac) => shown(context, source, mac)));
  if (tools === null) return app;
  app.post('/:mac/approve', (context) =>
    withMac(context, async (mac) => {
      const body = approval.safeParse(await bodyOf(context));
      if (!body.success) {
        return context.json(error('api.badRequest', 'Minutes are a number: {"minutes": 5}.'), 400);
      }
      return done(context, source, mac, await tools.approve(mac, body.data.minutes));
    }),
  );
  app.post('/:mac/reprovision', (context) =>
    withMac(context, async (mac) => done(context, source, mac, await tools.reprovision(mac))),
  );
  return app;
}

async function withMac(context: Context, act: (mac: MacAddress) => Promise<Response>): Promise<Response> {
  const mac = parseMac(context.req.param('mac') ?? '');
  if (mac !== undefined) return act(mac);
  const say = 'That is no hardware address; write it as on the label of the phone: C0:74:AD:2B:D8:59.';
  return context.json(error('api.notAMac', say), 400);
}

function done(
  context: Context,
  source: LocalApiSource,
  mac: MacAddress,
  result: Result<unknown, CodedError>,
): Response {
  if (result.ok) return shown(context, source, mac);
  const { code, say } = result.error;
  return context.json(error(code, say), STATUS[code] ?? 409);
}

function shown(context: Context, source: LocalApiSource, mac: MacAddress): Response {
  const phone = source.phones().phones.find((each) => each.mac === mac);
  if (phone === undefined) {
    return context.json(error('phone.none', 'No such phone is configured or was heard.'), 404);
  }
  const answer: PhoneAnswer = { v: 1, phone, provisioning: source.whyFetch(mac) };
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

function error(code: string, say: string): ApiError {
  return { v: 1, code, say };
}
