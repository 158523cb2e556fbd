import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANSWER_LIMIT_MS } from '../../../agent/fax/fax-moves.ts';
import type { FaxEffect, FaxEnv, FaxInput, FaxState, OfferedMedia } from '../../../agent/fax/fax-state.ts';
import { faxStep, SILENCE_LIMIT_MS } from '../../../agent/fax/fax-step.ts';
import { CALLER_TRY_MS, MUTE_LIMIT_MS } from '../../../agent/fax/fax-tones.ts';
import { faxAfterRestart } from '../../../agent/fax/kept.ts';

const ON: FaxEnv = { settings: { t38: true }, ownsCallId: false };
const OFF: FaxEnv = { settings: { t38: false }, ownsCallId: false };

const tone = (from: 'line' | 'network', name: Extract<FaxInput, { type: 'tone' }>['tone']): FaxInput => ({
  type: 'tone',
  from,
  tone: name,
});
const offer = (media: OfferedMedia): FaxInput => ({ type: 'offer', media });

/** Runs inputs from the beginning of a call; answers the state and the effects of the last input. */
function played(
  env: FaxEnv,
  ...inputs: readonly FaxInput[]
): { state: FaxState; effects: readonly FaxEffect[] } {
  let stepped = faxStep({ at: 'off' }, { type: 'talking' }, env);
  for (const input of inputs) stepped = faxStep(stepped.state, input, env);
  return { state: stepped.state, effects: stepped.effects };
}

const types = (stepped: { effects: readonly FaxEffect[] }): string[] =>
  stepped.effects.map((effect) => effect.type);

/** What is held back after these inputs. */
const muteOf = (state: FaxState) => (state.at === 'off' ? undefined : state.mute);
const ALL = { toNetwork: true, toLine: true };
const NONE = { toNetwork: false, toLine: false };

describe('our machine answers', () => {
  it.each(['ced', 'v21Preamble'] as const)('T.38 is offered on %s, and sound held back', (name) => {
    const stepped = played(ON, tone('line', name));
    expect(stepped.state).toMatchObject({ at: 'offering', mute: ALL });
    expect(stepped.effects).toContainEqual({ type: 'offerImage' });
    expect(stepped.effects).toContainEqual({
      type: 'arm',
      timer: 'answer',
      fromMs: ANSWER_LIMIT_MS,
      toMs: ANSWER_LIMIT_MS,
    });
    // Whatever comes of it, sound is already as modems need it.
    expect(stepped.effects[0]).toEqual({ type: 'startPassthrough', because: '' });
  });

  it('Super G3: ANSam is held back and nothing offered until V.21 comes', () => {
    const held = played(ON, tone('line', 'ansam'));
    expect(held.state).toMatchObject({ at: 'listening', mute: ALL });
    expect(types(held)).not.toContain('offerImage');
    expect(types(played(ON, tone('line', 'ansam'), tone('line', 'v21Preamble')))).toContain('offerImage');
  });

  it('ANSam to a caller that said CNG is a fax: offered at once', () => {
    expect(types(played(ON, tone('network', 'cng'), tone('line', 'ansamPr')))).toContain('offerImage');
  });

  it('a modem that is no fax is let through after a while, as modems need sound', () => {
    const stepped = played(ON, tone('line', 'ansPr'), { type: 'timer', timer: 'mute' });
    expect(stepped.state).toMatchObject({ at: 'passthrough', mute: NONE });
    expect(stepped.effects).toContainEqual({ type: 'mute', mute: NONE });
    expect(MUTE_LIMIT_MS).toBeLessThan(8_000);
  });

  it('accepted: T.38, nothing held back, nothing listened for', () => {
    const stepped = played(ON, tone('line', 'ced'), { type: 'accepted', media: 'image' });
    expect(stepped.state).toMatchObject({ at: 't38', since: 'ours', mute: NONE });
    expect(types(stepped)).toEqual(expect.arrayContaining(['watch', 'mute', 'startT38']));
  });

  it('an answer without an image is a refusal', () => {
    const stepped = played(ON, tone('line', 'ced'), { type: 'accepted', media: 'audio' });
    expect(stepped.state.at).toBe('passthrough');
  });
});

describe('a refusal', () => {
  it.each([488, 415, 606, 501, 503, 504])('%i: sound, un-muted, and never again in this call', (status) => {
    const refused = played(ON, tone('line', 'ced'), { type: 'refused', status });
    expect(refused.state).toMatchObject({ at: 'passthrough', mute: NONE, tried: true });
    expect(refused.effects).toContainEqual({ type: 'mute', mute: NONE });
    for (const again of ['ced', 'v21Preamble', 'ansam'] as const) {
      expect(types(faxStep(refused.state, tone('line', again), ON))).not.toContain('offerImage');
    }
  });

  it('no answer in 5 s is one too; an answer that comes after all is taken', () => {
    const waited = played(ON, tone('line', 'ced'), { type: 'timer', timer: 'answer' });
    expect(waited.state).toMatchObject({ at: 'passthrough', pending: true, mute: NONE });
    const late = faxStep(waited.state, { type: 'accepted', media: 'image' }, ON);
    expect(late.state.at).toBe('t38');
    const never = faxStep(waited.state, { type: 'refused', status: 504 }, ON);
    expect(never.state).toMatchObject({ at: 'passthrough', pending: false });
  });

  it('the far end may offer itself afterwards', () => {
    const stepped = played(ON, tone('line', 'ced'), { type: 'refused', status: 488 }, offer('image'));
    expect(stepped.state).toMatchObject({ at: 't38', since: 'theirs' });
    expect(types(stepped)[0]).toBe('acceptImage');
  });
});

describe('the far machine answers', () => {
  it('is left to offer; we accept', () => {
    const heard = played(ON, tone('network', 'ced'), tone('network', 'v21Preamble'));
    expect(heard.state).toMatchObject({ at: 'listening', heard: { answerer: 'network' } });
    const stepped = faxStep(heard.state, offer('image'), ON);
    expect(types(stepped)).toEqual(expect.arrayContaining(['acceptImage', 'startT38']));
  });

  it('and does not: we offer once, soon after its V.21, before the machines train', () => {
    const spoke = played(ON, tone('network', 'v21Preamble'));
    expect(types(faxStep(spoke.state, tone('network', 'v21Preamble'), ON))).not.toContain('arm');
    expect(spoke.effects).toContainEqual({
      type: 'arm',
      timer: 'callerTry',
      fromMs: CALLER_TRY_MS,
      toMs: CALLER_TRY_MS,
    });
    const tried = faxStep(spoke.state, { type: 'timer', timer: 'callerTry' }, ON);
    expect(types(tried)).toContain('offerImage');
    // The two machines talk by sound already: they must go on hearing each other.
    expect(muteOf(tried.state)).toEqual(NONE);
  });

  it('Super G3: ANSam from the network stops CM of our machine, V.21 opens both ways', () => {
    const held = played(ON, tone('network', 'ansamPr'));
    expect(muteOf(held.state)).toEqual(ALL);
    const open = faxStep(held.state, tone('network', 'v21Preamble'), ON);
    expect(muteOf(open.state)).toEqual(NONE);
    expect(open.effects).toContainEqual({ type: 'mute', mute: NONE });
  });
});

describe('glare', () => {
  it.each([
    [true, 2_100, 4_000],
    [false, 0, 2_000],
  ])('491: who owns the Call-ID (%s) waits %i to %i ms (RFC 3261 §14.1)', (ownsCallId, fromMs, toMs) => {
    const env = { ...ON, ownsCallId };
    const stepped = played(env, tone('line', 'ced'), { type: 'refused', status: 491 });
    expect(stepped.effects).toContainEqual({ type: 'arm', timer: 'glare', fromMs, toMs });
    expect(types(faxStep(stepped.state, { type: 'timer', timer: 'glare' }, env))).toContain('offerImage');
  });

  it('an image offer that comes meanwhile is accepted, and ours falls away', () => {
    const stepped = played(ON, tone('line', 'ced'), { type: 'refused', status: 491 }, offer('image'));
    expect(stepped.state).toMatchObject({ at: 't38', since: 'theirs' });
    expect(stepped.effects).toContainEqual({ type: 'disarm', timer: 'glare' });
    expect(faxStep(stepped.state, { type: 'timer', timer: 'glare' }, ON).effects).toEqual([]);
  });

  it('does not go on for ever', () => {
    let state = played(ON, tone('line', 'ced')).state;
    for (let round = 0; round < 10 && state.at !== 'passthrough'; round++) {
      state = faxStep(state, { type: 'refused', status: 491 }, ON).state;
      state = faxStep(state, { type: 'timer', timer: 'glare' }, ON).state;
    }
    expect(state.at).toBe('passthrough');
  });

  it('an offer that comes while ours is out is refused with 491', () => {
    expect(played(ON, tone('line', 'ced'), offer('image')).effects).toEqual([
      { type: 'refuseOffer', status: 491 },
    ]);
  });
});

describe('offers of the far end', () => {
  it('of both media: audio in a talk, T.38 once a machine was heard', () => {
    expect(types(played(ON, offer('both')))).toEqual(['acceptAudio']);
    expect(types(played(ON, tone('network', 'ced'), offer('both')))[0]).toBe('acceptImage');
  });

  it('of an image alone is taken without any tone', () => {
    expect(played(ON, offer('image')).state.at).toBe('t38');
  });

  it('the same again in T.38 (session refresh) is answered and changes nothing', () => {
    const stepped = played(ON, offer('image'), offer('image'));
    expect(types(stepped)).toEqual(['acceptImage', 'startT38']);
    expect(stepped.state.at).toBe('t38');
  });

  it('of audio in T.38 ends it, and machines are listened for again', () => {
    const stepped = played(ON, offer('image'), offer('audio'));
    expect(stepped.state).toMatchObject({ at: 'listening', tried: false });
    expect(types(stepped)).toEqual(['acceptAudio', 'startVoice', 'watch']);
  });

  it('are answered with audio or 488 where T.38 is off', () => {
    expect(types(played(OFF, offer('both')))).toEqual(['acceptAudio']);
    expect(played(OFF, offer('image')).effects).toEqual([{ type: 'refuseOffer', status: 488 }]);
  });
});

describe('T.38 is off', () => {
  it('a machine gets sound as modems need it, and nothing is held back', () => {
    const stepped = played(OFF, tone('line', 'ced'));
    expect(stepped.state).toMatchObject({ at: 'passthrough', mute: NONE });
    expect(types(stepped)).not.toContain('offerImage');
  });
});

describe('the watchdog', () => {
  it('ends a call in which T.38 was silent for a minute, and no other', () => {
    const silent = { type: 'silent', silentMs: SILENCE_LIMIT_MS + 400 } as const;
    const stepped = played(ON, offer('image'), silent);
    expect(stepped.effects).toMatchObject([{ type: 'end', because: expect.stringContaining('60 s') }]);
    expect(played(ON, silent).effects).toEqual([]);
    expect(played(ON, offer('image'), { type: 'silent', silentMs: 59_000 }).effects).toEqual([]);
  });

  it('a media process that cannot speak T.38 ends the call: the far end has switched', () => {
    expect(types(played(ON, offer('image'), { type: 'noT38', say: 'no memory' }))).toEqual(['end']);
  });
});

describe('after a restart of the agent', () => {
  it('T.38 that the media process speaks goes on untouched', () => {
    const { state } = played(ON, offer('image'));
    expect(faxAfterRestart(JSON.parse(JSON.stringify(state)), 't38')).toMatchObject({
      state: { at: 't38' },
      effects: [],
    });
  });

  it('what was being agreed is taken as refused, and everything passes again', () => {
    const { state } = played(ON, tone('line', 'ced'));
    const resumed = faxAfterRestart(JSON.parse(JSON.stringify(state)), 'passthrough');
    expect(resumed.state).toMatchObject({ at: 'passthrough', tried: true });
    expect(resumed.effects).toContainEqual({ type: 'mute', mute: NONE });
  });

  it('takes any kept value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('voice', 'passthrough', 't38'), (value, mode) => {
        expect(faxAfterRestart(value, mode).state.at).not.toBe('off');
      }),
    );
  });
});

const anyInput: fc.Arbitrary<FaxInput> = fc.oneof(
  fc.constant<FaxInput>({ type: 'talking' }),
  fc.record({
    type: fc.constant('tone' as const),
    from: fc.constantFrom('line' as const, 'network' as const),
    tone: fc.constantFrom(
      ...(['cng', 'ced', 'ansam', 'ansamPr', 'ansPr', 'v21Preamble', 'callingTone'] as const),
    ),
  }),
  fc.constantFrom('audio', 'image', 'both', 'nothing').map((media) => offer(media as OfferedMedia)),
  fc
    .constantFrom('audio', 'image', 'both', 'nothing')
    .map((media): FaxInput => ({ type: 'accepted', media: media as OfferedMedia })),
  fc.constantFrom(488, 415, 491, 504, 481).map((status): FaxInput => ({ type: 'refused', status })),
  fc
    .constantFrom('answer' as const, 'glare' as const, 'callerTry' as const, 'mute' as const)
    .map((timer): FaxInput => ({ type: 'timer', timer })),
  fc.nat(120_000).map((silentMs): FaxInput => ({ type: 'silent', silentMs })),
);

describe('whatever happens', () => {
  it('every offer is answered once, T.38 is never offered after a refusal, and nothing stays held back', () => {
    fc.assert(
      fc.property(fc.array(anyInput, { maxLength: 40 }), fc.boolean(), (inputs, t38) => {
        const env: FaxEnv = { settings: { t38 }, ownsCallId: true };
        let state: FaxState = { at: 'off' };
        let armed = new Set<string>();
        for (const input of [{ type: 'talking' } as const, ...inputs]) {
          const refusedBefore = state.at !== 'off' && state.tried;
          const stepped = faxStep(state, input, env);
          const kinds = types(stepped);
          const answers = kinds.filter((kind) => /^accept|^refuseOffer/.test(kind));
          expect(answers).toHaveLength(input.type === 'offer' ? 1 : 0);
          if (refusedBefore || !t38) expect(kinds).not.toContain('offerImage');
          if (input.type === 'timer') armed = new Set([...armed].filter((name) => name !== input.timer));
          for (const effect of stepped.effects) {
            if (effect.type === 'arm') armed.add(effect.timer);
            if (effect.type === 'disarm') armed.delete(effect.timer);
          }
          state = stepped.state;
          if (state.at === 'offering') expect(armed.has('answer')).toBe(true);
          if (state.at === 'glare') expect(armed.has('glare')).toBe(true);
          const held = muteOf(state);
          if (held?.toLine || held?.toNetwork) {
            expect(['answer', 'glare', 'mute'].some((name) => armed.has(name))).toBe(true);
          }
          if (state.at === 't38' || state.at === 'passthrough') expect(muteOf(state)).toEqual(NONE);
        }
      }),
    );
  });
});
