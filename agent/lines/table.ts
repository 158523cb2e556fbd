import type { Line, LineInput, LinePlan, LineTimer } from './line.ts';
import { step } from './step.ts';

const CALLED = { kind: 'geographic', number: '0355550123' } as const;
const TALK = { to: 'rtp', session: 'S' } as const;

/** A plan in which `2` completes the number, `8` a code, and any other digit nothing. */
const SAMPLE_PLAN: LinePlan = {
  firstDigitMs: 1,
  interDigitMs: 1,
  shortNumberMs: 1,
  toneMs: 1,
  howlerMs: 1,
  flash: { leastMs: 100, mostMs: 900 },
  pulse: true,
  collect: (digits) => {
    const refused = { at: 'refused', refusal: { rule: 'sample', say: 'sample' } } as const;
    if (digits.endsWith('2')) return { at: 'complete', called: CALLED };
    if (digits.endsWith('8')) return { at: 'code', code: { code: 'redial' } };
    return { at: 'incomplete', atTimeout: refused };
  },
};

const STATES: readonly Line[] = [
  { at: 'onHook' },
  { at: 'dialTone', recall: false },
  { at: 'dialling', digits: '1', wait: 'interDigit', heard: false },
  { at: 'calling', hears: { to: 'silence' }, more: '1' },
  { at: 'ringing', cadence: [1_000, 2_000] },
  { at: 'talking', hears: TALK },
  { at: 'told', tone: 'confirmation', because: '' },
  { at: 'busyTone', because: '' },
  { at: 'congestion', because: '' },
  { at: 'howler' },
  { at: 'quiet' },
];

const INPUTS: readonly (readonly [name: string, of: (line: Line) => LineInput])[] = [
  ['offHook', () => ({ type: 'offHook' })],
  ['onHook', () => ({ type: 'onHook' })],
  ['flash', () => ({ type: 'flash', durationMs: 500 })],
  ['break beyond the window', () => ({ type: 'flash', durationMs: 950 })],
  ['digit, more to come', () => ({ type: 'digit', digit: '1', by: 'dtmf' })],
  ['digit, number complete', () => ({ type: 'digit', digit: '2', by: 'dtmf' })],
  ['digit, code complete', () => ({ type: 'digit', digit: '8', by: 'dtmf' })],
  ['its timer', (line) => ({ type: 'timer', timer: ownTimer(line) })],
  ['ring', () => ({ type: 'ring', cadence: [1_000, 2_000] })],
  ['progress', () => ({ type: 'progress', hears: { to: 'tone', tone: 'ringback' } })],
  ['connect', () => ({ type: 'connect', hears: { to: 'rtp', session: 'other' } })],
  ['join', () => ({ type: 'join', hears: { to: 'rtp', session: 'other' } })],
  ['recall', () => ({ type: 'recall' })],
  ['tell', () => ({ type: 'tell', tone: 'confirmation', because: '' })],
  ['callEnded busy', () => ({ type: 'callEnded', tone: 'busy', because: '' })],
  ['callEnded congestion', () => ({ type: 'callEnded', tone: 'congestion', because: '' })],
  ['adopt', () => ({ type: 'adopt', hears: TALK })],
  ['lost', () => ({ type: 'lost' })],
];

function ownTimer(line: Line): LineTimer {
  if (line.at === 'dialTone') return 'firstDigit';
  if (line.at === 'dialling') return line.wait;
  return line.at === 'howler' ? 'howler' : 'tone';
}

const VERBS = ['place', 'withdraw', 'code', 'flash', 'digit', 'answer', 'release', 'refuseRing'];

/** The state table of the line, as Markdown, made by asking `step`. The README carries exactly this text. */
export function stateTable(): string {
  const head = ['input', ...STATES.map((line) => line.at)];
  const rows = INPUTS.map(([name, of]) => [name, ...STATES.map((line) => cell(line, of(line)))]);
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function cell(line: Line, input: LineInput): string {
  const next = step(line, input, SAMPLE_PLAN);
  const verbs = next.effects.filter((effect) => VERBS.includes(effect.type)).map((effect) => effect.type);
  const target = next.line.at === line.at ? (verbs.length === 0 ? '·' : '') : next.line.at;
  return [target, ...verbs.map((verb) => `_${verb}_`)].filter((part) => part !== '').join(' ');
}
