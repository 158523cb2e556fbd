import { mqttLine } from './mqtt-bytes.ts';
import { skimDhcp } from './skim-dhcp.ts';
import { type SipSkim, skimSip } from './skim-sip.ts';
import type { Place, Traced, Whose } from './traced.ts';

/** Columns between two lifelines. */
const LANE = 20;
const TIME_COLUMNS = 13;

/** What stands above a ladder: phones of the LAN on the left, the service on the right, the box between them. */
export function ladderHead(): string {
  const names = ['phone', 'box', 'service'];
  return names.reduce((line, name, index) => {
    const centre = TIME_COLUMNS + index * (LANE + 1);
    return line.padEnd(centre - Math.floor(name.length / 2)) + name;
  }, '');
}

/** A SIP message as an arrow between lifelines, and whose it is: `|                    |--- INVITE sdp ---->| line 1 0355550123`. */
export function ladderLine(traced: Traced): string {
  const skim = skimSip(traced.bytes);
  const label = skim === undefined ? `${traced.bytes.length} B, not SIP` : labelOf(skim);
  const toService = traced.transport === 'tls';
  const out = traced.direction === 'out';
  const arrow = arrowOf(label, toService === out);
  const blank = ' '.repeat(LANE);
  const lanes = toService ? `|${blank}|${arrow}|` : `|${arrow}|${blank}|`;
  return `${lanes} ${remarkOf(skim, traced)}`.trimEnd();
}

/** The same as one plain line: `-> 203.0.113.41:5061 tls INVITE sdp line 1 0355550123`. */
export function sipLine(traced: Traced): string {
  const skim = skimSip(traced.bytes);
  const label = skim === undefined ? `${traced.bytes.length} B, not SIP` : labelOf(skim);
  const way = traced.direction === 'in' ? '<-' : '->';
  return `${way} ${shownPlace(traced.remote)} ${traced.transport} ${label} ${remarkOf(skim, traced)}`;
}

function labelOf({ method, status, phrase, hasSdp }: SipSkim): string {
  const sdp = hasSdp ? ' sdp' : '';
  return status === undefined ? `${method}${sdp}` : `${status} ${phrase ?? method}${sdp}`;
}

function arrowOf(label: string, toRight: boolean): string {
  const room = LANE - 4;
  const shown = label.length > room ? `${label.slice(0, room - 2)}..` : label;
  const dashes = LANE - shown.length - 3;
  const left = Math.floor(dashes / 2);
  const right = dashes - left;
  const body = `${'-'.repeat(left)} ${shown} ${'-'.repeat(right)}`;
  return toRight ? `${body}>` : `<${body}`;
}

/** Whose it is, then what an INVITE wants or why something was refused, else the tail of its Call-ID. */
function remarkOf(skim: SipSkim | undefined, { whose, remote }: Traced): string {
  const who = whoIs(whose) ?? remote.host;
  if (skim === undefined) return who;
  const { status, why, method, requestUser, callId } = skim;
  if (why !== undefined && (status === undefined || status >= 300)) return `${who} ${why}`;
  if (status === undefined && method === 'INVITE' && requestUser !== undefined)
    return `${who} ${requestUser}`;
  return `${who} #${(callId ?? '').split('@')[0]?.slice(-6) ?? ''}`;
}

/** `line 1`, `phone 3f02`. */
export function whoIs({ line, phone }: Whose): string | undefined {
  if (line !== undefined) return `line ${line}`;
  return phone === undefined ? undefined : `phone ${phone.slice(-4)}`;
}

/** A DHCP packet: `<- c0:74:ad:00:00:01  DISCOVER  "grp2612"`. */
export function dhcpLine(traced: Traced): string {
  const skim = skimDhcp(traced.bytes);
  const way = traced.direction === 'in' ? '<-' : '->';
  if (skim === undefined) return `${way} ${shownPlace(traced.remote)}  ${traced.bytes.length} B, not DHCP`;
  const mac = skim.mac.replace(/(..)(?=.)/g, '$1:');
  const parts = [
    skim.message.padEnd(8),
    skim.address ?? '',
    skim.server === undefined ? '' : `server ${skim.server}`,
    skim.hostName === undefined ? '' : `"${skim.hostName}"`,
  ];
  return `${way} ${mac}  ${parts.filter(Boolean).join(' ')}`.trimEnd();
}

/** A packet to or from the broker: `-> PUBLISH engawa/gw-000001/records 812 B q1 #7`. */
export function mqttTraceLine(traced: Traced): string {
  return `${traced.direction === 'in' ? '<-' : '->'} ${mqttLine(traced.bytes)}`;
}

/** `192.0.2.1:5061`, `[2001:db8::1]:5061`. */
export function shownPlace({ host, port }: Place): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
