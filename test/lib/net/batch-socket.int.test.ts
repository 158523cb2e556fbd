import { createSocket, type Socket } from 'node:dgram';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../lib/base/clock.ts';
import { BatchSocket, type TakeDatagram } from '../../../lib/net/batch-socket.ts';

const HOST = '127.66.4.1';
const OTHER = '127.66.4.2';
const PORT = 21_100;

const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

function batch(host: string, take: TakeDatagram, port = PORT): BatchSocket {
  const opened = BatchSocket.open(systemClock, host, port, take);
  if (!opened.ok) throw new Error(opened.error.say);
  open.push(opened.value);
  return opened.value;
}

async function plain(host: string): Promise<Socket> {
  const socket = createSocket('udp4');
  open.push(socket);
  await new Promise<void>((resolve) => socket.bind(PORT, host, resolve));
  socket.setRecvBufferSize(4 * 1024 * 1024);
  return socket;
}

async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; tries < 3_000 && !done(); tries++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  expect(done()).toBe(true);
}

describe('a UDP socket that takes and sends many datagrams at once', () => {
  it('hears each datagram whole, with where it came from, and its answers arrive, few or thousands', async () => {
    const heard = new Set<string>();
    const answers = new Set<string>();
    const peer = await plain(OTHER);
    peer.on('message', (bytes) => answers.add(bytes.toString()));
    const socket: BatchSocket = batch(HOST, (bytes, host, port) => {
      heard.add(`${bytes.toString()} ${host} ${port}`);
      socket.send(bytes, host, port, (say) => answers.add(say));
    });
    peer.send('first', PORT, HOST);
    await until(() => answers.has('first'));
    // Enough to be looked for instead of waited for, in turns that leave room in the buffers.
    for (let turn = 0; turn < 20; turn++) {
      for (let count = 0; count < 100; count++)
        peer.send(`${turn}-${count} ${'x'.repeat(count)}`, PORT, HOST);
      await until(() => answers.size >= turn * 100 + 101);
    }
    expect(heard).toContain(`19-99 ${'x'.repeat(99)} ${OTHER} ${PORT}`);
    expect(heard.size).toBe(2_001);
    // And then a single one again.
    await new Promise((resolve) => setTimeout(resolve, 400));
    peer.send('last', PORT, HOST);
    await until(() => answers.has('last'));
  });

  it('carries the longest datagram that there is, and sends none that is too long', async () => {
    let heard = 0;
    const failed: string[] = [];
    const socket = batch(HOST, (bytes) => {
      heard = bytes.length;
    });
    const peer = await plain(OTHER);
    peer.send(Buffer.alloc(65_507), PORT, HOST);
    await until(() => heard === 65_507);
    socket.send(Buffer.alloc(20_000), OTHER, PORT, (say) => failed.push(say));
    socket.send(Buffer.from('x'), '::1', PORT, (say) => failed.push(say));
    await until(() => failed.length === 2);
    expect(failed).toEqual(['message too long for UDP', '::1 is not IPv4']);
  });

  it('tells whoever sends where nothing leads, and sends what waited behind it', async () => {
    const failed: string[] = [];
    const arrived: string[] = [];
    const peer = await plain(OTHER);
    peer.on('message', (bytes) => arrived.push(bytes.toString()));
    const socket = batch(HOST, () => undefined);
    const tell = (say: string): void => void failed.push(say);
    socket.send(Buffer.from('one'), OTHER, PORT, tell);
    // From a loopback address nothing goes out into the world; port 0 is nobody's.
    socket.send(Buffer.from('nowhere'), OTHER, 0, tell);
    socket.send(Buffer.from('two'), OTHER, PORT, tell);
    await until(() => arrived.length === 2 && failed.length === 1);
    expect(arrived).toEqual(['one', 'two']);
    expect(failed).toEqual(['send EINVAL']);
  });

  it('says what is wrong with an address or a port that is taken, and lets the port go when it closes', async () => {
    const socket = batch(HOST, () => undefined);
    const again = (host: string) => BatchSocket.open(systemClock, host, PORT, () => undefined);
    expect(again(HOST)).toMatchObject({ ok: false, error: { code: 'net.portTaken' } });
    expect(again('192.0.2.1')).toMatchObject({ ok: false, error: { code: 'net.noSuchAddress' } });
    socket.close();
    const failed: string[] = [];
    socket.send(Buffer.from('late'), OTHER, PORT, (say) => failed.push(say));
    batch(HOST, () => undefined);
    await until(() => failed.length === 1);
    expect(failed).toEqual(['the socket is closed']);
  });

  it('may be closed from within what it tells', async () => {
    const heard: string[] = [];
    const peer = await plain(OTHER);
    const socket: BatchSocket = batch(HOST, (bytes) => {
      heard.push(bytes.toString());
      socket.close();
    });
    for (const text of ['a', 'b', 'c']) peer.send(text, PORT, HOST);
    await until(() => heard.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(heard).toEqual(['a']);
  });
});
