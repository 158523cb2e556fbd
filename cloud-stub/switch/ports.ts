import type { Instant } from '../../lib/base/clock.ts';
import type { CallId, ContractId, ServiceId } from '../../lib/base/ids.ts';
import type { EndReason } from '../../lib/contract/facts.ts';
import type { CallRequest, Decision, DeviceClass, NumberClass } from '../routing/types.ts';

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
 * The switch's records, kept by `store`. `begin` resolves after the commit and before anybody rings; `answered`
 * resolves after the commit and before the answer is passed on. `ended` also rates the call, in one transaction.
 * Rows left open by a run that died are closed at their last heartbeat by the next start, and marked so. An emergency
 * call is not held up: for it `begin` and `answered` resolve after a second, and the rows follow.
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
}

/** Who may register, and what a call should do. Answers from memory; refreshed by `store`. */
export interface Directory {
  /** HA1 of a SIP user (its name is the service id) for a realm. */
  ha1(user: string, realm: string, algorithm: 'MD5' | 'SHA-256'): Promise<string | undefined>;
  decide(request: CallRequest, live: LiveState): Decision;
  device(id: ServiceId): DeviceClass | undefined;
}

/** What only the switch knows. */
export interface LiveState {
  busyChannels(contract: ContractId): number;
  reachable(id: ServiceId): boolean;
}
