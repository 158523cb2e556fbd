import type { RoutePlan } from '../routing/types.ts';
import type { Refusal } from './call-types.ts';

/** Verbs that the switch does not carry out yet: sessions of the cloud with the caller. */
export type LaterPlan = Extract<RoutePlan, { verb: 'voicemail' | 'bot' | 'collect' | 'record' | 'fax' }>;

const WHAT: Readonly<Record<LaterPlan['verb'], string>> = {
  voicemail: 'voicemail',
  bot: 'the answering bot',
  collect: 'a menu that collects digits',
  record: 'recording',
  fax: 'the fax terminal',
};

/** True for a plan that begins with such a verb. */
export function isLater(plan: RoutePlan): plan is LaterPlan {
  return plan.verb in WHAT;
}

/**
 * The one refusal for all of them: 501, cause 79, rule `switch.notYet`, with the verb in its sentence. A call never
 * falls silent because it came to such a verb, and it is never carried on as if the verb were not there: a call that
 * must be recorded is refused rather than left unrecorded.
 */
export function notYet(plan: LaterPlan): Refusal {
  return {
    status: 501,
    cause: 79,
    rule: 'switch.notYet',
    say: `the exchange does not carry out "${plan.verb}" yet (${WHAT[plan.verb]})`,
    end: 'refused',
  };
}
