import { unreachable } from '../../lib/base/errors.ts';
import { collect, digitAfterRefusal, digitWhileCalling, expireDialling } from './dialling.ts';
import type { Line, LineInput, LinePlan, LineTimer } from './line.ts';
import { go, leave, type Stepped, stay } from './transitions.ts';

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
      return flash(line, input.durationMs, plan);
    case 'digit':
      return dial(line, input, plan);
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
    case 'join':
      if (line.at === 'onHook' || line.at === 'ringing')
        return stay(line, 'a call for a handset that is down');
      return go(line, { at: 'talking', hears: input.hears }, plan);
    case 'recall':
      if (line.at !== 'talking') return stay(line, 'a hold of a call that the line does not have');
      return go(line, { at: 'dialTone', recall: true }, plan);
    case 'tell':
      if (line.at !== 'calling') return stay(line, 'the answer to a code that was not dialled');
      return go(line, { at: 'told', tone: input.tone, because: input.because }, plan);
    case 'callEnded':
      return endCall(line, input, plan);
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
      return go(line, { at: 'dialTone', recall: false }, plan);
    case 'ringing':
      return go(line, { at: 'talking', hears: { to: 'silence' } }, plan, [{ type: 'answer' }]);
    case 'dialTone':
    case 'dialling':
    case 'calling':
    case 'talking':
    case 'told':
    case 'busyTone':
    case 'congestion':
    case 'howler':
    case 'quiet':
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
    case 'told':
    case 'busyTone':
    case 'congestion':
    case 'howler':
    case 'quiet':
      return leave(line, []);
    default:
      return unreachable(line);
  }
}

/** The board tells of every break from 100 to 1,000 ms; the line's own window decides which of them is a flash. */
function flash(line: Line, durationMs: number, plan: LinePlan): Stepped {
  if (line.at === 'onHook' || line.at === 'ringing') return stay(line, `hook flash of ${durationMs} ms`);
  if (durationMs < plan.flash.leastMs) {
    return stay(line, `a break of ${durationMs} ms is too short for a flash here`);
  }
  if (durationMs <= plan.flash.mostMs) return { line, effects: [{ type: 'flash' }] };
  const down = hangUp(line, 'hungUp');
  const up = liftHandset(down.line, plan);
  const say = `a break of ${durationMs} ms is a hang-up here`;
  return { line: up.line, effects: [{ type: 'note', say }, ...down.effects, ...up.effects] };
}

function dial(
  line: Line,
  { digit, by }: Extract<LineInput, { readonly type: 'digit' }>,
  plan: LinePlan,
): Stepped {
  if (by === 'pulse' && !plan.pulse) return stay(line, `pulse digit ${digit} ignored: pulses are off here`);
  switch (line.at) {
    case 'dialTone':
      return collect(line, digit, plan);
    case 'dialling':
      return collect(line, line.digits + digit, plan);
    case 'calling':
      return digitWhileCalling(line, digit, plan);
    case 'talking':
      // The digit travels in the audio (or as telephone-event); after a flash the office may mean it too.
      return { line, effects: [{ type: 'digit', digit }] };
    case 'busyTone':
    case 'congestion':
      return digitAfterRefusal(line, digit, plan);
    case 'onHook':
    case 'ringing':
    case 'told':
    case 'howler':
    case 'quiet':
      return stay(line, `digit ${digit} ignored`);
    default:
      return unreachable(line);
  }
}

function expire(line: Line, timer: LineTimer, plan: LinePlan): Stepped {
  switch (line.at) {
    case 'dialTone':
      if (timer !== 'firstDigit') return stay(line, `late timer ${timer}`);
      return go(line, { at: 'congestion', because: 'dial.nothingDialled: no digit was dialled' }, plan);
    case 'dialling':
      if (timer !== line.wait) return stay(line, `late timer ${timer}`);
      return expireDialling(line, plan);
    case 'told':
    case 'busyTone':
    case 'congestion':
      if (timer !== 'tone') return stay(line, `late timer ${timer}`);
      return go(line, { at: 'howler' }, plan);
    case 'howler':
      if (timer !== 'howler') return stay(line, `late timer ${timer}`);
      return go(line, { at: 'quiet' }, plan);
    case 'onHook':
    case 'calling':
    case 'ringing':
    case 'talking':
    case 'quiet':
      return stay(line, `late timer ${timer}`);
    default:
      return unreachable(line);
  }
}

function endCall(
  line: Line,
  { tone, because, guide }: Extract<LineInput, { readonly type: 'callEnded' }>,
  plan: LinePlan,
): Stepped {
  switch (line.at) {
    case 'ringing':
      return leave(line, []);
    case 'calling':
    case 'talking': {
      const more = line.at === 'calling' && line.more !== null ? { more: line.more } : {};
      if (tone === 'busy') return go(line, { at: 'busyTone', because, ...more }, plan);
      const spoken = guide === undefined ? {} : { guide };
      return go(line, { at: 'congestion', because, ...spoken, ...more }, plan);
    }
    case 'onHook':
    case 'dialTone':
    case 'dialling':
    case 'told':
    case 'busyTone':
    case 'congestion':
    case 'howler':
    case 'quiet':
      return stay(line, 'end of a call that the line does not have');
    default:
      return unreachable(line);
  }
}
