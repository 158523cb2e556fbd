import { createInterface } from 'node:readline';
import { OfficeShell, VoiceSdp } from '../../../agent/calls/index.ts';
import { DeskRoom } from '../../../agent/desk/index.ts';
import { createHealth } from '../../../agent/health/index.ts';
import { LanSide, lanOf } from '../../../agent/lan-side.ts';
import { MediaClient } from '../../../agent/media/index.ts';
import { systemClock as clock } from '../../../lib/base/clock.ts';
import type { FactId } from '../../../lib/base/ids.ts';
import { createLog } from '../../../lib/base/log.ts';
import { systemRandom as random } from '../../../lib/base/random.ts';
import { lanConfig } from '../../../lib/contract/lan-config.ts';
import type { SiteConfig } from '../../../lib/contract/site-config.ts';
import { parseMac } from '../../../lib/net/mac-address.ts';
import { siteOf } from '../../support/site-config.ts';

/** The box as desk phones see it: DHCP, files, registrar, calls and sound; no line of the board, no trunk. */
const [state = '', socketPath = '', lanText = '{}'] = process.argv.slice(2);
const log = createLog('box', process.env['BOX_LOG'] ?? 'silent');
const health = createHealth(clock);
let began = 0;

const side = new LanSide({
  ...{ addressFile: undefined, calls: () => 0 },
  ...{ device: 'lan0', state, clock, random, health },
  log: (room) => log.child({ room }),
});
const media = new MediaClient({
  ...{ socketPath, clock, log },
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
const desk = new DeskRoom({
  ...{ clock, random, log, health, media, accounts: side.provisioning, product: 'Engawa/test' },
  lan: () => lanOf('lan0'),
  office: () => office,
});
side.connect(desk);
const office: OfficeShell = new OfficeShell({
  ...{ clock, random, log, health, media, sdp: new VoiceSdp(random), phones: desk, host: '127.63.0.1' },
  faxes: { write: () => {} },
  journal: {
    begin: () => `gw-000001/00000000/${++began}` as FactId,
    answered: () => {},
    keep: () => {},
    end: () => {},
    heartbeat: () => {},
    unfinished: () => [],
  },
  sip: {
    invite: () => {
      throw new Error('this box has no trunk');
    },
    register: () => ({ stop: async () => {}, hurry: () => {} }),
    adopt: () => {
      throw new Error('nothing to adopt');
    },
  },
});

function siteFrom(text: string): SiteConfig {
  return siteOf({ lan: lanConfig.parse(JSON.parse(text)) });
}

function apply(text: string): void {
  const site = siteFrom(text);
  const applied = office.apply(site);
  if (!applied.ok) process.stderr.write(`${applied.error.say}\n`);
  side.apply(site);
}

apply(lanText);
office.start();
media.start();
side.start();
void desk.start();

createInterface({ input: process.stdin }).on('line', (line) => {
  const [verb = '', ...words] = line.split(' ');
  void carryOut(verb, words).then((answer) => {
    const told = {
      answer,
      standing: side.dhcp.status?.standing.at ?? null,
      url: side.provisioning.status.url,
      phones: side.provisioning.phones(),
      desk: desk.phones(),
    };
    process.stdout.write(`${JSON.stringify(told)}\n`);
  });
});
process.stdin.on('end', () => void side.stop().then(() => process.exit(0)));

async function carryOut(verb: string, words: readonly string[]): Promise<unknown> {
  const mac = parseMac(words[0] ?? '');
  switch (verb) {
    case 'approve':
      return mac === undefined ? null : await side.provisioning.approve(mac, 5);
    case 'why':
      return mac === undefined ? null : side.provisioning.why(mac);
    case 'apply':
      apply(words.join(' '));
      return null;
    case 'checkSync':
      return mac === undefined ? null : await desk.checkSync(mac);
    case 'messages':
      desk.messagesWait({
        mailboxes: [{ serviceId: words[0] ?? '', fresh: Number(words[1]), old: Number(words[2]) }],
      });
      return null;
    default:
      return null;
  }
}
