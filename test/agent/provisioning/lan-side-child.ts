import { createInterface } from 'node:readline';
import { createHealth } from '../../../agent/health/index.ts';
import { lanReport } from '../../../agent/lan-report.ts';
import { LanSide } from '../../../agent/lan-side.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { createLog } from '../../../lib/base/log.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import { lanConfig } from '../../../lib/contract/lan-config.ts';
import { parseMac } from '../../../lib/net/mac-address.ts';
import { siteOf } from '../../support/site-config.ts';

/** DHCP and provisioning together, as the agent runs them. Arguments: state folder, `lan` of a configuration. */
const [state = '', lanText = '{}'] = process.argv.slice(2);
const health = createHealth(systemClock);
const side = new LanSide({
  ...{ addressFile: undefined, calls: () => 0 },
  device: 'lan0',
  state,
  clock: systemClock,
  random: systemRandom,
  log: (room) => createLog(room, 'silent'),
  health,
});
const site = siteOf({ lan: lanConfig.parse(JSON.parse(lanText)) });
side.apply(site);
side.start();

const say = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
say({ checked: side.check(site).ok });

createInterface({ input: process.stdin }).on('line', (line) => {
  const [verb, macText = ''] = line.split(' ');
  const mac = parseMac(macText);
  const approved =
    verb === 'approve' && mac !== undefined ? side.provisioning.approve(mac, 5) : Promise.resolve(null);
  void approved.then(() =>
    say({
      standing: side.dhcp.status?.standing.at ?? null,
      url: side.provisioning.status.url,
      phones: side.provisioning.phones(),
      why: mac === undefined ? [] : side.provisioning.why(mac),
      report: lanReport(side, health, systemClock),
    }),
  );
});
process.stdin.on('end', () => void side.stop().then(() => process.exit(0)));
