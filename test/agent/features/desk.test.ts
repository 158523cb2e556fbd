import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  callsOf,
  type Desk,
  type DeskEffect,
  type DeskInput,
  type DeskView,
  deskStep,
  EMPTY_DESK,
  heardOf,
} from '../../../agent/features/index.ts';
import { deskTable } from '../../../agent/features/table.ts';

const view: DeskView = {
  talking: (call) => !call.startsWith('r'),
  emergency: (call) => call.startsWith('e'),
  machines: (call) => call.startsWith('fax'),
};

function play(desk: Desk, ...inputs: readonly DeskInput[]): { desk: Desk; effects: DeskEffect[] } {
  const effects: DeskEffect[] = [];
  let at = desk;
  for (const input of inputs) {
    const next = deskStep(at, input, view);
    at = next.desk;
    effects.push(...next.effects);
  }
  return { desk: at, effects };
}

const flash: DeskInput = { type: 'flash' };
const hungUp: DeskInput = { type: 'hungUp' };
const talkingTo = (call: string): Desk => ({ at: 'one', active: call });

/** The formatter aligns the columns of tables; what they say is compared. */
function squeeze(markdown: string): string {
  return markdown.replace(/ +/g, ' ').replace(/-{3,}/g, '---');
}

it('the state table in the README is the one that the desk obeys', () => {
  const readme = readFileSync(new URL('../../../agent/features/README.md', import.meta.url), 'utf8');
  expect(squeeze(readme)).toContain(squeeze(deskTable()));
});

describe('an emergency call', () => {
  it('is not put on hold by a flash', () => {
    expect(play(talkingTo('e'), flash).desk).toEqual(talkingTo('e'));
    const asked: Desk = { at: 'two', active: 'e', held: 'a', placed: true };
    expect(play(asked, flash).desk).toEqual(asked);
  });

  it('has nobody waiting for it', () => {
    expect(play(talkingTo('e'), { type: 'offered', call: 'b' }).effects).toEqual([{ type: 'refuse' }]);
  });

  it('is neither joined nor passed on, and the held call rings when the handset goes down', () => {
    const asked: Desk = { at: 'two', active: 'e', held: 'a', placed: true };
    expect(play(asked, { type: 'digit', digit: '3' }).desk).toEqual(asked);
    expect(play(asked, hungUp)).toEqual({
      desk: talkingTo('a'),
      effects: [
        { type: 'release', call: 'e' },
        { type: 'ringAgain', call: 'a' },
      ],
    });
  });
});

describe('a fax', () => {
  it('is neither announced into nor put on hold', () => {
    expect(play(talkingTo('fax'), { type: 'offered', call: 'b' }).effects).toEqual([{ type: 'refuse' }]);
    expect(play(talkingTo('fax'), flash).desk).toEqual(talkingTo('fax'));
  });
});

const anyInput: fc.Arbitrary<(fresh: string, desk: Desk) => DeskInput> = fc.oneof(
  fc.constantFrom('', 'r', 'e').map(
    (kind) =>
      (fresh: string): DeskInput => ({
        type: 'placed',
        call: kind + fresh,
      }),
  ),
  fc.constant((fresh: string): DeskInput => ({ type: 'offered', call: fresh })),
  fc.constant((): DeskInput => flash),
  fc.constantFrom('1', '2', '3').map((digit) => (): DeskInput => ({ type: 'digit', digit })),
  fc.constant((): DeskInput => ({ type: 'parked' })),
  fc.constant((): DeskInput => hungUp),
  fc.nat(1).map(
    (which) =>
      (_: string, desk: Desk): DeskInput => ({
        type: 'gone',
        call: callsOf(desk)[which] ?? 'nobody',
      }),
  ),
);

describe('a desk under any sequence of inputs', () => {
  it('never has more than two calls, never drops one silently, and rings only when the handset went down', () => {
    fc.assert(
      fc.property(fc.array(anyInput, { maxLength: 50 }), (inputs) => {
        let desk = EMPTY_DESK;
        for (const [index, make] of inputs.entries()) {
          const before = callsOf(desk);
          const input = make(String(index), desk);
          const { desk: next, effects } = deskStep(desk, input, view);
          const now = callsOf(next);
          expect(now.length).toBeLessThanOrEqual(2);
          expect(new Set(now).size).toBe(now.length);
          for (const heard of heardOf(next)) expect(now).toContain(heard);
          const explained = effects.flatMap((effect) =>
            effect.type === 'release'
              ? [effect.call]
              : effect.type === 'transfer'
                ? [effect.held, effect.active]
                : [],
          );
          if (input.type === 'gone') explained.push(input.call);
          if (input.type === 'parked' && desk.at === 'asking') explained.push(...before);
          for (const call of before) {
            expect(now.includes(call) || explained.includes(call), `${call} by ${input.type}`).toBe(true);
          }
          for (const call of explained) expect(now).not.toContain(call);
          for (const call of now) {
            const asked = input.type === 'placed' || input.type === 'offered' ? [input.call] : [];
            expect([...before, ...asked]).toContain(call);
          }
          if (effects.some((effect) => effect.type === 'ringAgain')) expect(input.type).toBe('hungUp');
          for (const effect of effects) {
            if (effect.type !== 'transfer') continue;
            expect([view.emergency(effect.held), view.emergency(effect.active)]).toEqual([false, false]);
          }
          desk = next;
        }
      }),
      { numRuns: 500 },
    );
  });
});
