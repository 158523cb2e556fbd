import type { OptionMatch } from './settings.ts';

/**
 * By what a desk phone of a supported maker is known before anything else is: address blocks of the makers, and the
 * beginning of the vendor class (option 60).
 */
export const PHONE_MAKERS: readonly OptionMatch[] = [
  { oui: '000b82' },
  { oui: 'c074ad' },
  { oui: 'ec74d7' },
  { oui: '0080f0' },
  { oui: 'bcc342' },
  { vendorClassPrefix: 'Grandstream' },
  { vendorClassPrefix: 'Panasonic' },
];
