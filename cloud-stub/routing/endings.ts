import { PROMPTS } from '../contracts/index.ts';
import { full, holdsOption, type InCase, noteChannels } from './in-case.ts';
import { CAUSE } from './steps.ts';
import type { RoutePlan, VoicemailPlan } from './types.ts';

/** A refusal with its rule: by status before the answer, by tone after it. */
export function refusal(
  one: InCase,
  rule: string,
  facts: readonly string[],
  status: number,
  cause: number,
  say: string,
): RoutePlan {
  one.trace.note(rule, facts, say);
  return ending(one, rule, status, cause, say);
}

/** As {@link refusal}, for an end that is only one way on and not the outcome of the decision. */
export function ending(
  { answered, policy, contract: { id: contract } }: InCase,
  rule: string,
  status: number,
  cause: number,
  say: string,
): RoutePlan {
  if (!answered) return { verb: 'reject', rule, status, cause, say, contract };
  const busy = cause === CAUSE.busy || cause === CAUSE.noChannel;
  return {
    verb: 'tone',
    tone: busy ? 'busy' : 'congestion',
    forMs: policy.toneForMs,
    rule,
    cause,
    say,
    contract,
  };
}

/**
 * Voicemail of the number, where it may run: contracted, switched on, not while forwarding is on, not beside the bot.
 * [S0-119] [S0-122] [S0-125]
 */
export function voicemail(one: InCase): VoicemailPlan | undefined {
  const { features, number, contract } = one;
  if (features.voicemail === null || noVoicemail(one) !== undefined) return undefined;
  const { greeting } = features.voicemail;
  return { verb: 'voicemail', contract: contract.id, called: number.number, greeting };
}

/** As {@link voicemail}, and the trace says why it does not run where it is set. */
export function voicemailNoted(one: InCase): VoicemailPlan | undefined {
  const why = one.features.voicemail === null ? undefined : noVoicemail(one);
  if (why !== undefined) one.trace.note('in.voicemail', why.facts, why.say);
  return voicemail(one);
}

function noVoicemail(one: InCase): { readonly facts: readonly string[]; readonly say: string } | undefined {
  if (!holdsOption(one, 'option.voicemail')) return NOT_CONTRACTED;
  if (one.forwarding) return FORWARDING;
  return botContracted(one) ? BESIDE_BOT : undefined;
}

const NOT_CONTRACTED = { facts: ['S0-011'], say: 'voicemail is not contracted: it does not run' } as const;
const FORWARDING = { facts: ['S0-122'], say: 'voicemail does not run while forwarding is on' } as const;
const BESIDE_BOT = {
  facts: ['S0-125', 'A-57'],
  say: 'voicemail does not run beside the answering bot',
} as const;

function botContracted({ number, features }: InCase): boolean {
  if (number.options !== undefined) return number.options.includes('option.answerBot');
  return features.answer.mode === 'toggles' && features.answer.bot;
}

/** Voicemail as contracted, running or not: it keeps the busy message away. [S0-076] */
function voicemailContracted({ number, features }: InCase): boolean {
  return features.voicemail !== null || number.options?.includes('option.voicemail') === true;
}

/**
 * Every channel is in use: the detour of a toll-free number, else voicemail at once, else the busy message, else busy
 * tone. `decided` when it is the outcome of the decision and not one way on. [A-06] [S0-074] [S0-075] [S0-076]
 */
export function busyTreatment(one: InCase, decided: boolean): RoutePlan {
  const { contract, number, features, policy } = one;
  if (one.busyInstead !== undefined) {
    if (decided) noteBusy(one, ['S2-032', 'S0-059'], 'the call goes on to the next answer number');
    return one.busyInstead;
  }
  const message = policy.allBusyVoicemail === 'atOnce' ? voicemail(one) : undefined;
  if (message !== undefined) {
    if (decided) noteBusy(one, ['A-06', 'S0-059'], 'voicemail takes the call at once');
    return message;
  }
  if (features.busyMessage && !voicemailContracted(one)) {
    if (decided) noteBusy(one, ['S0-074', 'S0-075', 'A-06'], 'the caller hears the busy message');
    return {
      verb: 'play',
      contract: contract.id,
      called: number.number,
      prompt: PROMPTS.busy,
      times: 1,
      answers: one.answered,
      next: null,
      ...(one.answered ? {} : { release: { status: 486, cause: CAUSE.noChannel } }),
    };
  }
  if (decided && features.busyMessage) {
    noteBusy(one, ['S0-076'], 'no busy message, because voicemail is contracted');
  }
  const say = allInUse(one);
  if (decided) one.trace.note('in.channels', ['S0-059', 'A-06'], say);
  return ending(one, 'in.channels', 486, CAUSE.noChannel, say);
}

function allInUse({ contract }: InCase): string {
  return `all ${contract.channels} channels of ${contract.id} are in use`;
}

function noteBusy(one: InCase, facts: readonly string[], then: string): void {
  one.trace.note('in.channels', facts, () => `${allInUse(one)}: ${then}`);
}

/** What `make` says, where a channel is free for it or is looked for later; the busy treatment where none is. [S0-059] */
export function onChannel(one: InCase, facts: readonly string[], make: () => RoutePlan): RoutePlan {
  if (full(one)) return busyTreatment(one, true);
  noteChannels(one, facts);
  return make();
}
