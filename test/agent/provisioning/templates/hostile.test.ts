import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  knownModels,
  type PhoneVendor,
  renderPhone,
  renderPhoneBook,
} from '../../../../agent/provisioning/templates/index.ts';
import type { PhoneConfig } from '../../../../lib/contract/lan-config.ts';
import { readGrandstream, readPanasonic } from './read-back.ts';
import { AROUND, SETTLED, samplePhone } from './samples.ts';

const digits = fc.stringMatching(/^[0-9*#]{1,20}$/);
/** Text that tries to leave its place: markup, quotes, line ends, halves of pairs, and everything else. */
const text = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
  fc.constantFrom(
    '</P270><P2>admin</P2>',
    '"\r\nADMIN_PASS="x',
    "a&b<c>d'e",
    '<!--',
    ']]>',
    '\u0000',
    '\ud800',
  ),
  fc.stringMatching(/^[a-z<>&"'\r\n ]{1,40}$/),
  fc.string({ minLength: 1, maxLength: 40 }),
);
const label = fc.option(text, { nil: undefined });
const key: fc.Arbitrary<PhoneConfig['keys'][number]> = fc.oneof(
  label.map((word) => ({ does: 'line' as const, ...(word === undefined ? {} : { label: word }) })),
  fc.tuple(digits, label).map(([extension, word]) => ({
    does: 'watch' as const,
    extension,
    ...(word === undefined ? {} : { label: word }),
  })),
  fc.integer({ min: 1, max: 9 }).map((slot) => ({ does: 'park' as const, slot })),
  fc.tuple(digits, text).map(([number, word]) => ({ does: 'dial' as const, number, label: word })),
);
const vendors: readonly PhoneVendor[] = ['grandstream', 'panasonic'];
const model = fc.constantFrom(
  ...vendors.flatMap((vendor) => knownModels(vendor).map((name) => ({ vendor, name }))),
);
const phone: fc.Arbitrary<PhoneConfig> = fc
  .record({
    model,
    mac: fc.stringMatching(/^[0-9a-f]{12}$/),
    label: text,
    extension: fc.stringMatching(/^[1-9][0-9]{0,4}$/),
    rings: fc.array(fc.record({ number: digits, ring: fc.integer({ min: 1, max: 5 }) }), { maxLength: 4 }),
    keys: fc.array(key, { maxLength: 24 }),
    language: fc.constantFrom('ja' as const, 'en' as const),
    callWaiting: fc.boolean(),
  })
  .map(({ model: { vendor, name }, ...rest }) => ({ ...samplePhone(vendor, name), ...rest }));

function readBack(vendor: PhoneVendor, bytes: Uint8Array): readonly (readonly [string, string])[] {
  if (vendor === 'panasonic') return readPanasonic(bytes);
  return readGrandstream(new TextDecoder('utf-8', { fatal: true }).decode(bytes)).settings;
}

describe('any phone', () => {
  it('renders to a file that reads back whole, or to a refusal with a reason and a place', () => {
    const around = fc.constantFrom(AROUND, SETTLED, { ...SETTLED, form: 'pValues' as const });
    fc.assert(
      fc.property(phone, around, (config, surroundings) => {
        const files = renderPhone(config, surroundings);
        if (!files.ok) {
          expect(files.error.say.length).toBeGreaterThan(20);
          expect(files.error.say).not.toMatch(/[\r\n]/);
          return;
        }
        for (const { bytes, name } of files.value) {
          const settings = readBack(config.vendor, bytes);
          expect(new Set(settings.map(([each]) => each)).size).toBe(settings.length);
          const entry = name === `${config.model}.cfg`;
          const labels = settings.filter(([each]) =>
            /^(P3|DISPLAY_NAME_1|account\.1\.sip\.subscriber\.name)$/.test(each),
          );
          if (!entry) expect(labels.map(([, value]) => value)).toEqual([config.label]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('cannot get out of its place in the file by a hostile label', () => {
    const words = [
      '</P270><P2>x</P2>',
      `"><item name="users.admin.password">x`,
      "a&amp;b'c",
      '&#10;<P2>x</P2>',
    ];
    for (const word of words) {
      const file = renderPhone(samplePhone('grandstream', 'GXP1628', { label: word }), AROUND);
      if (!file.ok) throw new Error(file.error.say);
      const { settings } = readGrandstream(Buffer.from(file.value[0]?.bytes ?? []).toString('utf8'));
      expect(settings.filter(([each]) => each === 'P270')).toEqual([['P270', word]]);
      expect(settings.filter(([each]) => each === 'P2')).toEqual([['P2', 'Adm1nWord34']]);
    }
  });

  it.each(['a\rb', 'a\nb', 'a\u0000b', 'a\u0085b', '\ud800'])(
    'is refused a label with %j, by name',
    (word) => {
      for (const [vendor, name, place] of [
        ['grandstream', 'GRP2614', 'account.1.name'],
        ['panasonic', 'KX-HDV230N', 'DISPLAY_NAME_1'],
      ] as const) {
        const refusal = renderPhone({ ...samplePhone(vendor, name), label: word }, AROUND);
        expect(refusal).toMatchObject({ ok: false, error: { code: 'template.valueCharacters', key: place } });
      }
    },
  );

  it('is refused a quotation mark in a Panasonic file, which has no way to write one', () => {
    const refusal = renderPhone(samplePhone('panasonic', 'KX-UT136N', { label: 'a"b' }), AROUND);
    expect(refusal).toMatchObject({
      ok: false,
      error: { code: 'template.valueCharacters', key: 'DISPLAY_NAME_1' },
    });
  });

  it('reads a phone book of any names as the same names and numbers, page by page', () => {
    const entry = fc.record({
      name: fc.string({ unit: 'binary', minLength: 1, maxLength: 24 }),
      number: digits,
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 45 }), (phoneBook) => {
        const files = renderPhoneBook('panasonic', 'KX-HDV430N', { ...AROUND, phoneBook });
        if (!files.ok) return;
        const pages = files.value.map(({ bytes }) => new TextDecoder('utf-8', { fatal: true }).decode(bytes));
        const numbers = pages.flatMap((page) =>
          [...page.matchAll(/<PhoneNum [^>]*>([^<]*)</g)].map(([, each]) => each),
        );
        expect(numbers).toEqual(phoneBook.map(({ number }) => number));
        for (const page of pages) {
          const names = [...page.matchAll(/<Name>([^<]*)<\/Name>/g)].map(([, each]) => each ?? '');
          expect(names.length).toBeLessThanOrEqual(10);
          expect(names.filter((each) => /["&'<>]/.test(each))).toEqual([]);
        }
      }),
      { numRuns: 200 },
    );
  });
});
