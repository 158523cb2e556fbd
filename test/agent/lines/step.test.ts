import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collect } from '../../../agent/calls/dial-plan.ts';
import {
  hasCall,
  IDLE_LINE,
  type Line,
  type LineEffect,
  type LineInput,
  type LinePlan,
  soundOf,
  step,
} from '../../../agent/lines/index.ts';

const plan: LinePlan = {
  firstDigitMs: 15_000,
  interDigitMs: 4_000,
  shortNumberMs: 1_500,
  toneMs: 30_000,
  howlerMs: 60_000,
  flash: { leastMs: 100, mostMs: 900 },
  pulse: true,
  collect: (digits) => collect(digits, { extensions: ['11', '12'], emergency: 'refused' }),
};

/** Feeds inputs one after the other; the last state and all effects. */
function run(inputs: readonly LineInput[], from: Line = IDLE_LINE): { line: Line; effects: LineEffect[] } {
  let line = from;
  const effects: LineEffect[] = [];
  for (const input of inputs) {
    const next = step(line, input, plan);
    line = next.line;
    effects.push(...next.effects);
  }
  return { line, effects };
}

function dial(digits: string, by: 'dtmf' | 'pulse' = 'dtmf'): LineInput[] {
  return [...digits].map((digit) => ({ type: 'digit', digit, by }));
}

describe('a line', () => {
  it('gives dial tone when the handset is lifted and arms the first-digit timer', () => {
    const { line, effects } = run([{ type: 'offHook' }]);
    expect(line.at).toBe('dialTone');
    expect(effects).toEqual([
      { type: 'hear', sound: { to: 'tone', tone: 'dial' } },
      { type: 'arm', timer: 'firstDigit', ms: 15_000 },
    ]);
  });

  it('stops dial tone at the first digit and places the call at the last one', () => {
    const { line, effects } = run([{ type: 'offHook' }, ...dial('0355550123')]);
    expect(line.at).toBe('calling');
    expect(effects.filter((effect) => effect.type === 'place')).toMatchObject([
      { called: { number: '0355550123' } },
    ]);
    expect(effects.findIndex((effect) => effect.type === 'hear' && effect.sound.to === 'silence')).toBe(2);
  });

  it('takes pulse digits and DTMF digits in one number', () => {
    const { effects } = run([{ type: 'offHook' }, ...dial('03555', 'pulse'), ...dial('50123', 'dtmf')]);
    expect(effects.at(-1)).toMatchObject({ type: 'place', called: { number: '0355550123' } });
  });

  it('goes from an unused dial tone to congestion and then to the howler', () => {
    const first = run([{ type: 'offHook' }, { type: 'timer', timer: 'firstDigit' }]);
    expect(first.line.at).toBe('congestion');
    const second = run([{ type: 'timer', timer: 'tone' }], first.line);
    expect(second.line.at).toBe('howler');
    const third = run([{ type: 'timer', timer: 'howler' }], second.line);
    expect(third.line.at).toBe('quiet');
    expect(third.effects).toEqual([{ type: 'hear', sound: { to: 'silence' } }, { type: 'disarm' }]);
    expect(run([{ type: 'onHook' }], second.line).line).toEqual(IDLE_LINE);
  });

  it('says which rule refused a number', () => {
    const { line } = run([{ type: 'offHook' }, ...dial('104')]);
    expect(line).toMatchObject({ at: 'congestion', because: expect.stringContaining('dial.serviceEnded') });
  });

  it('answers when the handset is lifted while it rings, and stops the ringing first', () => {
    const { line, effects } = run([{ type: 'ring', cadence: [1_000, 2_000] }, { type: 'offHook' }]);
    expect(line.at).toBe('talking');
    expect(effects.map((effect) => effect.type)).toEqual(['ring', 'ringStop', 'answer']);
  });

  it('hears ringback, early media and then the call itself', () => {
    const rtp = { to: 'rtp', session: 's' } as const;
    const { line, effects } = run([
      { type: 'offHook' },
      ...dial('12'),
      { type: 'progress', hears: { to: 'tone', tone: 'ringback' } },
      { type: 'progress', hears: rtp },
      { type: 'connect', hears: rtp },
    ]);
    expect(line).toEqual({ at: 'talking', hears: rtp });
    expect(effects.filter((effect) => effect.type === 'hear').map((effect) => effect.sound)).toEqual([
      { to: 'tone', tone: 'dial' },
      { to: 'silence' },
      { to: 'tone', tone: 'ringback' },
      rtp,
    ]);
  });

  it('plays busy tone to whoever stays when the other side has gone', () => {
    const { line } = run([{ type: 'callEnded', tone: 'busy', because: 'hung up' }], {
      at: 'talking',
      hears: { to: 'silence' },
    });
    expect(line).toEqual({ at: 'busyTone', because: 'hung up' });
  });

  it('refuses to ring while it is in use', () => {
    const { line, effects } = run([{ type: 'offHook' }, { type: 'ring', cadence: [1_000, 2_000] }]);
    expect(line.at).toBe('dialTone');
    expect(effects.at(-1)).toEqual({ type: 'refuseRing' });
  });

  it('tells of a hook flash within its window and ignores a shorter break', () => {
    const talking: Line = { at: 'talking', hears: { to: 'rtp', session: 's' } };
    const narrow = { ...plan, flash: { leastMs: 300, mostMs: 700 } };
    expect(step(talking, { type: 'flash', durationMs: 300 }, narrow).effects).toEqual([{ type: 'flash' }]);
    expect(step(talking, { type: 'flash', durationMs: 700 }, narrow).effects).toEqual([{ type: 'flash' }]);
    const short = step(talking, { type: 'flash', durationMs: 299 }, narrow);
    expect(short.line).toBe(talking);
    expect(short.effects.map((effect) => effect.type)).toEqual(['note']);
  });

  it('takes a break beyond the flash window for hanging up and lifting again', () => {
    const talking: Line = { at: 'talking', hears: { to: 'rtp', session: 's' } };
    const { line, effects } = run([{ type: 'flash', durationMs: 950 }], talking);
    expect(line).toEqual({ at: 'dialTone', recall: false });
    expect(effects).toContainEqual({ type: 'release', why: 'hungUp' });
  });

  it('ignores pulses where they are off, and DTMF never', () => {
    const deaf = { ...plan, pulse: false };
    const tone: Line = { at: 'dialTone', recall: false };
    expect(step(tone, { type: 'digit', digit: '1', by: 'pulse' }, deaf).line).toBe(tone);
    expect(step(tone, { type: 'digit', digit: '1', by: 'dtmf' }, deaf).line.at).toBe('dialling');
  });

  it('gives second dial tone after 184, until the next digit', () => {
    const { line } = run([{ type: 'offHook' }, ...dial('184')]);
    expect(soundOf(line)).toEqual({ to: 'tone', tone: 'secondDial' });
    expect(soundOf(run(dial('0'), line).line)).toEqual({ to: 'silence' });
  });

  it('rings extension 11 after a moment and still calls 117 when the 7 comes late', () => {
    const waiting = run([{ type: 'offHook' }, ...dial('11')]);
    expect(waiting.effects.at(-1)).toEqual({ type: 'arm', timer: 'shortNumber', ms: 1_500 });
    const ringing = run([{ type: 'timer', timer: 'shortNumber' }], waiting.line);
    expect(ringing.effects.at(-1)).toMatchObject({ type: 'place', called: { kind: 'extension' } });
    const late = run(dial('7'), ringing.line);
    expect(late.effects).toEqual([
      { type: 'withdraw' },
      { type: 'place', called: { kind: 'service', number: '117' } },
    ]);
    // Once it is answered the digit belongs to the talk.
    const talking = run([{ type: 'connect', hears: { to: 'line', port: 1 } }], ringing.line);
    expect(run(dial('7'), talking.line).effects).toEqual([{ type: 'digit', digit: '7' }]);
  });
});

const anyInput: fc.Arbitrary<LineInput> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<LineInput>({ type: 'offHook' }) },
  { weight: 2, arbitrary: fc.constant<LineInput>({ type: 'onHook' }) },
  {
    weight: 6,
    arbitrary: fc
      .constantFrom(...'01123489*#')
      .map((digit): LineInput => ({ type: 'digit', digit, by: 'dtmf' })),
  },
  fc
    .constantFrom('firstDigit', 'interDigit', 'shortNumber', 'tone', 'howler')
    .map((timer): LineInput => ({ type: 'timer', timer: timer as 'tone' })),
  fc.constant<LineInput>({ type: 'ring', cadence: [1_000, 2_000] }),
  fc.constant<LineInput>({ type: 'progress', hears: { to: 'tone', tone: 'ringback' } }),
  fc.constant<LineInput>({ type: 'connect', hears: { to: 'rtp', session: 's' } }),
  fc.constant<LineInput>({ type: 'join', hears: { to: 'rtp', session: 'j' } }),
  fc.constant<LineInput>({ type: 'recall' }),
  fc.constant<LineInput>({ type: 'tell', tone: 'refused', because: 'x' }),
  fc.constant<LineInput>({ type: 'callEnded', tone: 'busy', because: 'x' }),
  fc.integer({ min: 50, max: 1_000 }).map((durationMs): LineInput => ({ type: 'flash', durationMs })),
  fc.constant<LineInput>({ type: 'adopt', hears: { to: 'rtp', session: 's' } }),
  fc.constant<LineInput>({ type: 'lost' }),
);

/** What the world believes of the line, from its effects alone. */
interface World {
  heard: string;
  ringing: boolean;
  timer: string | undefined;
  calls: number;
}

function follow(
  world: World,
  input: LineInput,
  before: Line,
  after: Line,
  effects: readonly LineEffect[],
): void {
  for (const effect of effects) {
    if (effect.type === 'hear') world.heard = JSON.stringify(effect.sound);
    else if (effect.type === 'ring') world.ringing = true;
    else if (effect.type === 'ringStop') world.ringing = false;
    else if (effect.type === 'arm') world.timer = effect.timer;
    else if (effect.type === 'disarm') world.timer = undefined;
    else if (effect.type === 'place' || effect.type === 'code') world.calls++;
    else if (effect.type === 'release' || effect.type === 'withdraw') world.calls--;
  }
  if (input.type === 'timer')
    world.timer = effects.some((effect) => effect.type === 'arm') ? world.timer : undefined;
  if (input.type === 'ring' && after.at === 'ringing' && before.at === 'onHook') world.calls++;
  if (input.type === 'adopt' && before.at === 'onHook') world.calls++;
  if (input.type === 'join' && hasCall(after) && !hasCall(before)) world.calls++;
  if (input.type === 'recall' && before.at === 'talking') world.calls--;
  if (input.type === 'tell' && before.at === 'calling') world.calls--;
  if (input.type === 'callEnded' && hasCall(before)) world.calls--;
}

describe('a line under any sequence of inputs', () => {
  it('never has two calls, never plays or rings on hook, never loses a call, and is never stuck', () => {
    fc.assert(
      fc.property(fc.array(anyInput, { maxLength: 60 }), (inputs) => {
        let line: Line = IDLE_LINE;
        const world: World = { heard: '{"to":"silence"}', ringing: false, timer: undefined, calls: 0 };
        for (const input of inputs) {
          // A timer that is not armed cannot fire, and audio is joined without a `hear` when a call is adopted.
          if (input.type === 'timer' && input.timer !== world.timer) continue;
          const next = step(line, input, plan);
          follow(world, input, line, next.line, next.effects);
          if (input.type === 'adopt' && line.at === 'onHook') world.heard = JSON.stringify(input.hears);
          line = next.line;
          expect(world.calls).toBe(hasCall(line) ? 1 : 0);
          expect(world.ringing).toBe(line.at === 'ringing');
          expect(world.heard).toBe(JSON.stringify(soundOf(line)));
          if (line.at === 'onHook')
            expect(world).toMatchObject({ heard: '{"to":"silence"}', timer: undefined });
          if (['dialTone', 'dialling', 'told', 'busyTone', 'congestion', 'howler'].includes(line.at)) {
            expect(world.timer).toBeDefined();
          }
        }
        const gone = step(line, { type: 'lost' }, plan);
        follow(world, { type: 'lost' }, line, gone.line, gone.effects);
        expect(gone.line).toEqual(IDLE_LINE);
        expect(world).toEqual({ heard: '{"to":"silence"}', ringing: false, timer: undefined, calls: 0 });
      }),
      { numRuns: 500 },
    );
  });
});
