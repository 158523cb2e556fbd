import type { Socket } from 'node:dgram';
import type { Clock, Timer } from '../../lib/base/clock.ts';
import { StartupError } from '../../lib/base/errors.ts';
import type { Running } from '../../lib/base/lifecycle.ts';
import type { Logger } from '../../lib/base/log.ts';
import { ECHO_PORTS } from '../../lib/contract/echo-packet.ts';
import type { StunAddress } from '../../lib/net/stun.ts';
import { openWholeDatagrams } from '../../lib/net/whole-datagrams.ts';
import { EchoDesk } from './echo-desk.ts';

/** Answers that wait for their time, of all sources together. */
const WAITING_MOST = 2_000;

export interface EchoOptions {
  /** An address of its own: SIP's port is taken elsewhere by the switch. */
  readonly host: string;
  readonly ports?: Readonly<Record<keyof typeof ECHO_PORTS, number>>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Where the echo answers, as a configuration names it. */
export interface EchoPlace {
  readonly host: string;
  readonly first: number;
  readonly second: number;
  readonly sip: number;
  readonly media: number;
}

/** An echo that runs. */
export interface Echo extends Running {
  readonly place: EchoPlace;
}

/**
 * The address beside `host`, where that is a loopback address, which are all ours; undefined elsewhere: there an address of
 * its own has to be named.
 */
export function echoHostBeside(host: string): string | undefined {
  const parts = host.split('.').map(Number);
  const [first, second, third, last = 255] = parts;
  if (parts.length !== 4 || first !== 127 || last >= 254) return undefined;
  return `${first}.${second}.${third}.${last + 1}`;
}

/**
 * Answers what boxes send to learn what the networks between us do. Nothing is authenticated and nothing is kept: it says
 * what everybody may know, where a packet came from. Throws `StartupError` when a port is taken.
 */
export async function startEcho(options: EchoOptions): Promise<Echo> {
  const { host, clock, log, ports = ECHO_PORTS } = options;
  const { first, second } = ports;
  const waiting = new Set<Timer>();
  const sockets = new Map<number, Socket>();
  const desk = new EchoDesk((at) => {
    if (at.port !== first && at.port !== second) return undefined;
    return { host, port: at.port === first ? second : first };
  });
  const send = (from: number, bytes: Buffer, to: StunAddress): void =>
    sockets.get(from)?.send(bytes, to.port, to.host, (error) => {
      if (error !== null) log.debug({ err: error }, 'an echo could not be sent');
    });
  const heard = (port: number, bytes: Buffer, source: StunAddress): void => {
    const at = { host, port };
    const times = { monotonicMs: clock.monotonicMs(), nowMs: clock.now() };
    const answer = desk.answer({ bytes, source, at, ...times });
    if (answer === undefined) return;
    const from = answer.fromOther ? (port === first ? second : first) : port;
    if (answer.delayMs === 0) send(from, answer.bytes, source);
    else if (waiting.size < WAITING_MOST) {
      const timer = clock.after(answer.delayMs, 'echo', () => {
        waiting.delete(timer);
        send(from, answer.bytes, source);
      });
      waiting.add(timer);
    }
  };
  const stop = async (): Promise<void> => {
    for (const timer of waiting) timer.cancel();
    await Promise.all([...sockets.values()].map((socket) => new Promise<void>((done) => socket.close(done))));
    sockets.clear();
  };
  for (const port of Object.values(ports)) {
    const opened = await openWholeDatagrams(host, port);
    if (!opened.ok) {
      await stop();
      throw new StartupError(opened.error);
    }
    sockets.set(port, opened.value);
    opened.value.on('message', (bytes, from) => heard(port, bytes, { host: from.address, port: from.port }));
    opened.value.on('error', (error) => log.warn({ err: error, port }, 'a socket of the echo'));
  }
  log.info({ host, ports }, 'the echo answers');
  return { place: { host, ...ports }, stop };
}
