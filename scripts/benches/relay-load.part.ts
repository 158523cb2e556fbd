/**
 * Both ends of every call of the relay bench: sends a packet of 20 ms on each stream, evenly spread, and notes when what it
 * sent comes out at the other end. A process of its own, so that its processor time is not the relay's.
 * One line of JSON on stdin ({@link LoadOrder}), one on stdout ({@link LoadResult}).
 */
import { createInterface } from 'node:readline';
import { encodeSocketAddress } from '../../lib/net/socket-address.ts';
import { udpKernel } from '../../lib/net/udp-kernel.ts';
import { SrtpReceiver, SrtpSender } from '../../lib/voice/srtp/rtp-protection.ts';
import { readSrtpKey } from '../../lib/voice/srtp/suites.ts';
import type { LoadOrder, LoadResult } from './relay-order.part.ts';

const PACKET_MS = 20;
const RTP_BYTES = 172;
const SOCKET_TYPE = 2 | 0o4000 | 0o2000000;
const EVENT = process.arch === 'x64' ? { bytes: 12, fdAt: 4 } : { bytes: 16, fdAt: 8 };
const EVENTS = 512;
/** First compilation and full buffers are not counted. */
const SETTLE_MS = 2_000;
const STAMP_AT = 24;

const kernel = udpKernel();
const events = Buffer.alloc(EVENT.bytes * EVENTS);
const incoming = Buffer.alloc(2_048);

function run(order: LoadOrder): LoadResult {
  const epoll = kernel.epollCreate(0o2000000);
  const fds = order.streams.map(({ localPort, port }) =>
    open(epoll, order.host, localPort, order.relayHost, port),
  );
  const suite = 'AES_CM_128_HMAC_SHA1_80';
  const own = readSrtpKey(suite, order.srtp?.load ?? '');
  const theirs = readSrtpKey(suite, order.srtp?.relay ?? '');
  const senders = fds.map(() => (own === undefined ? undefined : new SrtpSender(suite, own)));
  const receivers = new Map(
    fds.map((fd) => [fd, theirs === undefined ? undefined : new SrtpReceiver(suite, theirs)]),
  );
  const packet = Buffer.alloc(RTP_BYTES);
  const delays: number[] = [];
  let sent = 0;
  let counted = 0;
  let arrived = 0;
  const startMs = performance.now();
  const countFromMs = startMs + SETTLE_MS;
  const endMs = countFromMs + order.seconds * 1_000;
  const everyMs = PACKET_MS / fds.length;
  const drain = (): void => {
    for (;;) {
      const count = kernel.epollWait(epoll, events, EVENTS, 0);
      if (count <= 0) return;
      const nowMs = performance.now();
      for (let at = 0; at < count; at++) {
        const fd = events.readInt32LE(at * EVENT.bytes + EVENT.fdAt);
        const length = kernel.recv(fd, incoming, incoming.length, 0);
        if (length < RTP_BYTES || (incoming[1] ?? 0) >= 192) continue;
        const opened = receivers.get(fd)?.unprotect(incoming.subarray(0, length)) ?? incoming;
        if (typeof opened === 'string') continue;
        const stampMs = opened.readDoubleBE(STAMP_AT);
        if (stampMs < countFromMs) continue;
        arrived++;
        delays.push(nowMs - stampMs);
      }
    }
  };
  while (performance.now() < endMs) {
    const due = Math.floor((performance.now() - startMs) / everyMs);
    for (; sent < due; sent++) {
      const stream = sent % fds.length;
      const number = Math.floor(sent / fds.length);
      packet[0] = 0x80;
      packet.writeUInt16BE(number & 0xffff, 2);
      packet.writeUInt32BE((number * 160) >>> 0, 4);
      packet.writeUInt32BE(stream + 1, 8);
      const nowMs = performance.now();
      packet.writeDoubleBE(nowMs, STAMP_AT);
      const wire = senders[stream]?.protect(packet) ?? packet;
      if (nowMs >= countFromMs) counted++;
      kernel.send(fds[stream] ?? -1, wire, wire.length, 0);
    }
    drain();
    kernel.epollWait(epoll, events, 1, 1);
  }
  for (let tries = 0; tries < 100; tries++) {
    drain();
    kernel.epollWait(epoll, events, 1, 2);
  }
  for (const fd of [...fds, epoll]) kernel.close(fd);
  delays.sort((one, other) => one - other);
  const at = (share: number): number =>
    delays[Math.min(delays.length - 1, Math.floor(delays.length * share))] ?? 0;
  return { sent: counted, arrived, p50Ms: at(0.5), p99Ms: at(0.99), mostMs: at(1) };
}

function open(epoll: number, host: string, localPort: number, relayHost: string, port: number): number {
  const fd = kernel.socket(2, SOCKET_TYPE, 0);
  const own = encodeSocketAddress(host, localPort);
  if (kernel.bind(fd, own, own.length) !== 0) throw new Error(`no port ${localPort} on ${host}`);
  const relay = encodeSocketAddress(relayHost, port);
  if (kernel.connect(fd, relay, relay.length) !== 0) throw new Error(`no way to ${relayHost}:${port}`);
  const event = Buffer.alloc(EVENT.bytes);
  event.writeUInt32LE(1, 0);
  event.writeInt32LE(fd, EVENT.fdAt);
  kernel.epollControl(epoll, 1, fd, event);
  return fd;
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(run(JSON.parse(line) as LoadOrder))}\n`);
}
