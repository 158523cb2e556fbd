import type { Final, Line, LineEffect, LinePlan } from './line.ts';
import { go, type Stepped, stay } from './transitions.ts';

/** Takes the digits so far to the dial plan. */
export function collect(line: Line, digits: string, plan: LinePlan): Stepped {
  const found = plan.collect(digits);
  if (found.at !== 'incomplete') return conclude(line, found, null, plan);
  const wait = found.brief === true ? 'shortNumber' : 'interDigit';
  return go(line, { at: 'dialling', digits, wait, heard: found.heard === true }, plan);
}

/** No further digit came. */
export function expireDialling(line: Extract<Line, { readonly at: 'dialling' }>, plan: LinePlan): Stepped {
  const found = plan.collect(line.digits);
  if (found.at !== 'incomplete') return conclude(line, found, null, plan);
  return conclude(line, found.atTimeout, found.brief === true ? line.digits : null, plan);
}

/**
 * An extension that 110 begins with rings soon, and the last digit of 110 still counts: the extension is given up and the
 * longer number called. So nobody waits long for a colleague, and nobody who dials slowly misses the police.
 */
export function digitWhileCalling(
  line: Extract<Line, { readonly at: 'calling' }>,
  digit: string,
  plan: LinePlan,
): Stepped {
  // In the call the digit travels in the audio (or as telephone-event); nothing to do here.
  if (line.more === null) return { line, effects: [] };
  return lateDigit(line, line.more + digit, [{ type: 'withdraw' }], plan);
}

/** The extension was busy, or could not be reached: there is nothing to give up, and the last digit of 110 counts all the same. */
export function digitAfterRefusal(
  line: Extract<Line, { readonly at: 'busyTone' | 'congestion' }>,
  digit: string,
  plan: LinePlan,
): Stepped {
  if (line.more === undefined) return stay(line, `digit ${digit} ignored`);
  return lateDigit(line, line.more + digit, [], plan);
}

function lateDigit(
  line: Extract<Line, { readonly at: 'calling' | 'busyTone' | 'congestion' }>,
  digits: string,
  before: readonly LineEffect[],
  plan: LinePlan,
): Stepped {
  const found = plan.collect(digits);
  if (found.at === 'incomplete') return { line: { ...line, more: digits }, effects: [] };
  if (found.at !== 'complete') return stay(line, `digit ${digits.at(-1)} ignored: it came late`);
  const next = conclude(line, found, null, plan);
  return { line: next.line, effects: [...before, ...next.effects] };
}

function conclude(line: Line, final: Final, more: string | null, plan: LinePlan): Stepped {
  const calling: Line = { at: 'calling', hears: { to: 'silence' }, more };
  switch (final.at) {
    case 'complete':
      return go(line, calling, plan, [{ type: 'place', called: final.called }]);
    case 'code':
      return go(line, calling, plan, [{ type: 'code', code: final.code }]);
    case 'refused': {
      const { rule, say, guide } = final.refusal;
      const because = `${say} (${rule})`;
      const spoken = guide === undefined ? {} : { guide };
      const late = more === null ? {} : { more };
      return go(line, { at: 'congestion', because, ...spoken, ...late }, plan, [
        { type: 'note', say: because },
      ]);
    }
  }
}
