import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  knownModels,
  type PhoneVendor,
  type ProvisioningAround,
  type RenderedFile,
  renderPhone,
  renderPhoneBook,
} from '../../../../agent/provisioning/templates/index.ts';
import { AROUND, FIRST_OF_GRANDSTREAM, SETTLED, sampleKeys, samplePhone } from './samples.ts';

const FOLDER = new URL('golden/', import.meta.url);
/** Set for one run to write the files anew; what changed is then seen in the diff. */
const WRITE = process.env['ENGAWA_WRITE_GOLDEN'] === '1';

function compare(name: string, bytes: Uint8Array): void {
  const file = new URL(name, FOLDER);
  if (WRITE) writeFileSync(file, bytes);
  expect(Buffer.from(bytes).toString('utf8')).toBe(readFileSync(file, 'utf8'));
}

interface Case {
  readonly vendor: PhoneVendor;
  readonly model: string;
  readonly note: string;
  readonly around: ProvisioningAround;
}

/** `GRP2612P`, `W`, `G`: fed or joined to the network otherwise; their files are those of the plain model. */
function plainModelOf(model: string): string {
  return model.replace(/^(GRP26\d\d)[PWG]$/, '$1');
}

const VENDORS: readonly PhoneVendor[] = ['grandstream', 'panasonic'];
const MODELS = VENDORS.flatMap((vendor) => knownModels(vendor).map((model) => ({ vendor, model })));
const PLAIN = MODELS.filter(({ model }) => plainModelOf(model) === model);
const CASES: readonly Case[] = [
  ...PLAIN.map((each) => ({
    ...{ ...each, note: 'first' },
    around: each.vendor === 'grandstream' ? FIRST_OF_GRANDSTREAM : AROUND,
  })),
  ...PLAIN.map((each) => ({ ...each, note: 'settled', around: SETTLED })),
  ...['GXP2135', 'GRP2614'].map((model) => ({
    ...{ vendor: 'grandstream' as const, model, note: 'pvalues' },
    around: { ...FIRST_OF_GRANDSTREAM, form: 'pValues' as const },
  })),
];

/** The files of a model, with as many of the sample's keys as it has place for. */
function filesOf(vendor: PhoneVendor, model: string, around: ProvisioningAround): readonly RenderedFile[] {
  const language = model === 'KX-TGP600' ? 'en' : 'ja';
  for (const keys of [sampleKeys(true), sampleKeys(false), []]) {
    const files = renderPhone(samplePhone(vendor, model, { keys, language }), around);
    if (files.ok) return files.value;
  }
  throw new Error(`no files of ${model}`);
}

describe('files of the example office', () => {
  it.each(CASES)('$vendor $model, $note: the file is the one that was looked over', (each) => {
    const { vendor, model, note, around } = each;
    for (const { name, bytes } of filesOf(vendor, model, around)) {
      compare(`${model.toLowerCase()}-${note}-${name}`, bytes);
    }
  });

  it.each(MODELS.filter(({ model }) => plainModelOf(model) !== model))(
    '$vendor $model: the file is that of its plain model',
    ({ vendor, model }) => {
      for (const around of [AROUND, SETTLED]) {
        const own = filesOf(vendor, model, around);
        expect(own).toEqual(filesOf(vendor, plainModelOf(model), around));
      }
    },
  );

  it('no file lies here that no model has', () => {
    const made = CASES.flatMap(({ vendor, model, note, around }) =>
      filesOf(vendor, model, around).map(({ name }) => `${model.toLowerCase()}-${note}-${name}`),
    );
    const books = /^(grandstream|panasonic)-phonebook/;
    expect(readdirSync(FOLDER).filter((name) => !made.includes(name) && !books.test(name))).toEqual([]);
  });

  it('the phone book of each maker is the one that was looked over', () => {
    const phoneBook = [
      { name: "A&B <'商会'>", number: '0355550123' },
      ...Array.from({ length: 10 }, (_, index) => ({ name: `内線 ${index}`, number: `${20 + index}` })),
    ];
    for (const [vendor, model] of [
      ['grandstream', 'GRP2614'],
      ['panasonic', 'KX-HDV230N'],
    ] as const) {
      const files = renderPhoneBook(vendor, model, { ...AROUND, phoneBook });
      if (!files.ok) throw new Error(files.error.say);
      for (const { name, bytes } of files.value) compare(`${vendor}-${name}`, bytes);
    }
  });
});
