import { Hono } from 'hono';
import type { Clock } from '../../lib/base/clock.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { SiteConfig } from '../../lib/contract/site-config.ts';
import type { LineTools } from '../technician/index.ts';
import { lanRoutes } from './lan-routes.ts';
import { lineRoutes } from './line-routes.ts';
import { phoneRoutes } from './phone-routes.ts';
import type {
  ApiError,
  CallsAnswer,
  ConfigAnswer,
  FaxesAnswer,
  LinesAnswer,
  LocalApiSource,
  PhoneTools,
} from './source.ts';
import { warningRoutes } from './warning-routes.ts';
import type { WatchHub } from './watch-hub.ts';
import { wordRoutes } from './word-routes.ts';

/** What stands in the place of a password. */
export const HIDDEN = '(hidden)';

/** Routes of a room of its own, under their path. */
export interface MoreRoutes {
  readonly at: `/v1/${string}`;
  readonly routes: Hono;
}

/**
 * The routes. They change nothing of the box but what a technician's tool does to one line or phone for a moment.
 */
export function createApp(options: {
  readonly tools: LineTools | null;
  readonly phones: PhoneTools | null;
  readonly source: LocalApiSource;
  readonly watch: WatchHub;
  readonly more?: readonly MoreRoutes[];
  readonly clock: Clock;
  readonly log: Logger;
}): Hono {
  const { source, watch, log } = options;
  const app = new Hono();
  app.get('/v1/status', (context) => context.json(source.status()));
  app.get('/v1/lines', (context) => {
    const answer: LinesAnswer = { v: 1, lines: source.lines(), warnings: source.status().warnings };
    return context.json(answer);
  });
  if (options.tools !== null) app.route('/v1/lines', lineRoutes(options.tools));
  app.get('/v1/calls', (context) => {
    const answer: CallsAnswer = { v: 1, limit: source.status().calls.limit, calls: source.calls() };
    return context.json(answer);
  });
  app.get('/v1/faxes', (context) => {
    const answer: FaxesAnswer = { v: 1, faxes: source.faxes() };
    return context.json(answer);
  });
  app.route('/v1/warnings', warningRoutes(source));
  app.route('/v1/words', wordRoutes(source));
  app.route('/v1', lanRoutes(source));
  app.route('/v1/phones', phoneRoutes(source, options.phones));
  app.get('/v1/config', (context) => {
    const config = source.config();
    const answer: ConfigAnswer = {
      v: 1,
      reported: source.status().config,
      config: config === undefined ? null : withoutSecrets(config),
    };
    return context.json(answer);
  });
  app.get('/v1/watch', (context) => {
    const stream = watch.open();
    if (stream === undefined) {
      return context.json(error('api.tooManyWatchers', 'Too many watchers; end one and try again.'), 503);
    }
    return context.body(stream, 200, { 'content-type': 'application/x-ndjson' });
  });
  for (const { at, routes } of options.more ?? []) app.route(at, routes);
  app.all('*', (context) => {
    const known = context.req.method !== 'GET' && app.routes.some((route) => route.path === context.req.path);
    return known
      ? context.json(error('api.readOnly', 'This route only answers GET.'), 405)
      : context.json(error('api.unknownRoute', 'No such route; see agent/local-api/README.md.'), 404);
  });
  app.onError((thrown, context) => {
    log.error({ err: thrown, path: context.req.path }, 'a request of the local API failed');
    return context.json(error('api.unexpected', 'The agent could not answer; its log says why.'), 500);
  });
  return app;
}

function error(code: string, say: string): ApiError {
  return { v: 1, code, say };
}

/** The configuration without what would let somebody register as this office. */
function withoutSecrets(config: SiteConfig): SiteConfig {
  return {
    ...config,
    lines: config.lines.map((line) => ({ ...line, sip: { ...line.sip, password: HIDDEN } })),
    lan: {
      ...config.lan,
      phones: config.lan.phones.map((phone) => ({ ...phone, sip: { ...phone.sip, password: HIDDEN } })),
    },
  };
}
