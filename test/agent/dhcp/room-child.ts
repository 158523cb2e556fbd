import { createInterface } from 'node:readline';
import { DhcpRoom } from '../../../agent/dhcp/index.ts';
import { settingsOf } from '../../../agent/dhcp/settings-of.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { createLog } from '../../../lib/base/log.ts';
import { systemRandom } from '../../../lib/base/random.ts';
import { dhcpConfig } from '../../../lib/contract/lan-config.ts';
import { formatIpv4, parseIpv4 } from '../../../lib/net/ipv4.ts';
import { parseMac } from '../../../lib/net/mac-address.ts';
import { ip } from './packets.ts';

/** The DHCP room as a program of its own, in the namespace and with the rights that it is given: configuration, journal. */
const [configText = '{}', journal = '', address = '192.168.20.2', limits = 'office', leaseMs = ''] =
  process.argv.slice(2);
const warnings = new Map<string, string>();
const settings = settingsOf(
  dhcpConfig.parse(JSON.parse(configText)),
  { address: parseIpv4(address) ?? ip('192.168.20.2'), prefixBits: 24 },
  [{ vendorClassPrefix: 'Grandstream' }],
  [],
);
if (!settings.ok) throw new Error(settings.error.say);
const none = { burst: 1e9, perMinute: 1e9, perSecond: 1e9 };
const unlimited = { newLeases: none, perClient: none, offeredShare: 1 };
const timed = leaseMs === '' ? settings.value : { ...settings.value, leaseMs: Number(leaseMs) };
const room = new DhcpRoom({
  device: 'lan0',
  settings: limits === 'none' ? { ...timed, limits: unlimited } : timed,
  journal,
  clock: systemClock,
  random: systemRandom,
  log: createLog('dhcp', 'silent'),
  health: { raise: (code, say) => warnings.set(code, say), clear: (code) => warnings.delete(code) },
});
const started = await room.start();
const say = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
say({ started: started.ok, say: started.ok ? '' : started.error.say, uid: process.getuid?.() });

createInterface({ input: process.stdin }).on('line', (line) => {
  const mac = parseMac(line);
  if (mac !== undefined) say({ why: room.why(mac) });
  else {
    const leases = room.leases().map((lease) => ({ ...lease, address: formatIpv4(lease.address) }));
    say({ ...room.status, leases, warnings: Object.fromEntries(warnings) });
  }
});
process.stdin.on('end', () => void room.stop().then(() => process.exit(0)));
