import { createSocket, type Socket } from 'node:dgram';
import { stat } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../lib/base/clock.ts';
import { DatagramPool, type PooledSocket, type TakeBytes } from '../../../lib/net/datagram-pool.ts';

const HOST = '127.68.2.1';
const OTHER = '127.68.2.2';
const STRANGER = '127.68.2.3';

/** One for all: each pool that waits has one of Node's few threads. */
const pool = new DatagramPool(systemClock);
const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

function pooled(host: string, port: number, take: TakeBytes): PooledSocket {
  const opened = pool.open(host, port, take);
  if (!opened.ok) throw new Error(opened.error.say);
  open.push(opened.value);
  return opened.value;
}

async function plain(host: string): Promise<Socket> {
  const socket = createSocket('udp4');
  open.push(socket);
  await new Promise<void>((resolve) => socket.bind(0, host, resolve));
  return socket;
}

async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; tries < 3_000 && !done(); tries++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  expect(done()).toBe(true);
}

describe('a pool of UDP sockets', () => {
  it.each([
    [HOST, OTHER, '127.68.2.1'],
    ['::1', '::1', '0:0:0:0:0:0:0:1'],
  ])('carries datagrams between %s and %s, and says from where', async (one, other, named) => {
    const heard: string[] = [];
    const first = pooled(one, 21_000, () => {});
    pooled(other, 21_002, (bytes, host, port) => heard.push(`${bytes.toString()} ${host} ${port}`));
    expect(first.sendTo(Buffer.from('hello'), other, 21_002)).toBe(true);
    await until(() => heard.length > 0);
    expect(heard).toEqual([`hello ${named} 21000`]);
  });

  it('hears nobody but the peer once it is connected, not even what waited, and everybody again after', async () => {
    const peer = await plain(OTHER);
    const stranger = await plain(STRANGER);
    const heard: string[] = [];
    const socket = pooled(HOST, 21_010, (bytes) => heard.push(bytes.toString()));
    const send = (from: Socket, text: string): Promise<unknown> =>
      new Promise((resolve) => from.send(text, 21_010, HOST, resolve));
    const waited = send(stranger, 'waited');
    // Nothing of this process has had a turn yet: the datagram lies in the kernel.
    expect(socket.connect(OTHER, peer.address().port).ok).toBe(true);
    await waited;
    await send(stranger, 'strange');
    await send(peer, 'peer');
    await until(() => heard.includes('peer'));
    expect(heard).toEqual(['peer']);
    socket.disconnect();
    await send(stranger, 'again');
    await until(() => heard.includes('again'));
  });

  it('counts a peer that is not there, and goes on', async () => {
    const socket = pooled(HOST, 21_020, () => {});
    socket.connect(OTHER, 9);
    socket.send(Buffer.from('x'));
    await until(() => socket.errors > 0);
    expect(socket.connect(OTHER, 21_022).ok).toBe(true);
  });

  it('says what is wrong with an address, a port that is taken, another family', () => {
    const socket = pooled(HOST, 21_030, () => {});
    expect(pool.open(HOST, 21_030, () => {})).toMatchObject({ error: { code: 'net.portTaken' } });
    expect(pool.open('192.0.2.77', 21_030, () => {})).toMatchObject({
      error: { code: 'net.noSuchAddress' },
    });
    expect(socket.connect('::1', 5)).toMatchObject({ error: { code: 'net.unreachable' } });
    expect(socket.sendTo(Buffer.from('x'), '::1', 5)).toBe(false);
    socket.close();
    expect(socket.send(Buffer.from('x'))).toBe(false);
    expect(socket.connect(OTHER, 5)).toMatchObject({ error: { code: 'net.unreachable' } });
  });

  it('looks by itself while much comes, loses nothing, and waits to be woken again after', async () => {
    let heard = 0;
    pooled(HOST, 21_040, () => heard++);
    const sender = pooled(OTHER, 21_042, () => {});
    let sent = 0;
    let wasBusy = false;
    for (let round = 0; round < 150; round++) {
      for (let each = 0; each < 5; each++) if (sender.sendTo(Buffer.from('x'), HOST, 21_040)) sent++;
      await new Promise((resolve) => setTimeout(resolve, 1));
      wasBusy ||= pool.busy;
    }
    await until(() => heard === sent);
    expect(wasBusy).toBe(true);
    await until(() => !pool.busy);
  });

  it('gives its thread back as soon as its last socket is closed, and begins anew with the next one', async () => {
    const pools = Array.from({ length: 8 }, () => new DatagramPool(systemClock));
    let atOnce = 0;
    for (let round = 0; round < 20; round++) {
      const sockets = pools.map((each, index) => each.open(HOST, 21_050 + index, () => {}));
      // So that all threads wait for a datagram by then.
      await new Promise((resolve) => setTimeout(resolve, 20));
      for (const socket of sockets) if (socket.ok) socket.value.close();
      expect(sockets.filter(({ ok }) => ok)).toHaveLength(8);
      const waited = new Promise((resolve) => setTimeout(() => resolve('waited'), 100));
      // Wants a thread as well.
      if ((await Promise.race([stat('/'), waited])) !== 'waited') atOnce++;
    }
    expect(atOnce).toBeGreaterThan(10);
  });
});
