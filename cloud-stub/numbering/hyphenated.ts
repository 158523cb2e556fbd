import type { Instant } from '../../lib/base/clock.ts';
import { classify } from './classify.ts';
import { japan } from './japan.ts';
import type { Classified } from './types.ts';

/**
 * A number as people in Japan write it: `03-5555-0123`, `0467-12-3456`, `090-1234-5678`, `0120-123-456`. Text that is no
 * complete number in use comes back as it is.
 */
export function hyphenated(number: string, at: Instant): string {
  const found = classify(number, at);
  if (!found.complete || found.special === 'docomoRemote' || found.special === 'softbankService')
    return number;
  const { national } = found;
  const area = areaDigits(found, at);
  if (area === undefined) return number;
  const last = area === 4 && found.class !== 'geographic' ? national.length - 7 : 4;
  const local = national.length - area - last;
  return [national.slice(0, area), national.slice(area, area + local), national.slice(area + local)].join(
    '-',
  );
}

/** Digits before the first hyphen; undefined: written in one. */
function areaDigits(found: Classified, at: Instant): number | undefined {
  switch (found.class) {
    case 'geographic':
      return japan.originOf(found.national, at)?.areaCode.length;
    case 'mobile':
    case 'ip050':
      return 3;
    case 'tollFree':
    case 'naviDial':
    case 'premium':
      return 4;
    case 'm2m':
    case 'emergency':
    case 'special1xy':
    case 'international':
    case 'unknown':
      return undefined;
  }
}
