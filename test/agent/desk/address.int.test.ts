import { createSocket } from 'node:dgram';
import { afterEach, expect, it } from 'vitest';
import { DeskRoom } from '../../../agent/desk/index.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { NO_ADDRESS, parseIpv4 } from '../../../lib/net/ipv4.ts';
import { OfficeWorld } from '../calls/office-world.ts';
import { pause } from './desk-rig.ts';

const FIRST = '127.62.4.30';
const SECOND = '127.62.4.31';

let desk: DeskRoom | undefined;
afterEach(() => desk?.stop());

/** Whether a registrar answers there. */
async function answers(host: string): Promise<boolean> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.62.4.40', resolve));
  const { address, port } = socket.address();
  const heard = new Promise<boolean>((resolve) => {
    socket.once('message', (reply) => resolve(reply.toString().startsWith('SIP/2.0 200')));
    socket.once('error', () => resolve(false));
    setTimeout(() => resolve(false), 400);
  });
  const text = [
    `OPTIONS sip:${host} SIP/2.0`,
    `Via: SIP/2.0/UDP ${address}:${port};branch=z9hG4bK${port};rport`,
    ...['Max-Forwards: 70', 'From: <sip:a@b>;tag=1', `To: <sip:${host}>`, `Call-ID: c${port}`],
    ...['CSeq: 1 OPTIONS', 'Content-Length: 0', '', ''],
  ].join('\r\n');
  socket.send(text, 5_060, host);
  const found = await heard;
  socket.close();
  return found;
}

it('follows the address of the box on the LAN, and outlives an interface that is down for a moment', async () => {
  const clock = new VirtualClock();
  let host: string | undefined;
  const world = new OfficeWorld();
  desk = new DeskRoom({
    ...{ clock, random: systemRandom, log: silentLog(), product: 'Engawa/test' },
    health: { raise: () => {}, clear: () => {} },
    lan: () => (host === undefined ? undefined : { address: parseIpv4(host) ?? NO_ADDRESS, prefixBits: 24 }),
    media: { request: () => Promise.reject(new Error('no media')) },
    accounts: { accountOf: () => undefined, registered: () => {}, unregistered: () => {} },
    office: () => ({ state: world.state, phoneDoes: () => {} }),
  });
  const after = async (next: string | undefined): Promise<readonly boolean[]> => {
    host = next;
    clock.advance(5_000);
    // Sockets open and close in their own time.
    for (let tries = 0; tries < 20; tries++) {
      await pause(20);
      if (await answers(next ?? FIRST)) break;
    }
    return [await answers(FIRST), await answers(SECOND)];
  };
  await desk.start();
  expect(await answers(FIRST)).toBe(false);
  expect(await after(FIRST)).toEqual([true, false]);
  expect(await after(undefined)).toEqual([true, false]);
  expect(await after(SECOND)).toEqual([false, true]);
}, 150_000);
