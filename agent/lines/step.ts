import { unreachable } from '../../lib/base/errors.ts';
import type { Final, Line, LineEffect, LineInput, LinePlan, LineTimer } from './line.ts';
import { sameSound, soundOf } from './line.ts';

/** A state and what to do on the way into it. */
export interface Stepped {
  readonly line: Line;
  readonly effects: readonly LineEffect[];
}

/** Pure: the next state and what to do about it. Every input is handled in every state, by the compiler's word. */
export function step(line: Line, input: LineInput, plan: LinePlan): Stepped {
  switch (input.type) {
    case 'offHook':
      return liftHandset(line, plan);
    case 'onHook':
      return hangUp(line, 'hungUp');
    case 'lost':
      return hangUp(line, 'lost');
    case 'flash':
      // Accepted and noted: hold and transfer by flash are not offered yet, and a flash must never end a call.
      return stay(line, `hook flash of ${input.durationMs} ms: not used in this version`);
    case 'digit':
      return dial(line, input.digit, plan);
    case 'timer':
      return expire(line, input.timer, plan);
    case 'ring':
      if (line.at !== 'onHook') return { line, effects: [{ type: 'refuseRing' }] };
      return go(line, { at: 'ringing', cadence: input.cadence }, plan);
    case 'progress':
      if (line.at !== 'calling') return stay(line, 'progress of a call that the line does not have');
      return go(line, { ...line, hears: input.hears }, plan);
    case 'connect':
      if (line.at !== 'calling' && line.at !== 'talking') {
        return stay(line, 'audio of a call that the line does not have');
      }
      return go(line, { at: 'talking', hears: input.hears }, plan);
    case 'callEnded':
      return endCall(line, input.tone, input.because, plan);
    case 'adopt':
      if (line.at !== 'onHook') return stay(line, 'adoption of a call on a line that is in use');
      // No `hear` effect: the audio runs in the media process and must not be touched.
      return { line: { at: 'talking', hears: input.hears }, effects: [] };
    default:
      return unreachable(input);
  }
}

function liftHandset(line: Line, plan: LinePlan): Stepped {
  switch (line.at) {
    case 'onHook':
      return go(line, { at: 'dialTone' }, plan);
    case 'ringing':
      return go(line, { at: 'talking', hears: { to: 'silence' } }, plan, [{ type: 'answer' }]);
    case 'dialTone':
    case 'dialling':
    case 'calling':
    case 'talking':
    case 'busyTone':
    case 'congestion':
    case 'howler':
      return stay(line, 'off hook again without on hook between');
    default:
      return unreachable(line);
  }
}

function hangUp(line: Line, why: 'hungUp' | 'lost'): Stepped {
  switch (line.at) {
    case 'onHook':
      return { line, effects: [] };
    case 'ringing':
      // A port that rings is on hook already; only a loss ends the ringing from this side.
      if (why === 'hungUp') return stay(line, 'on hook while ringing');
      return leave(line, [{ type: 'release', why }]);
    case 'calling':
    case 'talking':
      return leave(line, [{ type: 'release', why }]);
    case 'dialTone':
    case 'dialling':
    case 'busyTone':
    case 'congestion':
    case 'howler':
      return leave(line, []);
    default:
      return unreachable(line);
  }
}

function dial(line: Line, digit: string, plan: LinePlan): Stepped {
  switch (line.at) {
    case 'dialTone':
      return collect(line, digit, plan);
    case 'dialling':
      return collect(line, line.digits + digit, plan);
    case 'calling':
    case 'talking':
      // In the call the digit travels in the audio (or as telephone-event); nothing to do here.
      return { line, effects: [] };
    case 'onHook':
    case 'ringing':
    case 'busyTone':
    case 'congestion':
    case 'howler':
      return stay(line, `digit ${digit} ignored`);
    default:
      return unreachable(line);
  }
}

function collect(line: Line, digits: string, plan: LinePlan): Stepped {
  const found = plan.collect(digits);
  if (found.at === 'incomplete') return go(line, { at: 'dialling', digits }, plan);
  return conclude(line, found, plan);
}

function conclude(line: Line, final: Final, plan: LinePlan): Stepped {
  if (final.at === 'complete') {
    const calling: Line = { at: 'calling', called: final.called, hears: { to: 'silence' } };
    return go(line, calling, plan, [{ type: 'place', called: final.called }]);
  }
  const because = `${final.refusal.rule}: ${final.refusal.say}`;
  return go(line, { at: 'congestion', because }, plan, [{ type: 'note', say: because }]);
}

function expire(line: Line, timer: LineTimer, plan: LinePlan): Stepped {
  switch (line.at) {
    case 'dialTone':
      if (timer !== 'firstDigit') return stay(line, `late timer ${timer}`);
      return go(line, { at: 'congestion', because: 'dial.nothingDialled: no digit was dialled' }, plan);
    case 'dialling': {
      if (timer !== 'interDigit') return stay(line, `late timer ${timer}`);
      const found = plan.collect(line.digits);
      return conclude(line, found.at === 'incomplete' ? found.atTimeout : found, plan);
    }
    case 'busyTone':
    case 'congestion':
      if (timer !== 'tone') return stay(line, `late timer ${timer}`);
      return go(line, { at: 'howler' }, plan);
    case 'onHook':
    case 'calling':
    case 'ringing':
    case 'talking':
    case 'howler':
      return stay(line, `late timer ${timer}`);
    default:
      return unreachable(line);
  }
}

function endCall(line: Line, tone: 'busy' | 'congestion', because: string, plan: LinePlan): Stepped {
  switch (line.at) {
    case 'ringing':
      return leave(line, []);
    case 'calling':
    case 'talking':
      return go(line, { at: tone === 'busy' ? 'busyTone' : 'congestion', because }, plan);
    case 'onHook':
    case 'dialTone':
    case 'dialling':
    case 'busyTone':
    case 'congestion':
    case 'howler':
      return stay(line, 'end of a call that the line does not have');
    default:
      return unreachable(line);
  }
}

/** Into `next`, off hook or ringing: its timer, its sound, then `more`. */
function go(line: Line, next: Line, plan: LinePlan, more: readonly LineEffect[] = []): Stepped {
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
function leave(line: Line, more: readonly LineEffect[]): Stepped {
  const effects: LineEffect[] = [{ type: 'disarm' }];
  if (line.at === 'ringing') effects.push({ type: 'ringStop' });
  effects.push({ type: 'hear', sound: { to: 'silence' } });
  return { line: { at: 'onHook' }, effects: [...effects, ...more] };
}

function stay(line: Line, say: string): Stepped {
  return { line, effects: [{ type: 'note', say: `${line.at}: ${say}` }] };
}

/** The timer that runs in a state. */
function timerOf(line: Line, plan: LinePlan): { timer: LineTimer; ms: number } | undefined {
  switch (line.at) {
    case 'dialTone':
      return { timer: 'firstDigit', ms: plan.firstDigitMs };
    case 'dialling':
      return { timer: 'interDigit', ms: plan.interDigitMs };
    case 'busyTone':
    case 'congestion':
      return { timer: 'tone', ms: plan.toneMs };
    case 'onHook':
    case 'calling':
    case 'ringing':
    case 'talking':
    case 'howler':
      return undefined;
    default:
      return unreachable(line);
  }
}
