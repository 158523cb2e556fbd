import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Clock } from '../../lib/base/clock.ts';
import type { Running } from '../../lib/base/lifecycle.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { LineTools } from '../technician/index.ts';
import { createApp, type MoreRoutes } from './app.ts';
import type { LocalApiSource, PhoneTools } from './source.ts';
import { clearStaleSocket, giveToGroup, listenPrivately } from './unix-socket.ts';
import { WatchHub } from './watch-hub.ts';

export type { MoreRoutes } from './app.ts';
export { type ClaimAnswer, claimRoutes, type IdentityAnswer } from './claim-routes.ts';
export { type ConfigDiffAnswer, configDiffRoutes } from './config-diff-routes.ts';
export { type DrillAnswer, drillRoutes } from './drill-routes.ts';
export { type LanAddressAnswer, lanAddressRoutes } from './lan-address-routes.ts';
export { type LogLevelsAnswer, logRoutes } from './log-routes.ts';
export { type ResetAnswer, resetRoutes, type WipeAnswer } from './reset-routes.ts';
export { type ServiceAnswer, type ServicePlace, serviceRoutes } from './service-routes.ts';
export type {
  CallsAnswer,
  ConfigAnswer,
  DhcpAnswer,
  DhcpView,
  FaxesAnswer,
  LeasesAnswer,
  LeaseView,
  LinesAnswer,
  LocalApiSource,
  PhoneAnswer,
  PhonesAnswer,
  PhonesView,
  PhoneTools,
  PhoneView,
  WarningsAnswer,
  WarningView,
  WatchLine,
  WhyAnswer,
} from './source.ts';
export { type TrialAnswer, trialRoutes } from './trial-routes.ts';
export { type UpdateAnswer, updateRoutes } from './update-routes.ts';
export {
  type WhyCallAnswer,
  type WhyNumberAnswer,
  whyCallRoutes,
  whyNumberRoutes,
} from './why-routes.ts';

/** More than a technician, a watcher and a monitoring program open together. */
const CONNECTION_LIMIT = 64;

/**
 * Serves the local API on a unix socket (mode 0660). Removes a stale socket; throws `StartupError` when somebody
 * listens there or the folder cannot be written.
 */
export async function startLocalApi(options: {
  readonly socket: string;
  /** Whose members may use the socket beside its owner; else that of the process. */
  readonly group?: string | undefined;
  readonly source: LocalApiSource;
  /** A technician's tools; without them their routes do not exist. */
  readonly tools?: LineTools;
  /** What may be done to desk phones; without it nothing may. */
  readonly phones?: PhoneTools;
  /** What other rooms can do from here. */
  readonly more?: readonly MoreRoutes[];
  readonly clock: Clock;
  readonly log: Logger;
}): Promise<Running> {
  const { socket, group, source, tools, phones, more = [], clock, log } = options;
  const watch = new WatchHub(source, clock);
  const app = createApp({ source, tools: tools ?? null, phones: phones ?? null, watch, more, clock, log });
  const server = createServer(getRequestListener(app.fetch));
  server.maxConnections = CONNECTION_LIMIT;
  await clearStaleSocket(socket);
  await listenPrivately(server, socket);
  if (group !== undefined) giveToGroup(socket, group);
  return {
    stop: () =>
      new Promise((resolve) => {
        watch.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
