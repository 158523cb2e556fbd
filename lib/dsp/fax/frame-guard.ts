/**
 * The longest DIS, DTC and DCS that the library has room for. It writes a longer DCS in clear into a field of 67
 * characters, behind which the rest of its state lies.
 */
const CAPABILITIES_BYTES = 22;
const HEADER_BYTES = 3;
const IDENT_BYTES = 20;
const PAGE_DATA_BYTES = 256;

const [DIS, DTC, DCS] = [0x80, 0x81, 0x82];
const [NSF, NSC, NSS] = [0x20, 0x21, 0x22];
/** CSI, CIG, TSI, PWD, SEP, PSA, SUB, SID. */
const TWENTY_DIGITS: ReadonlySet<number> = new Set([0x40, 0x41, 0x42, 0xc1, 0xa1, 0x61, 0xc2, 0xa2]);
/** CIA, ISP, TSA, IRA, CSA: addresses of the internet, which nobody here reads. */
const ADDRESSES: ReadonlySet<number> = new Set([0xe1, 0x11, 0x62, 0xe2, 0x24]);
const [FCD, PPS, EOR, CTC] = [0x06, 0xbe, 0xce, 0x12];

/** In DCS: the width that does not exist. The library takes it for −1 dots and writes where nothing is. */
const NO_WIDTH = 0x03;
/**
 * Bits of DCS (T.30 Table 2) that ask for what is never offered here: T.43, 300 and 400 dots an inch, JPEG and colour,
 * JBIG, 600 and 1,200 dots, T.45, T.88. They lead into parts of the library that nobody asked for.
 */
const NOT_OFFERED = [36, 42, 43, 68, 69, 78, 79, 105, 106, 107, 108, 109, 110, 111, 116, 124, 125, 126, 127];

/**
 * False for a control frame that libspandsp 0.0.6 does not survive, or that asks for what is not offered. The machine at
 * the far end is a stranger: one frame of his may not end this process.
 */
export function isHarmlessFrame(frame: Uint8Array): boolean {
  const [, , field] = frame;
  if (field === undefined) return true;
  const content = frame.length - HEADER_BYTES;
  if (field === DIS || field === DTC) return frame.length <= CAPABILITIES_BYTES;
  if ((field & 0xfe) === DCS) return isOfferedCommand(frame);
  if (field === NSF || field === NSC || (field & 0xfe) === NSS) return content >= 2;
  if (TWENTY_DIGITS.has(field) || TWENTY_DIGITS.has(field & 0xfe)) return content <= IDENT_BYTES;
  if (ADDRESSES.has(field) || ADDRESSES.has(field & 0xfe)) return false;
  switch (field & 0xfe) {
    case FCD:
      // One octet of number, then the data: with less, their length is taken for four thousand million.
      return content >= 1 && content <= 1 + PAGE_DATA_BYTES;
    case PPS:
      return content >= 4;
    case EOR:
      return content >= 1;
    case CTC:
      return content >= 2;
    default:
      return true;
  }
}

function isOfferedCommand(frame: Uint8Array): boolean {
  if (frame.length < HEADER_BYTES + 3 || frame.length > CAPABILITIES_BYTES) return false;
  const information = frame.subarray(HEADER_BYTES);
  if (((information[2] ?? 0) & NO_WIDTH) === NO_WIDTH) return false;
  return !NOT_OFFERED.some((bit) => ((information[(bit - 1) >> 3] ?? 0) >> ((bit - 1) & 7)) & 1);
}
