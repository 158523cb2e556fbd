import type { Random } from '../../../../lib/base/random.ts';

const SPICE = [
  '__proto__',
  '\r\n',
  '\r\n\r\n',
  ' ',
  ';',
  ',',
  '"',
  '<',
  '>',
  '%00',
  '\0',
  '99999999999',
  ':',
  '[::1]',
  '受',
];

/** One to four random edits: flip, cut, repeat, insert. */
export function mutate(seed: Buffer, random: Random): Buffer {
  let bytes = Buffer.from(seed);
  const pick = (below: number): number => Math.floor(random.fraction() * below);
  for (let edit = 0; edit <= pick(4); edit++) {
    const at = pick(bytes.length);
    const rest = bytes.subarray(at);
    switch (pick(4)) {
      case 0:
        bytes[at] = pick(256);
        break;
      case 1:
        bytes = Buffer.concat([bytes.subarray(0, at), rest.subarray(pick(40))]);
        break;
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, at), rest.subarray(0, 60), rest]);
        break;
      default:
        bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(SPICE[pick(SPICE.length)] ?? ''), rest]);
    }
  }
  return bytes;
}
