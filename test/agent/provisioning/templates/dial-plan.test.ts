import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DIAL_PLAN } from '../../../../agent/provisioning/templates/grandstream/settings-of.ts';

/** The maker's grammar: `x` is a digit, `x+` one and more, `[…]` one of them, alternatives between bars. */
const RULES = DIAL_PLAN.slice(1, -1)
  .split('|')
  .map((rule) => rule.trim())
  .map((rule) => ({
    open: rule.endsWith('+'),
    whole: new RegExp(`^${rule.replaceAll('*', '\\*').replaceAll('x', '[0-9]')}$`),
  }));

/** Sent at this digit: a rule of fixed length is complete. */
const atOnce = (number: string) => RULES.some(({ open, whole }) => !open && whole.test(number));
const allowed = (number: string) => RULES.some(({ whole }) => whole.test(number));

describe('dial plan of the phones', () => {
  it.each([
    '110',
    '118',
    '119',
    '0355550123',
    '0120123456',
    '09012345678',
    '05012345678',
    '08001234567',
    '06012345678',
  ])('sends %s at its last digit and not before', (number) => {
    expect(atOnce(number)).toBe(true);
    for (let length = 1; length < number.length; length++)
      expect(atOnce(number.slice(0, length))).toBe(false);
  });

  it.each(['11', '101', '22', '010', '01012125550123', '*71', '*810', '*1', '1620355550123'])(
    'lets %s be dialled, when its dialler is done',
    (number) => {
      expect(atOnce(number)).toBe(false);
      expect(allowed(number)).toBe(true);
    },
  );

  it('never stops anything that the box could be asked for', () => {
    fc.assert(fc.property(fc.stringMatching(/^\*?[0-9]{1,20}$/), (number) => allowed(number)));
  });
});
