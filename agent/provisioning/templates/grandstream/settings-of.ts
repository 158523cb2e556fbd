import { ok, type Result } from '../../../../lib/base/errors.ts';
import type { PhoneConfig } from '../../../../lib/contract/lan-config.ts';
import { ringsOf } from '../../../../lib/contract/phone-models.ts';
import { type KeyRule, type KeyTable, noTemplate, type Setting } from '../settings.ts';
import type { ProvisioningAround, TemplateRefusal } from '../types.ts';
import { ACCOUNT_ROWS } from './account-rows.ts';
import { keyRules, keySettings } from './keys.ts';
import type { GrandstreamForm, GrandstreamModel } from './models.ts';
import { PHONE_ROWS } from './phone-rows.ts';
import { keyOf, type Meant, type Row, ruleOf, writingOf, written } from './row.ts';

/** What to say about a setting; only the rows that are named are written. */
type Meanings<Rows> = Partial<Record<keyof Rows, Meant>>;

/** A session is refreshed in half of this; RFC 4028 wants no less than 90 s. */
const SESSION_S = 1_800;
const LEAST_SESSION_S = 90;
/** Expedited forwarding for sound, AF31 for signalling (RFC 4594). */
const QOS = { rtp: 46, sip: 26 } as const;
/** Hours of the night in which a phone looks for a new file by itself. */
const NIGHT = { from: 3, to: 5 } as const;
/** Rings that a phone has beside its usual one. */
const OWN_RINGS = ringsOf({ vendor: 'grandstream' });

/**
 * Sends a number at once when it is complete in Japan's plan, so that nobody waits for the timeout: emergency and fault
 * services, 11 digits after 050 to 090, 10 digits elsewhere. Everything else (codes, extensions, abroad) goes by `#` or
 * the timeout; the box decides what may be called.
 */
export const DIAL_PLAN = '{ 11[089] | 0[56789]0xxxxxxxx | 0[1-9][1-9]xxxxxxx | *x+ | x+ }';

/**
 * Tones of Japan: 400 Hz. Ring-back is 400 Hz modulated with 16 Hz, 1 s on and 2 s off, which the phones make of two
 * frequencies that are 16 Hz apart. On and off in 10 ms.
 */
const TONES = {
  toneRing: 'f1=440,f2=480,c=100/200;',
  toneDial: 'f1=400,f2=400;',
  toneMessage: 'f1=400,f2=400,c=25/25;',
  toneRingBack: 'f1=400,f2=416,c=100/200;',
  toneWaiting: 'f1=400,f2=400,c=10/10-10/300;',
  toneBusy: 'f1=400,f2=400,c=50/50;',
  toneReorder: 'f1=400,f2=400,c=50/50;',
} as const;

/** Every key that this model takes from us, in one form. */
export function keyTable(model: GrandstreamModel, form: GrandstreamForm): KeyTable {
  const table = new Map<string, KeyRule>();
  const add = (row: Row, account: number) => {
    const key = row.families.includes(model.family) ? keyOf(row, model.family, form, account) : undefined;
    if (key === undefined) return;
    const value = ruleOf(writingOf(row, model.family), form);
    table.set(key, { value, secret: row.secret === true });
  };
  for (const row of Object.values<Row>(ACCOUNT_ROWS)) {
    for (let account = 1; account <= model.accounts; account++) add(row, account);
  }
  for (const row of Object.values<Row>(PHONE_ROWS)) add(row, 1);
  for (const [key, rule] of keyRules(model, form)) table.set(key, rule);
  return table;
}

/** All settings of one phone; not checked yet. */
export function settingsOf(
  phone: PhoneConfig,
  around: ProvisioningAround,
  model: GrandstreamModel,
  form: GrandstreamForm,
): Result<readonly Setting[], TemplateRefusal> {
  const rings = ringMeanings(phone);
  if (!rings.ok) return rings;
  const keys = keySettings(phone, around, model, form);
  if (!keys.ok) return keys;
  const account = { ...accountMeanings(phone, around, model), ...rings.value };
  const others: Setting[] = [];
  for (let number = 2; number <= model.accounts; number++) {
    // The sixth account of GRP26xx has no public P value: it stays as it was found there.
    if (keyOf(ACCOUNT_ROWS.active, model.family, form, number) === undefined) continue;
    others.push(...write({ active: ACCOUNT_ROWS.active }, { active: false }, model, form, number));
  }
  return ok([
    ...write(ACCOUNT_ROWS, account, model, form, 1),
    ...others,
    ...write(PHONE_ROWS, phoneMeanings(phone, around, model), model, form, 1),
    ...keys.value,
  ]);
}

/** A row that the family does not have is left to the key table, which refuses it by name. */
function write<Rows extends Record<string, Row>>(
  rows: Rows,
  meanings: Meanings<Rows>,
  model: GrandstreamModel,
  form: GrandstreamForm,
  account: number,
): Setting[] {
  const out: Setting[] = [];
  for (const [id, row] of Object.entries<Row>(rows)) {
    const meant = meanings[id];
    if (meant === undefined) continue;
    // Under its own name a row without a key is in no table either.
    const key = keyOf(row, model.family, form, account) ?? id;
    out.push({ key, value: written(meant, writingOf(row, model.family), form) });
  }
  return out;
}

function accountMeanings(
  phone: PhoneConfig,
  around: ProvisioningAround,
  model: GrandstreamModel,
): Meanings<typeof ACCOUNT_ROWS> {
  const { registrar, account, habits } = around;
  const newer = model.family !== 'gxp16xx';
  return {
    active: true,
    label: phone.label,
    server: registrar.domain,
    backupServer: '',
    proxy: `${registrar.host}:${registrar.port}`,
    backupProxy: '',
    user: account.user,
    authUser: account.user,
    ...(account.password === null ? {} : { password: account.password }),
    displayName: phone.label,
    voicemail: around.voicemail ?? '',
    dns: 'address',
    nat: 'none',
    registers: true,
    registerMinutes: Math.max(1, Math.floor(registrar.expiresS / 60)),
    transport: registrar.transport,
    watchesMessages: true,
    ignoresAlertInfo: false,
    pickupPrefix: around.features.pickup,
    ...(newer ? ({ resetByNotify: false, pickupBy: 'prefix', codec8: 'pcmu' } as const) : {}),
    sessionTimer: true,
    sessionS: SESSION_S,
    leastSessionS: LEAST_SESSION_S,
    // A choice that repeats an earlier one adds nothing: only µ-law and A-law are left.
    codec1: 'pcmu',
    codec2: 'pcma',
    codec3: 'pcmu',
    codec4: 'pcmu',
    codec5: 'pcmu',
    codec6: 'pcmu',
    codec7: 'pcmu',
    dtmfInAudio: false,
    dtmfInRtp: true,
    dtmfInSip: false,
    dtmfPayload: 101,
    srtp: habits.srtp,
    dialPlan: DIAL_PLAN,
    hashSends: 'yes',
    waitForDigitS: 4,
    // Codes beginning with * are the box's, not the phone's own.
    ownFeatureCodes: false,
    answersItself: false,
    ring: 0,
  };
}

/** The box tells by `Alert-Info` which ring is meant (see `alertInfoOf`); each ring has a rule. */
function ringMeanings(phone: PhoneConfig): Result<Meanings<typeof ACCOUNT_ROWS>, TemplateRefusal> {
  const beyond = phone.rings.findIndex(({ ring }) => ring > OWN_RINGS);
  if (beyond >= 0) {
    const say = `rings[${beyond}]: ${phone.model} has ${OWN_RINGS} ring tones beside its usual one; ring ${phone.rings[beyond]?.ring} is not among them.`;
    return noTemplate('template.valueRange', `rings[${beyond}]`, say);
  }
  const rule = (ring: number) => (phone.rings.some((entry) => entry.ring === ring) ? `ring${ring}` : '');
  return ok({
    ringRule1: rule(1),
    ringTone1: 1,
    ringRule2: rule(2),
    ringTone2: 2,
    ringRule3: rule(3),
    ringTone3: 3,
  });
}

function phoneMeanings(
  phone: PhoneConfig,
  around: ProvisioningAround,
  model: GrandstreamModel,
): Meanings<typeof PHONE_ROWS> {
  const { habits } = around;
  const newer = model.family !== 'gxp16xx';
  const { vlan, syslog } = habits;
  return {
    ...(around.passwords === null
      ? {}
      : { adminPassword: around.passwords.admin, userPassword: around.passwords.user }),
    ssh: false,
    ntp: around.ntp,
    ntpFromDhcp: false,
    zone: 'TZZ-9',
    zoneFromDhcp: false,
    clock: 'h24',
    language: phone.language,
    ...TONES,
    callWaiting: phone.callWaiting,
    ...(newer ? { emergency: '110,118,119' } : {}),
    syslogServer: syslog ?? '',
    syslogLevel: syslog === null ? 'none' : 'info',
    syslogSip: false,
    ...vlanMeanings(vlan, newer),
    qosSip: QOS.sip,
    qosRtp: QOS.rtp,
    ...bookMeanings(around, newer),
    ...sourceMeanings(around, model),
    ...firmwareMeanings(around),
  };
}

/** A VLAN that the office has chosen is not changed by what a switch or a DHCP server says of one. */
function vlanMeanings(
  vlan: ProvisioningAround['habits']['vlan'],
  newer: boolean,
): Meanings<typeof PHONE_ROWS> {
  const free = vlan === null;
  return {
    ...(newer ? { vlanByHand: !free, cdp: free } : {}),
    vlan: vlan?.id ?? 0,
    vlanPriority: vlan?.priority ?? 0,
    pcVlan: 0,
    pcVlanPriority: 0,
    lldp: free,
    vlanFromDhcp: false,
  };
}

/** `host:port/path`: the phone adds the scheme from another key and the file name itself. */
function pathOf({ base }: ProvisioningAround, ...more: readonly string[]): string {
  return [`${base.host}:${base.port}`, base.path, ...more].filter((part) => part !== '').join('/');
}

function bookMeanings(around: ProvisioningAround, newer: boolean): Meanings<typeof PHONE_ROWS> {
  const { fileLogin } = around;
  // Told while there is no book too: later files say nothing secret, and a book may come then.
  const login =
    newer && fileLogin !== null ? { bookUser: fileLogin.user, bookPassword: fileLogin.password } : {};
  if (around.phoneBook.length === 0) return { bookBy: 'none', bookEveryMinutes: 'never', ...login };
  return {
    bookBy: around.base.scheme,
    bookPath: pathOf(around),
    bookEveryMinutes: 'halfDay',
    // What people entered on the phone themselves stays.
    bookReplacesOwn: false,
    ...login,
  };
}

/** Where its next file comes from, and, once it is settled, that it comes from nowhere else. */
function sourceMeanings(around: ProvisioningAround, model: GrandstreamModel): Meanings<typeof PHONE_ROWS> {
  const open = around.phase === 'first';
  const { fileLogin, encryption } = around;
  const newer = model.family !== 'gxp16xx';
  return {
    web: open || !newer ? 'https' : 'off',
    configBy: around.base.scheme,
    configPath: pathOf(around),
    configPrefix: '',
    configPostfix: '',
    ...(fileLogin === null ? {} : { configUser: fileLogin.user, configPassword: fileLogin.password }),
    ...(encryption.mode === 'off' ? {} : { configKey: encryption.key }),
    loginUnasked: false,
    sourceFromDhcp: open,
    registrarFromDhcp: false,
    checksHostName: false,
    sourceFromPnp: open,
    makersCloudUrl: '',
    ...(newer
      ? ({ configAll: false, makersCloud: false, checksCertificate: false } as const)
      : ({ moreDhcp: 'none' } as const)),
    ...(model.family === 'grp26xx' ? { dhcp150: open, dhcp160: open, dhcp161: open } : {}),
    looksEvery: 'night',
    looksFromHour: NIGHT.from,
    ...(newer ? { looksToHour: NIGHT.to, looksAtRandom: true } : {}),
    notifyMustLogIn: true,
  };
}

/** A phone never asks anybody for firmware, unless its turn has come; then it asks the box and not its user. */
function firmwareMeanings(around: ProvisioningAround): Meanings<typeof PHONE_ROWS> {
  if (around.firmware === null) return { firmwareCheck: 'never' };
  const folder = around.firmware.file.split('/').slice(0, -1);
  return {
    firmwareCheck: 'always',
    firmwareBy: around.base.scheme,
    firmwarePath: pathOf(around, 'firmware', ...folder),
    firmwareAsks: false,
  };
}
