import { StartupError } from '../../../base/errors.ts';

/** Why a listener could not be bound, as one sentence with what to do about it. */
export function bindError(transport: string, host: string, port: number, error: Error): StartupError {
  const code = 'code' in error ? String(error.code) : '';
  const place = `${transport.toUpperCase()} ${host} port ${port}`;
  const say = (): string => {
    switch (code) {
      case 'EADDRINUSE':
        return `SIP cannot listen on ${place}: another program uses it. Stop that program or choose another port.`;
      case 'EACCES':
        return `SIP cannot listen on ${place}: not permitted. Choose a port above 1023 or grant CAP_NET_BIND_SERVICE.`;
      case 'EADDRNOTAVAIL':
        return `SIP cannot listen on ${place}: this machine has no such address. Give one that it has.`;
      default:
        return `SIP cannot listen on ${place}: ${error.message}.`;
    }
  };
  return new StartupError({ code: 'sip.bind', fault: 'environment', say: say() });
}
