import { join } from 'node:path';
import { OfficeShell } from '../../../agent/calls/index.ts';
import { DeskRoom, journalFile } from '../../../agent/desk/index.ts';
import { MediaClient } from '../../../agent/media/index.ts';
import { openAgentStore } from '../../../agent/store/index.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { createLog, silentLog } from '../../../lib/base/log.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import { NO_ADDRESS, parseIpv4 } from '../../../lib/net/ipv4.ts';
import { TEST_GATEWAY } from '../../support/site-config.ts';
import { exampleConfig, plainSdp } from '../calls/office-world.ts';
import { PASSWORD, phoneConfigs } from './desk-rig.ts';

/**
 * The rooms of an agent that calls of desk phones need, with all that outlives it on disk. Says on standard output, line by line,
 * how its calls and phones are. It is killed, or told to stop.
 */
const [box = '', folder = '', socketPath = ''] = process.argv.slice(2);
const phones = phoneConfigs(2);
const store = openAgentStore({
  ...{ path: join(folder, 'agent.sqlite'), clock: systemClock, random: systemRandom },
  gateway: TEST_GATEWAY,
});
const client = new MediaClient({
  socketPath,
  clock: systemClock,
  log: silentLog(),
  onConnected: (snapshot) => {
    office.mediaConnected(snapshot);
    desk.mediaConnected(snapshot);
  },
  onEvent: (event) => {
    office.mediaEvent(event);
    desk.mediaEvent(event);
  },
  onLost: () => office.mediaLost(),
});
// What it says of calls that it takes up, or not, is what a test that fails has to tell.
const log = createLog('agent', 'info');
const around = { clock: systemClock, random: systemRandom, log, media: client };
const health = { raise: () => {}, clear: () => {} };
const desk = new DeskRoom({
  ...{ ...around, health, product: 'Engawa/test', office: () => office },
  lan: () => ({ address: parseIpv4(box) ?? NO_ADDRESS, prefixBits: 8 }),
  accounts: {
    accountOf: (user) => {
      const phone = phones.find((each) => each.extension === user);
      return phone === undefined ? undefined : { user, password: PASSWORD, phone };
    },
    registered: () => {},
    unregistered: () => {},
  },
  journal: journalFile(join(folder, 'desk.json')),
});
const noTrunk = (): never => {
  throw new Error('there is no trunk');
};
const office = new OfficeShell({
  ...{ ...around, health, host: box, sdp: plainSdp, phones: desk, faxes: { write: () => {} } },
  journal: store.journal,
  sip: { invite: noTrunk, register: () => ({ stop: async () => {}, hurry: () => {} }), adopt: noTrunk },
});

function say(what: object): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}

const config = exampleConfig({ channels: 4 }, 2);
office.apply({ ...config, lan: { ...config.lan, phones: [...phones] } });
office.onChange(() =>
  say({
    lines: office.lines().map(({ state }) => state),
    talking: office.calls().filter(({ state }) => state === 'talking').length,
    registered: desk.phones().filter(({ registered }) => registered).length,
  }),
);
process.once('SIGTERM', async () => {
  await desk.stop();
  await office.stop();
  client.stop();
  process.exit();
});
await desk.start();
office.start();
client.start();
say({ event: 'ready' });
