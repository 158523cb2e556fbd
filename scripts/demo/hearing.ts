/** The strongest frequency of 100 ms of what an ear heard. */
export interface Window {
  readonly atMs: number;
  readonly hz: number;
  readonly dbm0: number;
}

/** Below this a window counts as silent. */
const SILENCE_DBM0 = -45;
const SILENT_DBM0 = -99;
const WINDOW_MS = 100;
/** Frequencies this close are the same; 100 ms of a tone resolve better than this. */
const SAME_HZ = 8;

/** The melody that the carrier plays: C5 E5 G5 C6, 400 ms each, again and again. */
export const MELODY_HZ = [523.25, 659.25, 783.99, 1046.5] as const;

/** Windows of the whole stretch: an ear leaves out those in which it found no tone. */
export function everyWindow(windows: readonly Window[], stretchMs: number): readonly Window[] {
  const heard = new Map(windows.map((window) => [Math.round(window.atMs / WINDOW_MS), window]));
  return Array.from(
    { length: Math.floor(stretchMs / WINDOW_MS) },
    (_, index) => heard.get(index) ?? { atMs: index * WINDOW_MS, hz: 0, dbm0: SILENT_DBM0 },
  );
}

/** Whether `window` carries the tone `hz`. */
export function isTone(window: Window, hz: number): boolean {
  return window.dbm0 > SILENCE_DBM0 && Math.abs(window.hz - hz) <= SAME_HZ;
}

/** Share of windows, 0 to 1, that carry the tone `hz`. */
export function shareOfTone(windows: readonly Window[], hz: number): number {
  if (windows.length === 0) return 0;
  return windows.filter((window) => isTone(window, hz)).length / windows.length;
}

/** The notes of the melody in the order in which they were heard, repeats folded; other sounds are left out. */
export function notesHeard(windows: readonly Window[]): readonly number[] {
  const notes: number[] = [];
  for (const window of windows) {
    const note = MELODY_HZ.find((hz) => isTone(window, hz));
    if (note !== undefined && notes.at(-1) !== note) notes.push(note);
  }
  return notes;
}

/** Whether the notes follow each other as the melody has them, at least once through. */
export function isMelody(notes: readonly number[]): boolean {
  if (notes.length < MELODY_HZ.length) return false;
  const melody: readonly number[] = MELODY_HZ;
  const first = melody.indexOf(notes[0] ?? Number.NaN);
  return notes.every((note, index) => note === melody[(first + index) % melody.length]);
}

/** A tone that comes and goes: its bursts and pauses in ms, the cut-off first and last one left out. */
export function cadenceOf(
  windows: readonly Window[],
  hz: number,
): { readonly onMs: number[]; readonly offMs: number[] } {
  const runs: { on: boolean; ms: number }[] = [];
  for (const window of windows) {
    const on = isTone(window, hz);
    const last = runs.at(-1);
    if (last?.on === on) last.ms += WINDOW_MS;
    else runs.push({ on, ms: WINDOW_MS });
  }
  const whole = runs.slice(1, -1);
  return {
    onMs: whole.filter((run) => run.on).map((run) => run.ms),
    offMs: whole.filter((run) => !run.on).map((run) => run.ms),
  };
}

/** Whether every value lies within `tolerance` of `wanted`, and there is one. */
export function allNear(values: readonly number[], wanted: number, tolerance: number): boolean {
  return values.length > 0 && values.every((value) => Math.abs(value - wanted) <= tolerance);
}

/** One change of the ringing voltage. */
export interface RingChange {
  readonly on: boolean;
  readonly atMs: number;
}

/** Lengths of the rings and of the pauses between them. */
export function ringLengths(history: readonly RingChange[]): {
  readonly onMs: number[];
  readonly offMs: number[];
} {
  const onMs: number[] = [];
  const offMs: number[] = [];
  history.forEach((change, index) => {
    const next = history[index + 1];
    if (next !== undefined && next.on !== change.on) (change.on ? onMs : offMs).push(next.atMs - change.atMs);
  });
  return { onMs, offMs };
}
