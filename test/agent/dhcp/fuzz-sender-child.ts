import { createSocket } from 'node:dgram';
import { encodePacket } from '../../../agent/dhcp/encode.ts';
import { MESSAGE_TYPES } from '../../../agent/dhcp/packet.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { packet } from './packets.ts';

/** Sends mutated DHCP messages to a server, as fast as it takes them, and ends: address, how many, seed. */
const [address = '', count = '0', seed = '1'] = process.argv.slice(2);
const random = seededRandom(Number(seed));
const socket = createSocket('udp4');
const send = (bytes: Uint8Array): Promise<void> =>
  new Promise((resolve) => socket.send(bytes, 67, address, () => resolve()));
for (let sent = 0; sent < Number(count); sent++) {
  const type = MESSAGE_TYPES[sent % MESSAGE_TYPES.length] ?? 'discover';
  const options: [number, Uint8Array][] = [
    [55, Uint8Array.of(1, 3, 6, 50, 55, 60, 61, 80, 145, 120, 132, 160)],
    [60, Buffer.from('Grandstream GRP2614')],
  ];
  const bytes = Buffer.from(encodePacket(packet(type, sent & 0xff, { with: options })).bytes);
  for (let change = 0; change < sent % 5; change++) {
    bytes[Math.floor(random.fraction() * bytes.length)] = Math.floor(random.fraction() * 256);
  }
  await send(
    bytes.subarray(0, random.fraction() < 0.1 ? Math.floor(random.fraction() * bytes.length) : undefined),
  );
}
socket.close();
