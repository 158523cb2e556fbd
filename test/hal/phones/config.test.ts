import { createCipheriv, createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FileDigest, readGrandstreamFile } from '../../../hal/phones/config/grandstream-file.ts';
import { type GrandstreamModel, modelOf, type PanasonicModel } from '../../../hal/phones/config/models.ts';
import { readPanasonicFile } from '../../../hal/phones/config/panasonic-file.ts';
import { readPhoneBook } from '../../../hal/phones/config/phone-book.ts';
import type { ConfigFile, PhoneSettings } from '../../../hal/phones/config/settings.ts';
import { readXml } from '../../../hal/phones/config/xml.ts';
import { checkSyncOf, firmwareUrl, settingsOf, versionIn } from '../../../hal/phones/maker.ts';

const GOLDEN = fileURLToPath(new URL('../../agent/provisioning/templates/golden/', import.meta.url));
const MAC = '000b82a1b2c3';

function grandstream(name: string): GrandstreamModel {
  const model = modelOf('grandstream', name);
  if (model?.maker !== 'grandstream') throw new Error(name);
  return model;
}

function panasonic(name: string): PanasonicModel {
  const model = modelOf('panasonic', name);
  if (model?.maker !== 'panasonic') throw new Error(name);
  return model;
}

const gs = (
  text: string | Buffer,
  model = 'GRP2612',
  fileKey = '',
  fileDigest: FileDigest = 'md5',
): ConfigFile =>
  readGrandstreamFile(Buffer.from(text), { mac: MAC, model: grandstream(model), fileKey, fileDigest });
const pn = (text: string | Buffer, model = 'KX-HDV230N'): ConfigFile =>
  readPanasonicFile(Buffer.from(text), panasonic(model));
const why = (file: ConfigFile): string => (file.kind === 'dropped' ? file.why : 'taken');
const values = (file: ConfigFile): ReadonlyMap<string, string> => {
  if (file.kind === 'dropped') throw new Error(file.why);
  return file.values;
};

const doc = (config: string, mac = MAC): string =>
  `<gs_provision version="1"><mac>${mac}</mac>${config}</gs_provision>`;
const pValues = (...rows: string[]): string => doc(`<config version="1">${rows.join('')}</config>`);
const named = (...rows: (readonly [string, string])[]): string =>
  doc(
    `<config version="2">${rows.map(([name, value]) => `<item name="${name}">${value}</item>`).join('')}</config>`,
  );
const FIRST = '# Panasonic SIP Phone Standard Format File #';

describe('a file of the box, read by the phone it is for', () => {
  const files = readdirSync(GOLDEN).filter((name) => /cfg$|xml$/.test(name) && !name.includes('phonebook'));

  it.each(files)('%s: every key is known, none is out of range', (file) => {
    const maker = file.startsWith('kx') ? 'panasonic' : 'grandstream';
    const name = (
      maker === 'panasonic' ? file.split('-').slice(0, 2).join('-') : (file.split('-')[0] ?? '')
    ).toUpperCase();
    const model = modelOf(maker, name);
    if (model === undefined) throw new Error(name);
    const bytes = readFileSync(`${GOLDEN}${file}`);
    const read = model.maker === 'grandstream' ? gs(bytes, name) : pn(bytes, name);
    if (read.kind === 'dropped') throw new Error(read.why);
    expect(read.ignored).toEqual([]);
    if (/-KX-.*\.cfg$/.test(file)) return;
    const settings = settingsOf(read.values, model);
    const [account] = settings.accounts;
    expect(account).toMatchObject({
      account: 1,
      user: '21',
      authUser: '21',
      domain: 'engawa.example',
      routed: true,
    });
    expect(account?.codecs).toEqual(['PCMU', 'PCMA']);
    // What is sold elsewhere speaks English from the factory.
    expect(settings).toMatchObject({ zoneMinutes: 540, language: name === 'KX-TGP600' ? 'en' : 'ja' });
    expect(settings.accounts).toHaveLength(1);
  });

  it('P values and names of the same settings mean the same to a phone', () => {
    const settings = (file: string): PhoneSettings =>
      settingsOf(
        values(gs(readFileSync(`${GOLDEN}${file}-cfg${MAC}.xml`), 'GRP2614')),
        grandstream('GRP2614'),
      );
    const numbers = settings('grp2614-pvalues');
    const names = settings('grp2614-settled');
    expect(numbers.accounts[0]?.rings).toEqual(names.accounts[0]?.rings);
    expect(numbers.keys.slice(0, 4)).toEqual(names.keys.slice(0, 4));
    expect(numbers.callWaiting).toBe(names.callWaiting);
    expect(numbers.notifyMustLogIn).toBe(true);
    expect(names.notifyMustLogIn).toBe(true);
  });

  it('phone books of both makers', () => {
    const book = (file: string, maker: 'grandstream' | 'panasonic') =>
      readPhoneBook(readFileSync(`${GOLDEN}${file}`), maker);
    expect(book('grandstream-phonebook.xml', 'grandstream')[0]).toEqual({
      name: "A&B <'商会'>",
      number: '0355550123',
    });
    expect(book('panasonic-phonebook.xml', 'panasonic')).toHaveLength(10);
    expect(book('panasonic-phonebook.xml', 'grandstream')).toMatch(/<ppxml>/);
  });
});

describe('a Grandstream refuses', () => {
  it.each([
    ['a page of HTML', '<!DOCTYPE html><html><body>Hello</body></html>', /well-formed|root/],
    ['another root', '<config version="1"><P47>a</P47></config>', /root is <config>/],
    [
      'another version of the root',
      '<gs_provision version="2"><config version="1"/></gs_provision>',
      /version 1/,
    ],
    ['the file of another phone', doc('<config version="1"/>', '000b82000000'), /file of 000b82000000/],
    ['no configuration', doc(''), /no <config>/],
    ['a configuration of another version', doc('<config version="3"/>'), /version 3/],
    ['a cut file', pValues('<P47>a</P47>').slice(0, -10), /well-formed/],
    ['a bare ampersand', pValues('<P3>A & B</P3>'), /well-formed/],
    ['two roots', `${pValues()}${pValues()}`, /follows the root/],
    ['an attribute without quotes', '<gs_provision version=1></gs_provision>', /no quotes/],
    [
      'what is not UTF-8',
      Buffer.concat([Buffer.from('<a>'), Buffer.from([0xff, 0xfe]), Buffer.from('</a>')]),
      /UTF-8/,
    ],
  ])('%s', (_what, text, reason) => {
    expect(why(gs(text))).toMatch(reason);
  });

  it('names, where the model knows P values alone', () => {
    expect(why(gs(named(['account.1.enable', 'Yes']), 'GXP1628'))).toMatch(/version 2/);
  });

  it('keys that it does not have and values out of range, and keeps what it had', () => {
    const file = gs(
      pValues('<P271>2</P271>', '<P99999>1</P99999>', '<P130>7</P130>', '<P47>ok</P47>', '<P32>ten</P32>'),
    );
    expect([...values(file)]).toEqual([['P47', 'ok']]);
    expect(file).toMatchObject({ ignored: ['P271', 'P99999', 'P130', 'P32'] });
    const names = gs(
      named(
        ['account.1.enable', '1'],
        ['account.1.sip.transport', 'SCTP'],
        ['account.9.enable', 'Yes'],
        ['pks.vpk.99.keyMode', 'BLF'],
        ['pks.vpk.1.keyMode', 'Dance'],
      ),
    );
    expect([...values(names)]).toEqual([]);
  });

  it('an encrypted file whose key it does not know; with the key and its firmware’s digest it takes it', () => {
    for (const digest of ['md5', 'sha256'] as const) {
      const salt = Buffer.from('12345678');
      let made = Buffer.alloc(0);
      let last = Buffer.alloc(0);
      while (made.length < 48) {
        last = createHash(digest).update(last).update('key of this phone').update(salt).digest();
        made = Buffer.concat([made, last]);
      }
      const cipher = createCipheriv('aes-256-cbc', made.subarray(0, 32), made.subarray(32, 48));
      const sealed = Buffer.concat([
        Buffer.from('Salted__'),
        salt,
        cipher.update(pValues('<P47>a</P47>')),
        cipher.final(),
      ]);
      expect(values(gs(sealed, 'GRP2612', 'key of this phone', digest)).get('P47')).toBe('a');
      expect(why(gs(sealed, 'GRP2612', 'key of this phone', digest === 'md5' ? 'sha256' : 'md5'))).not.toBe(
        'taken',
      );
      expect(why(gs(sealed, 'GRP2612', 'another key', digest))).not.toBe('taken');
      expect(why(gs(sealed))).toMatch(/P1359/);
    }
  });
});

describe('a Panasonic refuses', () => {
  const cfg = (...lines: string[]): string => `${[FIRST, ...lines].join('\r\n')}\r\n\r\n`;

  it.each([
    ['no first line', 'SIP_URI_1="21"\r\n\r\n', /first line/],
    ['a first line with a blank more', `${FIRST} \r\nSIP_URI_1="21"\r\n\r\n`, /first line/],
    ['no empty line at the end', `${FIRST}\r\nSIP_URI_1="21"\r\n`, /empty line/],
    [
      'what is not UTF-8',
      Buffer.concat([Buffer.from(cfg().slice(0, -4)), Buffer.from([13, 10, 0xff, 13, 10, 13, 10])]),
      /UTF-8/,
    ],
    [
      'more than 120 KB',
      cfg(...Array.from({ length: 3_000 }, () => `DISPLAY_NAME_1="${'x'.repeat(40)}"`)),
      /bytes/,
    ],
  ])('%s', (_what, text, reason) => {
    expect(why(pn(text))).toMatch(reason);
  });

  it('lines that are none, and takes the first of two', () => {
    const file = pn(
      cfg(
        'SIP_URI_1="21"',
        'SIP_URI_1="22"',
        'NTP_ADDR = "x"',
        'TIME_ZONE=540',
        'NOT_A_KEY="1"',
        '# remark',
        'DISPLAY_NAME_1="a"b"',
        `DISPLAY_NAME_2="${'x'.repeat(501)}"`,
        'SIP_URI_7="9"',
      ),
    );
    expect([...values(file)]).toEqual([['SIP_URI_1', '21']]);
    expect(file).toMatchObject({
      ignored: [
        'NTP_ADDR = "x"',
        'TIME_ZONE=540',
        'NOT_A_KEY',
        'DISPLAY_NAME_1="a"b"',
        'DISPLAY_NAME_2',
        'SIP_URI_7',
      ],
    });
  });

  it('KX-UT: a bare line feed, and lines beyond 537 bytes', () => {
    expect(why(pn(cfg('SIP_URI_1="21"').replaceAll('\r', ''), 'KX-UT136N'))).toMatch(/CR LF/);
    expect(why(pn(cfg('SIP_URI_1="21"').replaceAll('\r', '')))).toBe('taken');
    const wide = `DISPLAY_NAME_1="${'受'.repeat(175)}"`;
    expect([...values(pn(cfg(wide), 'KX-UT136N'))]).toEqual([]);
    expect(values(pn(cfg(wide))).size).toBe(1);
  });
});

describe('what settings make a phone do', () => {
  it('a NOTIFY: Grandstream restarts unless it is told not to, Panasonic compares the word', () => {
    const one = grandstream('GRP2612');
    const two = panasonic('KX-HDV230N');
    const settings = settingsOf(new Map(), one);
    expect(checkSyncOf(one, settings, 'check-sync')).toBe('reboot');
    expect(checkSyncOf(one, settings, 'check-sync;reboot=false')).toBe('fetch');
    expect(checkSyncOf(one, settings, 'resync')).toBe('fetch');
    expect(checkSyncOf(one, settings, 'talk')).toBeUndefined();
    expect(checkSyncOf(two, settingsOf(new Map(), two), 'check-sync')).toBe('fetch');
    const other = settingsOf(new Map([['CFG_RESYNC_FROM_SIP', 'Y']]), two);
    expect(checkSyncOf(two, other, 'check-sync')).toBeUndefined();
  });

  it('P4428 switches the login off; by name the two newer families mean opposite things', () => {
    const login = (model: string, text: string): boolean =>
      settingsOf(values(gs(text, model)), grandstream(model)).notifyMustLogIn;
    expect(login('GXP1628', pValues('<P4428>0</P4428>'))).toBe(true);
    expect(login('GXP1628', pValues('<P4428>1</P4428>'))).toBe(false);
    expect(login('GRP2612', named(['sip.notify.challenge', 'Yes']))).toBe(true);
    expect(login('GXP2135', named(['sip.notify.challenge', 'Yes']))).toBe(false);
  });

  it('firmware: none unless a file names it; Grandstream makes the file’s name itself', () => {
    const model = grandstream('GRP2612');
    const rows = named(
      ['provisioning.firmware.serverPath', '10.0.0.1:8080/p/firmware'],
      ['provisioning.firmware.protocol', 'HTTPS'],
    );
    expect(firmwareUrl(model, settingsOf(new Map(), model))).toBeNull();
    expect(firmwareUrl(model, settingsOf(values(gs(rows)), model))).toBe(
      'https://10.0.0.1:8080/p/firmware/grp2612fw.bin',
    );
    expect(versionIn(Buffer.from('image of GRP2612 1.0.9.70 ...'))).toBe('1.0.9.70');
    expect(versionIn(Buffer.from('<html>404</html>'))).toBeUndefined();
  });

  it('a second account has its own P values, an account without a user is none', () => {
    const model = grandstream('GXP1628');
    const file = gs(
      pValues(
        '<P271>1</P271>',
        '<P47>a</P47>',
        '<P401>1</P401>',
        '<P402>b:5080</P402>',
        '<P404>31</P404>',
        '<P443>2</P443>',
        '<P448>1</P448>',
      ),
      'GXP1628',
    );
    expect(settingsOf(values(file), model).accounts).toMatchObject([
      { account: 2, user: '31', domain: 'b', server: 'b:5080', srtp: 'required', transport: 'tcp' },
    ]);
  });
});

describe('reading files never throws', () => {
  it('6,000 damaged files of both makers', () => {
    const files = [
      pValues('<P47>a&amp;b</P47>', '<P1363>31</P1363>'),
      named(['account.1.name', 'x']),
      `${FIRST}\r\nSIP_URI_1="21"\r\n\r\n`,
    ].map((text) => Buffer.from(text));
    const change = fc.tuple(fc.nat(400), fc.nat(255));
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.array(change, { maxLength: 6 }),
        fc.nat(400),
        (file, changes, length) => {
          const bytes = Buffer.from(file.subarray(0, length));
          for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte;
          gs(bytes);
          pn(bytes);
          readPhoneBook(bytes, 'panasonic');
        },
      ),
      { numRuns: 6_000 },
    );
  });

  it('XML that is nested deeper than anything is refused, not followed', () => {
    expect(readXml('<a>'.repeat(100_000))).toMatch(/deep/);
    expect(readXml(`<a b="1" b="2"/>`)).toMatch(/no attribute/);
    expect(readXml('<a>&#x41;&lt;<![CDATA[<&]]></a>')).toMatchObject({ text: 'A<<&' });
  });
});
