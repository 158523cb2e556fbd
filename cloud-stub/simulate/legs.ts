import type { unansweredLegs } from '../routing/index.ts';

/** Who rings under a plan when nobody answers, and the verb in which the call ends. */
export type Unanswered = ReturnType<typeof unansweredLegs>;
/** One of those who ring. */
export type PlannedLeg = Unanswered['legs'][number];
