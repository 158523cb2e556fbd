import type { PhoneVendor } from './types.ts';

/**
 * The `Alert-Info` header by which a call rings with `ring` (1 to 5) on a phone that was set up here. Grandstream matches the
 * word after `info=` with a rule of the phone, Panasonic knows the names of Bellcore. [S0-056]
 */
export function alertInfoOf(vendor: PhoneVendor, ring: number): string {
  switch (vendor) {
    case 'grandstream':
      return `<http://127.0.0.1>;info=ring${ring}`;
    case 'panasonic':
      return `<Bellcore-dr${ring}>`;
  }
}
