import { choiceRule, type KeyRule, type KeyTable, numberRule, secretRule, textRule } from '../settings.ts';
import type { PanasonicFamily, PanasonicModel } from './models.ts';

const YES_NO = choiceRule('Y', 'N');
const HOST = textRule(127, /^[A-Za-z0-9.:[\]-]*$/);
const PORT = numberRule(1, 65_535);
/** `scheme://[user:password@]host:port/path/file`, with the phone's own macros in braces. */
const URL = textRule(255, /^(https?:\/\/[\x21\x23-\x7e]+)?$/);
const FREQUENCIES = textRule(15, /^[0-9]{1,4}(,[0-9]{1,4})?$/);
/** Delay before the first tone, then on and off, all in ms. */
const TIMING = textRule(127, /^[0-9]{1,5}(,[0-9]{1,5}){0,21}$/);

type Families = readonly PanasonicFamily[];
const BOTH: Families = ['hdv', 'ut'];
const UT: Families = ['ut'];
const HDV_ONLY: Families = ['hdv'];

type Named = readonly [name: string, rule: KeyRule, families: Families];

/** Settings of a line; the name ends with `_` and the number of the line. */
const LINE_RULES: readonly Named[] = [
  ['LINE_ENABLE', choiceRule('Enabled', 'Disabled'), UT],
  ['PHONE_NUMBER', textRule(32), BOTH],
  ['DISPLAY_NAME', textRule(24), BOTH],
  ['SIP_URI', textRule(384), BOTH],
  ['SIP_AUTHID', textRule(128), BOTH],
  ['SIP_PASS', secretRule(128), BOTH],
  ['SIP_RGSTR_ADDR', HOST, BOTH],
  ['SIP_RGSTR_PORT', PORT, BOTH],
  ['SIP_PRXY_ADDR', HOST, BOTH],
  ['SIP_PRXY_PORT', PORT, BOTH],
  ['SIP_OUTPROXY_ADDR', HOST, BOTH],
  ['SIP_OUTPROXY_PORT', PORT, BOTH],
  ['SIP_PRSNC_ADDR', HOST, BOTH],
  ['SIP_PRSNC_PORT', PORT, BOTH],
  ['SIP_SVCDOMAIN', HOST, BOTH],
  ['SIP_DNSSRV_ENA', YES_NO, BOTH],
  ['SIP_TRANSPORT', choiceRule('0', '1', '2'), BOTH],
  ['SIP_TLS_MODE', choiceRule('0', '1'), HDV_ONLY],
  ['SRTP_CONNECT_MODE', choiceRule('0', '1'), HDV_ONLY],
  ['REG_EXPIRE_TIME', numberRule(1, 4_294_967), BOTH],
  ['SIP_SESSION_TIME', numberRule(0, 65_535), BOTH],
  ['CW_ENABLE', YES_NO, BOTH],
  ['VM_NUMBER', textRule(32, /^[0-9*#]*$/), BOTH],
  ['DIAL_PLAN', textRule(500, /^[0-9X*#|]*$/), BOTH],
  ['DIAL_PLAN_NOT_MATCH_ENABLE', YES_NO, BOTH],
  ['OUTBANDDTMF', YES_NO, UT],
  ['DSCP_SIP', numberRule(0, 63), BOTH],
  ['DSCP_RTP', numberRule(0, 63), BOTH],
  ...[0, 1, 2, 3, 4].flatMap((codec): Named[] => [
    [`CODEC_ENABLE${codec}`, YES_NO, BOTH],
    [`CODEC_PRIORITY${codec}`, numberRule(1, 255), BOTH],
  ]),
];

/** Settings of the whole phone. */
const PHONE_RULES: readonly Named[] = [
  ['CFG_STANDARD_FILE_PATH', { ...URL, secret: true }, BOTH],
  ['CFG_PRODUCT_FILE_PATH', URL, BOTH],
  ['CFG_MASTER_FILE_PATH', URL, BOTH],
  ['CFG_RESYNC_FROM_SIP', textRule(15, /^[a-z-]+$/), BOTH],
  ['CFG_RESYNC_TIME', textRule(5, /^(([01][0-9]|2[0-3]):[0-5][0-9])?$/), BOTH],
  ['PROVISION_ENABLE', YES_NO, BOTH],
  ['OPTION66_ENABLE', YES_NO, BOTH],
  ['OPTION66_REBOOT', YES_NO, BOTH],
  ['OPTION159_PROV_ENABLE', YES_NO, HDV_ONLY],
  ['OPTION160_PROV_ENABLE', YES_NO, HDV_ONLY],
  ['SIPPNP_PROV_ENABLE', YES_NO, HDV_ONLY],
  ['HTTPD_PORTOPEN_AUTO', YES_NO, BOTH],
  ['ADMIN_ID', textRule(16, /^[A-Za-z0-9]{1,16}$/), BOTH],
  ['ADMIN_PASS', secretRule(16, /^[A-Za-z0-9]{6,16}$/), BOTH],
  ['USER_ID', textRule(16, /^[A-Za-z0-9]{1,16}$/), BOTH],
  ['USER_PASS', secretRule(16, /^[A-Za-z0-9]{6,16}$/), BOTH],
  ['NTP_ADDR', HOST, BOTH],
  ['TIME_ZONE', numberRule(-720, 780), BOTH],
  ['DST_ENABLE', YES_NO, BOTH],
  ['DEFAULT_LANGUAGE', choiceRule('en-US'), UT],
  ['TELEVENT_PAYLOAD', numberRule(96, 127), UT],
  ['DIAL_TONE1_FRQ', FREQUENCIES, BOTH],
  ['DIAL_TONE1_TIMING', TIMING, BOTH],
  ['RINGBACK_TONE_FRQ', FREQUENCIES, BOTH],
  ['RINGBACK_TONE_TIMING', TIMING, BOTH],
  ['BUSY_TONE_FRQ', FREQUENCIES, BOTH],
  ['BUSY_TONE_TIMING', TIMING, BOTH],
  ['REORDER_TONE_FRQ', FREQUENCIES, BOTH],
  ['REORDER_TONE_TIMING', TIMING, BOTH],
  ...[1, 2, 3, 4, 5].map((ring): Named => [`BELL_CORE_PATTERN${ring}_TIMING`, TIMING, UT]),
  ['NUM_PLAN_PICKUP_DIRECT', textRule(4, /^[0-9*#]*$/), BOTH],
  ['VM_SUBSCRIBE_ENABLE', YES_NO, BOTH],
  ['SYSLOG_ADDR', HOST, BOTH],
  ['SYSLOG_PORT', PORT, BOTH],
  ['SYSLOG_EVENT_SIP', numberRule(0, 6), BOTH],
  ['SYSLOG_EVENT_CFG', numberRule(0, 6), BOTH],
  ['SYSLOG_EVENT_VOIP', numberRule(0, 6), BOTH],
  ['SYSLOG_EVENT_TEL', numberRule(0, 6), BOTH],
  ['VLAN_ENABLE', YES_NO, BOTH],
  ['VLAN_ID_IP_PHONE', numberRule(1, 4_094), BOTH],
  ['VLAN_PRI_IP_PHONE', numberRule(0, 7), BOTH],
  ['FIRM_UPGRADE_ENABLE', YES_NO, BOTH],
  ['FIRM_UPGRADE_AUTO', YES_NO, BOTH],
  ['FIRM_VERSION', textRule(15, /^[0-9A-Za-z.]*$/), BOTH],
  ['FIRM_FILE_PATH', URL, BOTH],
  ['XMLAPP_LDAP_URL', URL, HDV_ONLY],
];

/** What a key beside the display does, in the family's words. */
export const KEY_ACTIONS: Readonly<
  Record<PanasonicFamily, { readonly line: string; readonly watch: string; readonly dial: string }>
> = {
  hdv: {
    line: 'X_PANASONIC_IPTEL_LINE',
    watch: 'X_PANASONIC_IPTEL_BLF',
    dial: 'X_PANASONIC_IPTEL_ONETOUCH',
  },
  ut: {
    line: 'X_PANASONIC_IPTEL_DN',
    watch: 'X_PANASONIC_IPTEL_CONTACT',
    dial: 'X_PANASONIC_IPTEL_ONETOUCH',
  },
};

/** Every key that this model takes from us. */
export function keyTable(model: PanasonicModel): KeyTable {
  const table = new Map<string, KeyRule>();
  const here = (named: readonly Named[]) => named.filter(([, , families]) => families.includes(model.family));
  for (const [name, rule] of here(PHONE_RULES)) table.set(name, rule);
  for (let line = 1; line <= model.lines; line++) {
    for (const [name, rule] of here(LINE_RULES)) table.set(`${name}_${line}`, rule);
  }
  const actions = KEY_ACTIONS[model.family];
  for (let key = 1; key <= model.keys; key++) {
    table.set(`FLEX_BUTTON_FACILITY_ACT${key}`, choiceRule('', actions.line, actions.watch, actions.dial));
    table.set(`FLEX_BUTTON_FACILITY_ARG${key}`, textRule(35, /^[0-9*#]*$/));
    table.set(`FLEX_BUTTON_QUICK_DIAL${key}`, textRule(32, /^[0-9*#]*$/));
    table.set(`FLEX_BUTTON_LABEL${key}`, textRule(32));
  }
  return table;
}
