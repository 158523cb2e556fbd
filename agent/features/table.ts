import { callsOf, type Desk, type DeskEffect, type DeskInput, heardOf } from './desk.ts';
import { deskStep } from './desk-step.ts';

/** `a` talks, `b` is the second call. */
const STATES: readonly (readonly [name: string, desk: Desk])[] = [
  ['none', { at: 'none' }],
  ['one', { at: 'one', active: 'a' }],
  ['announced', { at: 'announced', active: 'a', waiting: 'b' }],
  ['asking', { at: 'asking', held: 'a' }],
  ['two, b answered', { at: 'two', active: 'b', held: 'a', placed: true }],
  ['two, b rings', { at: 'two', active: 'r', held: 'a', placed: true }],
  ['two, by call waiting', { at: 'two', active: 'b', held: 'a', placed: false }],
  ['three', { at: 'three', active: 'b', other: 'a', placed: true }],
];

const INPUTS: readonly (readonly [name: string, of: (desk: Desk) => DeskInput])[] = [
  ['placed', () => ({ type: 'placed', call: 'new' })],
  ['offered', () => ({ type: 'offered', call: 'new' })],
  ['flash', () => ({ type: 'flash' })],
  ['1 after a flash', () => ({ type: 'digit', digit: '1' })],
  ['3 after a flash', () => ({ type: 'digit', digit: '3' })],
  ['parked', () => ({ type: 'parked' })],
  ['hungUp', () => ({ type: 'hungUp' })],
  ['gone: the one talked to', (desk) => ({ type: 'gone', call: heardOf(desk)[0] ?? '' })],
  ['gone: the other one', (desk) => ({ type: 'gone', call: callsOf(desk)[1] ?? callsOf(desk)[0] ?? '' })],
];

const VIEW = { talking: (call: string) => call !== 'r', emergency: () => false, machines: () => false };

/** The state table of the desk, as Markdown, made by asking `deskStep`. The README carries exactly this text. */
export function deskTable(): string {
  const head = ['input', ...STATES.map(([name]) => name)];
  const rows = INPUTS.map(([name, of]) => [name, ...STATES.map(([, desk]) => cell(desk, of(desk)))]);
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function cell(desk: Desk, input: DeskInput): string {
  const next = deskStep(desk, input, VIEW);
  const same = JSON.stringify(next.desk) === JSON.stringify(desk);
  const verbs = next.effects.filter(({ type }) => type !== 'note').map((effect) => `_${verbOf(effect)}_`);
  const target = same ? (verbs.length === 0 ? '·' : '') : stateOf(next.desk);
  return [target, ...verbs].filter((part) => part !== '').join(' ');
}

function stateOf(desk: Desk): string {
  const heard = heardOf(desk);
  return [desk.at, ...(heard.length === 0 ? [] : [`(${heard.join('+')})`])].join(' ');
}

function verbOf(effect: DeskEffect): string {
  if (effect.type === 'transfer') return `transfer ${effect.held}→${effect.active}`;
  return 'call' in effect ? `${effect.type} ${effect.call}` : effect.type;
}
