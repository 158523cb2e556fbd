import { ok, type Result } from '../../../../lib/base/errors.ts';
import type { PhoneConfig } from '../../../../lib/contract/lan-config.ts';
import { noTemplate, type Setting } from '../settings.ts';
import type { ProvisioningAround, TemplateRefusal } from '../types.ts';
import type { PanasonicModel } from './models.ts';
import { KEY_ACTIONS } from './rules.ts';

/** Event of the NOTIFY with which the box makes a phone fetch its files again. */
export const RESYNC_EVENT = 'check-sync';
/** Expedited forwarding for sound, AF31 for signalling (RFC 4594). */
const QOS = { rtp: 46, sip: 26 } as const;
const SESSION_S = 1_800;
/** Minutes east of Greenwich. */
const JAPAN_MINUTES = 540;
const SYSLOG_PORT = 514;
/** The codec numbers of Panasonic: µ-law is 4, A-law is 1; G.722, G.726-32 and G.729A are not used here. */
const CODECS: readonly (readonly [codec: number, priority: number | null])[] = [
  [4, 1],
  [1, 2],
  [0, null],
  [2, null],
  [3, null],
];

/** Tones of Japan: 400 Hz; ring-back beats with 16 Hz. Congestion sounds like busy. */
const TONES: readonly (readonly [name: string, frequencies: string, timing: string])[] = [
  ['DIAL_TONE1', '400', '60,0'],
  ['RINGBACK_TONE', '400,416', '60,1000,1940'],
  ['BUSY_TONE', '400', '60,500,440'],
  ['REORDER_TONE', '400', '60,500,440'],
];

/** Rings that are told apart by their rhythm, on and off in ms; the phones call them Bellcore-dr1 to dr5. */
const RINGS = [
  '2000,4000',
  '800,400,800,4000',
  '400,200,400,200,800,4000',
  '300,200,1000,200,300,4000',
  '500',
];

type Value = string | number | boolean;

function setting(key: string, value: Value): Setting {
  return { key, value: typeof value === 'boolean' ? (value ? 'Y' : 'N') : String(value) };
}

/** The entry file, which a phone of this model asks for by the model's name. It says only where the phone's own file is. */
export function entrySettings({ base }: ProvisioningAround): readonly Setting[] {
  return [
    setting('CFG_STANDARD_FILE_PATH', urlOf(base, null, 'Config{MAC}.cfg')),
    setting('CFG_PRODUCT_FILE_PATH', ''),
    setting('CFG_MASTER_FILE_PATH', ''),
  ];
}

/** A file of the box as a whole URL. A login stands in it, because these phones have no key for one. */
function urlOf(
  base: ProvisioningAround['base'],
  login: ProvisioningAround['fileLogin'],
  ...path: readonly string[]
): string {
  const who =
    login === null ? '' : `${encodeURIComponent(login.user)}:${encodeURIComponent(login.password)}@`;
  const folder = [base.path, ...path].filter((part) => part !== '').join('/');
  return `${base.scheme}://${who}${base.host}:${base.port}/${folder}`;
}

/** All settings of one phone's own file; not checked yet. */
export function settingsOf(
  phone: PhoneConfig,
  around: ProvisioningAround,
  model: PanasonicModel,
): Result<readonly Setting[], TemplateRefusal> {
  const language = languageSettings(phone, model);
  if (!language.ok) return language;
  const srtp = srtpRefusal(around, model);
  if (srtp !== undefined) return srtp;
  const keys = keySettings(phone, around, model);
  if (!keys.ok) return keys;
  return ok([
    ...sourceSettings(phone, around, model),
    ...accountSettings(phone, around, model),
    ...otherLines(model),
    ...habitSettings(around),
    ...language.value,
    ...soundSettings(model),
    ...firmwareSettings(around),
    ...keys.value,
  ]);
}

/** Where its next file comes from; once it is settled, from nowhere else. */
function sourceSettings(phone: PhoneConfig, around: ProvisioningAround, model: PanasonicModel): Setting[] {
  const open = around.phase === 'first';
  // Each phone of the office in a minute of its own.
  const minute = Number.parseInt(phone.mac.slice(-2), 16) % 60;
  const hdv = model.family === 'hdv';
  return [
    setting('CFG_STANDARD_FILE_PATH', urlOf(around.base, around.fileLogin, 'Config{MAC}.cfg')),
    setting('CFG_PRODUCT_FILE_PATH', ''),
    setting('CFG_MASTER_FILE_PATH', ''),
    setting('CFG_RESYNC_FROM_SIP', RESYNC_EVENT),
    setting('CFG_RESYNC_TIME', `03:${String(minute).padStart(2, '0')}`),
    setting('PROVISION_ENABLE', true),
    setting('OPTION66_ENABLE', open),
    setting('OPTION66_REBOOT', false),
    ...(hdv
      ? [
          setting('OPTION159_PROV_ENABLE', open),
          setting('OPTION160_PROV_ENABLE', open),
          setting('SIPPNP_PROV_ENABLE', open),
        ]
      : []),
    setting('HTTPD_PORTOPEN_AUTO', false),
    ...passwordSettings(around),
    ...(hdv ? [setting('XMLAPP_LDAP_URL', bookUrl(around))] : []),
  ];
}

function bookUrl(around: ProvisioningAround): string {
  return around.phoneBook.length === 0 ? '' : urlOf(around.base, null, 'phonebook.xml');
}

function passwordSettings({ passwords }: ProvisioningAround): Setting[] {
  if (passwords === null) return [];
  return [
    setting('ADMIN_ID', 'admin'),
    setting('ADMIN_PASS', passwords.admin),
    setting('USER_ID', 'user'),
    setting('USER_PASS', passwords.user),
  ];
}

function accountSettings(phone: PhoneConfig, around: ProvisioningAround, model: PanasonicModel): Setting[] {
  const { registrar, account } = around;
  const ut = model.family === 'ut';
  const servers = ['RGSTR', 'PRXY', 'OUTPROXY', 'PRSNC'].flatMap((role) => [
    setting(`SIP_${role}_ADDR_1`, registrar.host),
    setting(`SIP_${role}_PORT_1`, registrar.port),
  ]);
  return [
    ...(ut ? [setting('LINE_ENABLE_1', 'Enabled')] : []),
    setting('PHONE_NUMBER_1', account.user),
    setting('DISPLAY_NAME_1', phone.label),
    setting('SIP_URI_1', account.user),
    setting('SIP_AUTHID_1', account.user),
    ...(account.password === null ? [] : [setting('SIP_PASS_1', account.password)]),
    ...servers,
    // With another domain than the registrar's the phone registers a user whom nobody knows.
    setting('SIP_SVCDOMAIN_1', registrar.domain),
    setting('SIP_DNSSRV_ENA_1', false),
    setting('SIP_TRANSPORT_1', { udp: 0, tcp: 1, tls: 2 }[registrar.transport]),
    ...(!ut && registrar.transport === 'tls' ? [setting('SIP_TLS_MODE_1', 1)] : []),
    setting('REG_EXPIRE_TIME_1', registrar.expiresS),
    setting('SIP_SESSION_TIME_1', SESSION_S),
    setting('CW_ENABLE_1', phone.callWaiting),
    setting('VM_NUMBER_1', around.voicemail ?? ''),
    setting('VM_SUBSCRIBE_ENABLE', true),
    // These are sent at once; everything else goes when the phone's own wait is over.
    setting('DIAL_PLAN_1', '110|118|119'),
    setting('DIAL_PLAN_NOT_MATCH_ENABLE_1', true),
    setting('NUM_PLAN_PICKUP_DIRECT', around.features.pickup),
    ...(ut ? [setting('OUTBANDDTMF_1', true), setting('TELEVENT_PAYLOAD', 101)] : []),
    ...CODECS.flatMap(([codec, priority]) => [
      setting(`CODEC_ENABLE${codec}_1`, priority !== null),
      ...(priority === null ? [] : [setting(`CODEC_PRIORITY${codec}_1`, priority)]),
    ]),
    setting('DSCP_SIP_1', QOS.sip),
    setting('DSCP_RTP_1', QOS.rtp),
    ...srtpSettings(around, model),
  ];
}

/**
 * KX-HDV: 0 with TLS and 1 without it in the one public template that has the key, so 0 is taken for "encrypted" and 1 for
 * "plain". Plain sound satisfies "optional".
 */
function srtpSettings({ habits }: ProvisioningAround, model: PanasonicModel): Setting[] {
  if (model.family === 'ut') return [];
  return [setting('SRTP_CONNECT_MODE_1', habits.srtp === 'required' ? 0 : 1)];
}

/** No public document tells how KX-UT is made to encrypt sound. */
function srtpRefusal(around: ProvisioningAround, model: PanasonicModel) {
  if (around.habits.srtp !== 'required' || model.family !== 'ut') return undefined;
  const say = `${model.model}: no public document tells how its file asks for SRTP on every call.`;
  return noTemplate('template.valueRange', 'habits.srtp', say);
}

/** Lines of an earlier owner are emptied. */
function otherLines(model: PanasonicModel): Setting[] {
  const out: Setting[] = [];
  for (let line = 2; line <= model.lines; line++) {
    if (model.family === 'ut') out.push(setting(`LINE_ENABLE_${line}`, 'Disabled'));
    for (const name of ['PHONE_NUMBER', 'SIP_URI', 'SIP_AUTHID', 'SIP_PASS']) {
      out.push(setting(`${name}_${line}`, ''));
    }
  }
  return out;
}

function habitSettings({ habits, ntp }: ProvisioningAround): Setting[] {
  const { vlan, syslog } = habits;
  const level = syslog === null ? 0 : 6;
  return [
    setting('NTP_ADDR', ntp),
    setting('TIME_ZONE', JAPAN_MINUTES),
    setting('DST_ENABLE', false),
    setting('VLAN_ENABLE', vlan !== null),
    ...(vlan === null
      ? []
      : [setting('VLAN_ID_IP_PHONE', vlan.id), setting('VLAN_PRI_IP_PHONE', vlan.priority)]),
    setting('SYSLOG_ADDR', syslog ?? ''),
    setting('SYSLOG_PORT', SYSLOG_PORT),
    ...['SIP', 'CFG', 'VOIP', 'TEL'].map((part) => setting(`SYSLOG_EVENT_${part}`, level)),
  ];
}

/** Japanese is what these models speak from the factory; how to tell KX-HDV to speak English is in no public document. */
function languageSettings(phone: PhoneConfig, model: PanasonicModel): Result<Setting[], TemplateRefusal> {
  if (phone.language === 'ja' && model.japanese) return ok([]);
  if (phone.language === 'en' && !model.japanese) return ok([]);
  if (phone.language === 'en' && model.family === 'ut') return ok([setting('DEFAULT_LANGUAGE', 'en-US')]);
  const say = `${model.model} speaks ${model.japanese ? 'Japanese' : 'English'} from the factory; how its file asks for "${phone.language}" is in no public document.`;
  return noTemplate('template.valueRange', 'language', say);
}

function soundSettings(model: PanasonicModel): Setting[] {
  const rings = RINGS.map((timing, index) => setting(`BELL_CORE_PATTERN${index + 1}_TIMING`, timing));
  return [
    ...TONES.flatMap(([name, frequencies, timing]) => [
      setting(`${name}_FRQ`, frequencies),
      setting(`${name}_TIMING`, timing),
    ]),
    ...(model.family === 'ut' ? rings : []),
  ];
}

function firmwareSettings({ firmware, base }: ProvisioningAround): Setting[] {
  if (firmware === null) return [setting('FIRM_UPGRADE_ENABLE', false)];
  return [
    setting('FIRM_UPGRADE_ENABLE', true),
    setting('FIRM_UPGRADE_AUTO', true),
    setting('FIRM_VERSION', firmware.version),
    setting('FIRM_FILE_PATH', urlOf(base, null, 'firmware', firmware.file)),
  ];
}

/** Keys beside the display, in the order of the configuration; the first is a line if nobody asked for one. */
function keySettings(
  phone: PhoneConfig,
  around: ProvisioningAround,
  model: PanasonicModel,
): Result<Setting[], TemplateRefusal> {
  if (phone.keys.length > 0 && model.keys === 0) {
    const does = phone.keys[0]?.does ?? 'line';
    return noTemplate('template.keyKind', 'keys[0]', `${model.model} has no key that does "${does}".`);
  }
  const hasLine = phone.keys.some(({ does }) => does === 'line');
  const wanted = hasLine ? phone.keys : [{ does: 'line' as const }, ...phone.keys];
  if (model.keys > 0 && wanted.length > model.keys) {
    const key = `keys[${phone.keys.length - 1}]`;
    const say = `${model.model} has ${model.keys} keys; ${wanted.length} are wanted${hasLine ? '' : ', with the line that every phone has'}.`;
    return noTemplate('template.tooManyKeys', key, say);
  }
  const out: Setting[] = [];
  for (let key = 1; key <= model.keys; key++) {
    const [action, argument, dial, label] = keyOf(wanted[key - 1], around, model);
    out.push(
      setting(`FLEX_BUTTON_FACILITY_ACT${key}`, action),
      setting(`FLEX_BUTTON_FACILITY_ARG${key}`, argument),
      setting(`FLEX_BUTTON_QUICK_DIAL${key}`, dial),
      setting(`FLEX_BUTTON_LABEL${key}`, label),
    );
  }
  return ok(out);
}

function keyOf(
  key: PhoneConfig['keys'][number] | undefined,
  around: ProvisioningAround,
  model: PanasonicModel,
): readonly [action: string, argument: string, dial: string, label: string] {
  const actions = KEY_ACTIONS[model.family];
  if (key === undefined) return ['', '', '', ''];
  switch (key.does) {
    case 'line':
      return [actions.line, '1', '', key.label ?? ''];
    case 'watch':
      return [actions.watch, key.extension, '', key.label ?? key.extension];
    case 'park': {
      const slot = `${around.features.park}${key.slot}`;
      return [actions.watch, slot, '', key.label ?? slot];
    }
    case 'dial':
      return [actions.dial, '', key.number, key.label];
  }
}
