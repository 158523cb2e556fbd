import type { KeyUse } from '../phone-state.ts';
import type { PanasonicModel } from './models.ts';
import type { AccountSettings, Codec, KeySettings, PhoneSettings, Schedule } from './settings.ts';

type Values = ReadonlyMap<string, string>;

/** Numbers of this maker for codecs; what is not in a public document stays away. */
const CODECS: readonly (readonly [number, Codec])[] = [
  [4, 'PCMU'],
  [1, 'PCMA'],
  [0, 'G722'],
  [3, 'G729'],
  [2, 'G726-32'],
];
const USES: Readonly<Record<string, KeyUse>> = {
  X_PANASONIC_IPTEL_LINE: 'line',
  X_PANASONIC_IPTEL_DN: 'line',
  X_PANASONIC_IPTEL_BLF: 'watch',
  X_PANASONIC_IPTEL_CONTACT: 'watch',
  X_PANASONIC_IPTEL_ONETOUCH: 'dial',
};
/** Event that an absent CFG_RESYNC_FROM_SIP means. */
const RESYNC = 'check-sync';
const RETRY_MINUTES = 30;

/** What the stored values mean to a phone of this model. Factory settings where nothing is stored. */
export function panasonicSettings(values: Values, model: PanasonicModel): PhoneSettings {
  const of = (name: string, factory = ''): string => values.get(name) ?? factory;
  const hdv = model.family === 'hdv';
  const accounts = Array.from({ length: model.accounts }, (_, index) =>
    accountOf(values, index + 1, model),
  ).filter((account) => account !== undefined);
  const vlan = Number(of('VLAN_ID_IP_PHONE', '0'));
  const provision = of('PROVISION_ENABLE', 'Y') === 'Y';
  return {
    accounts,
    keys: Array.from({ length: model.keys }, (_, index) => keyOf(values, index + 1)),
    callWaiting: of('CW_ENABLE_1', 'Y') === 'Y',
    adminPassword: of('ADMIN_PASS', 'adminpass'),
    // Off from the factory; somebody has to open it at the phone, unless a file opens it.
    webOpen: of('HTTPD_PORTOPEN_AUTO', 'N') === 'Y',
    ntpServer: of('NTP_ADDR'),
    timeZone: of('TIME_ZONE'),
    zoneMinutes: Number(of('TIME_ZONE', '0')) || 0,
    language: of('DEFAULT_LANGUAGE', model.model.endsWith('N') ? 'ja' : 'en').slice(0, 2),
    syslogServer: of('SYSLOG_ADDR'),
    vlan: of('VLAN_ENABLE', 'N') === 'Y' && vlan >= 1 && vlan <= 4_094 ? vlan : null,
    phoneBookUrl: hdv ? of('XMLAPP_LDAP_URL') : '',
    phoneBookMinutes: 0,
    schedule: scheduleOf(values),
    retryMinutes: Math.max(1, Number(of('CFG_RTRY_INTVL', String(RETRY_MINUTES)))),
    notifyMustLogIn: false,
    resyncEvent: of('CFG_RESYNC_FROM_SIP', RESYNC),
    usesPnp: provision && hdv && of('SIPPNP_PROV_ENABLE', 'Y') === 'Y',
    usesOptions: provision
      ? [
          ...(hdv && of('OPTION160_PROV_ENABLE', 'Y') === 'Y' ? [160] : []),
          ...(hdv && of('OPTION159_PROV_ENABLE', 'Y') === 'Y' ? [159] : []),
          ...(of('OPTION66_ENABLE', 'Y') === 'Y' ? [66] : []),
        ]
      : [],
    configUrls: provision
      ? ['CFG_STANDARD_FILE_PATH', 'CFG_PRODUCT_FILE_PATH', 'CFG_MASTER_FILE_PATH']
          .map((name) => of(name))
          .filter((url) => url !== '')
      : [],
    fileLogin: null,
    fileKey: '',
    firmware: firmwareOf(values),
  };
}

function accountOf(values: Values, line: number, model: PanasonicModel): AccountSettings | undefined {
  const of = (name: string, factory = ''): string => values.get(`${name}_${line}`) ?? factory;
  const user = of('SIP_URI') || of('PHONE_NUMBER');
  const registrar = of('SIP_RGSTR_ADDR');
  const on = model.family === 'hdv' || of('LINE_ENABLE', line === 1 ? 'Enabled' : 'Disabled') === 'Enabled';
  if (!on || user === '' || registrar === '') return undefined;
  const proxy = of('SIP_OUTPROXY_ADDR');
  const at = (role: string): string => `${of(`SIP_${role}_ADDR`)}:${of(`SIP_${role}_PORT`, '5060')}`;
  const codecs = CODECS.filter(([number]) => of(`CODEC_ENABLE${number}`, 'Y') === 'Y').toSorted(
    ([one], [two]) => Number(of(`CODEC_PRIORITY${one}`, '9')) - Number(of(`CODEC_PRIORITY${two}`, '9')),
  );
  const sessionS = Number(of('SIP_SESSION_TIME', '0'));
  return {
    account: line,
    user,
    authUser: of('SIP_AUTHID') || user,
    password: of('SIP_PASS'),
    label: of('PHONE_NUMBER') || user,
    displayName: of('DISPLAY_NAME'),
    domain: of('SIP_SVCDOMAIN') || registrar,
    server: proxy === '' ? at('RGSTR') : at('OUTPROXY'),
    routed: true,
    transport:
      { '1': 'tcp', '2': 'tls' }[of('SIP_TRANSPORT', '0')] === 'tcp'
        ? 'tcp'
        : of('SIP_TRANSPORT', '0') === '2'
          ? 'tls'
          : 'udp',
    registers: true,
    expiresS: Math.max(60, Number(of('REG_EXPIRE_TIME', '3600'))),
    codecs: codecs.map(([, codec]) => codec),
    dtmfPayload: Number(values.get('TELEVENT_PAYLOAD') ?? '101'),
    srtp: 'off',
    sessionS: sessionS >= 60 ? sessionS : null,
    leastSessionS: 90,
    watchesMessages: (values.get('VM_SUBSCRIBE_ENABLE') ?? 'N') === 'Y',
    voicemail: of('VM_NUMBER'),
    pickupPrefix: values.get('NUM_PLAN_PICKUP_DIRECT') ?? '',
    pickupBy: (values.get('NUM_PLAN_PICKUP_DIRECT') ?? '') === '' ? 'replaces' : 'prefix',
    answersItself: false,
    ignoresAlertInfo: false,
    ring: 'default',
    rings: new Map([1, 2, 3, 4, 5].map((ring) => [`Bellcore-dr${ring}`, String(ring)])),
  };
}

function keyOf(values: Values, key: number): KeySettings {
  const of = (name: string): string => values.get(`FLEX_BUTTON_${name}${key}`) ?? '';
  const use = USES[of('FACILITY_ACT')] ?? 'none';
  const argument = of('FACILITY_ARG');
  const value = use === 'dial' ? of('QUICK_DIAL') : use === 'line' ? '' : argument;
  const account = use === 'line' ? Math.max(1, Number(argument) || 1) : 1;
  const works = use === 'line' || value !== '';
  return { key, use: works ? use : 'none', account, value, label: of('LABEL') };
}

function scheduleOf(values: Values): Schedule {
  const cyclic = values.get('CFG_CYCLIC') === 'Y';
  if (cyclic)
    return { when: 'every', minutes: Math.max(1, Number(values.get('CFG_CYCLIC_INTVL') ?? '10080')) };
  const found = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(values.get('CFG_RESYNC_TIME') ?? '');
  if (found === null) return { when: 'never' };
  const minute = Number(found[1]) * 60 + Number(found[2]);
  return { when: 'daily', fromMinute: minute, toMinute: minute };
}

function firmwareOf(values: Values): PhoneSettings['firmware'] {
  const url = values.get('FIRM_FILE_PATH') ?? '';
  const version = values.get('FIRM_VERSION') ?? '';
  const on = values.get('FIRM_UPGRADE_ENABLE') === 'Y' && values.get('FIRM_UPGRADE_AUTO') !== 'N';
  return on && url !== '' && version !== '' ? { url, version } : null;
}
