import { unreachable } from '../../lib/base/errors.ts';
import { ANSWER_LIMIT_MS, MUTE_NOTHING, offer, stay, toPassthrough, toT38, type Up } from './fax-moves.ts';
import type {
  FaxEffect,
  FaxEnv,
  FaxHeard,
  FaxInput,
  FaxState,
  FaxStepped,
  FaxTimer,
  OfferedMedia,
} from './fax-state.ts';
import { hearTone } from './fax-tones.ts';

/** Neither machine has said anything over T.38: they, or the far end, are gone. */
export const SILENCE_LIMIT_MS = 60_000;
/** Crossing offers in a row before we leave it to the far end. */
const GLARE_LIMIT = 3;

const HEARD_NOTHING: FaxHeard = { cngFromNetwork: false, answerer: null };

/** Pure: the fax of one call after `input`, and what to do about it. Every input is handled in every state. */
export function faxStep(state: FaxState, input: FaxInput, env: FaxEnv): FaxStepped {
  if (state.at === 'off') return whileOff(input);
  switch (input.type) {
    case 'talking':
      return stay(state);
    case 'tone':
      return hearTone(state, input, env);
    case 'offer':
      return takeOffer(state, input.media, env);
    case 'accepted':
      return accepted(state, input.media);
    case 'refused':
      return refused(state, input.status, env);
    case 'timer':
      return expire(state, input.timer, env);
    case 'silent':
      if (state.at !== 't38' || input.silentMs < SILENCE_LIMIT_MS) return stay(state);
      return stay(state, {
        type: 'end',
        because: `the fax fell silent: nothing from either machine for ${Math.round(input.silentMs / 1_000)} s`,
      });
    case 'noT38':
      if (state.at !== 't38') return stay(state);
      // The far end already speaks T.38: there is no way back that it knows of.
      return stay(state, { type: 'end', because: `no T.38 for the fax: ${input.say}` });
    default:
      return unreachable(input);
  }
}

function whileOff(input: FaxInput): FaxStepped {
  if (input.type === 'talking' && input.image === true) {
    const common = { heard: HEARD_NOTHING, mute: MUTE_NOTHING, tried: false };
    return { state: { at: 't38', since: 'theirs', ...common }, effects: [{ type: 'startT38' }] };
  }
  if (input.type === 'talking') {
    const state: FaxState = {
      at: 'listening',
      spoke: false,
      heard: HEARD_NOTHING,
      mute: MUTE_NOTHING,
      tried: false,
    };
    return { state, effects: [{ type: 'watch', on: true }] };
  }
  if (input.type === 'offer') {
    const usable = input.media === 'audio' || input.media === 'both';
    const answer: FaxEffect = usable ? { type: 'acceptAudio' } : { type: 'refuseOffer', status: 488 };
    return { state: { at: 'off' }, effects: [answer] };
  }
  return { state: { at: 'off' }, effects: [] };
}

// --- offers of the far end ---

function takeOffer(state: Up, media: OfferedMedia, env: FaxEnv): FaxStepped {
  // Two offers cross; the SIP layer refuses most of them before we hear of one.
  if (state.at === 'offering') return stay(state, { type: 'refuseOffer', status: 491 });
  if (media === 'nothing') return stay(state, { type: 'refuseOffer', status: 488 });
  if (media === 'audio') return takeAudio(state);
  if (!env.settings.t38) {
    return media === 'both' ? takeAudio(state) : stay(state, { type: 'refuseOffer', status: 488 });
  }
  // Both: talk goes on unless a machine was heard, or T.38 is spoken already.
  if (media === 'both' && state.at === 'listening' && state.heard.answerer === null) return takeAudio(state);
  if (state.at === 't38') return stay(state, { type: 'acceptImage' }, { type: 'startT38' });
  return toT38(state, 'theirs', [{ type: 'acceptImage' }]);
}

/** Back to audio from T.38; anywhere else a refresh, a hold or a new address. */
function takeAudio(state: Up): FaxStepped {
  if (state.at !== 't38') return stay(state, { type: 'acceptAudio' });
  const next: FaxState = {
    at: 'listening',
    spoke: false,
    heard: HEARD_NOTHING,
    mute: MUTE_NOTHING,
    tried: state.tried,
  };
  return {
    state: next,
    effects: [{ type: 'acceptAudio' }, { type: 'startVoice' }, { type: 'watch', on: true }],
  };
}

// --- our own offer ---

function accepted(state: Up, media: OfferedMedia): FaxStepped {
  const asked = state.at === 'offering' || (state.at === 'passthrough' && state.pending);
  if (!asked) return stay(state);
  if (media === 'image' || media === 'both') return toT38(state, 'ours', []);
  return toPassthrough(state, 'the far end answered the offer of T.38 without it');
}

function refused(state: Up, status: number, env: FaxEnv): FaxStepped {
  if (state.at === 'passthrough') return { state: { ...state, pending: false }, effects: [] };
  if (state.at !== 'offering') return stay(state);
  if (status === 491 && state.glares < GLARE_LIMIT) {
    // RFC 3261 §14.1: who owns the Call-ID waits longer, so that the offers do not cross again.
    const [fromMs, toMs] = env.ownsCallId ? [2_100, 4_000] : [0, 2_000];
    return {
      state: { ...state, at: 'glare', glares: state.glares + 1 },
      effects: [
        { type: 'disarm', timer: 'answer' },
        { type: 'arm', timer: 'glare', fromMs, toMs },
        { type: 'note', say: 'both sides offered at once (491): T.38 is offered again in a moment' },
      ],
    };
  }
  return toPassthrough(state, `the far end refused T.38 (SIP ${status})`);
}

function expire(state: Up, timer: FaxTimer, env: FaxEnv): FaxStepped {
  switch (timer) {
    case 'answer': {
      if (state.at !== 'offering') return stay(state);
      const given = toPassthrough(state, `no answer to the offer of T.38 in ${ANSWER_LIMIT_MS / 1_000} s`);
      return given.state.at === 'passthrough'
        ? { ...given, state: { ...given.state, pending: true } }
        : given;
    }
    case 'glare':
      if (state.at !== 'glare') return stay(state);
      if (!env.settings.t38) return toPassthrough(state, 'T.38 is off for this line');
      return offer(state, state.mute, state.glares);
    case 'callerTry':
      return state.at === 'listening' && !state.tried && env.settings.t38
        ? offer(state, MUTE_NOTHING)
        : stay(state);
    case 'mute':
      if (state.at !== 'listening') return stay(state);
      return toPassthrough(state, 'a modem was heard, and no fax followed');
    default:
      return unreachable(timer);
  }
}
