/**
 * Why a display has no number: `P` withheld by the caller (非通知), `C` public telephone (公衆電話), `O` not available
 * (表示圏外), `S` a service conflict (shown as 表示圏外 too).
 */
export type AbsenceReason = 'P' | 'C' | 'O' | 'S';

/** Who calls: a number, or why there is none. */
export type DisplayCaller = { readonly number: string } | { readonly reason: AbsenceReason };

/** What a phone with Number Display (ナンバー・ディスプレイ) is told before it rings. */
export interface CallerDisplay {
  readonly caller: DisplayCaller;
  /** The called number, for a line with several (モデムダイヤルイン). */
  readonly dialled?: string | undefined;
}

/** Most digits of one number; an international number with its prefix has 19 at most. */
export const NUMBER_LIMIT = 20;

/** The digits that a display can show, `+81` as the leading zero of Japan; empty when there are none. */
export function displayDigits(number: string): string {
  const national = number.startsWith('+81') ? `0${number.slice(3)}` : number;
  return national.replace(/[^0-9]/g, '').slice(0, NUMBER_LIMIT);
}
