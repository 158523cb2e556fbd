import { createSocket, type Socket } from 'node:dgram';
import { parseArgs } from 'node:util';

/**
 * A router's SIP ALG, as bad as they are: it writes its own address into everything that goes out, and forgets what stands
 * in base64. Packets for the service are redirected to it.
 */
const { values } = parseArgs({
  options: { inside: { type: 'string' }, outside: { type: 'string' }, service: { type: 'string' } },
});
const { inside = '', outside = '', service = '' } = values;
const front = createSocket('udp4');
const backs = new Map<string, Socket>();
front.on('message', (bytes, from) => {
  const key = `${from.address}:${from.port}`;
  const known = backs.get(key);
  const back = known ?? createSocket('udp4');
  if (known === undefined) {
    backs.set(key, back);
    back.on('message', (answer) => front.send(answer, from.port, from.address));
  }
  back.send(bytes.toString('latin1').replaceAll(inside, outside), 5_060, service);
});
front.bind(15_060, () => process.stdout.write('ready\n'));
