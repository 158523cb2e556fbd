/** One stretch of a cadence. */
export interface ToneStep {
  readonly sounding: boolean;
  readonly forMs: number;
  /** Frequency of this stretch, when it is not the tone's: a melody. */
  readonly hz?: number;
}

/** A tone as a telephone exchange sends it. */
export interface Tone {
  readonly hz: number;
  /** Amplitude modulation, full depth unless told: the 16 Hz of Japanese ringing tone. */
  readonly modulation?: { readonly hz: number; readonly depth: number };
  /** Level of the unmodulated sine. */
  readonly levelDbm0: number;
  /** Played once before the cadence. */
  readonly opening?: readonly ToneStep[];
  /** Repeated for ever; empty means continuous. */
  readonly cadence: readonly ToneStep[];
}

/** Names of the tones that a line can hear. */
export type ToneId =
  | 'dial'
  | 'secondDial'
  | 'ringback'
  | 'busy'
  | 'congestion'
  | 'howler'
  /** Somebody else calls, while the line talks (キャッチホン). */
  | 'callWaiting'
  /** A code was taken. */
  | 'confirmation'
  /** A code was understood and cannot be carried out. */
  | 'refused'
  /** To somebody on hold (保留音). */
  | 'hold'
  /** 1,020 Hz to measure with (ITU-T O.6). */
  | 'reference';

/** A complete set of tones. */
export type TonePlan = Readonly<Record<ToneId, Tone>>;

function onOff(onMs: number, offMs: number): readonly ToneStep[] {
  return [
    { sounding: true, forMs: onMs },
    { sounding: false, forMs: offMs },
  ];
}

function notes(...hz: readonly number[]): readonly ToneStep[] {
  return hz.map((each) => ({ sounding: each > 0, forMs: 375, hz: each }));
}

/**
 * Tones of Japan. Dial tone: 400 Hz, −22−L…−19 dBm at the line (事業用電気通信設備規則), hence −19 dBm0 before the loss of
 * the line. Ring-back: 400 Hz modulated by 15–20 Hz, 1 s on, 2 s off. Busy: 400 Hz, 0.5 s / 0.5 s. Congestion (reorder)
 * sounds like busy in Japan; it is an entry of its own because equipment makers and offices set it apart. For second dial
 * tone and howler no public primary source states figures: 400 Hz 125/125 ms, and a loud fast 400 Hz that cannot be
 * overheard, are settings, not law. Call waiting: 400 Hz modulated by 16 Hz, 0.5 s every 8.5 s (as PBX makers list it
 * for Japan). Confirmation, refusal and hold are the box's own; hold is a row of notes, so that nobody takes it for a
 * tone of the exchange.
 */
export const JAPAN_TONES: TonePlan = {
  dial: { hz: 400, levelDbm0: -19, cadence: [] },
  secondDial: { hz: 400, levelDbm0: -19, cadence: onOff(125, 125) },
  ringback: { hz: 400, modulation: { hz: 16, depth: 1 }, levelDbm0: -16, cadence: onOff(1_000, 2_000) },
  busy: { hz: 400, levelDbm0: -19, cadence: onOff(500, 500) },
  congestion: { hz: 400, levelDbm0: -19, cadence: onOff(500, 500) },
  howler: { hz: 400, levelDbm0: -6, cadence: onOff(100, 100) },
  callWaiting: { hz: 400, modulation: { hz: 16, depth: 1 }, levelDbm0: -19, cadence: onOff(500, 8_000) },
  confirmation: {
    hz: 400,
    levelDbm0: -19,
    cadence: [...onOff(100, 100), ...onOff(100, 100), ...onOff(100, 1_500)],
  },
  refused: { hz: 400, levelDbm0: -19, cadence: onOff(250, 250) },
  hold: {
    hz: 523.25,
    levelDbm0: -24,
    cadence: notes(523.25, 659.25, 783.99, 659.25, 587.33, 698.46, 880, 698.46, 659.25, 523.25, 0, 0),
  },
  reference: { hz: 1_020, levelDbm0: -10, cadence: [] },
};
