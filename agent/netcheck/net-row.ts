/** First word of a row; `--` says neither good nor bad. */
export type NetVerdict = 'OK' | 'WARN' | 'FAIL' | '--';

/** One thing that was looked at. */
export interface NetRow {
  /** First column after the verdict; stable, for programs. */
  readonly name: string;
  readonly verdict: NetVerdict;
  readonly say: string;
  /** Set when something is to be known or done. */
  readonly todo: { readonly code: NetCode; readonly remedy: string; readonly command: string } | null;
  /** Measured values, for programs. */
  readonly figures?: Readonly<Record<string, number | string | boolean | null>>;
}

/** What each code asks of whoever stands there. The meaning of a code never changes. */
const REMEDIES = {
  'E-NET-101': [
    'Plug in the cable of the internet side, or ask why the router gives no address.',
    'ip -br address',
  ],
  'E-NET-201': ['Set a name server that answers; the router usually is one.', 'cat /etc/resolv.conf'],
  'E-NET-202': [
    'Names that do not exist get an address: use another name server, or the service by address.',
    'cat /etc/resolv.conf',
  ],
  'E-NET-301': [
    'Set the clock: certificates and the times of call records hang on it.',
    'timedatectl status',
  ],
  'E-NET-302': [
    'Ask for outbound UDP port 123, or set a time server of the office.',
    'timedatectl show-timesync',
  ],
  'E-NET-311': [
    'Ask the office for this port outbound; the text for the customer says which.',
    'engawa netcheck --letter',
  ],
  'E-NET-312': [
    'Check the clock; a firewall that opens TLS must let this name through untouched.',
    'timedatectl status',
  ],
  'E-NET-313': ['Nothing to do at the office: tell the operator of the service.', 'engawa doctor'],
  'E-NET-401': [
    'Ask for outbound UDP to the service, and for the answers to come back.',
    'engawa netcheck --letter',
  ],
  'E-NET-402': [
    'Nothing, where calls can be heard both ways: the service sends sound back to where it comes from. Else set the router to a full cone, or forward its ports.',
    'engawa netcheck',
  ],
  'E-NET-403': [
    'Let everything to the service leave by one line (policy routing of the router).',
    'engawa netcheck',
  ],
  'E-NET-411': [
    'Raise the time for UDP in the router to 120 s; below it a call on hold may come back silent.',
    'engawa netcheck --life 120',
  ],
  'E-NET-421': [
    'Switch SIP ALG (SIP helper, SIP inspection) off in the router: it rewrites what it does not understand.',
    'engawa netcheck',
  ],
  'E-NET-422': [
    'Something between here and the service swallows SIP on port 5060; the trunk over TLS is not touched by it.',
    'engawa netcheck',
  ],
  'E-NET-431': [
    'Nothing for calls, which are small. Large packets are cut: set the MTU of the router to what was found.',
    'ip link',
  ],
  'E-NET-432': [
    'Let ICMP "fragmentation needed" through, or set the MTU of this interface to what was found.',
    'ip link',
  ],
  'E-NET-441': [
    'Look for a full line, a bad cable or Wi-Fi on the way; give voice the first place in the router (DSCP 46).',
    'engawa netcheck',
  ],
  'E-NET-442': [
    'Look for what fills the line (uploads, backups, cameras), and give voice the first place in the router.',
    'engawa netcheck',
  ],
  'E-NET-443': [
    'Nothing can be done on the spot about a long way; a VPN or satellite link on it can be taken out.',
    'engawa netcheck',
  ],
  'E-NET-501': [
    'Two DHCP servers on one LAN give phones wrong answers: switch one of them off.',
    'engawa dhcp',
  ],
} as const satisfies Readonly<Record<string, readonly [remedy: string, command: string]>>;

export type NetCode = keyof typeof REMEDIES;

export const NET_CODES = Object.keys(REMEDIES) as NetCode[];

export function goodRow(name: string, say: string, figures?: NetRow['figures']): NetRow {
  return { name, verdict: 'OK', say, todo: null, ...(figures === undefined ? {} : { figures }) };
}

/** Could not be looked at, or need not be; `say` tells why. */
export function skippedRow(name: string, say: string): NetRow {
  return { name, verdict: '--', say, todo: null };
}

export function badRow(
  name: string,
  verdict: 'WARN' | 'FAIL',
  code: NetCode,
  say: string,
  figures?: NetRow['figures'],
): NetRow {
  const [remedy, command] = REMEDIES[code];
  return {
    ...{ name, verdict, say, todo: { code, remedy, command } },
    ...(figures === undefined ? {} : { figures }),
  };
}
