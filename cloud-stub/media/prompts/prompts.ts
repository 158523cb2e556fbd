import { ULAW_SILENCE, ulawEncodeBlock } from '../../../lib/dsp/g711.ts';
import { peakOf } from '../../../lib/dsp/level.ts';
import { JAPAN_TONES, type ToneId } from '../../../lib/dsp/tone-plan.ts';
import { TonePlayer } from '../../../lib/dsp/tone-player.ts';
import type { AudioSource } from '../player.ts';
import { type Note, PROMPT_TABLE } from './table.ts';

const SAMPLES_PER_MS = 8;
const LEVEL_DBM0 = -14;
/** Edges of a note are ramped over 5 ms, so that they do not click. */
const RAMP_SAMPLES = 40;
/** Played when a prompt has no recording: better heard than silent. */
const FALLBACK = 'default.announcement';

const rendered = new Map<string, Uint8Array>();

/** µ-law audio of a stored prompt, 8000 bytes a second; undefined when there is none by that name. */
export function promptAudio(name: string): Uint8Array | undefined {
  const known = rendered.get(name);
  if (known !== undefined) return known;
  const prompt = PROMPT_TABLE.find((one) => one.name === name);
  if (prompt === undefined) return undefined;
  const audio = render(prompt.notes);
  rendered.set(name, audio);
  return audio;
}

/**
 * A prompt to be played so many times in a row. `recordings` are the customers' own, asked first; a name that nobody
 * knows plays the message that says so.
 */
export function promptSource(
  name: string,
  times: number,
  recordings?: (name: string) => Uint8Array | undefined,
): AudioSource {
  const audio = recordings?.(name) ?? promptAudio(name) ?? promptAudio(FALLBACK) ?? new Uint8Array(0);
  let left = times;
  let at = 0;
  return {
    take(frame) {
      let filled = 0;
      while (filled < frame.length && left > 0) {
        const piece = audio.subarray(at, at + frame.length - filled);
        frame.set(piece, filled);
        filled += piece.length;
        at += piece.length;
        if (at >= audio.length) {
          at = 0;
          left--;
        }
      }
      return filled > 0;
    },
  };
}

/** A tone of the exchange for a time, with its cadence. */
export function toneSource(tone: ToneId, forMs: number): AudioSource {
  const player = new TonePlayer(JAPAN_TONES[tone]);
  let leftMs = forMs;
  return {
    take(frame) {
      if (leftMs <= 0) return false;
      const samples = new Int16Array(frame.length);
      player.fill(samples);
      frame.set(ulawEncodeBlock(samples));
      leftMs -= frame.length / SAMPLES_PER_MS;
      return true;
    },
  };
}

function render(notes: readonly Note[]): Uint8Array {
  const pieces = notes.map(({ hz, forMs }) => {
    const count = forMs * SAMPLES_PER_MS;
    if (hz === 0) return new Uint8Array(count).fill(ULAW_SILENCE);
    const samples = new Int16Array(count);
    const peak = peakOf(LEVEL_DBM0);
    for (let index = 0; index < count; index++) {
      const edge = Math.min(1, index / RAMP_SAMPLES, (count - 1 - index) / RAMP_SAMPLES);
      samples[index] = Math.round(peak * edge * Math.sin((2 * Math.PI * hz * index) / 8_000));
    }
    return ulawEncodeBlock(samples);
  });
  return new Uint8Array(Buffer.concat(pieces));
}
