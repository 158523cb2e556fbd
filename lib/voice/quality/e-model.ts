/** What the E-model needs to know of a call; everything else is the default of ITU-T G.107. */
export interface HeardCall {
  /** Mouth to ear, one way, in ms. */
  readonly delayMs: number;
  /** Packets that were not there when they had to be played, 0 to 1: lost and late ones. */
  readonly lossFraction: number;
  /** Mean length of the losses against that of random ones of the same rate; 1 when they are random (G.107 §3.5). */
  readonly burstRatio: number;
}

/** G.711 with concealment after its Appendix I (ITU-T G.113, table I.4): no impairment of its own, and how it stands loss. */
const CODEC_IMPAIRMENT = 0;
const LOSS_ROBUSTNESS = 25.1;

/** Defaults of G.107, table 2. Levels in dB, noise in dBm0p and dB(A). */
const D = {
  slr: 8,
  rlr: 2,
  stmr: 15,
  ds: 3,
  dr: 3,
  telr: 65,
  wepl: 110,
  qdu: 1,
  nc: -70,
  nfor: -64,
  ps: 35,
  pr: 35,
} as const;

const log10 = Math.log10;
const power = (level: number): number => 10 ** (level / 10);

/** Noise powers, referred to the 0 dBr point (G.107 §3.1). */
const OLR = D.slr + D.rlr;
const PRE = D.pr + 10 * log10(1 + power(10 - (D.stmr + D.dr)));
const NOS = D.ps - D.slr - D.ds - 100 + 0.004 * (D.ps - OLR - D.ds - 14) ** 2;
const NOR = D.rlr - 121 + PRE + 0.008 * (PRE - 35) ** 2;
const NO = 10 * log10(power(D.nc) + power(NOS) + power(NOR) + power(D.nfor + D.rlr));
const RO = 15 - 1.5 * (D.slr + NO);

/** The rating R of ITU-T G.107: 93.2 for a call without delay and loss, 0 at worst here. */
export function ratingOf(call: HeardCall): number {
  const delayMs = Math.max(0, call.delayMs);
  const loss = 100 * Math.min(1, Math.max(0, call.lossFraction));
  const burst = Math.max(1, call.burstRatio);
  const equipment = CODEC_IMPAIRMENT + ((95 - CODEC_IMPAIRMENT) * loss) / (loss / burst + LOSS_ROBUSTNESS);
  return Math.max(0, RO - simultaneous(delayMs) - delayImpairment(delayMs) - equipment);
}

/** Mean opinion score that a rating stands for, 1 to 4.5 (G.107 annex B). */
export function mosOf(rating: number): number {
  if (rating <= 0) return 1;
  if (rating >= 100) return 4.5;
  return Math.max(1, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6);
}

/** Is: loudness, sidetone, quantising (G.107 §3.3). */
function simultaneous(delayMs: number): number {
  const x = OLR + 0.2 * (64 + NO - D.rlr);
  const loudness = 20 * ((1 + (x / 8) ** 8) ** (1 / 8) - x / 8);
  const stmr = -10 * log10(power(-D.stmr) + Math.exp(-delayMs / 4) * power(-D.telr));
  const sidetone =
    12 * (1 + ((stmr - 13) / 6) ** 8) ** (1 / 8) -
    28 * (1 + ((stmr + 1) / 19.4) ** 35) ** (1 / 35) -
    13 * (1 + ((stmr - 3) / 33) ** 13) ** (1 / 13) +
    29;
  const q = 37 - 15 * log10(D.qdu);
  const g = 1.07 + 0.258 * q + 0.0602 * q ** 2;
  const y = (RO - 100) / 15 + 46 / 8.4 - g / 9;
  const z = 46 / 30 - g / 40;
  return loudness + sidetone + 15 * log10(1 + 10 ** y + 10 ** z);
}

/** Id: echo to the talker, echo to the listener, and the wait itself (G.107 §3.4). */
function delayImpairment(delayMs: number): number {
  const t = delayMs;
  const terv = D.telr - 40 * log10((1 + t / 10) / (1 + t / 150)) + 6 * Math.exp(-0.3 * t ** 2);
  const re = 80 + 2.5 * (terv - 14);
  const roe = -1.5 * (NO - D.rlr);
  const half = (roe - re) / 2;
  const talker = t < 1 ? 0 : (half + Math.sqrt(half ** 2 + 100) - 1) * (1 - Math.exp(-t));
  const rle = 10.5 * (D.wepl + 7) * (2 * t + 1) ** -0.25;
  const halfListener = (RO - rle) / 2;
  const listener = halfListener + Math.sqrt(halfListener ** 2 + 169);
  const x = Math.log2(t / 100);
  const wait = t <= 100 ? 0 : 25 * ((1 + x ** 6) ** (1 / 6) - 3 * (1 + (x / 3) ** 6) ** (1 / 6) + 2);
  return talker + listener + wait;
}
