import { createSocket, type Socket } from 'node:dgram';
import { createRequire } from 'node:module';
import { type CodedError, ok, type Result, refuse } from '../base/errors.ts';
import { formatIpv4, type Ipv4 } from './ipv4.ts';

/** Why there is no socket on the interface. */
export interface DeviceSocketError extends CodedError {
  readonly code: 'net.portTaken' | 'net.forbidden' | 'net.noSuchDevice' | 'net.socketRefused';
}

/** Calls of the kernel (Linux, socket(2), socket(7)) that `node:dgram` does not offer before binding. */
interface Kernel {
  socket(domain: number, type: number, protocol: number): number;
  setsockopt(socket: number, level: number, name: number, value: Uint8Array, length: number): number;
  bind(socket: number, address: Uint8Array, length: number): number;
  close(socket: number): number;
  errno(): number;
  readonly codes: Readonly<Record<string, number>>;
}

const AF_INET = 2;
const SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_BROADCAST = 6;
const SO_BINDTODEVICE = 25;
const INTERFACE_NAME_LIMIT = 15;

let kernel: Kernel | undefined;

function loadKernel(): Kernel {
  if (kernel !== undefined) return kernel;
  const koffi = createRequire(import.meta.url)('koffi') as {
    load(file: string): { func(declaration: string): unknown };
    errno(): number;
    os: { errno: Record<string, number> };
  };
  const libc = koffi.load('libc.so.6');
  kernel = {
    socket: libc.func('int socket(int domain, int type, int protocol)') as Kernel['socket'],
    setsockopt: libc.func(
      'int setsockopt(int fd, int level, int name, void *value, int length)',
    ) as Kernel['setsockopt'],
    bind: libc.func('int bind(int fd, void *address, int length)') as Kernel['bind'],
    close: libc.func('int close(int fd)') as Kernel['close'],
    errno: () => koffi.errno(),
    codes: koffi.os.errno,
  };
  return kernel;
}

/**
 * A socket that hears the broadcasts to a port of one interface and leaves everything else on that port to whoever has it:
 * for the port of DHCP clients, where the box's own client may already be. Bound to 255.255.255.255 it takes no unicast
 * away, and the kernel gives every socket a copy of a broadcast.
 */
export function openBroadcastListener(
  device: string,
  port: number,
): Promise<Result<Socket, DeviceSocketError>> {
  return open(device, port, 'shared');
}

/**
 * A UDP socket for broadcasts of exactly one interface. A socket that is bound to the interface's address is deaf to them,
 * and one that is bound to every address hears and answers other LANs. Asks for no root: the kernel lets anybody
 * bind a fresh socket to a device (Linux 5.7), and a port below 1024 needs CAP_NET_BIND_SERVICE only. The address may
 * be shared with nobody: a second server on the port is to be noticed, not joined.
 */
export function openDeviceSocket(device: string, port: number): Promise<Result<Socket, DeviceSocketError>> {
  return open(device, port, 'alone');
}

type Sharing = 'alone' | 'shared';

async function open(
  device: string,
  port: number,
  sharing: Sharing,
): Promise<Result<Socket, DeviceSocketError>> {
  const made = bindToDevice(device, port, sharing);
  if (!made.ok) return made;
  const socket = createSocket('udp4');
  return new Promise((resolve) => {
    socket.once('error', (error) => {
      socket.close();
      resolve(
        refuse({
          code: 'net.socketRefused',
          fault: 'environment',
          say: `UDP port ${port} on ${device}: ${error.message}.`,
        }),
      );
    });
    socket.bind({ fd: made.value, exclusive: true }, () => {
      socket.removeAllListeners('error');
      resolve(ok(socket));
    });
  });
}

function bindToDevice(device: string, port: number, sharing: Sharing): Result<number, DeviceSocketError> {
  const calls = loadKernel();
  const fd = calls.socket(AF_INET, SOCK_DGRAM_CLOEXEC, 0);
  if (fd < 0) return failed(calls, device, port, 'socket');
  const name = Buffer.from(`${device.slice(0, INTERFACE_NAME_LIMIT)}\0`);
  const on = Buffer.from(new Int32Array([1]).buffer);
  const steps: readonly (readonly [name: string, done: () => number])[] = [
    ['SO_BINDTODEVICE', () => calls.setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, name.length)],
    ['SO_BROADCAST', () => calls.setsockopt(fd, SOL_SOCKET, SO_BROADCAST, on, on.length)],
    ...(sharing === 'shared'
      ? [['SO_REUSEADDR', () => calls.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, on, on.length)] as const]
      : []),
    ['bind', () => calls.bind(fd, addressOf(sharing, port), 16)],
  ];
  for (const [step, done] of steps) {
    if (done() === 0) continue;
    const refusal = failed(calls, device, port, step);
    calls.close(fd);
    return refusal;
  }
  return ok(fd);
}

/**
 * `struct sockaddr_in` of 0.0.0.0, or of 255.255.255.255 for one that shares: the family in the machine's order (x86-64 and
 * arm64 are little-endian), the port in the net's.
 */
function addressOf(sharing: Sharing, port: number): Uint8Array {
  const address = Buffer.alloc(16);
  if (sharing === 'shared') address.fill(0xff, 4, 8);
  address.writeUInt16LE(AF_INET, 0);
  address.writeUInt16BE(port, 2);
  return address;
}

function failed(
  calls: Kernel,
  device: string,
  port: number,
  step: string,
): { readonly ok: false; readonly error: DeviceSocketError } {
  const errno = calls.errno();
  const where = `UDP port ${port} on ${device}`;
  const { EADDRINUSE, EACCES, EPERM, ENODEV } = calls.codes;
  if (errno === EADDRINUSE) {
    const say = `${where} is taken by another program: find it with "ss -lunp", stop it, and try again.`;
    return refuse({ code: 'net.portTaken', fault: 'environment', say });
  }
  if (errno === EACCES || errno === EPERM) {
    const say = `${where} is forbidden to this user: grant CAP_NET_BIND_SERVICE (the unit file of the box does).`;
    return refuse({ code: 'net.forbidden', fault: 'environment', say });
  }
  if (errno === ENODEV) {
    return refuse({
      code: 'net.noSuchDevice',
      fault: 'caller',
      say: `There is no interface ${device} ("ip -br link" lists them).`,
    });
  }
  return refuse({
    code: 'net.socketRefused',
    fault: 'environment',
    say: `${where}: ${step} failed (errno ${errno}).`,
  });
}

/** Sends, and tells of a failure instead of throwing: an interface that went down is an event, not an end. */
export function sendDatagram(
  socket: Socket,
  bytes: Uint8Array,
  to: { readonly address: Ipv4; readonly port: number },
  onFailure: (say: string) => void,
): void {
  socket.send(bytes, to.port, formatIpv4(to.address), (error) => {
    if (error) onFailure(`Sending to ${formatIpv4(to.address)}:${to.port} failed: ${error.message}.`);
  });
}
