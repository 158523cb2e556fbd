import type { Random } from '../../../../lib/base/random.ts';

/** Facsimile control fields and kinds of page data that a frame may begin with. */
const FIELDS = [
  0x80, 0x40, 0x20, 0x81, 0x41, 0x21, 0xc1, 0xa1, 0x61, 0x82, 0x42, 0x22, 0xc2, 0xa2, 0x12, 0x84, 0x44, 0xc4,
  0x8e, 0x4e, 0x2e, 0x1e, 0xbe, 0xce, 0x6e, 0x8c, 0xcc, 0x4c, 0xac, 0x2c, 0xbc, 0xec, 0x1c, 0xfc, 0xfa, 0x1a,
  0xca, 0x06, 0x86, 0x24, 0xe2, 0x62, 0x11,
];

/** An IFP packet that is good, nearly good, or none at all. */
export function anyIfp(random: Random, version: 0 | 1 | 3): Uint8Array {
  const chance = random.fraction();
  if (chance < 0.02) return random.bytes(Math.floor(random.fraction() * 300));
  const ifp =
    chance < 0.2 ? Uint8Array.of(Math.floor(random.fraction() * 16) << 1) : dataIfp(random, version);
  return chance > 0.85 ? spoilt(random, ifp, version) : ifp;
}

function dataIfp(random: Random, version: 0 | 1 | 3): Uint8Array {
  const below = (limit: number): number => Math.floor(random.fraction() * limit);
  const dataType = below(2) === 0 ? 0 : below(9);
  const wholeFrame = below(3) === 0;
  const count = wholeFrame ? 2 : below(10) < 7 ? 1 : 1 + below(below(10) < 9 ? 3 : 100);
  const out = [0xc0 | (dataType << 1), count];
  let lowHalf = false;
  for (let field = 0; field < count; field += 1) {
    // Data, then "the checksum was right", with or without the end of the signal: the machine obeys such a frame.
    const type = wholeFrame ? ([0, 2 + 2 * below(2)][field] ?? 0) : below(8);
    const data = (wholeFrame ? field === 1 : below(10) < 2)
      ? null
      : fieldData(random, wholeFrame || dataType === 0);
    if (version !== 0) {
      out.push((data === null ? 0 : 0x80) | (type << 3));
    } else {
      const half = (data === null ? 0 : 8) | type;
      if (lowHalf) out.push((out.pop() ?? 0) | half);
      else out.push(half << 4);
      lowHalf = data === null && !lowHalf;
    }
    if (data !== null) out.push((data.length - 1) >> 8, (data.length - 1) & 0xff, ...data);
  }
  return Uint8Array.from(out);
}

function fieldData(random: Random, control: boolean): Uint8Array {
  const long = random.fraction() < 0.1;
  const short = random.fraction() < 0.15;
  const data = random.bytes(1 + Math.floor(random.fraction() * (long ? 1_200 : short ? 5 : 60)));
  if (control && random.fraction() < 0.7) {
    const head = [
      0xff,
      random.fraction() < 0.5 ? 0x13 : 0x03,
      FIELDS[Math.floor(random.fraction() * FIELDS.length)] ?? 0,
    ];
    data.set(head.slice(0, data.length));
  }
  return data;
}

/** A packet with something wrong in it: bits turned, cut, lengthened, its contents changed under a good frame. */
export function spoilt(random: Random, whole: Uint8Array, version: 0 | 1 | 3): Uint8Array {
  const below = (limit: number): number => Math.floor(random.fraction() * limit);
  const bytes = Uint8Array.from(whole);
  switch (below(6)) {
    case 0:
      return bytes.subarray(0, below(bytes.length + 1));
    case 1:
      return Buffer.concat([bytes, random.bytes(below(40))]);
    case 2:
      return dataIfp(random, version);
    case 3:
      return Uint8Array.from(bytes, (byte) => (below(20) === 0 ? below(256) : byte));
    default: {
      // Only behind the lengths, so that the packet stays one.
      const from = Math.min(5, bytes.length);
      for (let turns = 1 + below(4); turns > 0 && bytes.length > from; turns -= 1) {
        const at = from + below(bytes.length - from);
        bytes[at] = below(4) === 0 ? (FIELDS[below(FIELDS.length)] ?? 0) : below(256);
      }
      return bytes;
    }
  }
}
