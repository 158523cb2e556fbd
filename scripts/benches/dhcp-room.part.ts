import { DhcpRoom, type ServerSettings } from '../../agent/dhcp/index.ts';
import { settingsOf } from '../../agent/dhcp/settings-of.ts';
import { systemClock } from '../../lib/base/clock.ts';
import { silentLog } from '../../lib/base/log.ts';
import { systemRandom } from '../../lib/base/random.ts';
import { dhcpConfig } from '../../lib/contract/lan-config.ts';
import type { Ipv4 } from '../../lib/net/ipv4.ts';

/** Our server as a program: journal, address as a number, prefix. The limits of an office are taken away: this is load. */
const [journal = '', address = '', prefixBits = '16'] = process.argv.slice(2);
const config = dhcpConfig.parse({
  mode: 'serve',
  confirmedBy: 'bench',
  pool: { first: '10.77.1.0', last: '10.77.250.255' },
  router: '10.77.0.1',
});
const lan = { address: Number(address) as Ipv4, prefixBits: Number(prefixBits) };
const settings = settingsOf(config, lan, [], []);
if (!settings.ok) throw new Error(settings.error.say);
const none = { burst: 1e9, perMinute: 1e9, perSecond: 1e9 };
const unlimited: ServerSettings = {
  ...settings.value,
  limits: { newLeases: none, perClient: none, offeredShare: 1 },
};
const room = new DhcpRoom({
  ...{ device: 'lan0', settings: unlimited, journal, clock: systemClock, random: systemRandom },
  log: silentLog(),
  health: { raise: (code, say) => process.stderr.write(`${code} ${say}\n`), clear: () => {} },
});
const started = await room.start();
if (!started.ok) throw new Error(started.error.say);
const looking = setInterval(() => {
  if (room.status.standing.at !== 'serving') return;
  clearInterval(looking);
  process.stdout.write('serving\n');
}, 50);
process.stdin.resume();
process.stdin.on('end', () => void room.stop().then(() => process.exit(0)));
