import type { PanasonicModel } from './models.ts';

/** Names that every model of this maker knows; `n` stands for a line, `k` for a key. */
const EVERY: readonly string[] = [
  'CFG_STANDARD_FILE_PATH',
  'CFG_PRODUCT_FILE_PATH',
  'CFG_MASTER_FILE_PATH',
  'CFG_RESYNC_FROM_SIP',
  'CFG_RESYNC_TIME',
  'CFG_CYCLIC',
  'CFG_CYCLIC_INTVL',
  'CFG_RTRY_INTVL',
  'PROVISION_ENABLE',
  'OPTION66_ENABLE',
  'OPTION66_REBOOT',
  'HTTPD_PORTOPEN_AUTO',
  'ADMIN_ID',
  'ADMIN_PASS',
  'USER_ID',
  'USER_PASS',
  'PHONE_NUMBER_n',
  'DISPLAY_NAME_n',
  'SIP_URI_n',
  'SIP_AUTHID_n',
  'SIP_PASS_n',
  'SIP_RGSTR_ADDR_n',
  'SIP_RGSTR_PORT_n',
  'SIP_PRXY_ADDR_n',
  'SIP_PRXY_PORT_n',
  'SIP_OUTPROXY_ADDR_n',
  'SIP_OUTPROXY_PORT_n',
  'SIP_PRSNC_ADDR_n',
  'SIP_PRSNC_PORT_n',
  'SIP_SVCDOMAIN_n',
  'SIP_DNSSRV_ENA_n',
  'SIP_TRANSPORT_n',
  'REG_EXPIRE_TIME_n',
  'SIP_SESSION_TIME_n',
  'CW_ENABLE_n',
  'VM_NUMBER_n',
  'VM_SUBSCRIBE_ENABLE',
  'DIAL_PLAN_n',
  'DIAL_PLAN_NOT_MATCH_ENABLE_n',
  'NUM_PLAN_PICKUP_DIRECT',
  'CODEC_ENABLE0_n',
  'CODEC_ENABLE1_n',
  'CODEC_ENABLE2_n',
  'CODEC_ENABLE3_n',
  'CODEC_ENABLE4_n',
  'CODEC_PRIORITY0_n',
  'CODEC_PRIORITY1_n',
  'CODEC_PRIORITY2_n',
  'CODEC_PRIORITY3_n',
  'CODEC_PRIORITY4_n',
  'DSCP_SIP_n',
  'DSCP_RTP_n',
  'NTP_ADDR',
  'TIME_ZONE',
  'DST_ENABLE',
  'VLAN_ENABLE',
  'VLAN_ID_IP_PHONE',
  'VLAN_PRI_IP_PHONE',
  'SYSLOG_ADDR',
  'SYSLOG_PORT',
  'SYSLOG_EVENT_SIP',
  'SYSLOG_EVENT_CFG',
  'SYSLOG_EVENT_VOIP',
  'SYSLOG_EVENT_TEL',
  'DIAL_TONE1_FRQ',
  'DIAL_TONE1_TIMING',
  'RINGBACK_TONE_FRQ',
  'RINGBACK_TONE_TIMING',
  'BUSY_TONE_FRQ',
  'BUSY_TONE_TIMING',
  'REORDER_TONE_FRQ',
  'REORDER_TONE_TIMING',
  'FIRM_UPGRADE_ENABLE',
  'FIRM_UPGRADE_AUTO',
  'FIRM_VERSION',
  'FIRM_FILE_PATH',
  'FLEX_BUTTON_FACILITY_ACTk',
  'FLEX_BUTTON_FACILITY_ARGk',
  'FLEX_BUTTON_QUICK_DIALk',
  'FLEX_BUTTON_LABELk',
];

const HDV: readonly string[] = [
  'OPTION159_PROV_ENABLE',
  'OPTION160_PROV_ENABLE',
  'SIPPNP_PROV_ENABLE',
  'XMLAPP_LDAP_URL',
  'SIP_TLS_MODE_n',
  'SRTP_CONNECT_MODE_n',
];

const UT: readonly string[] = [
  'LINE_ENABLE_n',
  'OUTBANDDTMF_n',
  'TELEVENT_PAYLOAD',
  'DEFAULT_LANGUAGE',
  'BELL_CORE_PATTERN1_TIMING',
  'BELL_CORE_PATTERN2_TIMING',
  'BELL_CORE_PATTERN3_TIMING',
  'BELL_CORE_PATTERN4_TIMING',
  'BELL_CORE_PATTERN5_TIMING',
];

const NAMES = { hdv: new Set([...EVERY, ...HDV]), ut: new Set([...EVERY, ...UT]) };

/** Whether this model has a setting of that name, for a line or key that it has. */
export function knowsPanasonicKey(name: string, model: PanasonicModel): boolean {
  const names = NAMES[model.family];
  if (names.has(name)) return true;
  const line = /^(.*_)(\d{1,2})$/.exec(name);
  if (line !== null && names.has(`${line[1]}n`))
    return Number(line[2]) >= 1 && Number(line[2]) <= model.accounts;
  const key = /^(FLEX_BUTTON_.*[A-Z])(\d{1,2})$/.exec(name);
  return key !== null && names.has(`${key[1]}k`) && Number(key[2]) >= 1 && Number(key[2]) <= model.keys;
}
