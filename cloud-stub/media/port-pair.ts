import type { Socket } from 'node:dgram';
import type { Random } from '../../lib/base/random.ts';
import { bindPort } from './party-socket.ts';

/** Two sockets side by side (RFC 3550 §11). */
export interface BoundPair {
  /** Even: the sound. */
  readonly sound: Socket;
  /** One higher: its reports. */
  readonly reports: Socket;
  readonly port: number;
}

/** Ports to choose from, both even. */
export interface PortSpan {
  readonly first: number;
  readonly last: number;
}

export const PORT_ATTEMPTS = 40;

/** Two free ports side by side, or undefined after 40 attempts. */
export async function bindPair(host: string, random: Random, span: PortSpan): Promise<BoundPair | undefined> {
  const slots = Math.floor((span.last - span.first) / 2) + 1;
  for (let attempt = 0; attempt < PORT_ATTEMPTS; attempt++) {
    const port = span.first + 2 * Math.floor(random.fraction() * slots);
    const sound = await bindPort(host, port);
    if (sound === undefined) continue;
    const reports = await bindPort(host, port + 1);
    if (reports !== undefined) return { sound, reports, port };
    sound.close();
  }
  return undefined;
}
