import { createSocket } from 'node:dgram';

const PORT = 514;
/** Facility local0, severity informational (RFC 3164 §4.1.1). */
const PRIORITY = '<134>';

/** One line to a log server; a lost one is lost. */
export function tellSyslog(server: string, line: string): void {
  const socket = createSocket('udp4');
  socket.on('error', () => socket.close());
  socket.send(Buffer.from(`${PRIORITY}${line}`), PORT, server, () => socket.close());
}
