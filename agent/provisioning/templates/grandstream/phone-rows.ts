import { ALL, choice, FLAG, NEWER, number, type Row, text } from './row.ts';

/** What the makers' documents allow in a password of the phone's own pages. */
const PAGE_PASSWORD = text(30, /^[A-Za-z0-9]{6,30}$/);
const PROTOCOL = choice({ http: ['1', 'HTTP'], https: ['2', 'HTTPS'] });
/** `f1=400,f2=400,c=50/50;`: frequencies in Hz, on and off in 10 ms. */
const TONE = text(
  64,
  /^f1=[0-9]{1,4},f2=[0-9]{1,4}(,c=[0-9]{1,4}\/[0-9]{1,4}(-[0-9]{1,4}\/[0-9]{1,4}){0,2})?;$/,
);
/** `host:port/path`, without a scheme: that has a key of its own. */
const PATH = text(253, /^[^/:]+:[0-9]{1,5}(\/[^/]+)*$/);

/** Settings of the whole phone. */
export const PHONE_ROWS = {
  adminPassword: {
    p: [2],
    name: 'users.admin.password',
    writing: PAGE_PASSWORD,
    families: ALL,
    secret: true,
  },
  userPassword: {
    p: [196],
    name: 'users.user.password',
    writing: PAGE_PASSWORD,
    families: ALL,
    secret: true,
  },
  web: {
    p: [1650],
    name: 'security.webAccessMode',
    writing: choice({ https: ['0', 'HTTPS'], http: ['1', 'HTTP'], off: ['2', 'Disabled'] }),
    families: ALL,
    otherwise: { gxp16xx: choice({ https: ['0', 'HTTPS'], http: ['1', 'HTTP'] }) },
  },
  ssh: { p: [276], name: 'security.ssh', writing: { as: 'inverted' }, families: ALL },
  ntp: { p: [30], name: 'dateTime.ntp.server.1', writing: text(253), families: ALL },
  ntpFromDhcp: { p: [144], name: 'dateTime.override.dhcp.allowOption42', writing: FLAG, families: ALL },
  zone: { p: [64], name: 'dateTime.timezone', writing: text(64), families: ALL },
  zoneFromDhcp: { p: [143], name: 'dateTime.override.dhcp.allowOption2', writing: FLAG, families: ALL },
  clock: {
    p: [122],
    name: 'dateTime.format.time',
    writing: choice({ h12: ['0', '12Hour'], h24: ['1', '24Hour'] }),
    families: ALL,
  },
  language: {
    p: [1362],
    name: 'language.gui',
    writing: choice({ ja: ['ja', 'ja'], en: ['en', 'en'] }),
    families: ALL,
  },
  toneRing: { p: [345], name: 'audio.tone.systemRing', writing: TONE, families: ALL },
  toneDial: { p: [343], name: 'audio.tone.dial', writing: TONE, families: ALL },
  toneMessage: { p: [344], name: 'audio.tone.message', writing: TONE, families: ALL },
  toneRingBack: { p: [346], name: 'audio.tone.ringBack', writing: TONE, families: ALL },
  toneWaiting: { p: [347], name: 'audio.tone.callWaiting', writing: TONE, families: ALL },
  toneBusy: { p: [348], name: 'audio.tone.busy', writing: TONE, families: ALL },
  toneReorder: { p: [349], name: 'audio.tone.reorder', writing: TONE, families: ALL },
  callWaiting: { p: [91], name: 'call.callWaiting.enable', writing: { as: 'inverted' }, families: ALL },
  emergency: { p: [8385], name: 'keys.lock.emergency', writing: text(64, /^[0-9,]*$/), families: NEWER },
  syslogServer: { p: [207], name: 'maintain.syslog.server', writing: text(64), families: ALL },
  syslogLevel: {
    p: [208],
    name: 'maintain.syslog.level',
    writing: choice({ none: ['0', 'None'], info: ['2', 'Info'] }),
    families: ALL,
  },
  syslogSip: { p: [1387], name: 'maintain.syslog.sendSipLog', writing: FLAG, families: ALL },
  vlanByHand: { p: [22174], name: 'network.port.eth.1.vlan.enable', writing: FLAG, families: NEWER },
  vlan: { p: [51], name: 'network.port.eth.1.vlan.tag', writing: number(0, 4_094), families: ALL },
  vlanPriority: { p: [87], name: 'network.port.eth.1.vlan.priority', writing: number(0, 7), families: ALL },
  /** The computer behind the phone stays in the LAN's own network. */
  pcVlan: { p: [229], name: 'network.port.pc.vlan.tag', writing: number(0, 4_094), families: ALL },
  pcVlanPriority: { p: [230], name: 'network.port.pc.vlan.priority', writing: number(0, 7), families: ALL },
  lldp: { p: [1684], name: 'network.lldp.enable', writing: FLAG, families: ALL },
  cdp: { p: [22119], name: 'network.cdp', writing: FLAG, families: NEWER },
  vlanFromDhcp: { p: [8300], name: 'network.dhcp.enableVlan', writing: FLAG, families: ALL },
  qosSip: { p: [1558], name: 'network.qos.forSip', writing: number(0, 63), families: ALL },
  qosRtp: { p: [1559], name: 'network.qos.forRtp', writing: number(0, 63), families: ALL },
  bookBy: {
    p: [330],
    name: 'phonebook.download.mode',
    writing: choice({
      none: ['0', 'Disabled'],
      http: ['1', 'EnabledUseHTTP'],
      https: ['3', 'EnabledUseHTTPS'],
    }),
    families: ALL,
  },
  bookPath: { p: [331], name: 'phonebook.download.server', writing: PATH, families: ALL },
  bookEveryMinutes: {
    p: [332],
    name: 'phonebook.download.interval',
    writing: choice({ never: ['0', '0'], halfDay: ['720', '720'] }),
    families: ALL,
  },
  bookReplacesOwn: {
    p: [333],
    name: 'phonebook.download.removeEditedEntries',
    writing: FLAG,
    families: ALL,
  },
  bookUser: { p: [6713], name: 'phonebook.download.username', writing: text(64), families: NEWER },
  bookPassword: {
    p: [6714],
    name: 'phonebook.download.password',
    writing: text(64),
    families: NEWER,
    secret: true,
  },
  configBy: { p: [212], name: 'provisioning.config.protocol', writing: PROTOCOL, families: ALL },
  configPath: { p: [237], name: 'provisioning.config.serverPath', writing: PATH, families: ALL },
  configPrefix: { p: [234], name: 'provisioning.config.filePrefix', writing: text(0), families: ALL },
  configPostfix: { p: [235], name: 'provisioning.config.filePostfix', writing: text(0), families: ALL },
  configUser: { p: [1360], name: 'provisioning.config.username', writing: text(64), families: ALL },
  configPassword: {
    p: [1361],
    name: 'provisioning.config.password',
    writing: text(64),
    families: ALL,
    secret: true,
  },
  /** Whether the password goes out before anybody has asked for it: as plain text then. */
  loginUnasked: {
    p: [20713],
    name: 'provisioning.alwaysAuthenticateBeforeChallenge',
    writing: FLAG,
    families: ALL,
  },
  configKey: {
    p: [1359],
    name: 'provisioning.config.filePassword',
    writing: text(64, /^[\x21-\x7e]{8,64}$/),
    families: ALL,
    secret: true,
  },
  configAll: { p: [8467], name: 'provisioning.config.processAll.enable', writing: FLAG, families: NEWER },
  sourceFromDhcp: {
    p: [145],
    name: 'provisioning.override.dhcp.allowCommonOptions',
    writing: FLAG,
    families: ALL,
  },
  moreDhcp: {
    p: [8337],
    name: '',
    writing: choice({ none: ['0', ''], option150: ['1', ''], option160: ['2', ''] }),
    families: ['gxp16xx'],
  },
  dhcp150: {
    p: [1007],
    name: 'provisioning.override.dhcp.enableOption150',
    writing: FLAG,
    families: ['grp26xx'],
  },
  dhcp160: {
    p: [1008],
    name: 'provisioning.override.dhcp.enableOption160',
    writing: FLAG,
    families: ['grp26xx'],
  },
  dhcp161: {
    p: [1009],
    name: 'provisioning.override.dhcp.enableOption161',
    writing: FLAG,
    families: ['grp26xx'],
  },
  /** A DHCP server could send the phone to another registrar (option 120). */
  registrarFromDhcp: {
    p: [1411],
    name: 'sip.override.dhcp.allowOption120',
    writing: FLAG,
    families: ALL,
  },
  /** The box has signed its certificate itself: a phone that an earlier owner told to check would fetch nothing more. */
  checksCertificate: {
    p: [8463],
    name: 'security.validate.serverCertificate',
    writing: FLAG,
    families: NEWER,
  },
  checksHostName: {
    p: [22030],
    name: 'provisioning.validateHostnameInCertificate',
    writing: FLAG,
    families: ALL,
  },
  sourceFromPnp: { p: [1414], name: 'provisioning.3cxAutoProvision', writing: FLAG, families: ALL },
  makersCloud: { p: [1409], name: 'tr069.enable', writing: FLAG, families: NEWER },
  makersCloudUrl: { p: [4503], name: 'tr069.url', writing: text(0), families: ALL },
  looksEvery: {
    p: [194],
    name: 'provisioning.auto.mode',
    writing: choice({ never: ['0', 'No'], night: ['2', 'YesUpgradeHourOfDay'] }),
    families: ALL,
  },
  looksFromHour: { p: [285], name: 'provisioning.auto.hour', writing: number(0, 23), families: ALL },
  looksToHour: { p: [8459], name: 'provisioning.auto.endHour', writing: number(-1, 23), families: NEWER },
  looksAtRandom: { p: [8458], name: 'provisioning.auto.randomTime.enable', writing: FLAG, families: NEWER },
  /** Whether a NOTIFY that makes the phone fetch must log in. The newest documents of GRP26xx call it "enable". */
  notifyMustLogIn: {
    p: [4428],
    name: 'sip.notify.challenge',
    writing: { as: 'negated' },
    families: ALL,
    otherwise: { grp26xx: { as: 'inverted' } },
  },
  firmwareCheck: {
    p: [238],
    name: 'provisioning.firmware.checkCondition',
    writing: choice({ always: ['0', 'AlwaysCheck'], never: ['2', 'SkipCheck'] }),
    families: ALL,
  },
  firmwareBy: { p: [6767], name: 'provisioning.firmware.protocol', writing: PROTOCOL, families: ALL },
  firmwarePath: { p: [192], name: 'provisioning.firmware.serverPath', writing: PATH, families: ALL },
  firmwareAsks: { p: [8375], name: 'provisioning.firmware.confirm.enable', writing: FLAG, families: ALL },
} as const satisfies Record<string, Row>;
