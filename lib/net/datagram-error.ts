import { type CodedError, type Result, refuse } from '../base/errors.ts';
import type { UdpKernel } from './udp-kernel.ts';

/** Why there is no socket. */
export interface DatagramError extends CodedError {
  readonly code: 'net.portTaken' | 'net.noSuchAddress' | 'net.socketRefused' | 'net.unreachable';
  readonly fault: 'environment';
}

/** What the last call of the kernel complained of, when a socket was to be had on `host`:`port`. */
export function failureOf(
  kernel: Pick<UdpKernel, 'errno' | 'codes'>,
  host: string,
  port: number,
): Result<never, DatagramError> {
  const errno = kernel.errno();
  const { EADDRINUSE, EADDRNOTAVAIL } = kernel.codes;
  const where = `UDP port ${port} on ${host}`;
  if (errno === EADDRINUSE) {
    const say = `${where} is taken by another program ("ss -lunp" lists them).`;
    return refuse({ code: 'net.portTaken', fault: 'environment', say });
  }
  if (errno === EADDRNOTAVAIL) {
    const say = `${host} is no address of this machine ("ip -br address" lists them).`;
    return refuse({ code: 'net.noSuchAddress', fault: 'environment', say });
  }
  return refuse({
    code: 'net.socketRefused',
    fault: 'environment',
    say: `${where} cannot be opened (errno ${errno}).`,
  });
}
