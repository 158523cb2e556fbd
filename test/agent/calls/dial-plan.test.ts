import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collect, type DialConfig } from '../../../agent/calls/dial-plan.ts';

const office: DialConfig = { extensions: ['11', '12', '2', '200'], emergency: 'refused' };

/** Dials digit by digit as a line does: stops at the first final answer. */
function dial(digits: string, config: DialConfig = office): string {
  for (let count = 1; count <= digits.length; count++) {
    const found = collect(digits.slice(0, count), config);
    if (found.at === 'complete') return `${found.called.kind} ${found.called.number} after ${count}`;
    if (found.at === 'refused') return `refused ${found.refusal.rule} after ${count}`;
  }
  return 'waits';
}

/** The same, and then nothing more comes. */
function dialAndWait(digits: string, config: DialConfig = office): string {
  const found = collect(digits, config);
  const final = found.at === 'incomplete' ? found.atTimeout : found;
  if (final.at === 'code') return `code ${final.code.code}`;
  return final.at === 'complete'
    ? `${final.called.kind} ${final.called.number}`
    : `refused ${final.refusal.rule}`;
}

describe('numbers of known length are called at their last digit', () => {
  it.each([
    ['geographic number, 10 digits', '0355550123', 'geographic 0355550123 after 10'],
    ['geographic number with a long area code', '0126712345', 'geographic 0126712345 after 10'],
    ['IP phone, 11 digits', '05012345678', 'ipPhone 05012345678 after 11'],
    ['mobile 070', '07012345678', 'mobile 07012345678 after 11'],
    ['mobile 080', '08012345678', 'mobile 08012345678 after 11'],
    ['mobile 090', '09012345678', 'mobile 09012345678 after 11'],
    ['mobile 060 (from July 2026)', '06012345678', 'mobile 06012345678 after 11'],
    ['toll-free 0120', '0120123456', 'tollFree 0120123456 after 10'],
    ['toll-free 0800', '08001234567', 'tollFree 08001234567 after 11'],
    ['navi-dial 0570 [S0-048]', '0570012345', 'sharedCost 0570012345 after 10'],
    ['0990', '0990123456', 'premium 0990123456 after 10'],
    ['0170', '0170123456', 'premium 0170123456 after 10'],
    ['0180', '0180123456', 'premium 0180123456 after 10'],
    ['020, 11 digits', '02012345678', 'm2m 02012345678 after 11'],
    ['0200, 14 digits', '02001234567890', 'm2m 02001234567890 after 14'],
    ['117 time', '117', 'service 117 after 3'],
    ['171 disaster message', '171', 'service 171 after 3'],
    ['188', '188', 'service 188 after 3'],
    ['189', '189', 'service 189 after 3'],
    ['withheld number', '1840355550123', 'geographic 1840355550123 after 13'],
    ['presented number', '18609012345678', 'mobile 18609012345678 after 14'],
    ['extension that begins nothing else', '12', 'extension 12 after 2'],
    ['extension, the longest of its kind', '200', 'extension 200 after 3'],
  ])('%s', (_name, digits, outcome) => {
    expect(dial(digits)).toBe(outcome);
  });
});

describe('of several 184 and 186 the last one counts', () => {
  it.each([
    ['1861840355550123', 'geographic 1840355550123 after 16'],
    ['18418609012345678', 'mobile 18609012345678 after 17'],
    ['184184117', 'service 184117 after 9'],
  ])('%s', (digits, outcome) => {
    expect(dial(digits)).toBe(outcome);
  });

  it.each(['184', '186184', '184186'])('a number has to follow %s, which gives dial tone', (digits) => {
    expect(collect(digits, office)).toMatchObject({ at: 'incomplete', heard: true });
    expect(dialAndWait(digits)).toBe('refused dial.incomplete');
  });

  it('none of them hides an emergency call', () => {
    expect(dial('184184110', { ...office, emergency: 'supported' })).toBe('emergency 110 after 9');
  });
});

describe('open-ended numbers wait for the inter-digit timer or #', () => {
  it.each([
    ['international', '0101212555', 'international 0101212555'],
    ['carrier prefix', '00330355550123', 'carrierSelect 00330355550123'],
    ['extension with which 110 begins', '11', 'extension 11'],
    ['extension with which another begins', '2', 'extension 2'],
  ])('%s', (_name, digits, outcome) => {
    expect(dial(digits)).toBe('waits');
    expect(dialAndWait(digits)).toBe(outcome);
    expect(dial(`${digits}#`)).toBe(`${outcome} after ${digits.length + 1}`);
  });

  it('an international number cannot grow without end', () => {
    expect(dial(`010${'1'.repeat(30)}`)).toBe(`international 010${'1'.repeat(15)} after 18`);
    expect(dial(`0033${'1'.repeat(40)}`)).toMatch(/^carrierSelect .* after 32$/);
  });
});

describe('digits that cannot be called are refused with their rule', () => {
  it.each([
    ['104, ended on 2026-03-31 [A-11]', '104', 'refused dial.serviceEnded after 3'],
    ['177, ended on 2025-03-31', '177', 'refused dial.serviceEnded after 3'],
    ['unknown three-digit service', '139', 'refused dial.noSuchNumber after 3'],
    ['no area code', '55550123', 'refused dial.noSuchNumber after 1'],
    ['0500 is not assigned', '0500', 'refused dial.noSuchNumber after 4'],
    ['# first [S3-004]', '#', 'refused dial.noSuchService after 1'],
    ['* code', '*1', 'refused dial.noSuchService after 1'],
  ])('%s', (_name, digits, outcome) => {
    expect(dial(digits)).toBe(outcome);
  });

  it('too short a number is refused when nothing more comes, or at #', () => {
    expect(dialAndWait('03555')).toBe('refused dial.incomplete');
    expect(dial('03555#')).toBe('refused dial.incomplete after 6');
    expect(dialAndWait('184')).toBe('refused dial.incomplete');
    expect(dialAndWait('0101')).toBe('refused dial.incomplete');
  });
});

describe('emergency numbers', () => {
  it.each(['110', '118', '119'])('%s is called at once where the contract offers it', (digits) => {
    expect(dial(digits, { ...office, emergency: 'supported' })).toBe(`emergency ${digits} after 3`);
    expect(dial(`184${digits}`, { ...office, emergency: 'supported' })).toBe(`emergency ${digits} after 6`);
  });

  it.each(['110', '118', '119'])('%s is refused with a reason where it is not offered', (digits) => {
    expect(dial(digits)).toBe('refused dial.emergencyRefused after 3');
  });

  it('win over an extension with the same number', () => {
    expect(dial('119', { extensions: ['119'], emergency: 'supported' })).toBe('emergency 119 after 3');
  });
});

it('never throws, always ends within 33 digits, and is the same however it is asked', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0123456789*#AB'), maxLength: 40 }), (digits) => {
      let final = false;
      for (let count = 1; count <= digits.length && !final; count++) {
        final = collect(digits.slice(0, count), office).at !== 'incomplete';
      }
      expect(final || digits.length <= 33).toBe(true);
      if (digits !== '') expect(collect(digits, office)).toEqual(collect(digits, office));
    }),
  );
});
