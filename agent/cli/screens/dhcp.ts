import type { DhcpAnswer, DhcpView, LeasesAnswer, LeaseView, WhyAnswer } from '../../local-api/index.ts';
import { type Look, type Row, rowLines, spoken, tableLines, type Verdict } from '../screen.ts';
import { clean, japanTime } from '../text.ts';
import { requestLines } from './phones.ts';

const LEASE_HEADS = [
  { name: 'ADDRESS', columns: 15 },
  { name: 'MAC', columns: 17 },
  { name: 'STATE', columns: 11, words: true },
  { name: 'UNTIL', columns: 11 },
  { name: 'DEVICE', columns: 0 },
] as const;

const STANDINGS: Readonly<Record<string, readonly [Verdict, string]>> = {
  mute: ['OK', 'answers nobody; only looks for other servers'],
  optionsOnly: ['OK', 'tells phones their options; gives no address'],
  phonesOnly: ['OK', 'gives addresses to phones, beside the router'],
  looking: ['--', 'about to serve: looks for other servers first'],
  serving: ['OK', 'gives addresses to everybody; it is the only server'],
  steppedDown: ['WARN', 'stepped back before another server: nobody new gets an address here'],
};

/** Silences that somebody may wonder about. */
const QUIET_RULES: ReadonlySet<string> = new Set([
  ...['dhcp.poolEmpty', 'dhcp.conflicts', 'dhcp.steppedDown', 'dhcp.looking', 'dhcp.notAPhone'],
  ...['dhcp.newLeaseLimit', 'dhcp.tooManyOffers', 'dhcp.clientLimit', 'dhcp.otherSubnet', 'dhcp.sendFailed'],
]);

/** `engawa dhcp`: what the box does on the LAN and who else does. */
export function dhcpScreen(answer: DhcpAnswer, look: Look): readonly string[] {
  const { dhcp } = answer;
  if (dhcp === null) return [spoken('--    DHCP is off, or this box has no LAN interface', look)];
  return rowsOf(dhcp).flatMap((row) => rowLines(row, look));
}

export function dhcpVerdict(answer: DhcpAnswer): Verdict {
  return answer.dhcp === null ? '--' : standingOf(answer.dhcp)[0];
}

function standingOf(dhcp: DhcpView): readonly [Verdict, string] {
  return STANDINGS[dhcp.standing] ?? ['--', clean(dhcp.standing)];
}

function rowsOf(dhcp: DhcpView): readonly Row[] {
  const [verdict, say] = standingOf(dhcp);
  const rows: Row[] = [
    { verdict, name: 'dhcp', say: `mode ${clean(dhcp.mode)} on ${clean(dhcp.device)}: ${say}` },
    { verdict: '--', name: 'leases', say: `${dhcp.bound} running (engawa leases)` },
    ...silenceRow(dhcp),
  ];
  if (dhcp.foreign.length === 0) {
    const found = dhcp.looked ? 'none heard on this LAN' : 'not looked around yet; takes 8 s';
    return [...rows, { verdict: '--', name: 'other server', say: found }];
  }
  const foreign = dhcp.foreign.map((server): Row => {
    const options =
      server.provisioning.length === 0
        ? 'tells phones nothing of their files'
        : `tells phones options ${server.provisioning.join(', ')}`;
    const parts = [
      server.mac === null ? server.address : `${server.address} (${macText(server.mac)})`,
      ...(server.router === null ? [] : [`router ${server.router}`]),
      ...(server.leaseS === null ? [] : [`leases of ${leaseText(server.leaseS)}`]),
      `last heard ${japanTime(server.lastHeardAt).slice(5, 16)}`,
    ];
    return { verdict: '--', name: 'other server', say: `${parts.join(', ')}; ${options}` };
  });
  return [...rows, ...foreign, ...pasteRow(dhcp)];
}

/** What to enter in the office's router, where phones do not find this box by multicast. */
function pasteRow({ foreign, phonesUrl }: DhcpView): Row[] {
  const silent = foreign.some((server) => !server.provisioning.includes(66));
  if (phonesUrl === null || !silent) return [];
  const say = `phones find them by multicast (SIP PnP); those that do not: set option 66 of that server to ${clean(phonesUrl)}`;
  return [{ verdict: '--', name: 'phone files', say }];
}

function leaseText(seconds: number): string {
  return seconds >= 7_200 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 60)} min`;
}

/** Rules by which somebody got nothing, the most frequent first. */
function silenceRow({ counts }: DhcpView): Row[] {
  const quiet = Object.entries(counts).filter(([rule, times]) => QUIET_RULES.has(rule) && times > 0);
  if (quiet.length === 0) return [];
  const most = quiet.sort((left, right) => right[1] - left[1]).slice(0, 3);
  const say = `${most.map(([rule, times]) => `${rule} ${times}`).join(', ')} (engawa why MAC)`;
  return [{ verdict: '--', name: 'not answered', say }];
}

/** `engawa leases`: every address and who has it. */
export function leasesScreen(answer: LeasesAnswer, look: Look): readonly string[] {
  if (answer.leases.length === 0) return [spoken('--    no lease yet', look)];
  return tableLines(
    LEASE_HEADS,
    answer.leases.map((lease) => ({ verdict: leaseVerdict(lease), cells: leaseCells(lease) })),
    look,
  );
}

function leaseVerdict(lease: LeaseView): Verdict {
  return lease.state === 'quarantined' ? 'WARN' : lease.state === 'bound' ? 'OK' : '--';
}

function leaseCells(lease: LeaseView): readonly string[] {
  return [
    lease.address,
    lease.mac === null ? '-' : macText(lease.mac),
    lease.state === 'quarantined' ? 'in conflict' : clean(lease.state),
    lease.until === null ? '-' : japanTime(lease.until).slice(5, 16),
    clean(lease.hostName ?? lease.vendorClass ?? ''),
  ];
}

/** `engawa why MAC`: what became of a device's last packets. */
export function whyScreen(answer: WhyAnswer, look: Look): readonly string[] {
  const { lease } = answer;
  const mac = macText(answer.mac);
  const has = lease === null ? 'has no address from this box' : `${lease.state} ${lease.address}`;
  const head = rowLines(
    { verdict: lease?.state === 'bound' ? 'OK' : '--', name: 'device', say: `${mac} ${has}` },
    look,
  );
  const files = requestLines(answer, look);
  if (answer.dhcp.length === 0) {
    const say = 'nothing was heard from it since the start';
    return [...head, ...rowLines({ verdict: '--', name: 'dhcp', say }, look), ...files];
  }
  const lines = answer.dhcp.flatMap((line) => {
    const time = japanTime(line.atMs).slice(11, 19);
    const say = line.say === '' ? clean(line.rule) : `${clean(line.say)} (${clean(line.rule)})`;
    return rowLines(
      { verdict: doneVerdict(line.done), name: `${time} ${clean(line.message)}`.slice(0, 18), say },
      look,
    );
  });
  return [...head, ...lines, ...files];
}

function doneVerdict(done: string): Verdict {
  switch (done) {
    case 'offered':
    case 'acknowledged':
    case 'noted':
    case 'probing':
      return 'OK';
    case 'refused':
      return 'WARN';
    default:
      return '--';
  }
}

function macText(mac: string): string {
  return clean(mac.match(/../g)?.join(':') ?? mac);
}
