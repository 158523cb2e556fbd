import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Running } from '../../lib/base/lifecycle.ts';
import type { Logger } from '../../lib/base/log.ts';
import { createOperatorApp } from './app.ts';
import type { OperatorSource } from './source.ts';
import { clearStaleSocket, listenPrivately } from './unix-socket.ts';

export type { TakenOrder } from './books-source.ts';
export type { CallLine } from './call-line.ts';
export type { Explanation } from './explain-answer.ts';
export { operatorSource } from './operator-source.ts';
export type { OtherLine, PhoneLine } from './phone-lines.ts';

const CONNECTION_LIMIT = 64;

/**
 * Serves the operator's API on a unix socket (mode 0600). Removes a stale socket; throws a StartupError when somebody
 * answers there or the folder cannot be written.
 */
export async function startOperatorApi(options: {
  readonly socket: string;
  readonly source: OperatorSource;
  readonly log: Logger;
}): Promise<Running> {
  const app = createOperatorApp(options.source, options.log);
  const server = createServer(getRequestListener(app.fetch));
  server.maxConnections = CONNECTION_LIMIT;
  await clearStaleSocket(options.socket);
  await listenPrivately(server, options.socket);
  return {
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
