import { unreachable } from '../../../base/errors.ts';
import type { BridgeEnd, Side } from './types.ts';
import { otherSide } from './types.ts';

/** Where a call of two legs stands. */
export type Bridge =
  /** The second leg rings. `shown`: whose early media the caller was given. */
  | { readonly at: 'calling'; readonly shown: string | undefined }
  /** Both talk. `passing`: an offer of that side is on its way to the other. */
  | { readonly at: 'talking'; readonly passing: Side | undefined }
  /** `leaver` hands its place to an heir, who is being called (`calling`) or whose audio is being joined (`joining`). */
  | {
      readonly at: 'handing';
      readonly leaver: Side;
      readonly step: 'calling' | 'joining';
      /** The leaver has hung up already. */
      readonly left: boolean;
    }
  | { readonly at: 'over' };

export type BridgeInput =
  | { readonly type: 'progress'; readonly status: number; readonly early: boolean; readonly branch: string }
  | { readonly type: 'answered'; readonly branch: string }
  | { readonly type: 'failed'; readonly status: number }
  /** A leg is over by its own doing. */
  | { readonly type: 'gone'; readonly side: Side; readonly how: 'cancelled' | 'hungUp' | 'lost' }
  | { readonly type: 'offer'; readonly side: Side }
  | { readonly type: 'offerSettled'; readonly ok: boolean; readonly status: number }
  /** `side` wants somebody else in its place: by REFER (`called`), or somebody came for it (`present`). */
  | { readonly type: 'handOver'; readonly side: Side; readonly heir: 'called' | 'present' }
  | { readonly type: 'heirProgress'; readonly status: number }
  | { readonly type: 'heirAnswered' }
  | { readonly type: 'heirFailed'; readonly status: number }
  | { readonly type: 'joined'; readonly ok: boolean; readonly status: number }
  | { readonly type: 'stop' };

/** What is to be done. The shell obeys in order. */
export type BridgeEffect =
  | { readonly do: 'progress'; readonly status: number; readonly early: boolean }
  | { readonly do: 'answer' }
  /** The caller was shown another callee's early media before: it is offered the right description. */
  | { readonly do: 'realign' }
  | { readonly do: 'reject'; readonly status: number }
  | { readonly do: 'hangUp'; readonly side: Side }
  | { readonly do: 'passOffer'; readonly side: Side }
  | { readonly do: 'answerOffer' }
  | { readonly do: 'refuseOffer'; readonly side: Side; readonly status: number }
  | { readonly do: 'callHeir' }
  | { readonly do: 'join' }
  /** The heir sits where the leaver sat. */
  | { readonly do: 'seat'; readonly side: Side }
  | { readonly do: 'dropHeir'; readonly status: number }
  | { readonly do: 'tell'; readonly status: number; readonly final: boolean }
  | { readonly do: 'finish'; readonly end: BridgeEnd };

export interface BridgeStep {
  readonly state: Bridge;
  readonly effects: readonly BridgeEffect[];
}

type In<At extends Bridge['at']> = Extract<Bridge, { at: At }>;

/** One input to one call. Pure: the table of it is in the README. */
export function stepBridge(state: Bridge, input: BridgeInput): BridgeStep {
  switch (state.at) {
    case 'calling':
      return calling(state, input);
    case 'talking':
      return talking(state, input);
    case 'handing':
      return handing(state, input);
    case 'over':
      return late(input);
    default:
      return unreachable(state);
  }
}

function calling(state: In<'calling'>, input: BridgeInput): BridgeStep {
  switch (input.type) {
    case 'progress': {
      // One dialog with the caller has room for one description: the first callee's (RFC 3960 §2).
      const early = input.early && (state.shown === undefined || state.shown === input.branch);
      const shown = early ? input.branch : state.shown;
      return to({ at: 'calling', shown }, { do: 'progress', status: input.status, early });
    }
    case 'answered': {
      const talks: Bridge = { at: 'talking', passing: undefined };
      const same = state.shown === undefined || state.shown === input.branch;
      return same ? to(talks, { do: 'answer' }) : to(talks, { do: 'answer' }, { do: 'realign' });
    }
    case 'failed':
      return over('b', 'refused', false, { do: 'reject', status: input.status });
    case 'gone': {
      const rest: BridgeEffect =
        input.side === 'a' ? { do: 'hangUp', side: 'b' } : { do: 'reject', status: 480 };
      return over(input.side, input.how, false, rest);
    }
    case 'handOver':
      // Somebody takes the ringing call from where it rings (RFC 3891 §7.2): the callee's place, not the caller's.
      return input.side === 'b' && input.heir === 'present'
        ? to(
            { at: 'talking', passing: undefined },
            { do: 'hangUp', side: 'b' },
            { do: 'seat', side: 'b' },
            { do: 'answer' },
          )
        : to(state, { do: 'dropHeir', status: 481 });
    case 'stop':
      return over('us', 'stopped', false, { do: 'reject', status: 503 }, { do: 'hangUp', side: 'b' });
    case 'offer':
      return to(state, { do: 'refuseOffer', side: input.side, status: 491 });
    default:
      return to(state);
  }
}

function talking(state: In<'talking'>, input: BridgeInput): BridgeStep {
  const { passing } = state;
  switch (input.type) {
    case 'gone':
      return over(input.side, input.how, true, { do: 'hangUp', side: otherSide(input.side) });
    case 'offer':
      if (passing !== undefined) return to(state, { do: 'refuseOffer', side: input.side, status: 491 });
      return to({ at: 'talking', passing: input.side }, { do: 'passOffer', side: input.side });
    case 'offerSettled':
      return passing === undefined
        ? to(state)
        : to({ at: 'talking', passing: undefined }, outcomeOf(passing, input));
    case 'handOver': {
      if (passing !== undefined) return to(state, { do: 'dropHeir', status: 491 });
      const step = input.heir === 'called' ? 'calling' : 'joining';
      const next: Bridge = { at: 'handing', leaver: input.side, step, left: false };
      return to(next, { do: input.heir === 'called' ? 'callHeir' : 'join' });
    }
    case 'stop':
      return over('us', 'stopped', true, { do: 'hangUp', side: 'a' }, { do: 'hangUp', side: 'b' });
    default:
      return to(state);
  }
}

function handing(state: In<'handing'>, input: BridgeInput): BridgeStep {
  const { leaver, left } = state;
  switch (input.type) {
    case 'heirProgress':
      return to(state, { do: 'tell', status: input.status, final: false });
    case 'heirAnswered':
      return to({ ...state, step: 'joining' }, { do: 'join' });
    case 'joined':
      if (!input.ok) return returned(state, input.status);
      return to(
        { at: 'talking', passing: undefined },
        { do: 'tell', status: 200, final: true },
        ...(left ? [] : [{ do: 'hangUp', side: leaver } as const]),
        { do: 'seat', side: leaver },
      );
    case 'heirFailed':
      return returned(state, input.status);
    case 'gone': {
      // Who hands a call over may go at once; the one that stays may not.
      if (input.side === leaver) return to({ ...state, left: true });
      const rest: BridgeEffect[] = left ? [] : [{ do: 'hangUp', side: leaver }];
      return over(input.side, input.how, true, { do: 'dropHeir', status: 487 }, ...rest);
    }
    case 'offer':
      return to(state, { do: 'refuseOffer', side: input.side, status: 491 });
    case 'handOver':
      return to(state, { do: 'dropHeir', status: 491 });
    case 'stop':
      return over(
        'us',
        'stopped',
        true,
        { do: 'dropHeir', status: 503 },
        { do: 'hangUp', side: 'a' },
        { do: 'hangUp', side: 'b' },
      );
    default:
      return to(state);
  }
}

/** Nothing came of it: the parties have each other again, or nobody. */
function returned({ leaver, left }: In<'handing'>, status: number): BridgeStep {
  const tell: BridgeEffect = { do: 'tell', status, final: true };
  const drop: BridgeEffect = { do: 'dropHeir', status };
  if (!left) return to({ at: 'talking', passing: undefined }, tell, drop);
  return over(leaver, 'hungUp', true, drop, { do: 'hangUp', side: otherSide(leaver) });
}

/** What comes after the end finds nobody. */
function late(input: BridgeInput): BridgeStep {
  const state: Bridge = { at: 'over' };
  if (input.type === 'offer') return to(state, { do: 'refuseOffer', side: input.side, status: 481 });
  if (input.type === 'handOver') return to(state, { do: 'dropHeir', status: 481 });
  return to(state);
}

function outcomeOf(
  side: Side,
  { ok, status }: { readonly ok: boolean; readonly status: number },
): BridgeEffect {
  return ok ? { do: 'answerOffer' } : { do: 'refuseOffer', side, status };
}

function to(state: Bridge, ...effects: readonly BridgeEffect[]): BridgeStep {
  return { state, effects };
}

function over(
  by: BridgeEnd['by'],
  how: BridgeEnd['how'],
  answered: boolean,
  ...effects: readonly BridgeEffect[]
): BridgeStep {
  return { state: { at: 'over' }, effects: [...effects, { do: 'finish', end: { answered, by, how } }] };
}
