import type { Server } from 'node:net';
import { StartupError } from '../../lib/base/errors.ts';

/** Takes a port for `what`. Throws a StartupError when it is in use or not ours to take. */
export function listen(server: Server, host: string, port: number, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        new StartupError({
          code: 'sync.port',
          fault: 'environment',
          say: `${what} cannot listen on ${host}:${port}: ${listenReason(error)}.`,
        }),
      );
    });
    server.listen(port, host, () => {
      server.removeAllListeners('error');
      server.on('error', () => undefined);
      resolve();
    });
  });
}

function listenReason(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return 'another program uses the port; stop it, or choose another address';
    case 'EADDRNOTAVAIL':
      return 'this machine does not have the address';
    case 'EACCES':
      return 'this user may not use the port';
    default:
      return error.message;
  }
}
