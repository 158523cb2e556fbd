import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import { instant } from '../../lib/base/clock.ts';
import type { CodedError } from '../../lib/base/errors.ts';
import type { ContractId, GatewayId, ServiceId } from '../../lib/base/ids.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { Contract } from '../contracts/index.ts';
import { callLine } from './call-line.ts';
import { explainAnswer } from './explain-answer.ts';
import type { OperatorSource } from './source.ts';

const BODY_LIMIT_BYTES = 16_384;

const dialString = z.string().regex(/^[0-9*#]{1,40}$/);
const explainRequest = z.discriminatedUnion('direction', [
  z.strictObject({
    direction: z.literal('out'),
    id: z.string().regex(/^id-[0-9]{6}-[0-9]{1,3}$/),
    dialled: dialString,
    /** Also says what a call of this length would cost. */
    talkMs: z.int().min(0).max(604_800_000).optional(),
  }),
  z.strictObject({
    direction: z.literal('in'),
    from: z.string().regex(/^[0-9]{0,40}$/),
    withheld: z.boolean(),
    to: dialString,
    talkMs: z.int().min(0).max(604_800_000).optional(),
  }),
]);

/** The operator's routes. Every answer is JSON; every refusal is `{code, fault, say}` with a fitting status. */
export function createOperatorApp(source: OperatorSource, log: Logger): Hono {
  const app = new Hono();
  app.use(
    bodyLimit({
      maxSize: BODY_LIMIT_BYTES,
      onError: (context) =>
        refused(context, 413, 'api.tooLarge', `A body may have ${BODY_LIMIT_BYTES} bytes.`),
    }),
  );
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
  return app;
}

function addGateways(app: Hono, source: OperatorSource): void {
  app.get('/gateways', async (context) => {
    const gateways = await source.gateways();
    return context.json({ gateways: gateways.map(({ gateway, ...rest }) => ({ id: gateway, ...rest })) });
  });
  app.post('/gateways/:id/enrolment', async (context) => {
    const enrolment = await source.enrol(context.req.param('id') as GatewayId);
    return enrolment === undefined ? noGateway(context) : context.json(enrolment);
  });
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
      return context.json({ records: await source.records(id, sinceMs) });
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
  app.get('/contracts/:id/quarantine', (context) =>
    withContract(context, source, async ({ id }) => context.json({ records: await source.quarantine(id) })),
  );
  app.get('/contracts/:id/invoice-draft', (context) =>
    withContract(context, source, async (contract) => {
      const period = source.period(context.req.query('period'));
      if (period === undefined) {
        return refused(
          context,
          400,
          'api.period',
          'A period is named by the month in which it closes: 2026-12.',
        );
      }
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
  app.post('/explain', async (context) => {
    const body: unknown = await context.req.json().catch(() => undefined);
    const wanted = explainRequest.safeParse(body);
    if (!wanted.success) {
      const issue = wanted.error.issues[0];
      const say = `A question is {"direction":"out","id","dialled"} or {"direction":"in","from","withheld","to"}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`;
      return refused(context, 400, 'api.explain', say.trim());
    }
    const { talkMs, ...rest } = wanted.data;
    const call = source.newCall();
    const request =
      rest.direction === 'out' ? { ...rest, id: rest.id as ServiceId, call } : { ...rest, call };
    return context.json(explainAnswer(source, request, talkMs, instant(source.now())));
  });
}

async function withContract(
  context: Context,
  source: OperatorSource,
  work: (contract: Contract) => Promise<Response>,
): Promise<Response> {
  const contract = await source.contract((context.req.param('id') ?? '') as ContractId);
  return contract === undefined
    ? refused(context, 404, 'api.noContract', `There is no contract ${context.req.param('id')}.`)
    : work(contract);
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

function refused(context: Context, status: 400 | 404 | 413, code: string, say: string): Response {
  return answer(context, status, { code, fault: 'caller', say });
}

function answer(context: Context, status: 400 | 404 | 413 | 422 | 500, error: CodedError): Response {
  return context.json({ code: error.code, fault: error.fault, say: error.say }, status);
}
