import { ALL, choice, FLAG, NEWER, number, type Row, text } from './row.ts';

const CODEC = choice({
  pcmu: ['0', 'PCMU'],
  pcma: ['8', 'PCMA'],
  g722: ['9', 'G.722'],
  g729: ['18', 'G.729A/B'],
  g726: ['2', 'G.726-32'],
});

/** Ring tones: 0 is the system's, 1 to 3 are the phone's own. Only P values are documented; names write the same number. */
const RING = number(0, 3);

/**
 * Settings of an account. The P numbers of the accounts after the first follow no rule: some are 100 apart (P402, P502),
 * some are not (P183, P443, P543), so they stand here one by one.
 */
export const ACCOUNT_ROWS = {
  active: {
    p: [271, 401, 501, 601, 701],
    pOf: { gxp21xx: [271, 401, 501, 601, 1701, 1801] },
    name: 'account.N.enable',
    writing: FLAG,
    families: ALL,
  },
  label: { p: [270, 417, 517], name: 'account.N.name', writing: text(40), families: ALL },
  server: { p: [47, 402, 502], name: 'account.N.sip.server.1.address', writing: text(253), families: ALL },
  backupServer: {
    p: [2312, 2412, 2512],
    name: 'account.N.sip.server.2.address',
    writing: text(253),
    families: ALL,
  },
  proxy: {
    p: [48, 403, 503],
    name: 'account.N.sip.outboundProxy.1.address',
    writing: text(253),
    families: ALL,
  },
  backupProxy: {
    p: [2333, 2433, 2533],
    name: 'account.N.sip.outboundProxy.2.address',
    writing: text(253),
    families: ALL,
  },
  user: { p: [35, 404, 504], name: 'account.N.sip.userid', writing: text(64), families: ALL },
  authUser: { p: [36, 405, 505], name: 'account.N.sip.subscriber.userid', writing: text(64), families: ALL },
  password: {
    p: [34, 406, 506],
    name: 'account.N.sip.subscriber.password',
    writing: text(128),
    families: ALL,
    secret: true,
  },
  displayName: { p: [3, 407, 507], name: 'account.N.sip.subscriber.name', writing: text(40), families: ALL },
  voicemail: { p: [33, 426, 526], name: 'account.N.sip.voicemail.number', writing: text(32), families: ALL },
  dns: {
    p: [103, 408, 508],
    name: 'account.N.network.dnsMode',
    writing: choice({ address: ['0', 'ARecord'], srv: ['1', 'SRV'] }),
    families: ALL,
  },
  nat: {
    p: [52, 414, 514],
    name: 'account.N.network.natTraversal',
    writing: choice({ none: ['0', 'No'], keepAlive: ['2', 'KeepAlive'] }),
    families: ALL,
  },
  registers: { p: [31, 410, 510], name: 'account.N.sip.registration', writing: FLAG, families: ALL },
  registerMinutes: {
    p: [32, 412, 512],
    name: 'account.N.sip.registerExpiration',
    writing: number(1, 64_800),
    families: ALL,
  },
  transport: {
    p: [130, 448, 548],
    name: 'account.N.sip.transport',
    writing: choice({ udp: ['0', 'UDP'], tcp: ['1', 'TCP'], tls: ['2', 'TlsOrTcp'] }),
    families: ALL,
  },
  watchesMessages: {
    p: [99, 415, 515],
    name: 'account.N.sip.subscribe.forMwi',
    writing: FLAG,
    families: ALL,
  },
  resetByNotify: {
    p: [26015, 26115, 26215],
    name: 'account.N.sip.allowSipReset',
    writing: FLAG,
    families: NEWER,
  },
  ignoresAlertInfo: {
    p: [26018, 26118, 26218],
    name: 'account.N.ring.ignoreSipAlertInfo',
    writing: FLAG,
    families: ALL,
  },
  pickupPrefix: {
    p: [1347, 481, 581],
    name: 'account.N.sip.blf.callPickup.prefix',
    writing: text(8, /^[0-9*#]*$/),
    families: ALL,
  },
  pickupBy: {
    p: [6752, 6753, 6754],
    name: 'account.N.sip.blf.callPickup.forcePrefix',
    writing: choice({ auto: ['0', 'Auto'], prefix: ['1', 'Force'], off: ['2', 'Disabled'] }),
    families: NEWER,
  },
  sessionTimer: {
    p: [2395, 2495, 2595],
    name: 'account.N.sip.sessionTimer.enable',
    writing: FLAG,
    families: ALL,
  },
  sessionS: {
    p: [260, 434, 534],
    name: 'account.N.sip.sessionTimer.expiration',
    writing: number(90, 64_800),
    families: ALL,
  },
  leastSessionS: {
    p: [261, 427, 527],
    name: 'account.N.sip.minimumSE',
    writing: number(90, 64_800),
    families: ALL,
  },
  codec1: { p: [57, 451, 551], name: 'account.N.codec.choice.1', writing: CODEC, families: ALL },
  codec2: { p: [58, 452, 552], name: 'account.N.codec.choice.2', writing: CODEC, families: ALL },
  codec3: { p: [59, 453, 553], name: 'account.N.codec.choice.3', writing: CODEC, families: ALL },
  codec4: { p: [60, 454, 554], name: 'account.N.codec.choice.4', writing: CODEC, families: ALL },
  codec5: { p: [61, 455, 555], name: 'account.N.codec.choice.5', writing: CODEC, families: ALL },
  codec6: { p: [62, 456, 556], name: 'account.N.codec.choice.6', writing: CODEC, families: ALL },
  codec7: { p: [46, 457, 557], name: 'account.N.codec.choice.7', writing: CODEC, families: ALL },
  codec8: { p: [98], name: 'account.N.codec.choice.8', writing: CODEC, families: NEWER },
  dtmfInAudio: { p: [2301, 2401, 2501], name: 'account.N.dtmf.sendInAudio', writing: FLAG, families: ALL },
  dtmfInRtp: { p: [2302, 2402, 2502], name: 'account.N.dtmf.sendInRtp', writing: FLAG, families: ALL },
  dtmfInSip: { p: [2303, 2403, 2503], name: 'account.N.dtmf.sendInSip', writing: FLAG, families: ALL },
  dtmfPayload: {
    p: [79, 496, 596],
    name: 'account.N.codec.payloadType.dtmf',
    writing: number(96, 127),
    families: ALL,
  },
  srtp: {
    p: [183, 443, 543],
    name: 'account.N.audio.srtpMode',
    writing: choice({
      off: ['0', 'Disabled'],
      optional: ['1', 'EnabledButNotForced'],
      required: ['2', 'EnabledAndForced'],
    }),
    families: ALL,
  },
  dialPlan: { p: [290, 459, 559], name: 'account.N.call.dialplan', writing: text(512), families: ALL },
  hashSends: {
    p: [72, 492, 592],
    name: 'account.N.call.keyAsSend',
    writing: choice({ no: ['0', 'Disabled'], yes: ['1', 'Pound'] }),
    families: ALL,
  },
  waitForDigitS: {
    p: [85, 491, 591],
    name: 'account.N.call.noKeyEntryTimeout',
    writing: number(1, 15),
    families: ALL,
  },
  ownFeatureCodes: {
    p: [191, 420, 520],
    name: 'account.N.featureCodes.callFeatures',
    writing: FLAG,
    families: ALL,
  },
  answersItself: { p: [90, 425, 525], name: 'account.N.call.autoAnswer', writing: FLAG, families: ALL },
  ring: { p: [104, 423, 523], name: 'account.N.ring.ringtone', writing: RING, families: ALL },
  ringRule1: {
    p: [1488, 1494, 1500],
    name: 'account.N.ring.match.1.callerId',
    writing: text(32),
    families: ALL,
  },
  ringTone1: { p: [1489, 1495, 1501], name: 'account.N.ring.match.1.ringtone', writing: RING, families: ALL },
  ringRule2: {
    p: [1490, 1496, 1502],
    name: 'account.N.ring.match.2.callerId',
    writing: text(32),
    families: ALL,
  },
  ringTone2: { p: [1491, 1497, 1503], name: 'account.N.ring.match.2.ringtone', writing: RING, families: ALL },
  ringRule3: {
    p: [1492, 1498, 1504],
    name: 'account.N.ring.match.3.callerId',
    writing: text(32),
    families: ALL,
  },
  ringTone3: { p: [1493, 1499, 1505], name: 'account.N.ring.match.3.ringtone', writing: RING, families: ALL },
} as const satisfies Record<string, Row>;
