import { Hono } from 'hono';
import type { ConfigChange } from '../../lib/contract/config-diff.ts';

/** `GET /v1/config-diff`: what the running configuration changed, or the one that was taken back would have. */
export interface ConfigDiffAnswer {
  readonly v: 1;
  /** Which two are compared; null where there is only one. */
  readonly compared: {
    readonly from: number;
    readonly to: number;
    /** The later one ran and was taken back. */
    readonly takenBack: boolean;
  } | null;
  readonly changes: readonly ConfigChange[];
}

/** No password is in it. */
export function configDiffRoutes(diff: () => Omit<ConfigDiffAnswer, 'v'>): Hono {
  const app = new Hono();
  app.get('/', (context) => {
    const answer: ConfigDiffAnswer = { v: 1, ...diff() };
    return context.json(answer);
  });
  return app;
}
