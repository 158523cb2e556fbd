import { readFileSync } from 'node:fs';
import type { Instant } from '../../lib/base/clock.ts';
import { Geography } from './geography.ts';
import type { NumberOrigin } from './geography-types.ts';

/** Japan as in `data/`. A fault in these files is ours and stops the program at once, with the line to correct. */
export const japan: Geography = read();

function read(): Geography {
  const text = (name: string) => readFileSync(new URL(`./data/${name}`, import.meta.url), 'utf8');
  const found = Geography.read({
    prefectures: text('prefectures.tsv'),
    chargeAreas: text('charge-areas.tsv'),
    bands: text('number-bands.tsv'),
  });
  if (!found.ok) throw new Error(found.error.say);
  return found.value;
}

/** Area code, charge area, prefecture, region and half of Japan of a national fixed-line number: `0427123456`. [S2-021] */
export function originOf(national: string, at: Instant): NumberOrigin | undefined {
  return japan.originOf(national, at);
}
