import type { LanReport } from '../../lib/contract/lan-facts.ts';
import type { OtherLine, PhoneLine } from '../api/index.ts';
import type { CommandView } from '../store/index.ts';
import { inJapan } from './when.ts';

/** A LAN as the operator's API lists it. */
export interface LanLine extends Pick<LanReport, 'dhcp' | 'warnings'> {
  readonly gateway: string;
  readonly online: boolean;
  readonly reportedAt: number;
}

/** One phone a line by its extension; below it why it was refused. Then what nobody has ordered. */
export function phonesText(answer: {
  readonly phones: readonly PhoneLine[];
  readonly others: readonly OtherLine[];
}): string {
  const { phones, others } = answer;
  if (phones.length + others.length === 0) return 'no desk phones\n';
  const strangers = others.map(({ gateway, mac, vendor, model, state, address }) => {
    const what = [vendor, model, address].filter((part) => part !== null).join(' ');
    return `      ${written(mac)}  ${gateway}  ${state}  ${what}\n`;
  });
  return [...phones.map(phoneText), ...strangers].join('');
}

function phoneText({ mac, type, extension, label, id, gateway, fact }: PhoneLine): string {
  const who = `${extension.padEnd(5)}  ${written(mac)}  ${type.padEnd(11)}  ${id}  ${gateway}`;
  if (fact === null) return `--    ${who}  nothing heard yet  ${label}\n`;
  const good = fact.state === 'registered' && fact.registered;
  const here = fact.registered ? 'registered' : 'not registered';
  const state = fact.state === 'registered' ? here : `${fact.state}, ${here}`;
  const firmware = fact.firmware === null ? '' : `, firmware ${fact.firmware}`;
  const window = fact.windowUntil === null ? '' : `, window open until ${inJapan(fact.windowUntil)}`;
  const other = fact.model === null || fact.model === type ? '' : `, says it is a ${fact.model}`;
  return `${good ? 'OK  ' : 'WARN'}  ${who}  ${state}${firmware}${other}${window}  ${label}\n${fetchText(fact)}`;
}

function fetchText({ lastFetch }: NonNullable<PhoneLine['fact']>): string {
  if (lastFetch === null) return '';
  const { file, hash, at, refused } = lastFetch;
  const became =
    refused === null ? `given, ${hash?.slice(0, 12) ?? ''}` : `refused: ${refused.say} (${refused.rule})`;
  return `        last fetch ${inJapan(at)}  ${file}  ${became}\n`;
}

/** What each gateway does with DHCP, who else does, and what is wrong there. */
export function lansText(lans: readonly LanLine[]): string {
  if (lans.length === 0) return 'no LAN has been reported\n';
  return lans.map(lanText).join('');
}

function lanText({ gateway, online, reportedAt, dhcp, warnings }: LanLine): string {
  const state = online ? 'online' : `offline; this is of ${inJapan(reportedAt)}`;
  const own =
    dhcp === null ? 'no DHCP' : `DHCP ${dhcp.mode}, ${dhcp.standing}, ${dhcp.bound} addresses given`;
  const others = (dhcp?.foreign ?? []).map(
    ({ address, firstHeardAt, router, leaseS }) =>
      `      another DHCP server ${address} since ${inJapan(firstHeardAt)}, router ${router ?? 'unknown'}, leases of ${leaseS ?? '?'} s\n`,
  );
  const wrong = warnings.map(
    ({ code, severity, say, since }) =>
      `${severity === 'info' ? 'INFO' : 'WARN'}  ${code}  since ${inJapan(since)}  ${say}\n`,
  );
  return [
    `${warnings.length === 0 ? 'OK  ' : 'WARN'}  ${gateway}  ${state}  ${own}\n`,
    ...others,
    ...wrong,
  ].join('');
}

/** What gateways were told to do and what became of it, newest first. */
export function commandsText(commands: readonly CommandView[]): string {
  if (commands.length === 0) return 'nothing was asked of the gateways\n';
  return commands
    .map(({ sentAt, gateway, command, by, result }) => {
      const became = result === null ? 'no answer' : result.ok ? 'done' : `refused: ${result.say}`;
      return `${inJapan(sentAt)}  ${gateway}  ${askedOf(command)}  by ${by}  ${became}\n`;
    })
    .join('');
}

function askedOf(command: CommandView['command']): string {
  switch (command.do) {
    case 'approvePhone':
    case 'reprovisionPhone':
      return `${command.do} ${written(command.mac)}`;
    case 'lineTest':
      return `lineTest ${command.port}`;
    case 'logLevel':
      return `logLevel ${command.level ?? 'usual'}`;
    case 'resync':
    case 'capture':
    case 'restart':
      return command.do;
  }
}

/** As it stands on the label. */
export function written(mac: string): string {
  return mac.match(/../g)?.join(':') ?? mac;
}
