import { MICRO_YEN_PER_YEN, type MicroYen } from '../../lib/base/units.ts';
import type { Rounding } from './policy.ts';

/** Exact micro-yen as whole yen. */
export function toYen(amount: MicroYen, rounding: Rounding): number {
  return divide(amount, MICRO_YEN_PER_YEN, rounding);
}

/** Tax on a whole sum of yen. Of a negative sum it is the tax on the positive one, negated: a credit gives back what was taken. */
export function taxOn(taxableYen: number, percent: number, rounding: Rounding): number {
  const tax = divide(Math.abs(taxableYen) * percent, 100, rounding);
  return taxableYen < 0 ? 0 - tax : tax;
}

function divide(amount: number, by: number, rounding: Rounding): number {
  switch (rounding) {
    case 'floor':
      return positiveZero(Math.floor(amount / by));
    case 'ceil':
      return positiveZero(Math.ceil(amount / by));
    case 'nearest':
      return positiveZero(Math.sign(amount) * Math.floor(Math.abs(amount) / by + 0.5));
  }
}

/** `-0` would show in nothing but a comparison of bytes. */
function positiveZero(value: number): number {
  return value === 0 ? 0 : value;
}
