import { createSocket } from 'node:dgram';
import { parseArgs } from 'node:util';
import { type Running, runMain } from '../../lib/base/lifecycle.ts';
import { createLog } from '../../lib/base/log.ts';
import { timeAnswer } from './time-answer.ts';

const NTP_PORT = 123;

const { values } = parseArgs({
  options: { host: { type: 'string', default: '0.0.0.0' }, 'follow-stdin': { type: 'boolean' } },
});

/** The clock of the laboratory: this machine's own, told over SNTP. */
await runMain(createLog('time', 'info'), async (): Promise<Running> => {
  const socket = createSocket('udp4');
  socket.on('message', (request, { address, port }) => {
    const answer = timeAnswer(request, Date.now());
    if (answer !== undefined) socket.send(answer, port, address);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(NTP_PORT, values.host, resolve);
  });
  return { stop: async () => void socket.close() };
});
