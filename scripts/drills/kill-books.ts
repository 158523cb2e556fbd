import type { CallView } from '../../cloud-stub/store/index.ts';
import { doubled } from './doubled.ts';

/** Programs that are killed in turn; each may die at any moment of a call. The broker is a part of `cloud`. */
export const VICTIMS = ['agent', 'cloud', 'media', 'postgresql'] as const;
export type Victim = (typeof VICTIMS)[number];

export type Kind = 'out' | 'in' | 'internal' | 'fax';

/** What the drill saw of one call, from outside both programs. */
export interface Witnessed {
  readonly kind: Kind;
  readonly round: number;
  readonly victim: Victim;
  /** When the telephone network saw it answered, by the clock of both; null when it did not. */
  readonly answeredAtMs: number | null;
  readonly killedAtMs: number;
  /** From the kill of the media process to dial tone on a phone that is lifted meanwhile. */
  readonly dialToneMs: number | null;
}

/** What carrier and switch may differ by about the moment of an answer. */
const DIFFERS_MS = 15_000;
/** What the service may need from the network's answer to its own record of it. */
const UNSAID_MS = 500;
/** What an answer may need from the network through the service to the box. */
const ON_ITS_WAY_MS = 50;

/** What is wrong with the books after all kills, in words; empty when nothing was lost or doubled. */
export function booksTrouble(records: readonly CallView[], witnessed: readonly Witnessed[]): string[] {
  const open = records.filter(
    (record) =>
      record.switch?.answeredAt != null && (record.switch.endedAt === null || record.charge === null),
  );
  return [
    ...unrecorded(records, witnessed),
    ...open.map(({ call }) => `call ${call} was answered and is still open or without a charge`),
    ...doubled(records),
  ];
}

/**
 * An outside call that was up must be on the switch's record as answered. Each call is given the record that is nearest to it, the
 * nearest pair first: rounds are shorter than what the clocks may differ by, and one whose answer was unsaid must not take the
 * record of the next.
 */
function unrecorded(records: readonly CallView[], witnessed: readonly Witnessed[]): string[] {
  const heard = witnessed.filter(({ answeredAtMs, kind }) => answeredAtMs !== null && kind !== 'internal');
  const pairs = heard.flatMap((seen) =>
    records.flatMap((record) => {
      const awayMs = distanceMs(record, seen);
      return awayMs === undefined ? [] : [{ seen, record, awayMs }];
    }),
  );
  const [found, taken] = [new Set<Witnessed>(), new Set<CallView>()];
  for (const { seen, record } of pairs.sort((one, other) => one.awayMs - other.awayMs)) {
    if (found.has(seen) || taken.has(record)) continue;
    found.add(seen);
    taken.add(record);
  }
  return heard.filter((seen) => !found.has(seen)).map(missing);
}

/** How far a record is from what was seen; undefined where it cannot be of that call. */
function distanceMs({ switch: kept, startedAt }: CallView, seen: Witnessed): number | undefined {
  const atMs = seen.answeredAtMs;
  if (atMs === null || kept?.direction !== (seen.kind === 'in' ? 'in' : 'out')) return undefined;
  const known = kept.answeredAt ?? (unsaid(seen, atMs) ? startedAt : null);
  if (known === null) return undefined;
  const awayMs = Math.abs(known - atMs);
  return awayMs <= DIFFERS_MS ? awayMs : undefined;
}

/**
 * Nobody talked, and nobody is charged: the service was killed before it could tell anybody of the answer, or the box that called was
 * gone already when the network answered.
 */
function unsaid({ victim, kind, killedAtMs }: Witnessed, atMs: number): boolean {
  const afterMs = killedAtMs - atMs;
  switch (victim) {
    case 'cloud':
    case 'postgresql':
      return Math.abs(afterMs) <= UNSAID_MS;
    case 'agent':
      return kind !== 'in' && afterMs >= -UNSAID_MS && afterMs <= ON_ITS_WAY_MS;
    case 'media':
      return false;
  }
}

function missing({ kind, round, victim, answeredAtMs, killedAtMs }: Witnessed): string {
  const atMs = answeredAtMs ?? 0;
  const when = `${new Date(atMs).toISOString()}, ${victim} killed ${killedAtMs - atMs} ms later`;
  return `round ${round + 1}: the ${kind} call answered ${when}, is not on record`;
}
