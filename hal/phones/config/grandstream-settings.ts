import { keysOf } from './grandstream-keys.ts';
import { accountKey } from './grandstream-table.ts';
import type { GrandstreamModel } from './models.ts';
import type { AccountSettings, Codec, PhoneSettings, Schedule, SrtpMode } from './settings.ts';

type Values = ReadonlyMap<string, string>;

const CODECS: Readonly<Record<string, Codec>> = {
  '0': 'PCMU',
  '8': 'PCMA',
  '9': 'G722',
  '18': 'G729',
  '2': 'G726-32',
};
const SRTP: Readonly<Record<string, SrtpMode>> = { '1': 'optional', '2': 'required', '3': 'required' };
const RING_RULES = [1, 2, 3] as const;
/** Once a week, from the factory. */
const WEEK_MINUTES = 10_080;
/** Zones by the name that the phone has for them, in minutes east; its own notation has the sign turned round. */
const ZONES: Readonly<Record<string, number>> = { 'TZZ-9': 540, TZU0: 0, 'TZU-9': 540 };

/** What the stored values mean to a phone of this model. Factory settings where nothing is stored. */
export function grandstreamSettings(values: Values, model: GrandstreamModel): PhoneSettings {
  const of = (p: string, factory = ''): string => values.get(p) ?? factory;
  const accounts = Array.from({ length: model.accounts }, (_, index) =>
    accountOf(values, index + 1, model),
  ).filter((account) => account !== undefined);
  const bookScheme = { '1': 'http', '3': 'https' }[of('P330', '0')];
  const fileScheme = { '1': 'http', '2': 'https' }[of('P212', '2')];
  const zone = of('P64');
  return {
    accounts,
    keys: keysOf(values, model),
    callWaiting: of('P91', '0') !== '1',
    adminPassword: of('P2', 'admin'),
    webOpen: of('P1650', '1') !== '2',
    ntpServer: of('P30', 'pool.ntp.org'),
    timeZone: zone,
    zoneMinutes: ZONES[zone] ?? zoneOf(zone),
    language: of('P1362', 'en'),
    syslogServer: of('P207'),
    vlan: vlanOf(values, model),
    phoneBookUrl:
      bookScheme === undefined || of('P331') === ''
        ? ''
        : `${bookScheme}://${of('P331').replace(/\/+$/, '')}/phonebook.xml`,
    phoneBookMinutes: Number(of('P332', '0')),
    schedule: scheduleOf(values),
    retryMinutes: WEEK_MINUTES,
    // 0 is "do not disable".
    notifyMustLogIn: of('P4428', '0') === '0',
    resyncEvent: '',
    usesPnp: of('P1414', '1') === '1',
    usesOptions: of('P145', '1') === '1' ? optionsOf(values, model) : [],
    configUrls:
      fileScheme === undefined || of('P237') === ''
        ? []
        : [`${fileScheme}://${of('P237').replace(/\/+$/, '')}/`],
    fileLogin: of('P1360') === '' ? null : { user: of('P1360'), password: of('P1361') },
    fileKey: of('P1359'),
    firmware: firmwareOf(values),
  };
}

function accountOf(values: Values, account: number, model: GrandstreamModel): AccountSettings | undefined {
  const of = (name: string, factory = ''): string =>
    values.get(accountKey(name, account, model.family)) ?? factory;
  const domain = of('sip.server.1.address');
  const user = of('sip.userid');
  if (of('enable', account === 1 ? '1' : '0') !== '1' || domain === '' || user === '') return undefined;
  const proxy = of('sip.outboundProxy.1.address');
  const codecs = Array.from(
    { length: 8 },
    (_, at) => CODECS[of(`codec.choice.${at + 1}`, at === 0 ? '0' : '8')],
  );
  const rules = RING_RULES.map((rule): [string, string] => [
    of(`ring.match.${rule}.callerId`),
    of(`ring.match.${rule}.ringtone`, '0'),
  ]);
  const by = of('sip.blf.callPickup.forcePrefix', '0');
  const prefix = of('sip.blf.callPickup.prefix', '**');
  return {
    account,
    user,
    authUser: of('sip.subscriber.userid') || user,
    password: of('sip.subscriber.password'),
    label: of('name') || user,
    displayName: of('sip.subscriber.name'),
    domain: domain.split(':')[0] ?? domain,
    server: proxy === '' ? domain : proxy,
    routed: proxy !== '',
    transport: of('sip.transport', '0') === '1' ? 'tcp' : of('sip.transport', '0') === '2' ? 'tls' : 'udp',
    registers: of('sip.registration', '1') === '1',
    expiresS: Math.max(60, Number(of('sip.registerExpiration', '60')) * 60),
    codecs: [...new Set(codecs.filter((codec) => codec !== undefined))],
    dtmfPayload: Number(of('codec.payloadType.dtmf', '101')),
    srtp: SRTP[of('audio.srtpMode', '0')] ?? 'off',
    sessionS:
      of('sip.sessionTimer.enable', '0') === '1' ? Number(of('sip.sessionTimer.expiration', '180')) : null,
    leastSessionS: Math.max(90, Number(of('sip.minimumSE', '90'))),
    watchesMessages: of('sip.subscribe.forMwi', '0') === '1',
    voicemail: of('sip.voicemail.number'),
    pickupPrefix: prefix,
    // GXP16xx has no choice: it dials the prefix.
    pickupBy: by === '2' ? 'off' : by === '1' || model.family === 'gxp16xx' ? 'prefix' : 'replaces',
    answersItself: of('call.autoAnswer', '0') === '1',
    ignoresAlertInfo: of('ring.ignoreSipAlertInfo', '0') === '1',
    ring: of('ring.ringtone', '0') === '0' ? 'default' : of('ring.ringtone'),
    rings: new Map(rules.filter(([word]) => word !== '')),
  };
}

/** The strongest first: what an administrator had to switch on beats option 66, and 43 comes last. */
function optionsOf(values: Values, model: GrandstreamModel): readonly number[] {
  const on = (p: string): boolean => (values.get(p) ?? '1') === '1';
  const more = { '1': [150], '2': [160] }[values.get('P8337') ?? '0'] ?? [];
  if (model.family === 'gxp16xx') return [...more, 66, 43];
  if (model.family === 'gxp21xx') return [160, 66, 43];
  return [
    ...(on('P1009') ? [161] : []),
    ...(on('P1008') ? [160] : []),
    ...(on('P1007') ? [150] : []),
    66,
    43,
  ];
}

function vlanOf(values: Values, model: GrandstreamModel): number | null {
  const byHand = model.family === 'gxp16xx' || (values.get('P22174') ?? '1') === '1';
  const id = Number(values.get('P51') ?? '0');
  return byHand && id >= 1 && id <= 4_094 ? id : null;
}

function scheduleOf(values: Values): Schedule {
  switch (values.get('P194') ?? '1') {
    case '1':
      return { when: 'every', minutes: Math.max(60, Number(values.get('P193') ?? WEEK_MINUTES)) };
    case '2': {
      const fromMinute = Number(values.get('P285') ?? '1') * 60;
      const end = Number(values.get('P8459') ?? '-1');
      const random = values.get('P8458') === '1' && end >= 0;
      return { when: 'daily', fromMinute, toMinute: random ? Math.max(fromMinute, end * 60) : fromMinute };
    }
    default:
      return { when: 'never' };
  }
}

function firmwareOf(values: Values): PhoneSettings['firmware'] {
  const path = values.get('P192') ?? '';
  if (path === '' || (values.get('P238') ?? '0') === '2') return null;
  const scheme = { '1': 'http', '2': 'https' }[values.get('P6767') ?? '1'];
  return scheme === undefined ? null : { url: `${scheme}://${path.replace(/\/+$/, '')}/`, version: null };
}

/** `TZZ-9`, `JST-9:00`: POSIX, west is positive. */
function zoneOf(text: string): number {
  const found = /^[A-Za-z]{3,5}([+-]?)(\d{1,2})(?::(\d{2}))?/.exec(text);
  if (found === null) return 0;
  const minutes = Number(found[2]) * 60 + Number(found[3] ?? '0');
  return found[1] === '-' ? minutes : -minutes || 0;
}
