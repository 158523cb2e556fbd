import { afterAll, beforeAll, expect, it } from 'vitest';
import { Carrier } from '../../../cloud-stub/carrier/carrier.ts';
import { createSwitch, type Switch } from '../../../cloud-stub/switch/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import { testAuthority } from '../../support/tls-authority.ts';
import { Gateway, type GatewayCall, until } from './gateway.ts';
import { ADDITIONAL, BASE, CONTRACT, MemoryBook, TinyDirectory } from './office.ts';

const [CLOUD, CARRIER, BOX] = ['127.57.73.10', '127.57.73.20', '127.57.73.30'];
const ask = { quietMs: 1_000, everyMs: 500 };

const authority = testAuthority();
const server = authority.issue('cloud.engawa.example');
const book = new MemoryBook([]);
const common = { clock: systemClock, random: systemRandom, log: silentLog() };
let cloud: Switch;
let carrier: Carrier;
let box: Gateway;

const newBox = (): Gateway => new Gateway(BOX, { host: CLOUD, port: 5061 }, authority.caPem);

beforeAll(async () => {
  cloud = createSwitch({
    ...common,
    host: CLOUD,
    tls: { certPem: server.cert, keyPem: server.key },
    carrier: { host: CARRIER, port: 5060 },
    realm: 'engawa.example',
    domain: 'engawa.example',
    directory: new TinyDirectory(),
    book,
    limits: { ask },
  });
  await cloud.start();
  carrier = new Carrier({
    ...common,
    host: CARRIER,
    port: 5060,
    trunk: { host: CLOUD, port: 5060 },
    simulateEmergency: false,
  });
  await carrier.start();
  box = newBox();
  await box.start([BASE, ADDITIONAL]);
});

afterAll(async () => {
  await box.agent.stop();
  await carrier.stop();
  await cloud.stop();
});

/** A call out that is up, and whose box has fallen silent. The far end plays on. */
async function silentCall(): Promise<GatewayCall> {
  const call = await box.call(BASE, '0355550150', 1_300);
  await call.event('answered');
  await new Promise((resolve) => setTimeout(resolve, 300));
  call.voice.close();
  return call;
}

it('a call whose box is silent and knows it, as on hold, goes on', async () => {
  const call = await silentCall();
  await new Promise((resolve) => setTimeout(resolve, ask.quietMs + 6 * ask.everyMs));
  expect(call.events.map(({ type }) => type)).not.toContain('ended');
  expect(cloud.live.busyChannels(CONTRACT)).toBe(1);
  call.session.hangUp();
  await until(() => cloud.figures().calls === 0, 'the end of the call');
});

it('a call whose box has started anew without it ends at both ends, and gives its channel back', async () => {
  await silentCall();
  // As by a kill: nothing is said to anybody.
  await box.agent.stop();
  box = newBox();
  await box.start([BASE, ADDITIONAL]);
  expect(cloud.live.busyChannels(CONTRACT)).toBe(1);
  await until(() => cloud.live.busyChannels(CONTRACT) === 0, 'the channel to be free', 10_000);
  await until(() => carrier.calls().at(-1)?.state === 'ended', 'the far end to be told');
  await until(() => book.last().end !== undefined, 'the end of the record');
  expect(book.last().end).toMatchObject({ end: 'interrupted' });
});
