import type { Context, Hono } from 'hono';
import type { CodedError, Result } from '../../lib/base/errors.ts';
import { answer, refused, withBody } from './answers.ts';
import { releaseRequest, rolloutChangeRequest, rolloutRequest } from './requests.ts';
import type { OperatorSource } from './source.ts';

/** Releases, and rollouts of them to boxes. */
export function addRollouts(app: Hono, source: OperatorSource): void {
  const { updates } = source;
  app.get('/releases', async (context) => context.json({ releases: await updates.releases() }));
  app.post('/releases', (context) =>
    withBody(context, releaseRequest, async (word) => answered(context, await updates.addRelease(word))),
  );
  app.post('/releases/:version/removal', async (context) =>
    answered(context, await updates.removeRelease(context.req.param('version'))),
  );
  app.get('/rollouts', async (context) => context.json({ rollouts: await updates.rollouts() }));
  app.post('/rollouts', (context) =>
    withBody(context, rolloutRequest, async (wanted) => answered(context, await updates.begin(wanted))),
  );
  app.get('/rollouts/:id', async (context) => {
    const id = context.req.param('id');
    const found = await updates.rollout(id);
    return found === undefined
      ? refused(
          context,
          404,
          'rollout.unknown',
          `There is no rollout ${id}; engawa-cloud rollout list shows all.`,
        )
      : context.json(found);
  });
  for (const what of ['pause', 'resume', 'abort'] as const) {
    app.post(`/rollouts/:id/${what}`, (context) =>
      withBody(context, rolloutChangeRequest, async ({ why }) =>
        answered(context, await updates.change(context.req.param('id') ?? '', what, why ?? '')),
      ),
    );
  }
}

const UNKNOWN = new Set(['rollout.unknown', 'release.unknown']);
const CONFLICTS = new Set(['rollout.state', 'release.taken', 'release.inUse']);

function answered(context: Context, result: Result<object, CodedError>): Response {
  if (result.ok) return context.json(result.value);
  const { code } = result.error;
  return answer(context, UNKNOWN.has(code) ? 404 : CONFLICTS.has(code) ? 409 : 422, result.error);
}
