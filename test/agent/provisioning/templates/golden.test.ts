import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  type ProvisioningAround,
  renderPhone,
  renderPhoneBook,
} from '../../../../agent/provisioning/templates/index.ts';
import type { PhoneConfig } from '../../../../lib/contract/lan-config.ts';
import { AROUND, SETTLED, sampleKeys, samplePhone } from './samples.ts';

const FOLDER = new URL('golden/', import.meta.url);
/** Set for one run to write the files anew; what changed is then seen in the diff. */
const WRITE = process.env['ENGAWA_WRITE_GOLDEN'] === '1';

function compare(name: string, bytes: Uint8Array): void {
  const file = new URL(name, FOLDER);
  if (WRITE) writeFileSync(file, bytes);
  expect(Buffer.from(bytes).toString('utf8')).toBe(readFileSync(file, 'utf8'));
}

type Case = readonly [
  vendor: PhoneConfig['vendor'],
  model: string,
  lamps: boolean,
  around: ProvisioningAround,
  note: string,
];

const CASES: readonly Case[] = [
  ['grandstream', 'GXP1610', false, AROUND, 'first'],
  ['grandstream', 'GXP1628', true, AROUND, 'first'],
  ['grandstream', 'GXP1630', true, SETTLED, 'settled'],
  ['grandstream', 'GXP2135', true, AROUND, 'first'],
  ['grandstream', 'GXP2135', true, { ...AROUND, form: 'pValues' }, 'pvalues'],
  ['grandstream', 'GXP2170', true, SETTLED, 'settled'],
  ['grandstream', 'GRP2604P', true, AROUND, 'first'],
  ['grandstream', 'GRP2612', true, AROUND, 'first'],
  ['grandstream', 'GRP2614', true, SETTLED, 'settled'],
  ['grandstream', 'GRP2614', true, { ...AROUND, form: 'pValues' }, 'pvalues'],
  ['panasonic', 'KX-HDV130N', false, AROUND, 'first'],
  ['panasonic', 'KX-HDV230N', true, AROUND, 'first'],
  ['panasonic', 'KX-HDV330N', true, SETTLED, 'settled'],
  ['panasonic', 'KX-UT123N', false, AROUND, 'first'],
  ['panasonic', 'KX-UT136N', true, SETTLED, 'settled'],
];

describe('files of the example office', () => {
  it.each(CASES)(
    '%s %s: the file is the one that was looked over (lamps %s)',
    (...[vendor, model, lamps, around, note]) => {
      const keys = model === 'KX-UT123N' ? [] : sampleKeys(lamps);
      const files = renderPhone(samplePhone(vendor, model, { keys }), around);
      if (!files.ok) throw new Error(files.error.say);
      for (const { name, bytes } of files.value) compare(`${model.toLowerCase()}-${note}-${name}`, bytes);
    },
  );

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
