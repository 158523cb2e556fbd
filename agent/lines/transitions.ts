import { unreachable } from '../../lib/base/errors.ts';
import { type Line, type LineEffect, type LinePlan, type LineTimer, sameSound, soundOf } from './line.ts';

/** The longest guidance, said twice. */
const GUIDE_MS = 23_000;

/** A state and what to do on the way into it. */
export interface Stepped {
  readonly line: Line;
  readonly effects: readonly LineEffect[];
}

/** Into `next`, off hook or ringing: its timer, its sound, then `more`. */
export function go(line: Line, next: Line, plan: LinePlan, more: readonly LineEffect[] = []): Stepped {
  const effects: LineEffect[] = [];
  if (line.at === 'ringing') effects.push({ type: 'ringStop' });
  if (!sameSound(soundOf(line), soundOf(next))) effects.push({ type: 'hear', sound: soundOf(next) });
  if (next.at === 'ringing') effects.push({ type: 'ring', cadence: next.cadence });
  const timer = timerOf(next, plan);
  if (timer !== undefined) effects.push({ type: 'arm', ...timer });
  else if (timerOf(line, plan) !== undefined) effects.push({ type: 'disarm' });
  return { line: next, effects: [...effects, ...more] };
}

/** Back to on hook: everything off, whatever was on. */
export function leave(line: Line, more: readonly LineEffect[]): Stepped {
  const effects: LineEffect[] = [{ type: 'disarm' }];
  if (line.at === 'ringing') effects.push({ type: 'ringStop' });
  effects.push({ type: 'hear', sound: { to: 'silence' } });
  return { line: { at: 'onHook' }, effects: [...effects, ...more] };
}

/** Nothing happens, and the trace says why. */
export function stay(line: Line, say: string): Stepped {
  return { line, effects: [{ type: 'note', say: `${line.at}: ${say}` }] };
}

/** The timer that runs in a state. */
function timerOf(line: Line, plan: LinePlan): { timer: LineTimer; ms: number } | undefined {
  switch (line.at) {
    case 'dialTone':
      return { timer: 'firstDigit', ms: plan.firstDigitMs };
    case 'dialling':
      return { timer: line.wait, ms: line.wait === 'interDigit' ? plan.interDigitMs : plan.shortNumberMs };
    case 'congestion':
      // What is said is said to its end.
      return { timer: 'tone', ms: line.guide === undefined ? plan.toneMs : plan.toneMs + GUIDE_MS };
    case 'told':
    case 'busyTone':
      return { timer: 'tone', ms: plan.toneMs };
    case 'howler':
      return { timer: 'howler', ms: plan.howlerMs };
    case 'onHook':
    case 'calling':
    case 'ringing':
    case 'talking':
    case 'quiet':
      return undefined;
    default:
      return unreachable(line);
  }
}
