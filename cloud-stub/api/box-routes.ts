import type { Hono } from 'hono';
import type { GatewayId } from '../../lib/base/ids.ts';
import { answer, refused, withContract } from './answers.ts';
import { EXPOSITION_TYPE, exposition } from './exposition.ts';
import { metricsOf } from './metrics.ts';
import type { OperatorSource } from './source.ts';

/** How boxes are, as they tell it; the service's metrics; what a configuration changed. */
export function addBoxes(app: Hono, source: OperatorSource): void {
  app.get('/metrics', async (context) => {
    const health = await source.health();
    const up = health.database === 'up';
    const boxes = up ? await source.boxes() : [];
    const updates = {
      rollouts: up ? await source.updates.rollouts() : [],
      systems: up ? await source.systems() : [],
      downloads: source.downloads(),
    };
    return context.body(exposition(metricsOf({ health, boxes, updates })), 200, {
      'content-type': EXPOSITION_TYPE,
    });
  });
  app.get('/contracts/:id/boxes', (context) =>
    withContract(context, source, async ({ id }) => context.json({ boxes: await source.boxes(id) })),
  );
  app.get('/contracts/:id/events', (context) =>
    withContract(context, source, async ({ id }) => {
      const since = context.req.query('since') ?? '0';
      if (!/^[0-9]{1,16}$/.test(since)) {
        return refused(context, 400, 'api.since', '"since" is a time in epoch milliseconds.');
      }
      return context.json({ events: await source.events(id, Number(since)) });
    }),
  );
  app.get('/gateways/:id/config-diff', async (context) => {
    const gateway = context.req.param('id') as GatewayId;
    const [from, to] = ['from', 'to'].map((name) => revisionOf(context.req.query(name)));
    if (from === null || to === null) {
      return refused(context, 400, 'api.revision', '"from" and "to" are numbers of revisions.');
    }
    const diff = await source.configDiff(gateway, from, to);
    return diff.ok
      ? context.json(diff.value)
      : answer(context, diff.error.code === 'config.noGateway' ? 404 : 422, diff.error);
  });
}

/** Undefined when none is named, null when it is no revision. */
function revisionOf(text: string | undefined): number | undefined | null {
  if (text === undefined) return undefined;
  return /^[1-9][0-9]{0,9}$/.test(text) ? Number(text) : null;
}
