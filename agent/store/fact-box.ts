import type { BoxFact } from '../../lib/contract/box-facts.ts';

type Kind = BoxFact['kind'];
type WithoutIdOrCount<Fact> = Fact extends BoxFact ? Omit<Fact, 'id' | 'dropped'> : never;

/** A fact without the id that the store gives it, and without the count that it adds. */
export type FactEntry = WithoutIdOrCount<BoxFact>;

/** Most facts of one kind that wait; of a state only the newest says anything. */
export const FACT_LIMITS: Readonly<Record<Kind, number>> = { warning: 1_000, state: 1, counters: 24 };

/** Order in which kinds are sent: what came up and went tells more than how it counts. */
export const FACT_ORDER: readonly Kind[] = ['warning', 'state', 'counters'];

/** What the service is told beside call records and faxes. */
export interface FactBox {
  /** Never throws; a disk that refuses it costs the fact, which is counted. */
  write(entry: FactEntry): void;
}
