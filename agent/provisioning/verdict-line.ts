import type { DiaryLine } from '../../lib/net/device-diary.ts';
import type { FetchVerdict } from './phone-record.ts';

/** One thing a device asked, and what became of it. */
export interface VerdictLine extends FetchVerdict, DiaryLine {
  /** The file, or `pnp`; at most 80 characters. */
  readonly asked: string;
}

const ASKED_MOST = 80;

/** A line for the diary. A device may ask for names of any length. */
export function verdictLine(verdict: FetchVerdict, atMs: number, asked: string): VerdictLine {
  return { ...verdict, atMs, asked: asked.slice(0, ASKED_MOST) };
}
