import type { Instant } from '../../lib/base/clock.ts';
import type { CallId, ContractId, ServiceId } from '../../lib/base/ids.ts';
import type { EndReason } from '../../lib/contract/facts.ts';
import type { CallRequest, Decision, DeviceClass, NumberClass, ParkedCall } from '../routing/types.ts';

/** A call as it is written down before it is offered to anybody. */
export interface SwitchCallStart {
  readonly call: CallId;
  readonly contract: ContractId | null;
  readonly direction: 'in' | 'out';
  /** The calling ID for `out`, null for `in` until somebody answers. */
  readonly id: ServiceId | null;
  readonly device: DeviceClass | null;
  readonly from: string;
  readonly to: string;
  readonly destination: NumberClass;
  readonly startedAt: Instant;
  readonly decision: Decision;
}

/** How it ended. */
export interface SwitchCallEnd {
  readonly endedAt: Instant;
  /** Measured on the monotonic clock, answer to release. */
  readonly talkMs: number;
  readonly end: EndReason;
  readonly because: string;
}

/**
 * One leg that the switch sends out for a call, as it is written down: a device of the office, a member outside, a
 * forwarding target, or the telephone network for a call out. Legs of a call are counted from 1 in the order in which
 * they are tried.
 */
export interface SwitchLegStart {
  readonly call: CallId;
  readonly leg: number;
  readonly contract: ContractId;
  /**
   * `member` and `network` cost what the call costs; `external` and `forward` are charged to the contract by themselves
   * [S1-003], and so is `answering`, at the operators' own price [S0-052].
   */
  readonly kind: 'member' | 'external' | 'forward' | 'answering' | 'network';
  /** The ID that is rung; null outside. */
  readonly id: ServiceId | null;
  readonly device: DeviceClass | null;
  /** The number that was called, which the legs are for. */
  readonly called: string;
  /** National number outside, or the ID. */
  readonly to: string;
  /** The number that the leg's party sees; empty when there is none. [S0-137] [S1-013] */
  readonly presents: string;
  readonly destination: NumberClass;
  readonly startedAt: Instant;
}

/**
 * The switch's records, kept by `store`. `begin` resolves after the commit and before anybody rings; `answered`
 * resolves after the commit and before the answer is passed on. `ended` also rates the call, in one transaction.
 * Rows left open by a run that died are closed at their last heartbeat by the next start, and marked so. An emergency
 * call is not held up: for it `begin` and `answered` resolve after a second, and the rows follow.
 *
 * Legs are optional for the book: `legBegin` is asked when a leg is sent out, after `begin`; `legAnswered` before the
 * call's own `answered` (or alone, when the caller had been answered by a prompt); `legEnded` once for each leg that was
 * begun, before the call's `ended`. A leg's `talkMs` runs from its own answer to its own release. A leg that a run left
 * open is closed with its call.
 */
export interface CallBook {
  begin(start: SwitchCallStart): Promise<void>;
  answered(
    call: CallId,
    at: Instant,
    by: { readonly id: ServiceId; readonly device: DeviceClass } | null,
  ): Promise<void>;
  ended(call: CallId, end: SwitchCallEnd): Promise<void>;
  heartbeat(calls: readonly CallId[], at: Instant): Promise<void>;
  legBegin?(leg: SwitchLegStart): Promise<void>;
  legAnswered?(call: CallId, leg: number, at: Instant): Promise<void>;
  legEnded?(call: CallId, leg: number, end: SwitchCallEnd): Promise<void>;
}

/** What may be asked before a leg that costs money is sent out. Emergency calls are never asked about. */
export interface AuthorisationRequest {
  readonly start: SwitchCallStart;
  readonly leg: SwitchLegStart;
}

/** `refused` ends the leg; `rule` and `say` are told to the office's own callers. Calls that run are never asked again. */
export type Authorisation =
  | { readonly verdict: 'granted' }
  | { readonly verdict: 'refused'; readonly rule: string; readonly say: string };

/** Who may register, and what a call should do. Answers from memory; refreshed by `store`. */
export interface Directory {
  /** HA1 of a SIP user (its name is the service id) for a realm. */
  ha1(user: string, realm: string, algorithm: 'MD5' | 'SHA-256'): Promise<string | undefined>;
  decide(request: CallRequest, live: LiveState): Decision;
  device(id: ServiceId): DeviceClass | undefined;
  /** Simultaneous calls of a contract; undefined or absent: only `decide` knows, and later verbs find a channel. [S0-059] */
  channels?(contract: ContractId): number | undefined;
}

/** What only the switch knows. */
export interface LiveState {
  busyChannels(contract: ContractId): number;
  reachable(id: ServiceId): boolean;
  /** The call that waits in a slot of a contract. [S0-081] */
  parked?(contract: ContractId, slot: string): ParkedCall | undefined;
  /** The call that an ID has on hold. */
  holding?(id: ServiceId): CallId | undefined;
}
