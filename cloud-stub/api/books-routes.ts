import type { Context, Hono } from 'hono';
import type { ContractId } from '../../lib/base/ids.ts';
import { officeOf } from '../offices/index.ts';
import { NO_CONTRACT } from '../store/index.ts';
import { answer, badPeriod, refused, withBody, withContract } from './answers.ts';
import { creditRequest, doubtfulRequest, ordersRequest, rerateRequest } from './requests.ts';
import type { OperatorSource } from './source.ts';

/** Routes by which the operator orders, closes, and puts right. */
export function addBooks(app: Hono, source: OperatorSource): void {
  addOrders(app, source);
  addPeriods(app, source);
  addDocuments(app, source);
  addQuarantine(app, source);
}

function addDocuments(app: Hono, source: OperatorSource): void {
  app.get('/contracts/:id/documents', (context) =>
    withContract(context, source, async ({ id }) => {
      const documents = await source.books.documents(id);
      return context.json({
        documents: documents.map(({ body, ...rest }) => ({ ...rest, body: JSON.parse(body) as unknown })),
      });
    }),
  );
  app.post('/contracts/:id/credit-notes', (context) =>
    withContract(context, source, ({ id }) =>
      withBody(context, creditRequest, async (wanted) => {
        const made = await source.books.credit(id, wanted);
        if (made.ok) return context.json(made.value);
        return answer(context, made.error.code === 'credit.noInvoice' ? 404 : 422, made.error);
      }),
    ),
  );
}

function addQuarantine(app: Hono, source: OperatorSource): void {
  app.get('/contracts/:id/quarantine', (context) =>
    withContract(context, source, async ({ id }) => context.json({ records: await source.quarantine(id) })),
  );
  app.get('/quarantine', async (context) => context.json({ records: await source.quarantine(NO_CONTRACT) }));
  app.post('/contracts/:id/quarantine/:record', (context) =>
    withContract(context, source, ({ id }) => decideDoubtful(context, source, id)),
  );
  app.post('/quarantine/:record', (context) => decideDoubtful(context, source, NO_CONTRACT));
}

function decideDoubtful(
  context: Context,
  source: OperatorSource,
  contract: ContractId | typeof NO_CONTRACT,
): Promise<Response> {
  const record = context.req.param('record') ?? '';
  return withBody(context, doubtfulRequest, async (wanted) => {
    const { order: orderId, reason, ...rest } = wanted;
    const decision =
      rest.do === 'release' && rest.correct !== undefined
        ? { do: 'release' as const, correct: rest.correct }
        : { do: rest.do };
    const done = await source.books.decideDoubtful(contract, {
      orderId,
      by: 'operator',
      reason,
      record,
      decision,
    });
    if (done.ok) return context.json({ record, fate: done.value });
    return answer(context, done.error.code === 'quarantine.unknown' ? 404 : 422, done.error);
  });
}

function addOrders(app: Hono, source: OperatorSource): void {
  app.get('/contracts/:id/orders', (context) =>
    withContract(context, source, async ({ id }) => context.json({ orders: await source.books.history(id) })),
  );
  app.post('/contracts/:id/orders', (context) =>
    withBody(context, ordersRequest, async (body) => {
      const id = context.req.param('id');
      const file = officeOf(body);
      if (!file.ok) return answer(context, 400, file.error);
      if (file.value.contract !== (id as ContractId)) {
        return refused(
          context,
          400,
          'api.contract',
          `contract: the orders are for ${body.contract}, not for ${id}.`,
        );
      }
      const done = await source.books.takeOrders(file.value);
      return done.ok ? context.json({ contract: id, orders: done.value }) : answer(context, 422, done.error);
    }),
  );
}

function addPeriods(app: Hono, source: OperatorSource): void {
  app.get('/periods/:period/closing', async (context) => {
    const period = source.period(context.req.param('period'));
    return period === undefined ? badPeriod(context) : context.json(await source.books.closing(period));
  });
  app.post('/periods/:period/closing', async (context) => {
    const period = source.period(context.req.param('period'));
    if (period === undefined) return badPeriod(context);
    const done = await source.books.close(period);
    if (!done.ok) return answer(context, 422, done.error);
    return context.json({ ...done.value, state: await source.books.closing(period) });
  });
  app.post('/contracts/:id/rerate/:period', (context) =>
    withContract(context, source, ({ id }) =>
      withBody(context, rerateRequest, async (wanted) => {
        const period = source.period(context.req.param('period'));
        return period === undefined
          ? badPeriod(context)
          : context.json(await source.books.rerate(id, period, wanted));
      }),
    ),
  );
}
