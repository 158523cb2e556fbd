import { z } from 'zod';
import { type CodedError, unreachable } from '../../lib/base/errors.ts';
import type { ConfigName } from './desired-machine.ts';

/** How well the box works, as far as a configuration can spoil it. Names only, no secrets: it is kept on disk. */
export const healthSeen = z.strictObject({
  /** SIP accounts of the running configuration, with a digest of what they are made from: equal text, equal account. */
  accounts: z
    .array(z.strictObject({ user: z.string(), madeFrom: z.string(), registered: z.boolean() }))
    .readonly(),
  /** Whether the FXS board answers. */
  board: z.boolean(),
  /** Whether the service is connected (MQTT). */
  cloud: z.boolean(),
  /** Desk phones of the running configuration. */
  phones: z.array(z.strictObject({ mac: z.string(), registered: z.boolean() })).readonly(),
});
export type HealthSeen = Readonly<z.infer<typeof healthSeen>>;

/** What can be worse after a configuration than it was before. */
export const healthSignals = ['board', 'trunk', 'phones', 'cloud'] as const;
export type HealthSignal = (typeof healthSignals)[number];

/** One look at the box, held against how it was before. */
export type Judgement =
  | { readonly is: 'healthy' }
  /** Worse, and by the new configuration: it has touched what does not work any more. */
  | { readonly is: 'failing'; readonly signal: HealthSignal; readonly say: string }
  /** Worse, and perhaps by chance: the network is away, or the service, or something that was not touched. */
  | { readonly is: 'unclear'; readonly signal: HealthSignal; readonly say: string };

/** A configuration that runs and is not yet believed. Times are monotonic ms. */
export interface Probation {
  readonly name: ConfigName;
  /** How the box was when it still ran the one before. */
  readonly before: HealthSeen;
  /** Time for which the box was looked at and could be judged. */
  readonly judgedMs: number;
  readonly lookedMs: number;
  /** For how long without a break the last judgement was what it is. */
  readonly judgement: Judgement;
  readonly sinceMs: number;
}

export type ProbationStep =
  | { readonly at: 'probation'; readonly probation: Probation }
  /** Believed: what was before it is only the spare now. */
  | { readonly at: 'kept' }
  | { readonly at: 'rolledBack'; readonly reason: RollbackReason };

/** Why a configuration was taken back. */
export interface RollbackReason extends CodedError {
  readonly code: `probation.${HealthSignal}` | 'probation.restarts';
}

/** How often the box is looked at. */
export const LOOK_MS = 5_000;
/** A box that could be judged for so long and is well keeps its configuration. */
export const PROBATION_MS = 120_000;
/** What fails for so long without a break is no hiccup: a registration is tried several times in it. */
export const FAILING_MOST_MS = 60_000;
/** What stays unclear for so long is taken for the configuration's doing: out of reach, the box must not stay on it. */
export const UNCLEAR_MOST_MS = 15 * 60_000;
/** So many starts in the middle of a probation, and the configuration is what the agent falls over. */
export const STARTS_MOST = 3;

/** Begins with a box that is not looked at yet. */
export function beginProbation(name: ConfigName, before: HealthSeen, nowMs: number): Probation {
  return { name, before, judgedMs: 0, lookedMs: nowMs, judgement: { is: 'healthy' }, sinceMs: nowMs };
}

/** Pure: what one more look, at `nowMs`, makes of a probation. */
export function stepProbation(probation: Probation, seen: HealthSeen, nowMs: number): ProbationStep {
  const judgement = judge(probation.before, seen);
  const before = probation.judgement;
  const same = judgement.is === before.is && signalOf(judgement) === signalOf(before);
  const sinceMs = same ? probation.sinceMs : nowMs;
  const passedMs = Math.max(0, nowMs - probation.lookedMs);
  const judgedMs = probation.judgedMs + (judgement.is === 'unclear' ? 0 : passedMs);
  const next: Probation = { ...probation, judgement, sinceMs, judgedMs, lookedMs: nowMs };
  switch (judgement.is) {
    case 'healthy':
      return judgedMs >= PROBATION_MS ? { at: 'kept' } : { at: 'probation', probation: next };
    case 'failing':
    case 'unclear': {
      const mostMs = judgement.is === 'failing' ? FAILING_MOST_MS : UNCLEAR_MOST_MS;
      if (nowMs - sinceMs < mostMs) return { at: 'probation', probation: next };
      return { at: 'rolledBack', reason: reasonOf(probation.name, judgement, nowMs - sinceMs) };
    }
    default:
      return unreachable(judgement);
  }
}

/**
 * Pure: whether the box is worse than before. Only what worked before can be lost; a line that was never registered, a phone
 * that was never there and a board that was away tell nothing about the configuration.
 */
export function judge(before: HealthSeen, now: HealthSeen): Judgement {
  if (before.board && !now.board) {
    return { is: 'failing', signal: 'board', say: 'the FXS board does not answer any more' };
  }
  const cloudLost = before.cloud && !now.cloud;
  return (
    lostAccounts(before, now, cloudLost) ??
    lostPhones(before, now) ??
    (cloudLost
      ? { is: 'unclear', signal: 'cloud', say: 'the service is not reached any more' }
      : { is: 'healthy' })
  );
}

function lostAccounts(before: HealthSeen, now: HealthSeen, cloudLost: boolean): Judgement | undefined {
  const lost = now.accounts.flatMap((account) => {
    const was = before.accounts.find(({ user }) => user === account.user);
    return was?.registered === true && !account.registered ? [{ account, was }] : [];
  });
  if (lost.length === 0) return undefined;
  const touched = lost.filter(({ account, was }) => account.madeFrom !== was.madeFrom);
  const named = (touched.length > 0 ? touched : lost).map(({ account }) => account.user);
  const say = `${listed(named)} not registered at the service any more`;
  // An account that was not touched, and a network that is away, do not speak against the configuration.
  return { is: touched.length > 0 && !cloudLost ? 'failing' : 'unclear', signal: 'trunk', say };
}

/** One phone may be unplugged at any moment; most of those that worked are not. */
function lostPhones(before: HealthSeen, now: HealthSeen): Judgement | undefined {
  const worked = now.phones.filter(({ mac }) =>
    before.phones.some((was) => was.mac === mac && was.registered),
  );
  const lost = worked.filter(({ registered }) => !registered);
  if (worked.length === 0 || lost.length * 2 <= worked.length) return undefined;
  const say = `${lost.length} of ${worked.length} desk phones are not registered at the box any more`;
  return { is: 'failing', signal: 'phones', say };
}

function signalOf(judgement: Judgement): HealthSignal | null {
  return judgement.is === 'healthy' ? null : judgement.signal;
}

function reasonOf(
  name: ConfigName,
  judgement: Exclude<Judgement, { readonly is: 'healthy' }>,
  forMs: number,
): RollbackReason {
  const forS = Math.round(forMs / 1_000);
  const say = `Revision ${name.rev} was taken back: since it runs, for ${forS} s now, ${judgement.say}. Correct it and publish it under a new revision.`;
  return { code: `probation.${judgement.signal}`, fault: 'peer', say };
}

/** The reason when the agent was started more than {@link STARTS_MOST} times in the middle of a probation. */
export function tooManyStarts({ rev }: Pick<ConfigName, 'rev'>, starts: number): RollbackReason {
  const say = `Revision ${rev} was taken back: the agent has started ${starts} times since it runs. Send the log to support.`;
  return { code: 'probation.restarts', fault: 'us', say };
}

const NAMED_MOST = 4;

function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMED_MOST).join(', ');
  const more = names.length - NAMED_MOST;
  const are = names.length === 1 ? 'is' : 'are';
  return more > 0 ? `${shown} and ${more} more ${are}` : `${shown} ${are}`;
}
