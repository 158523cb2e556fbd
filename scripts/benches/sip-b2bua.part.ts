import { systemClock } from '../../lib/base/clock.ts';
import { silentLog } from '../../lib/base/log.ts';
import { systemRandom } from '../../lib/base/random.ts';
import { BatchSocket } from '../../lib/net/batch-socket.ts';
import { B2bua } from '../../lib/voice/sip/b2bua/b2bua.ts';
import { createUserAgent } from '../../lib/voice/sip/index.ts';

/** A B2BUA of its own process: `HOST PORT NEXT_HOST NEXT_PORT`. Prints `ready`, and its counters at the end of stdin. */
async function main(): Promise<void> {
  const [host = '', port = '', nextHost = '', nextPort = ''] = process.argv.slice(2);
  const next = { transport: 'udp', host: nextHost, port: Number(nextPort) } as const;
  const b2bua = new B2bua({
    route: (session) => ({
      agent,
      invite: {
        to: next,
        requestUri: `sip:${session.invite.toUser}@${nextHost}:${nextPort}`,
        from: { uri: `sip:${session.invite.fromUser}@${host}` },
        toUri: `sip:${session.invite.toUser}@${nextHost}`,
      },
      pass: ['Subject'],
    }),
    limit: 100_000,
  });
  const agent = createUserAgent({
    clock: systemClock,
    random: systemRandom,
    log: silentLog(),
    product: 'Engawa',
    listeners: [{ transport: 'udp', host, port: Number(port) }],
    localHost: host,
    openDatagrams: (ownHost, ownPort, take) => BatchSocket.open(systemClock, ownHost, ownPort, take),
    // The load comes from one source.
    rateLimit: { perSecond: 1_000_000, burst: 1_000_000 },
    // And goes on for longer than an office's would.
    transactions: 1_000_000,
    onInvite: b2bua.onInvite,
    onRefer: b2bua.onRefer,
  });
  await agent.start();
  process.stdout.write('ready\n');
  const { gc } = globalThis as { gc?: () => void };
  // A collection costs time: only where the heap is what is looked at.
  const sample = setInterval(() => {
    if (gc === undefined) return;
    gc();
    process.stdout.write(`heap ${(process.memoryUsage().heapUsed / 1e6).toFixed(1)}\n`);
  }, 10_000);
  await new Promise((resolve) => process.stdin.resume().once('end', resolve));
  const heapMb = process.memoryUsage().heapUsed / 1e6;
  const figures = { ...agent.figures?.(), bridged: b2bua.size, heapMb };
  process.stdout.write(`${JSON.stringify({ ...figures, ...agent.counters })}\n`);
  clearInterval(sample);
  await agent.stop();
  process.exit(0);
}

await main();
