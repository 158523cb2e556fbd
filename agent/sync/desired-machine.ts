import type { Instant } from '../../lib/base/clock.ts';
import type { CodedError, Result } from '../../lib/base/errors.ts';
import type { ConfigRefusal, OpenedDesired } from '../../lib/contract/envelope.ts';
import type { ReportedConfig } from '../../lib/contract/facts.ts';

/** Names one signed configuration; a later one is larger by `rev`, then by `issuedAt`. */
export interface ConfigName {
  readonly rev: number;
  readonly issuedAt: number;
  readonly sha256: string;
}

/** What is known of the configuration. */
export interface ConfigState {
  readonly running: ConfigName | null;
  /** The running one was signed by the key of an earlier enrolment: any revision of the present key follows it. */
  readonly foreignKey: boolean;
  /** Revision last seen on the wire. */
  readonly desiredRev: number;
  /** Why the last one seen was refused; null when it runs. */
  readonly refusal: CodedError | null;
  /** The last one that was tried and refused: not tried again. */
  readonly refused: ConfigName | null;
  /** The last one that was taken back after it had run: not tried again, not even by the next start. */
  readonly rolledBack: { readonly name: ConfigName; readonly reason: CodedError } | null;
  /** Whether the running one is still being watched (`probation.ts`). */
  readonly onProbation: boolean;
}

export const NO_CONFIG: ConfigState = {
  running: null,
  foreignKey: false,
  desiredRev: 0,
  refusal: null,
  refused: null,
  rolledBack: null,
  onProbation: false,
};

export type DesiredDecision =
  /** Try it, and come back with {@link afterApply}. */
  | { readonly do: 'apply'; readonly opened: OpenedDesired }
  /** Nothing to try: report `state`. */
  | { readonly do: 'report'; readonly state: ConfigState };

/** Pure: what to do about a desired configuration, opened or refused. */
export function decideDesired(
  state: ConfigState,
  opened: Result<OpenedDesired, ConfigRefusal>,
): DesiredDecision {
  if (!opened.ok) {
    const desiredRev = opened.error.rev ?? state.desiredRev;
    return { do: 'report', state: { ...state, desiredRev, refusal: opened.error } };
  }
  const seen = opened.value;
  const known = { ...state, desiredRev: seen.rev };
  if (state.running !== null && !state.foreignKey) {
    if (seen.rev === state.running.rev && seen.sha256 === state.running.sha256) {
      return { do: 'report', state: { ...known, refusal: null } };
    }
    if (isOlder(seen, state.running)) {
      return { do: 'report', state: { ...known, refusal: older(seen.rev, state.running.rev) } };
    }
  }
  if (state.refused !== null && isSame(seen, state.refused)) return { do: 'report', state: known };
  if (state.rolledBack !== null && isSame(seen, state.rolledBack.name)) {
    return { do: 'report', state: { ...known, refusal: state.rolledBack.reason } };
  }
  return { do: 'apply', opened: seen };
}

/** Pure: the state after the office has taken or refused `opened`; what it has taken is on probation, or believed at once. */
export function afterApply(
  state: ConfigState,
  opened: ConfigName,
  result: Result<void>,
  onProbation: boolean = false,
): ConfigState {
  const name = nameOf(opened);
  const { rev } = name;
  return result.ok
    ? {
        ...state,
        running: name,
        foreignKey: false,
        desiredRev: rev,
        refusal: null,
        refused: null,
        onProbation,
      }
    : { ...state, desiredRev: rev, refusal: result.error, refused: name };
}

/** Pure: after a start a newer one that was taken back is still the last that was wanted, and why it does not run is told. */
export function afterStart(state: ConfigState): ConfigState {
  const { running, rolledBack, refusal } = state;
  if (running === null || rolledBack === null || refusal !== null) return state;
  if (!isOlder(running, rolledBack.name)) return state;
  return { ...state, desiredRev: rolledBack.name.rev, refusal: rolledBack.reason };
}

/** Pure: the probation of the running one has ended well. */
export function afterKept(state: ConfigState): ConfigState {
  return { ...state, onProbation: false };
}

/** Pure: the running one was taken back, and `back` runs again; null when even that one was refused. */
export function afterRollback(
  state: ConfigState,
  failed: ConfigName,
  reason: CodedError,
  back: ConfigName | null,
): ConfigState {
  const running = back === null ? state.running : nameOf(back);
  const rolledBack = { name: nameOf(failed), reason };
  return { ...state, running, refusal: reason, rolledBack, onProbation: false };
}

function nameOf({ rev, issuedAt, sha256 }: ConfigName): ConfigName {
  return { rev, issuedAt, sha256 };
}

/** What is published on `up/reported`. */
export function toReport(state: ConfigState, at: Instant): ReportedConfig {
  const { refusal } = state;
  return {
    v: 1,
    appliedRev: state.running?.rev ?? 0,
    desiredRev: state.desiredRev,
    state: stateOf(state),
    ...(state.onProbation ? { onProbation: true } : {}),
    refusal:
      refusal === null
        ? null
        : { code: refusal.code.slice(0, 60), fault: refusal.fault, say: refusal.say.slice(0, 500) },
    at,
  };
}

function stateOf({ refusal, rolledBack, running }: ConfigState): ReportedConfig['state'] {
  if (refusal !== null) return refusal === rolledBack?.reason ? 'rolledBack' : 'rejected';
  return running === null ? 'none' : 'applied';
}

function isOlder(seen: ConfigName, running: ConfigName): boolean {
  return seen.rev < running.rev || (seen.rev === running.rev && seen.issuedAt <= running.issuedAt);
}

function isSame(a: ConfigName, b: ConfigName): boolean {
  return a.rev === b.rev && a.issuedAt === b.issuedAt && a.sha256 === b.sha256;
}

function older(seen: number, running: number): CodedError {
  return {
    code: 'config.older',
    fault: 'peer',
    say: `Revision ${seen} is older than revision ${running}, which runs. Publish it again under a new revision.`,
  };
}
