import { describe, expect, it } from 'vitest';
import {
  alertInfoOf,
  filesFor,
  knownModels,
  type ProvisioningAround,
  renderPhone,
  renderPhoneBook,
} from '../../../../agent/provisioning/templates/index.ts';
import { checkSettings, numberRule, textRule } from '../../../../agent/provisioning/templates/settings.ts';
import type { PhoneConfig } from '../../../../lib/contract/lan-config.ts';
import { readGrandstream, readPanasonic } from './read-back.ts';
import { AROUND, SETTLED, sampleKeys, samplePhone } from './samples.ts';

function read(phone: PhoneConfig, around: ProvisioningAround): ReadonlyMap<string, string> {
  const files = renderPhone(phone, around);
  if (!files.ok) throw new Error(`${files.error.code} ${files.error.say}`);
  const bytes = files.value.at(-1)?.bytes ?? new Uint8Array();
  if (phone.vendor === 'panasonic') return new Map(readPanasonic(bytes));
  return new Map(readGrandstream(Buffer.from(bytes).toString('utf8')).settings);
}

describe('the key table', () => {
  const table = new Map([
    ['P32', numberRule(1, 64_800)],
    ['P47', textRule(5)],
  ]);
  it.each([
    [{ key: 'P99999', value: '1' }, 'template.keyUnknown'],
    [{ key: 'P32', value: 'often' }, 'template.valueKind'],
    [{ key: 'P32', value: '0' }, 'template.valueRange'],
    [{ key: 'P47', value: 'too long' }, 'template.valueRange'],
    [{ key: 'P47', value: 'a\tb' }, 'template.valueCharacters'],
  ] as const)('refuses %j and names the key', (setting, code) => {
    const refusal = checkSettings([setting], table, 'GXP1628');
    expect(refusal).toMatchObject({ ok: false, error: { code, key: setting.key } });
    expect(refusal.ok ? '' : refusal.error.say).toContain(setting.key);
  });

  it('refuses a key that comes twice', () => {
    const twice = { key: 'P32', value: '60' };
    expect(checkSettings([twice, twice], table, 'GXP1628')).toMatchObject({
      error: { code: 'template.keyTwice' },
    });
  });

  it('never repeats a secret in a refusal', () => {
    const password = 'sp aces and ümlauts';
    const refusal = renderPhone(samplePhone('grandstream', 'GXP1628'), {
      ...AROUND,
      passwords: { admin: password, user: 'Us3rWord56' },
    });
    expect(refusal).toMatchObject({ ok: false, error: { key: 'P2' } });
    expect(refusal.ok ? '' : refusal.error.say).not.toContain(password);
  });
});

describe('what every phone is told', () => {
  it.each([
    [
      'GXP1628',
      'pValues',
      { P57: '0', P58: '8', P2302: '1', P79: '101', P64: 'TZZ-9', P1362: 'ja', P4428: '0' },
    ],
    [
      'GRP2614',
      'names',
      { 'account.1.codec.choice.1': 'PCMU', 'dateTime.timezone': 'TZZ-9', 'sip.notify.challenge': 'Yes' },
    ],
    [
      'GXP2170',
      'names',
      { 'keys.lock.emergency': '110,118,119', 'sip.notify.challenge': 'No', 'account.2.enable': 'No' },
    ],
  ] as const)(
    '%s in %s: µ-law first, digits by RFC 2833, Japan, and a login for whoever makes it fetch',
    (model, form, wanted) => {
      const settings = read(samplePhone('grandstream', model), {
        ...AROUND,
        ...(model === 'GXP1628' ? {} : { form }),
      });
      for (const [key, value] of Object.entries(wanted))
        expect([key, settings.get(key)]).toEqual([key, value]);
    },
  );

  it('always says whether DHCP may change the source of its files, and shuts every other source once it is settled', () => {
    const first = read(samplePhone('grandstream', 'GXP1628'), AROUND);
    const settled = read(samplePhone('grandstream', 'GXP1628'), SETTLED);
    expect([first.get('P145'), first.get('P1414')]).toEqual(['1', '1']);
    expect([settled.get('P145'), settled.get('P1414'), settled.get('P4503')]).toEqual(['0', '0', '']);
    const newer = read(samplePhone('grandstream', 'GRP2614'), SETTLED);
    expect(newer.get('security.webAccessMode')).toBe('Disabled');
    expect(newer.get('tr069.enable')).toBe('No');
    const panasonic = read(samplePhone('panasonic', 'KX-HDV230N'), SETTLED);
    for (const key of [
      'OPTION66_ENABLE',
      'OPTION160_PROV_ENABLE',
      'SIPPNP_PROV_ENABLE',
      'HTTPD_PORTOPEN_AUTO',
    ]) {
      expect([key, panasonic.get(key)]).toEqual([key, 'N']);
    }
  });

  it('is silent about a password that the phone shall keep, and never writes it empty', () => {
    expect(read(samplePhone('grandstream', 'GXP1628'), SETTLED).has('P34')).toBe(false);
    expect(read(samplePhone('panasonic', 'KX-UT136N'), SETTLED).has('SIP_PASS_1')).toBe(false);
  });

  it('gets no firmware at its first contact, and asks nobody for one until its turn', () => {
    const refusal = renderPhone(samplePhone('grandstream', 'GXP1628'), { ...SETTLED, phase: 'first' });
    expect(refusal).toMatchObject({ ok: false, error: { code: 'template.firmwareAtFirst' } });
    const waiting = read(samplePhone('grandstream', 'GXP1628'), AROUND);
    expect([waiting.get('P238'), waiting.has('P192')]).toEqual(['2', false]);
    const turn = read(samplePhone('grandstream', 'GXP1628'), SETTLED);
    expect([turn.get('P238'), turn.get('P192')]).toEqual(['0', '192.168.10.5:8080/p/firmware/phones']);
  });

  it('tells Panasonic the registrar as its domain, minutes of Japan, and the event that makes it fetch', () => {
    const settings = read(samplePhone('panasonic', 'KX-HDV230N'), AROUND);
    expect(settings.get('SIP_SVCDOMAIN_1')).toBe(AROUND.registrar.domain);
    expect(settings.get('CFG_RESYNC_FROM_SIP')).toBe('check-sync');
    expect([settings.get('TIME_ZONE'), settings.get('CODEC_PRIORITY4_1')]).toEqual(['540', '1']);
    expect(settings.get('CFG_STANDARD_FILE_PATH')).toBe('http://192.168.10.5:8080/p/Config{MAC}.cfg');
  });

  it('is given the login of its phone book with that of its files, while there is no book yet too', () => {
    const fileLogin = { user: '000b82a1b2c3', password: 'f1leWord' };
    const file = read(samplePhone('grandstream', 'GRP2614'), { ...AROUND, phoneBook: [], fileLogin });
    for (const name of ['provisioning.config', 'phonebook.download']) {
      expect([file.get(`${name}.username`), file.get(`${name}.password`)]).toEqual([
        fileLogin.user,
        fileLogin.password,
      ]);
    }
    const old = read(samplePhone('grandstream', 'GXP1628'), { ...AROUND, fileLogin });
    expect([old.get('P1360'), old.get('P1361'), old.has('P6713')]).toEqual([
      fileLogin.user,
      fileLogin.password,
      false,
    ]);
  });

  it('has no secret in the file that all phones of a Panasonic model share', () => {
    const files = renderPhone(samplePhone('panasonic', 'KX-HDV230N'), {
      ...AROUND,
      fileLogin: { user: 'files', password: 'f1leWord' },
    });
    expect(files.ok ? files.value.map(({ name, secret }) => [name, secret]) : []).toEqual([
      ['KX-HDV230N.cfg', false],
      ['Config0080F0A1B2C3.cfg', true],
    ]);
    const entry = files.ok ? Buffer.from(files.value[0]?.bytes ?? []).toString('utf8') : '';
    expect(entry).not.toContain('f1leWord');
  });
});

describe('keys beside the display', () => {
  it('lie in two rows up to the sixth and in groups of four after it, in P values', () => {
    const keys = Array.from({ length: 9 }, (_, index) => ({
      does: 'watch' as const,
      extension: `${30 + index}`,
    }));
    const settings = read(samplePhone('grandstream', 'GXP2135', { keys }), { ...AROUND, form: 'pValues' });
    expect([settings.get('P1363'), settings.get('P1365'), settings.get('P1468')]).toEqual(['0', '11', '30']);
    expect([settings.get('P23800'), settings.get('P23803')]).toEqual(['11', '35']);
    // Keys after the eighth are not fixed: the same work has another number there.
    expect([settings.get('P23808'), settings.get('P23811')]).toEqual(['1', '37']);
    expect(settings.get('P23816')).toBe('-1');
  });

  it('go to the keys with lamps where the others cannot do it', () => {
    const settings = read(samplePhone('grandstream', 'GXP1628', { keys: sampleKeys(true) }), AROUND);
    expect([settings.get('P1363'), settings.get('P323'), settings.get('P303')]).toEqual(['0', '1', '12']);
    expect([settings.get('P324'), settings.get('P306')]).toEqual(['9', '*71']);
    expect([settings.get('P1365'), settings.get('P1468')]).toEqual(['10', '0355550123']);
  });

  it.each([
    ['grandstream', 'GXP1610', [{ does: 'watch', extension: '12' }], 'template.keyKind', 'keys[0]'],
    [
      'grandstream',
      'GXP1610',
      [{ does: 'line' }, { does: 'line' }, { does: 'line' }],
      'template.tooManyKeys',
      'keys[2]',
    ],
    ['panasonic', 'KX-UT123N', [{ does: 'line' }], 'template.keyKind', 'keys[0]'],
    ['panasonic', 'KX-HDV130N', sampleKeys(true), 'template.tooManyKeys', 'keys[3]'],
  ] as const)('%s %s: what it has no key for is refused by its place', (vendor, model, keys, code, place) => {
    expect(renderPhone(samplePhone(vendor, model, { keys }), AROUND)).toMatchObject({
      error: { code, key: place },
    });
  });
});

describe('refusals and names', () => {
  it.each([
    [samplePhone('grandstream', 'GXP9999'), AROUND, 'template.modelUnknown'],
    [
      samplePhone('grandstream', 'GXP1628', { rings: [{ number: '0355550100', ring: 4 }] }),
      AROUND,
      'template.valueRange',
    ],
    [samplePhone('grandstream', 'GXP1628'), { ...AROUND, form: 'names' as const }, 'template.formUnknown'],
    [samplePhone('panasonic', 'KX-HDV230N', { language: 'en' }), AROUND, 'template.valueRange'],
    [
      samplePhone('panasonic', 'KX-UT136N'),
      { ...AROUND, habits: { ...AROUND.habits, srtp: 'required' as const } },
      'template.valueRange',
    ],
  ])('%#: what a model cannot do is refused, not left out', (phone, around, code) => {
    expect(renderPhone(phone, around)).toMatchObject({ ok: false, error: { code } });
  });

  it('a Grandstream asks for its binary file first and the common ones last; only its own exists', () => {
    const names = filesFor('grandstream', 'GXP2170', '000b82a1b2c3');
    expect(names.filter(({ what }) => what === 'configuration')).toEqual([
      { name: 'cfg000b82a1b2c3.xml', what: 'configuration', login: true },
    ]);
    expect(names.map(({ name }) => name)).toEqual([
      'cfg000b82a1b2c3',
      'cfg000b82a1b2c3.bin',
      'cfg000b82a1b2c3.xml',
      'cfggxp2170.xml',
      'cfg.xml',
      'phonebook.xml',
    ]);
  });

  it('every file that is made is one that the phone is known to ask for', () => {
    for (const vendor of ['grandstream', 'panasonic'] as const) {
      for (const model of knownModels(vendor)) {
        const language = model === 'KX-TGP600' ? 'en' : 'ja';
        const phone = samplePhone(vendor, model, { language });
        const files = renderPhone(phone, AROUND);
        const phoneBook = Array.from({ length: 300 }, (_, index) => ({
          name: `n${index}`,
          number: `${index}`,
        }));
        const book = renderPhoneBook(vendor, model, { ...AROUND, phoneBook });
        if (!files.ok || !book.ok) throw new Error(model);
        const asked = filesFor(vendor, model, phone.mac).map(({ name }) => name);
        for (const { name } of [...files.value, ...book.value]) expect(asked).toContain(name);
      }
    }
  });

  it('the ring of a call is told in the words that the phone was given rules for [S0-056]', () => {
    const settings = read(samplePhone('grandstream', 'GXP1628'), AROUND);
    expect(alertInfoOf('grandstream', 2)).toBe('<http://127.0.0.1>;info=ring2');
    expect([settings.get('P1488'), settings.get('P1490'), settings.get('P1491')]).toEqual(['', 'ring2', '2']);
    expect(alertInfoOf('panasonic', 3)).toBe('<Bellcore-dr3>');
  });
});
