/** Families of Grandstream phones that differ in their files. */
export type GrandstreamFamily = 'gxp16xx' | 'gxp21xx' | 'grp26xx';

/** How a value by name (config version 2) is written as a P value. Without an entry both are the same text. */
type Words = Readonly<Record<string, string>>;

/** One setting: its name, its P values account by account (one for a setting of the phone), its words, what it may hold. */
export interface TableRow {
  readonly name: string;
  readonly p: readonly number[];
  readonly words?: Words;
  /** A P value that does not match is not taken, and the phone keeps what it had. */
  readonly holds: RegExp;
}

const FLAG: Words = { Yes: '1', No: '0' };
const ONE_BIT = /^[01]$/;
const NUMBER = /^-?[0-9]{1,6}$/;
const TEXT = /^[^\r\n]{0,512}$/;
const CODECS: Words = { PCMU: '0', PCMA: '8', 'G.722': '9', 'G.729A/B': '18', 'G.726-32': '2' };
const PROTOCOLS: Words = { TFTP: '0', HTTP: '1', HTTPS: '2', FTP: '3', FTPS: '4' };

const flag = (name: string, ...p: number[]): TableRow => ({ name, p, words: FLAG, holds: ONE_BIT });
const number = (name: string, ...p: number[]): TableRow => ({ name, p, holds: NUMBER });
const text = (name: string, ...p: number[]): TableRow => ({ name, p, holds: TEXT });
const words = (name: string, map: Words, ...p: number[]): TableRow => ({
  name,
  p,
  words: map,
  holds: new RegExp(`^(?:${Object.values(map).join('|')})$`),
});

/** Settings of an account, `N` in the name. What comes after the first account follows no rule, so each stands here. */
const ACCOUNT: readonly TableRow[] = [
  text('account.N.name', 270, 417, 517),
  text('account.N.sip.server.1.address', 47, 402, 502),
  text('account.N.sip.server.2.address', 2312, 2412, 2512),
  text('account.N.sip.outboundProxy.1.address', 48, 403, 503),
  text('account.N.sip.outboundProxy.2.address', 2333, 2433, 2533),
  text('account.N.sip.userid', 35, 404, 504),
  text('account.N.sip.subscriber.userid', 36, 405, 505),
  text('account.N.sip.subscriber.password', 34, 406, 506),
  text('account.N.sip.subscriber.name', 3, 407, 507),
  text('account.N.sip.voicemail.number', 33, 426, 526),
  words('account.N.network.dnsMode', { ARecord: '0', SRV: '1', NaptrOrSrv: '2' }, 103, 408, 508),
  words('account.N.network.natTraversal', { No: '0', STUN: '1', KeepAlive: '2' }, 52, 414, 514),
  flag('account.N.sip.registration', 31, 410, 510),
  number('account.N.sip.registerExpiration', 32, 412, 512),
  words('account.N.sip.transport', { UDP: '0', TCP: '1', TlsOrTcp: '2' }, 130, 448, 548),
  flag('account.N.sip.subscribe.forMwi', 99, 415, 515),
  flag('account.N.sip.allowSipReset', 26015, 26115, 26215),
  flag('account.N.ring.ignoreSipAlertInfo', 26018, 26118, 26218),
  text('account.N.sip.blf.callPickup.prefix', 1347, 481, 581),
  words(
    'account.N.sip.blf.callPickup.forcePrefix',
    { Auto: '0', Force: '1', Disabled: '2' },
    6752,
    6753,
    6754,
  ),
  flag('account.N.sip.sessionTimer.enable', 2395, 2495, 2595),
  number('account.N.sip.sessionTimer.expiration', 260, 434, 534),
  number('account.N.sip.minimumSE', 261, 427, 527),
  words('account.N.codec.choice.1', CODECS, 57, 451, 551),
  words('account.N.codec.choice.2', CODECS, 58, 452, 552),
  words('account.N.codec.choice.3', CODECS, 59, 453, 553),
  words('account.N.codec.choice.4', CODECS, 60, 454, 554),
  words('account.N.codec.choice.5', CODECS, 61, 455, 555),
  words('account.N.codec.choice.6', CODECS, 62, 456, 556),
  words('account.N.codec.choice.7', CODECS, 46, 457, 557),
  words('account.N.codec.choice.8', CODECS, 98),
  flag('account.N.dtmf.sendInAudio', 2301, 2401, 2501),
  flag('account.N.dtmf.sendInRtp', 2302, 2402, 2502),
  flag('account.N.dtmf.sendInSip', 2303, 2403, 2503),
  number('account.N.codec.payloadType.dtmf', 79, 496, 596),
  words(
    'account.N.audio.srtpMode',
    { Disabled: '0', EnabledButNotForced: '1', EnabledAndForced: '2' },
    183,
    443,
    543,
  ),
  text('account.N.call.dialplan', 290, 459, 559),
  words('account.N.call.keyAsSend', { Disabled: '0', Pound: '1', Star: '2' }, 72, 492, 592),
  number('account.N.call.noKeyEntryTimeout', 85, 491, 591),
  flag('account.N.featureCodes.callFeatures', 191, 420, 520),
  flag('account.N.call.autoAnswer', 90, 425, 525),
  number('account.N.ring.ringtone', 104, 423, 523),
  text('account.N.ring.match.1.callerId', 1488, 1494, 1500),
  number('account.N.ring.match.1.ringtone', 1489, 1495, 1501),
  text('account.N.ring.match.2.callerId', 1490, 1496, 1502),
  number('account.N.ring.match.2.ringtone', 1491, 1497, 1503),
  text('account.N.ring.match.3.callerId', 1492, 1498, 1504),
  number('account.N.ring.match.3.ringtone', 1493, 1499, 1505),
];

/** Settings of the phone. Those below the line are known and change nothing that a simulated phone does. */
const PHONE: readonly TableRow[] = [
  text('users.admin.password', 2),
  words('security.webAccessMode', { HTTPS: '0', HTTP: '1', Disabled: '2', 'HTTP&HTTPS': '3' }, 1650),
  text('dateTime.ntp.server.1', 30),
  flag('dateTime.override.dhcp.allowOption42', 144),
  text('dateTime.timezone', 64),
  flag('dateTime.override.dhcp.allowOption2', 143),
  text('language.gui', 1362),
  words('call.callWaiting.enable', { Yes: '0', No: '1' }, 91),
  text('maintain.syslog.server', 207),
  flag('network.port.eth.1.vlan.enable', 22174),
  number('network.port.eth.1.vlan.tag', 51),
  words(
    'phonebook.download.mode',
    { Disabled: '0', EnabledUseHTTP: '1', EnabledUseTFTP: '2', EnabledUseHTTPS: '3' },
    330,
  ),
  text('phonebook.download.server', 331),
  number('phonebook.download.interval', 332),
  words('provisioning.config.protocol', PROTOCOLS, 212),
  text('provisioning.config.serverPath', 237),
  text('provisioning.config.username', 1360),
  text('provisioning.config.password', 1361),
  text('provisioning.config.filePassword', 1359),
  text('provisioning.config.filePrefix', 234),
  text('provisioning.config.filePostfix', 235),
  flag('provisioning.config.processAll.enable', 8467),
  flag('provisioning.override.dhcp.allowCommonOptions', 145),
  words('', { none: '0', option150: '1', option160: '2' }, 8337),
  flag('provisioning.override.dhcp.enableOption150', 1007),
  flag('provisioning.override.dhcp.enableOption160', 1008),
  flag('provisioning.override.dhcp.enableOption161', 1009),
  flag('provisioning.3cxAutoProvision', 1414),
  words(
    'provisioning.auto.mode',
    { No: '0', YesUpgradeEveryXMinutes: '1', YesUpgradeHourOfDay: '2', YesUpgradeHourOfWeek: '3' },
    194,
  ),
  number('provisioning.auto.minute', 193),
  number('provisioning.auto.hour', 285),
  number('provisioning.auto.endHour', 8459),
  flag('provisioning.auto.randomTime.enable', 8458),
  words('provisioning.firmware.checkCondition', { AlwaysCheck: '0', ChangedCheck: '1', SkipCheck: '2' }, 238),
  words('provisioning.firmware.protocol', PROTOCOLS, 6767),
  text('provisioning.firmware.serverPath', 192),
  // ---
  text('users.user.password', 196),
  words('security.ssh', { Yes: '0', No: '1' }, 276),
  words('dateTime.format.time', { '12Hour': '0', '24Hour': '1' }, 122),
  text('audio.tone.systemRing', 345),
  text('audio.tone.dial', 343),
  text('audio.tone.message', 344),
  text('audio.tone.ringBack', 346),
  text('audio.tone.callWaiting', 347),
  text('audio.tone.busy', 348),
  text('audio.tone.reorder', 349),
  text('keys.lock.emergency', 8385),
  words('maintain.syslog.level', { None: '0', Debug: '1', Info: '2', Warning: '3', Error: '4' }, 208),
  flag('maintain.syslog.sendSipLog', 1387),
  number('network.port.eth.1.vlan.priority', 87),
  flag('network.lldp.enable', 1684),
  flag('network.cdp', 22119),
  flag('network.dhcp.enableVlan', 8300),
  number('network.qos.forSip', 1558),
  number('network.qos.forRtp', 1559),
  number('network.port.pc.vlan.tag', 229),
  number('network.port.pc.vlan.priority', 230),
  flag('provisioning.alwaysAuthenticateBeforeChallenge', 20713),
  flag('sip.override.dhcp.allowOption120', 1411),
  flag('security.validate.serverCertificate', 8463),
  flag('provisioning.validateHostnameInCertificate', 22030),
  flag('phonebook.download.removeEditedEntries', 333),
  text('phonebook.download.username', 6713),
  text('phonebook.download.password', 6714),
  flag('tr069.enable', 1409),
  text('tr069.url', 4503),
  flag('provisioning.firmware.confirm.enable', 8375),
];

/** Whether an account is on; past the fourth the families count differently. */
function activeRow(family: GrandstreamFamily): TableRow {
  return flag('account.N.enable', 271, 401, 501, 601, ...(family === 'gxp21xx' ? [1701, 1801] : [701, 801]));
}

/** "Disable SIP NOTIFY authentication" on the older ones, by name "enable" on GRP26xx. */
function challengeRow(family: GrandstreamFamily): TableRow {
  const map: Words = family === 'grp26xx' ? { Yes: '0', No: '1' } : { Yes: '1', No: '0' };
  return { name: 'sip.notify.challenge', p: [4428], words: map, holds: ONE_BIT };
}

/** Where a setting is kept, and how what comes is to be written there. */
export interface Cell {
  /** `P47`, or the name where no P value is public. */
  readonly key: string;
  readonly words: Words | undefined;
  readonly holds: RegExp;
}

/** All settings of a family, by P value and by name; keys beside the display are elsewhere. */
export function tableOf(family: GrandstreamFamily): {
  readonly byP: ReadonlyMap<string, Cell>;
  readonly byName: ReadonlyMap<string, Cell>;
} {
  const byP = new Map<string, Cell>();
  const byName = new Map<string, Cell>();
  const add = (name: string, p: number | undefined, row: TableRow): void => {
    const cell = { key: p === undefined ? name : `P${p}`, words: row.words, holds: row.holds };
    if (p !== undefined) byP.set(cell.key, cell);
    if (name !== '') byName.set(name, cell);
  };
  for (const row of [activeRow(family), ...ACCOUNT]) {
    for (let account = 1; account <= 6; account++) {
      add(row.name.replace('.N.', `.${account}.`), row.p[account - 1], row);
    }
  }
  for (const row of [challengeRow(family), ...PHONE]) add(row.name, row.p[0], row);
  return { byP, byName };
}

/** P value, or name, of an account's setting. */
export function accountKey(name: string, account: number, family: GrandstreamFamily): string {
  const row = [activeRow(family), ...ACCOUNT].find((each) => each.name === `account.N.${name}`);
  const p = row?.p[account - 1];
  return p === undefined ? `account.${account}.${name}` : `P${p}`;
}
