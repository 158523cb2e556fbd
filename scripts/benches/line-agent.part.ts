/**
 * The agent of the bench: joins every phone that is lifted to an RTP session, and is as busy as a bad agent can be. It
 * blocks its own thread for 40 ms in each second.
 * Arguments: media socket, own host, peer host, then the peer's UDP port for each line.
 */
import { MediaClient, type MediaEvent } from '../../agent/media/index.ts';
import { systemClock } from '../../lib/base/clock.ts';
import { createLog } from '../../lib/base/log.ts';

const BLOCK_MS = 40;
const [socketPath = '', localHost = '', peerHost = '', ...peerPorts] = process.argv.slice(2);

async function join(port: number): Promise<void> {
  const session = `bench-${port}`;
  const opened = await client.request({ type: 'rtpOpen', session, localHost, note: 'bench' });
  if (!opened.ok) throw new Error(opened.error.say);
  const peerPort = Number(peerPorts[port - 1]);
  const codec = { payloadType: 0, dtmfPayloadType: null };
  await client.request({ type: 'rtpConnect', session, host: peerHost, port: peerPort, ...codec });
  await client.request({ type: 'attach', port, attachment: { to: 'rtp', session } });
}

async function report(): Promise<void> {
  const figures = await client.request({ type: 'figures' });
  const sessions = await Promise.all(
    peerPorts.map((_, index) => client.request({ type: 'rtpFigures', session: `bench-${index + 1}` })),
  );
  process.stdout.write(`${JSON.stringify({ figures, sessions })}\n`);
}

function onEvent(event: MediaEvent): void {
  if (event.event === 'hook' && event.offHook) void join(event.port);
}

const client = new MediaClient({
  socketPath,
  clock: systemClock,
  log: createLog('bench-agent', 'silent'),
  onConnected: () => process.stdout.write(`${JSON.stringify({ connected: true })}\n`),
  onEvent,
  onLost: () => {},
});
client.start();
process.stdin.on('data', () => void report());
process.stdin.on('end', () => process.exit(0));
setInterval(() => {
  const until = performance.now() + BLOCK_MS;
  while (performance.now() < until);
}, 1_000);
