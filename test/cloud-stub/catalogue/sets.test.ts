import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../cloud-stub/catalogue/index.ts';

const YEN = 1_000_000;
const item = (id: string) => catalogue.items.find((entry) => entry.id === id);

describe('option sets', () => {
  it.each([
    ['S0-033', 'basic', 1_080, 780, ['option.voicemail', 'option.afterHours'], 'onePerNumber'],
    [
      'S0-035',
      'standard',
      1_680,
      1_180,
      ['option.voicemail', 'option.fax', 'id.additional', 'number.additional'],
      'one',
    ],
    [
      'S0-037',
      'premium',
      2_360,
      1_780,
      ['option.voicemail', 'option.afterHours', 'option.fax', 'option.phoneBook', 'option.forwarding'],
      'one',
    ],
  ] as const)('[%s] the %s set lists at %d and sells at %d', (fact, id, list, price, members, atMost) => {
    const set = catalogue.sets.find((entry) => entry.id === id);
    if (set === undefined) throw new Error(id);
    expect(set.facts).toContain(fact);
    expect(set.members).toEqual(members);
    expect(set.listMicroYen).toBe(list * YEN);
    expect(set.setMicroYen).toBe(price * YEN);
    expect(set.atMost).toBe(atMost);
    // The list price is the sum of the members, and the discount makes up the rest.
    expect(set.members.reduce((sum, member) => sum + (item(member)?.priceMicroYen ?? NaN), 0)).toBe(
      list * YEN,
    );
    expect(list * YEN + (item(set.discountItem)?.priceMicroYen ?? NaN)).toBe(price * YEN);
  });

  it('[S0-040] are three, and only one kind fits one application', () => {
    expect(catalogue.sets.map((set) => set.id)).toEqual(['basic', 'standard', 'premium']);
  });
});
