import { describe, expect, it } from 'vitest';
import { checkSyncEvent } from '../../../../agent/desk/check-sync.ts';
import { GRANDSTREAM_MODELS } from '../../../../agent/provisioning/templates/grandstream/models.ts';
import { keyTable as grandstreamTable } from '../../../../agent/provisioning/templates/grandstream/settings-of.ts';
import {
  knownModels,
  type ProvisioningAround,
  renderPhone,
  renderPhoneBook,
} from '../../../../agent/provisioning/templates/index.ts';
import type { PhoneConfig } from '../../../../lib/contract/lan-config.ts';
import { readGrandstream, readPanasonic } from './read-back.ts';
import { AROUND, SETTLED, samplePhone } from './samples.ts';

type Read = ReadonlyMap<string, string>;

function textOf(vendor: PhoneConfig['vendor'], model: string, around: ProvisioningAround): string {
  const language = model === 'KX-TGP600' ? 'en' : 'ja';
  const files = renderPhone(samplePhone(vendor, model, { language }), around);
  if (!files.ok) throw new Error(`${model}: ${files.error.say}`);
  return Buffer.from(files.value.at(-1)?.bytes ?? []).toString('utf8');
}

function read(vendor: PhoneConfig['vendor'], model: string, around: ProvisioningAround): Read {
  const text = textOf(vendor, model, around);
  return new Map(vendor === 'panasonic' ? readPanasonic(Buffer.from(text)) : readGrandstream(text).settings);
}

/** The same setting as P value or name, whichever form the model's file has. */
function either(settings: Read, p: string, name: string): string | undefined {
  return settings.get(p) ?? settings.get(name);
}

const BOTH_PHASES = [AROUND, SETTLED];
const no = (value: string | undefined): boolean => value === '0' || value === 'No';

describe.each(knownModels('grandstream'))('what templates of others fall into: %s', (model) => {
  const files = BOTH_PHASES.map((around) => read('grandstream', model, around));

  it('says whether DHCP may change the source (P145): documents disagree about what it is when nothing is said', () => {
    const values = files.map((file) => either(file, 'P145', 'provisioning.override.dhcp.allowCommonOptions'));
    expect(values.map(no)).toEqual([false, true]);
  });

  it('lets no DHCP server set the time zone (option 2), the clock (42), the registrar (120) or the VLAN', () => {
    for (const file of files) {
      const values = [
        either(file, 'P143', 'dateTime.override.dhcp.allowOption2'),
        either(file, 'P144', 'dateTime.override.dhcp.allowOption42'),
        either(file, 'P1411', 'sip.override.dhcp.allowOption120'),
        either(file, 'P8300', 'network.dhcp.enableVlan'),
      ];
      expect(values.map(no)).toEqual([true, true, true, true]);
    }
  });

  it('permits no reset by NOTIFY (P26015), and asks whoever makes it fetch for a login (P4428)', () => {
    const family = GRANDSTREAM_MODELS.get(model)?.family;
    for (const file of files) {
      const reset = either(file, 'P26015', 'account.1.sip.allowSipReset');
      expect([model, reset === undefined || no(reset)]).toEqual([model, true]);
      // As P value it is "disable", by name "disable" on GXP21xx and "enable" on GRP26xx.
      const challenge = either(file, 'P4428', 'sip.notify.challenge');
      expect(challenge).toBe({ gxp16xx: '0', gxp21xx: 'No', grp26xx: 'Yes' }[family ?? 'gxp16xx']);
    }
  });

  it('gives paths without a scheme, which has a key of its own', () => {
    for (const file of files) {
      const paths = [
        either(file, 'P237', 'provisioning.config.serverPath'),
        either(file, 'P331', 'phonebook.download.server'),
      ];
      for (const path of paths) expect(path).toMatch(/^192\.168\.10\.5:8080\/p$/);
    }
  });

  it('counts the registration in minutes', () => {
    expect(either(files[0] ?? new Map(), 'P32', 'account.1.sip.registerExpiration')).toBe('10');
  });

  it('speaks in 400 Hz, and never sends the password before it is asked', () => {
    for (const file of files) {
      for (const [p, name] of [
        ['P343', 'audio.tone.dial'],
        ['P348', 'audio.tone.busy'],
        ['P349', 'audio.tone.reorder'],
      ] as const) {
        expect(either(file, p, name)).toMatch(/^f1=400,f2=400/);
      }
      expect(no(either(file, 'P20713', 'provisioning.alwaysAuthenticateBeforeChallenge'))).toBe(true);
    }
  });

  it('switches the accounts of an earlier owner off, each by its own irregular key', () => {
    const accounts = GRANDSTREAM_MODELS.get(model)?.accounts ?? 0;
    for (const file of files) {
      const off = ['P401', 'P501', 'P601', 'P701', 'P1701', 'P1801']
        .map((key) => file.get(key))
        .filter((value) => value !== undefined);
      const named = [2, 3, 4, 5, 6].flatMap((account) => file.get(`account.${account}.enable`) ?? []);
      expect([...off, ...named].every(no)).toBe(true);
      expect(off.length + named.length).toBe(accounts - 1);
    }
  });

  it('takes no certificate for a protection: it is told to check none, because ours is our own', () => {
    for (const file of files) {
      expect(no(either(file, 'P22030', 'provisioning.validateHostnameInCertificate'))).toBe(true);
      expect(no(either(file, 'P8463', 'security.validate.serverCertificate') ?? '0')).toBe(true);
    }
  });

  it('names the emergency numbers of Japan where a locked phone may dial some (P8385)', () => {
    for (const file of files) {
      const numbers = either(file, 'P8385', 'keys.lock.emergency');
      expect([undefined, '110,118,119']).toContain(numbers);
      expect(numbers === undefined).toBe(GRANDSTREAM_MODELS.get(model)?.family === 'gxp16xx');
    }
  });
});

describe.each(knownModels('panasonic'))('what templates of others fall into: %s', (model) => {
  const files = BOTH_PHASES.map((around) => read('panasonic', model, around));

  it('has the first line to the byte, CRLF, short lines, and an empty line at the end', () => {
    for (const around of BOTH_PHASES) {
      const text = textOf('panasonic', model, around);
      expect(text.startsWith('# Panasonic SIP Phone Standard Format File #\r\n')).toBe(true);
      expect(text.endsWith('"\r\n\r\n')).toBe(true);
      expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
      for (const line of text.split('\r\n')) expect(Buffer.byteLength(line) + 2).toBeLessThanOrEqual(537);
    }
  });

  it('names the event, not yes or no, that makes it fetch: the one that the box sends', () => {
    for (const file of files) expect(file.get('CFG_RESYNC_FROM_SIP')).toBe(checkSyncEvent('panasonic'));
  });

  it('has the registrar for its domain, minutes for its zone, seconds for its registration', () => {
    for (const file of files) {
      expect(file.get('SIP_SVCDOMAIN_1')).toBe(AROUND.registrar.domain);
      expect([file.get('TIME_ZONE'), file.get('DST_ENABLE'), file.get('REG_EXPIRE_TIME_1')]).toEqual([
        '540',
        'N',
        '600',
      ]);
    }
  });

  it('has a whole URL for its files, with the phone’s own macro', () => {
    for (const file of files) {
      expect(file.get('CFG_STANDARD_FILE_PATH')).toBe('http://192.168.10.5:8080/p/Config{MAC}.cfg');
    }
  });

  it('never overwrites the key of the maker (CFG_FILE_KEY1) and keeps its web pages shut', () => {
    for (const file of files) {
      expect(file.has('CFG_FILE_KEY1')).toBe(false);
      expect(file.get('HTTPD_PORTOPEN_AUTO')).toBe('N');
    }
  });
});

describe('the phone book', () => {
  const phoneBook = Array.from({ length: 45 }, (_, index) => ({ name: `名前 ${index}`, number: `${index}` }));

  it.each([
    ['KX-HDV230N', 10],
    ['KX-TGP600N', 10],
    ['KX-TGP600', 20],
  ] as const)('of a %s has %i names on a page', (model, names) => {
    const pages = renderPhoneBook('panasonic', model, { ...AROUND, phoneBook });
    if (!pages.ok) throw new Error(pages.error.say);
    const [first] = pages.value;
    expect(pages.value).toHaveLength(Math.ceil(45 / names));
    const text = Buffer.from(first?.bytes ?? []).toString('utf8');
    expect(text.match(/<Personnel /g)).toHaveLength(names);
    expect(text).toContain('<ppxml xmlns="http://panasonic/sip_phone"');
    expect(text).not.toContain('PhoneDirectory');
  });

  it('of a Grandstream is one file that it asks for below its path', () => {
    const files = renderPhoneBook('grandstream', 'GRP2614', { ...AROUND, phoneBook });
    expect(files.ok && files.value.map(({ name }) => name)).toEqual(['phonebook.xml']);
  });
});

describe('sound and signalling, encrypted or not', () => {
  const srtp = (mode: 'off' | 'optional' | 'required'): ProvisioningAround => ({
    ...AROUND,
    habits: { ...AROUND.habits, srtp: mode },
  });
  it.each([
    ['off', '0', 'Disabled', '1'],
    ['optional', '1', 'EnabledButNotForced', '1'],
    ['required', '2', 'EnabledAndForced', '0'],
  ] as const)('SRTP %s is said in every family that can', (mode, p, name, panasonic) => {
    expect(read('grandstream', 'GXP1628', srtp(mode)).get('P183')).toBe(p);
    expect(read('grandstream', 'GRP2614', srtp(mode)).get('account.1.audio.srtpMode')).toBe(name);
    expect(read('panasonic', 'KX-HDV230N', srtp(mode)).get('SRTP_CONNECT_MODE_1')).toBe(panasonic);
  });
});

describe('what every phone is told beside its account', () => {
  /** By purpose: the P value and the name of Grandstream, the key of Panasonic; nothing where no public document has one. */
  const PURPOSES: Readonly<
    Record<string, readonly [p: string, name: string, panasonic: string | undefined]>
  > = {
    codecs: ['P57', 'account.1.codec.choice.1', 'CODEC_PRIORITY4_1'],
    'message waiting': ['P99', 'account.1.sip.subscribe.forMwi', 'VM_SUBSCRIBE_ENABLE'],
    'session timer': ['P260', 'account.1.sip.sessionTimer.expiration', 'SIP_SESSION_TIME_1'],
    'pick-up': ['P1347', 'account.1.sip.blf.callPickup.prefix', 'NUM_PLAN_PICKUP_DIRECT'],
    'dial plan': ['P290', 'account.1.call.dialplan', 'DIAL_PLAN_1'],
    clock: ['P30', 'dateTime.ntp.server.1', 'NTP_ADDR'],
    zone: ['P64', 'dateTime.timezone', 'TIME_ZONE'],
    'dial tone': ['P343', 'audio.tone.dial', 'DIAL_TONE1_FRQ'],
    'busy tone': ['P348', 'audio.tone.busy', 'BUSY_TONE_FRQ'],
    VLAN: ['P51', 'network.port.eth.1.vlan.tag', 'VLAN_ID_IP_PHONE'],
    'VLAN priority': ['P87', 'network.port.eth.1.vlan.priority', 'VLAN_PRI_IP_PHONE'],
    'QoS of signalling': ['P1558', 'network.qos.forSip', 'DSCP_SIP_1'],
    'QoS of sound': ['P1559', 'network.qos.forRtp', 'DSCP_RTP_1'],
    syslog: ['P207', 'maintain.syslog.server', 'SYSLOG_ADDR'],
    'admin password': ['P2', 'users.admin.password', 'ADMIN_PASS'],
    'user password': ['P196', 'users.user.password', 'USER_PASS'],
    firmware: ['P238', 'provisioning.firmware.checkCondition', 'FIRM_UPGRADE_ENABLE'],
    'time of looking': ['P285', 'provisioning.auto.hour', 'CFG_RESYNC_TIME'],
  };
  const around = { ...SETTLED, passwords: AROUND.passwords };

  it.each(knownModels('grandstream'))('%s: all of it', (model) => {
    const file = read('grandstream', model, around);
    const missing = Object.entries(PURPOSES).filter(([, [p, name]]) => either(file, p, name) === undefined);
    expect(missing.map(([purpose]) => purpose)).toEqual([]);
  });

  it.each(knownModels('panasonic'))('%s: all of it', (model) => {
    const file = read('panasonic', model, around);
    const missing = Object.entries(PURPOSES).filter(([, [, , key]]) => key !== undefined && !file.has(key));
    expect(missing.map(([purpose]) => purpose)).toEqual([]);
  });

  it('P values of accounts 2 and 3 are in the table as the makers number them, not by arithmetic', () => {
    const model = GRANDSTREAM_MODELS.get('GXP1630');
    const table = model === undefined ? new Map() : grandstreamTable(model, 'pValues');
    for (const key of ['P443', 'P451', 'P417', 'P426', 'P415', 'P543', 'P551']) {
      expect([key, table.has(key)]).toEqual([key, true]);
    }
  });
});
