/** Names of control frames (ITU-T T.30 §5.3.6.1); after PPS and EOR stands what the partial page ends. */
export type ControlFrameName =
  | BaseName
  | `PPS-${'NULL' | 'EOM' | 'MPS' | 'EOP' | 'EOS' | 'PRI-EOM' | 'PRI-MPS' | 'PRI-EOP'}`
  | `EOR-${'NULL' | 'EOM' | 'MPS' | 'EOP' | 'EOS' | 'PRI-EOM' | 'PRI-MPS' | 'PRI-EOP'}`;

/** A T.30 control frame as the log tells it. */
export interface ControlFrame {
  readonly name: ControlFrameName;
  /** Identification in CSI, TSI and CIG: printable, without the padding. */
  readonly ident?: string;
  /** bit/s: the chosen one in DCS, the fastest possible one in DIS and DTC. */
  readonly bitRate?: number;
  readonly modem?: 'V.17' | 'V.29' | 'V.27ter' | 'V.33';
  /** Error correction: chosen in DCS, possible in DIS and DTC. */
  readonly ecm?: boolean;
  /** 196 lines an inch: chosen in DCS, possible in DIS and DTC. */
  readonly fine?: boolean;
  /** In DIS and DTC: the machine also speaks V.8, hence perhaps V.34 ("Super G3"). */
  readonly v8?: boolean;
}

type BaseName = (typeof NAMES)[number][1];

/**
 * Facsimile control fields. Bits stand as they are sent, the first one lowest, so that the codes of the recommendation
 * appear mirrored here. The lowest bit of most says which side speaks and is no part of the name.
 */
const NAMES = [
  [0x80, 'DIS'],
  [0x40, 'CSI'],
  [0x20, 'NSF'],
  [0x81, 'DTC'],
  [0x41, 'CIG'],
  [0x21, 'NSC'],
  [0xc1, 'PWD'],
  [0xa1, 'SEP'],
  [0x61, 'PSA'],
  [0x82, 'DCS'],
  [0x42, 'TSI'],
  [0x22, 'NSS'],
  [0xc2, 'SUB'],
  [0xa2, 'SID'],
  [0x12, 'CTC'],
  [0x84, 'CFR'],
  [0x44, 'FTT'],
  [0xc4, 'CTR'],
  [0x8e, 'EOM'],
  [0x4e, 'MPS'],
  [0x2e, 'EOP'],
  [0x1e, 'EOS'],
  [0x9e, 'PRI-EOM'],
  [0x5e, 'PRI-MPS'],
  [0x3e, 'PRI-EOP'],
  [0xbe, 'PPS'],
  [0xce, 'EOR'],
  [0x6e, 'RR'],
  [0x8c, 'MCF'],
  [0xcc, 'RTP'],
  [0x4c, 'RTN'],
  [0xac, 'PIP'],
  [0x2c, 'PIN'],
  [0xbc, 'PPR'],
  [0xec, 'RNR'],
  [0x1c, 'ERR'],
  [0xfc, 'FDM'],
  [0xfa, 'DCN'],
  [0x1a, 'CRP'],
  [0xca, 'FNV'],
] as const;

const BY_CODE: ReadonlyMap<number, BaseName> = new Map(NAMES);

/** What may stand after PPS and EOR. */
const PAGE_ENDS = {
  0: 'NULL',
  142: 'EOM',
  78: 'MPS',
  46: 'EOP',
  30: 'EOS',
  158: 'PRI-EOM',
  94: 'PRI-MPS',
  62: 'PRI-EOP',
} as const satisfies Readonly<Record<number, string>>;

/** HDLC address of all frames of T.30, and the two control fields: more frames follow, last frame. */
const ADDRESS = 0xff;
const MORE_FOLLOW = 0x03;
const LAST_FRAME = 0x13;

const FIELD_AT = 2;
const INFORMATION_AT = 3;
const IDENT_CHARACTERS = 20;

/** Parses a T.30 control frame from its address octet on; null when it is none. Takes any bytes, never throws. */
export function parseControlFrame(frame: Uint8Array): ControlFrame | null {
  const [address, control, field] = frame;
  if (address !== ADDRESS || (control !== MORE_FOLLOW && control !== LAST_FRAME)) return null;
  if (field === undefined || frame.length <= FIELD_AT) return null;
  const name = BY_CODE.get(field) ?? BY_CODE.get(field & 0xfe);
  const information = frame.subarray(INFORMATION_AT);
  switch (name) {
    case undefined:
      return null;
    case 'CSI':
    case 'TSI':
    case 'CIG':
      return { name, ident: identOf(information) };
    case 'DCS':
      return { name, ...chosen(information) };
    case 'DIS':
    case 'DTC':
      return { name, ...possible(information) };
    case 'PPS':
    case 'EOR':
      return { name: partial(name, information[0]) };
    default:
      return { name };
  }
}

function partial(name: 'PPS' | 'EOR', pageEnd: number | undefined): ControlFrameName {
  const code = (pageEnd ?? -1) & 0xfe;
  return code in PAGE_ENDS ? `${name}-${PAGE_ENDS[code as keyof typeof PAGE_ENDS]}` : name;
}

/** Twenty characters, the last one first (T.30 §5.3.6.2.4 to 6). */
function identOf(information: Uint8Array): string {
  let ident = '';
  for (const character of information.subarray(0, IDENT_CHARACTERS).toReversed()) {
    ident += character > 0x20 && character < 0x7f ? String.fromCharCode(character) : ' ';
  }
  return ident.trim();
}

type Settings = Pick<ControlFrame, 'bitRate' | 'modem' | 'ecm' | 'fine' | 'v8'>;

/** Bits 11 to 14 of DCS (T.30 Table 2). */
const CHOSEN: Readonly<Record<number, Settings>> = {
  0: { bitRate: 2_400, modem: 'V.27ter' },
  8: { bitRate: 4_800, modem: 'V.27ter' },
  4: { bitRate: 9_600, modem: 'V.29' },
  12: { bitRate: 7_200, modem: 'V.29' },
  16: { bitRate: 14_400, modem: 'V.33' },
  24: { bitRate: 12_000, modem: 'V.33' },
  32: { bitRate: 14_400, modem: 'V.17' },
  40: { bitRate: 12_000, modem: 'V.17' },
  36: { bitRate: 9_600, modem: 'V.17' },
  44: { bitRate: 7_200, modem: 'V.17' },
};

/** Bits 11 to 14 of DIS and DTC: V.27ter is the least that every machine has. */
const POSSIBLE: Readonly<Record<number, Settings>> = {
  0: { bitRate: 2_400, modem: 'V.27ter' },
  8: { bitRate: 4_800, modem: 'V.27ter' },
  4: { bitRate: 9_600, modem: 'V.29' },
  12: { bitRate: 9_600, modem: 'V.29' },
  28: { bitRate: 14_400, modem: 'V.33' },
  44: { bitRate: 14_400, modem: 'V.17' },
};

const RATE_BITS = 0x3c;
const V8_BIT_OF_FIRST = 0x20;
const FINE_BIT_OF_SECOND = 0x40;
const ECM_BIT_OF_FOURTH = 0x04;

function chosen(information: Uint8Array): Settings {
  const [, second = 0, , fourth = 0] = information;
  return {
    ...CHOSEN[second & RATE_BITS],
    ecm: (fourth & ECM_BIT_OF_FOURTH) !== 0,
    fine: (second & FINE_BIT_OF_SECOND) !== 0,
  };
}

function possible(information: Uint8Array): Settings {
  const [first = 0, second = 0, , fourth = 0] = information;
  return {
    ...POSSIBLE[second & RATE_BITS],
    ecm: (fourth & ECM_BIT_OF_FOURTH) !== 0,
    fine: (second & FINE_BIT_OF_SECOND) !== 0,
    v8: (first & V8_BIT_OF_FIRST) !== 0,
  };
}
