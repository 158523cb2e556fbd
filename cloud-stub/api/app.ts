import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { GatewayId } from '../../lib/base/ids.ts';
import type { Logger } from '../../lib/base/log.ts';
import { momentOf } from '../offices/index.ts';
import type { CallRequest } from '../routing/types.ts';
import { answer, badPeriod, refused, withBody, withContract } from './answers.ts';
import { addBooks } from './books-routes.ts';
import { addBoxes } from './box-routes.ts';
import { callLine, callRecord } from './call-line.ts';
import { explainAnswer } from './explain-answer.ts';
import { openApiDocument } from './openapi.ts';
import { addPhones } from './phone-routes.ts';
import { explainRequest, revocationRequest } from './requests.ts';
import { addRollouts } from './rollout-routes.ts';
import type { OperatorSource } from './source.ts';

const BODY_LIMIT_BYTES = 16_384;

/** An office file may have as much. */
const ORDERS_LIMIT_BYTES = 4 * 1_048_576;
const ORDERS_PATH = /^\/contracts\/[^/]+\/orders$/;

/** The operator's routes. Every answer is JSON; every refusal is `{code, fault, say}` with a fitting status. */
export function createOperatorApp(source: OperatorSource, log: Logger): Hono {
  const app = new Hono();
  const [small, large] = [limited(BODY_LIMIT_BYTES), limited(ORDERS_LIMIT_BYTES)];
  app.use((context, next) => (ORDERS_PATH.test(context.req.path) ? large : small)(context, next));
  app.onError((error, context) => {
    log.error({ err: error, path: context.req.path }, 'a request failed');
    return answer(context, 500, {
      code: 'api.failed',
      fault: 'us',
      say: 'The service could not answer; its log says why.',
    });
  });
  app.notFound((context) => refused(context, 404, 'api.noRoute', `There is no ${context.req.path} here.`));
  app.get('/health', async (context) => {
    const health = await source.health();
    return context.json(health, health.ok ? 200 : 503);
  });
  addGateways(app, source);
  addContracts(app, source);
  addExplain(app, source);
  addBooks(app, source);
  addPhones(app, source);
  addBoxes(app, source);
  addRollouts(app, source);
  app.get('/openapi.json', (context) => context.json(openApiDocument()));
  return app;
}

function limited(bytes: number): ReturnType<typeof bodyLimit> {
  return bodyLimit({
    maxSize: bytes,
    onError: (context) => refused(context, 413, 'api.tooLarge', `A body may have ${bytes} bytes.`),
  });
}

function addGateways(app: Hono, source: OperatorSource): void {
  app.get('/gateways', async (context) => {
    const gateways = await source.gateways();
    return context.json({ gateways: gateways.map(({ gateway, ...rest }) => ({ id: gateway, ...rest })) });
  });
  app.post('/gateways/:id/claim', async (context) => {
    const ticket = await source.claimTicket(context.req.param('id') as GatewayId);
    return ticket === undefined ? noGateway(context) : context.json(ticket);
  });
  app.post('/gateways/:id/revocation', (context) =>
    withBody(context, revocationRequest, async ({ why }) => {
      const gateway = context.req.param('id') as GatewayId;
      const certificates = await source.revoke(gateway, why);
      return certificates === undefined ? noGateway(context) : context.json({ gateway, certificates });
    }),
  );
  app.get('/gateways/:id/reported', async (context) => {
    const gateway = context.req.param('id') as GatewayId;
    const contract = await source.contractOf(gateway);
    if (contract === undefined) return noGateway(context);
    const reported = await source.reported(contract, gateway);
    return context.json({ gateway, reported: reported ?? null });
  });
}

function addContracts(app: Hono, source: OperatorSource): void {
  app.get('/contracts/:id/records', (context) =>
    withContract(context, source, async ({ id }) => {
      const sinceMs = sinceOf(context);
      if (sinceMs === undefined) return badSince(context);
      const records = await source.records(id, sinceMs);
      return context.json({ records: records.map(callRecord) });
    }),
  );
  app.get('/contracts/:id/calls', (context) =>
    withContract(context, source, async ({ id }) => {
      const sinceMs = sinceOf(context);
      if (sinceMs === undefined) return badSince(context);
      const records = await source.records(id, sinceMs);
      return context.json({ calls: records.map(callLine) });
    }),
  );
  app.get('/contracts/:id/faxes', (context) =>
    withContract(context, source, async ({ id }) => {
      const sinceMs = sinceOf(context);
      if (sinceMs === undefined) return badSince(context);
      return context.json({ faxes: await source.faxes(id, sinceMs) });
    }),
  );
  app.get('/contracts/:id/alerts', (context) =>
    withContract(context, source, async ({ id }) => context.json({ alerts: await source.alerts(id) })),
  );
  app.get('/contracts/:id/invoice-draft', (context) =>
    withContract(context, source, async (contract) => {
      const period = source.period(context.req.query('period'));
      if (period === undefined) return badPeriod(context);
      const draft = await source.invoiceDraft(contract, period);
      return draft.ok ? context.json(draft.value) : answer(context, 422, draft.error);
    }),
  );
  app.post('/contracts/:id/republish', (context) =>
    withContract(context, source, async ({ id }) => {
      const results = await source.republish(id);
      const gateways = results.map((result) =>
        result.ok ? result.value : { refused: { code: result.error.code, say: result.error.say } },
      );
      return context.json({ gateways });
    }),
  );
}

function addExplain(app: Hono, source: OperatorSource): void {
  app.post('/explain', (context) => {
    return withBody(context, explainRequest, async ({ talkMs, at: when, ...rest }) => {
      // Read from JSON: what is not there is absent, as a request wants it.
      const request = { ...rest, call: source.newCall() } as CallRequest;
      const at = when === undefined ? undefined : momentOf(when);
      const world = await source.world(request, at);
      return world.ok
        ? context.json(explainAnswer(world.value, request, talkMs, at ?? source.now()))
        : answer(context, 422, world.error);
    });
  });
}

/** Epoch ms; 0 when not given; undefined when it is not a time. */
function sinceOf(context: Context): number | undefined {
  const text = context.req.query('since') ?? '0';
  const since = Number(text);
  return /^[0-9]{1,16}$/.test(text) && Number.isSafeInteger(since) ? since : undefined;
}

function badSince(context: Context): Response {
  return refused(context, 400, 'api.since', '"since" is a time in epoch milliseconds.');
}

function noGateway(context: Context): Response {
  return refused(context, 404, 'api.noGateway', `There is no gateway ${context.req.param('id')}.`);
}
