import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';

/** Looks whether the service is there at all, below everything that a new system could have spoilt. */
export interface ServiceProbe {
  /** The address of a name; null when nobody knows it. Never rejects. */
  addressOf(host: string): Promise<string | null>;
  /** Whether anybody listens there. Never rejects. */
  listens(address: string, port: number): Promise<boolean>;
}

const LIMIT_MS = 4_000;

/** Over the network of this machine. */
export const networkProbe: ServiceProbe = {
  async addressOf(host) {
    try {
      return (await lookup(host)).address;
    } catch {
      return null;
    }
  },
  listens: (address, port) =>
    new Promise((resolve) => {
      const socket = connect({ host: address, port });
      const end = (there: boolean): void => {
        socket.destroy();
        resolve(there);
      };
      socket.setTimeout(LIMIT_MS, () => end(false));
      socket.on('connect', () => end(true));
      socket.on('error', () => end(false));
    }),
};
