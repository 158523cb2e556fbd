import type { CallsAnswer } from '../../local-api/index.ts';
import type { CallStatus } from '../../status.ts';
import { type Look, spoken, tableLines, type Verdict } from '../screen.ts';
import { japanTime, stopwatch } from '../text.ts';
import { endWord } from './words.ts';

const HEADS = [
  { name: 'STARTED', columns: 8 },
  { name: 'DIR', columns: 3, words: true },
  { name: 'LINE', columns: 4 },
  { name: 'FROM', columns: 13, words: true },
  { name: 'TO', columns: 13 },
  { name: 'TALK', columns: 7 },
  { name: 'MOS', columns: 3 },
  { name: 'STATE', columns: 0, words: true },
] as const;

const DIRECTION: Record<CallStatus['direction'], string> = { out: 'out', in: 'in', internal: 'int' };
/** Ends that somebody should look at. */
const POOR_ENDS = new Set(['refused', 'unreachable', 'interrupted', 'noChannel']);

/** `engawa calls`: running ones first, then the last ended ones. */
export function callsScreen(answer: CallsAnswer, now: number, look: Look): readonly string[] {
  const running = answer.calls.filter((call) => call.state !== 'ended').length;
  const counts = `${running} of ${answer.limit} calls now, ${answer.calls.length - running} ended ones kept`;
  const summary = spoken(counts, look);
  if (answer.calls.length === 0) return [spoken('--    no calls yet', look), summary];
  const rows = answer.calls.map((call) => ({ verdict: callVerdict(call), cells: cellsOf(call, now) }));
  return [...tableLines(HEADS, rows, look), summary];
}

function callVerdict(call: CallStatus): Verdict {
  if (call.state !== 'ended') return 'OK';
  return call.end !== null && POOR_ENDS.has(call.end) ? 'WARN' : '--';
}

function cellsOf(call: CallStatus, now: number): readonly string[] {
  const until = call.endedAt ?? now;
  return [
    japanTime(call.startedAt).slice(11),
    DIRECTION[call.direction],
    String(call.line),
    call.from || '(withheld)',
    call.to,
    call.answeredAt === null ? '-' : stopwatch(until - call.answeredAt),
    call.sound === undefined ? '-' : call.sound.mos.toFixed(1),
    stateWords(call),
  ];
}

const PLACES: Readonly<Record<NonNullable<CallStatus['place']>, string>> = {
  held: 'on hold',
  waiting: 'waiting',
  three: 'talk of three',
  parked: 'parked',
  passedOn: 'passed on',
};

function stateWords(call: CallStatus): string {
  if (call.state === 'ended') return endWord(call.end ?? 'ended');
  if (call.place === undefined) return call.state;
  return call.slot === undefined ? PLACES[call.place] : `${PLACES[call.place]}, slot ${call.slot}`;
}
