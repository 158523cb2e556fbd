import type { Clock, Timer } from '../base/clock.ts';
import type { Supervisor } from '../base/lifecycle.ts';
import { udpKernel } from './udp-kernel.ts';

const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
const MSG_DONTWAIT_NOSIGNAL = 0x40 | 0x4000;
/** Longest path of `sun_path`. */
const PATH_LIMIT_BYTES = 107;

/** What systemd says of itself to a service that it started (sd_notify(3), sd_watchdog_enabled(3)). */
export interface SupervisorSettings {
  readonly NOTIFY_SOCKET?: string | undefined;
  readonly WATCHDOG_USEC?: string | undefined;
}

/** What it said to this program. It has no other way of saying it. */
export function supervisorSettings(): SupervisorSettings {
  const { NOTIFY_SOCKET, WATCHDOG_USEC } = process.env;
  return { NOTIFY_SOCKET, WATCHDOG_USEC };
}

/**
 * systemd, which waits for `ready` and, with `WatchdogSec=` in the unit, ends a program whose event loop stands still. Undefined
 * where nobody waits. `tell` sends one message; by default over the socket that systemd named.
 */
export function systemdSupervisor(
  settings: SupervisorSettings,
  clock: Clock,
  tell: (path: string, text: string) => void = tellSocket,
): Supervisor | undefined {
  const { NOTIFY_SOCKET: path, WATCHDOG_USEC: watchdog } = settings;
  if (path === undefined || path === '') return undefined;
  // Three in the time of one: a program that is late once is not dead.
  const everyMs = Number(watchdog ?? 0) / 1_000 / 3;
  let timer: Timer | undefined;
  const alive = (): void => {
    tell(path, 'WATCHDOG=1');
    timer = clock.after(everyMs, 'watchdog', alive);
  };
  return {
    ready: () => {
      tell(path, 'READY=1');
      if (everyMs > 0) alive();
    },
    stopping: () => {
      timer?.cancel();
      tell(path, 'STOPPING=1');
    },
  };
}

/** `struct sockaddr_un`: the family, little-endian, then the path; one that begins with `@` has no place in the file system. */
export function unixAddress(path: string): Buffer | undefined {
  const name = Buffer.from(path);
  if (name.length === 0 || name.length > PATH_LIMIT_BYTES) return undefined;
  if (path.startsWith('@')) name[0] = 0;
  const end = name[0] === 0 ? [] : [Buffer.alloc(1)];
  return Buffer.concat([Buffer.from([AF_UNIX, 0]), name, ...end]);
}

/** Node has no datagrams over unix sockets. What cannot be sent is not: a supervisor that is gone is no reason to end. */
function tellSocket(path: string, text: string): void {
  const address = unixAddress(path);
  if (address === undefined) return;
  const kernel = udpKernel();
  const fd = kernel.socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
  if (fd < 0) return;
  const bytes = Buffer.from(text);
  kernel.sendto(fd, bytes, bytes.length, MSG_DONTWAIT_NOSIGNAL, address, address.length);
  kernel.close(fd);
}
