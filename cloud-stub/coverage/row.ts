/** How far a fact has come. */
export type FactClass =
  /** A rule or a price of this program, with a test that fails when it is altered. */
  | 'implemented'
  /** Decided, stored or rated here, and carried out by a part that is still to come. */
  | 'later'
  /** Text or a value kept for the customer; no rule hangs on it. */
  | 'data'
  /** True once. Kept so that nobody looks for it. */
  | 'history'
  /** Nothing that a program can do, or a statement of which the content is not known. */
  | 'outOfReach';

/** One fact or ambiguity of the acceptance list. */
export interface FactRow {
  /** `S0-059` for a fact, `A-36` for an ambiguity with a chosen reading. */
  readonly id: string;
  /** A few words, so that the table can be read without the list. */
  readonly title: string;
  readonly class: FactClass;
  /** The file, or the folder with a slash at its end, where it stands; null where it stands nowhere. */
  readonly where: string | null;
  /** Why it is not `implemented`; null for those that are. */
  readonly why: string | null;
}

/** A rule or price that works; the rule must cite the fact below `where`, and a test must name it. */
export function implemented(id: string, title: string, where: string): FactRow {
  return { id, title, class: 'implemented', where, why: null };
}

/** Decided below `where`; `why` says which part carries it out. */
export function later(id: string, title: string, where: string, why: string): FactRow {
  return { id, title, class: 'later', where, why };
}

/** A value or a text for the customer below `where`. */
export function data(id: string, title: string, where: string, why: string): FactRow {
  return { id, title, class: 'data', where, why };
}

/** Of the past. */
export function history(id: string, title: string, where: string | null, why: string): FactRow {
  return { id, title, class: 'history', where, why };
}

/** Beyond a program. */
export function outOfReach(id: string, title: string, where: string | null, why: string): FactRow {
  return { id, title, class: 'outOfReach', where, why };
}
