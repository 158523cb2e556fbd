import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { type CodedError, ok, type Result, refuse } from '../base/errors.ts';
import { encodeSocketAddress, familyOf } from './socket-address.ts';
import { type UdpKernel, udpKernel } from './udp-kernel.ts';

/** Why there is no socket. */
export interface WholeDatagramError extends CodedError {
  readonly code: 'net.portTaken' | 'net.noSuchAddress' | 'net.socketRefused';
}

/** Linux, ip(7), ipv6(7). */
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
const [IPPROTO_IP, IP_MTU_DISCOVER] = [0, 10];
const [IPPROTO_IPV6, IPV6_MTU_DISCOVER] = [41, 23];
/** Never in pieces, whatever the kernel believes of the way: it is what is to be found out. */
const PMTUDISC_PROBE = 3;

/** A UDP socket whose datagrams no router may cut into pieces: one that is too large for the way is lost. */
export async function openWholeDatagrams(
  host: string,
  port: number,
): Promise<Result<Socket, WholeDatagramError>> {
  const kernel = udpKernel();
  const fd = kernel.socket(familyOf(host), SOCK_DGRAM_CLOEXEC, 0);
  if (fd < 0) return failed(kernel, host, port);
  const probe = Buffer.from(new Int32Array([PMTUDISC_PROBE]).buffer);
  const six = isIPv6(host);
  const address = encodeSocketAddress(host, port);
  kernel.setsockopt(fd, six ? IPPROTO_IPV6 : IPPROTO_IP, six ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER, probe, 4);
  if (kernel.bind(fd, address, address.length) !== 0) {
    const refusal = failed(kernel, host, port);
    kernel.close(fd);
    return refusal;
  }
  const socket = createSocket(six ? 'udp6' : 'udp4');
  return new Promise((resolve) => {
    socket.once('error', (error) => {
      socket.close();
      const say = `UDP port ${port} on ${host}: ${error.message}.`;
      resolve(refuse({ code: 'net.socketRefused', fault: 'environment', say }));
    });
    socket.bind({ fd, exclusive: true }, () => {
      socket.removeAllListeners('error');
      resolve(ok(socket));
    });
  });
}

function failed(kernel: UdpKernel, host: string, port: number): Result<never, WholeDatagramError> {
  const errno = kernel.errno();
  const where = `UDP port ${port} on ${host}`;
  const { EADDRINUSE, EADDRNOTAVAIL } = kernel.codes;
  if (errno === EADDRINUSE) {
    const say = `${where} is taken by another program ("ss -lunp" lists them).`;
    return refuse({ code: 'net.portTaken', fault: 'environment', say });
  }
  if (errno === EADDRNOTAVAIL) {
    const say = `${host} is no address of this machine ("ip -br address" lists them).`;
    return refuse({ code: 'net.noSuchAddress', fault: 'environment', say });
  }
  const say = `${where} cannot be opened (errno ${errno}).`;
  return refuse({ code: 'net.socketRefused', fault: 'environment', say });
}
