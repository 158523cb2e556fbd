import { LeaseJournal } from '../../../agent/dhcp/journal.ts';
import type { ClientKey } from '../../../agent/dhcp/lease.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { formatIpv4, type Ipv4 } from '../../../lib/net/ipv4.ts';
import { ip } from './packets.ts';

/** Keeps leases without end and says each address when it is on the disk, until somebody kills it. */
const [path = '', round = '0'] = process.argv.slice(2);
const opened = await LeaseJournal.open({ path, clock: systemClock, onTrouble: () => {} });
if (!opened.ok) throw new Error(opened.error.say);
const { journal } = opened.value;
const traits = { mac: null, hostName: null, vendorClass: null };
let address = ip(`10.${round}.0.0`) as number;

function next(): void {
  const mine = address++ as Ipv4;
  const client = `hw:01${mine.toString(16)}` as ClientKey;
  journal.keep({ change: 'bound', address: mine, client, traits, forMs: 60_000 }, (kept) => {
    if (kept) process.stdout.write(`${formatIpv4(mine)}\n`);
    next();
  });
}

for (let parallel = 0; parallel < 8; parallel++) next();
