import type { Instant } from '../../lib/base/clock.ts';
import { emptyFeatures, type NumberFeatures } from '../contracts/index.ts';
import type { RoutingPolicy } from './policy.ts';
import type { Trace } from './steps.ts';
import type { ContractView, NumberView, RoutePlan, RoutingSnapshot } from './types.ts';

/** Everything that the steps of one call to a number look at. */
export interface InCase {
  readonly trace: Trace;
  readonly snapshot: RoutingSnapshot;
  readonly policy: RoutingPolicy;
  /** One reading of the clock a call. */
  readonly now: Instant;
  readonly contract: ContractView;
  readonly number: NumberView;
  readonly features: NumberFeatures;
  /** What members outside see: the number that was called. [S0-137] [S1-013] */
  readonly shows: string;
  /** The caller has been answered by the time this part of the plan runs: a refusal is a tone and a release then. */
  readonly answered: boolean;
  /** Something runs before this part of the plan, so that channels are counted when it is entered, not now. */
  readonly later: boolean;
  /** Forwarding is on: voicemail does not run. [S0-122] */
  readonly forwarding: boolean;
  /** Takes the place of the number's own busy treatment: the next answer number of a busy detour. [S2-032] */
  readonly busyInstead?: RoutePlan;
  /** Members outside that this call was led to so far. [S1-015] */
  readonly outside: string[];
}

/** A call to a number of a running contract, before anything was done with it. */
export function inCase(
  world: Pick<InCase, 'trace' | 'snapshot' | 'policy' | 'now'>,
  contract: ContractView,
  number: NumberView,
): InCase {
  return {
    ...world,
    contract,
    number,
    features: number.features ?? NOTHING_SET,
    shows: number.number,
    answered: false,
    later: false,
    forwarding: false,
    outside: [],
  };
}

const NOTHING_SET = emptyFeatures();

/** Whether the number holds an option. A snapshot made by hand may say nothing of options: then it does. */
export function holdsOption({ number }: Pick<InCase, 'number'>, item: string): boolean {
  return number.options === undefined || number.options.includes(item);
}

/** Every channel of the contract is in use. Never true where channels are counted later. */
export function full({ contract, later }: InCase): boolean {
  return !later && contract.busyChannels >= contract.channels;
}

/** Says how many channels are in use, as every decision about them does. */
export function noteChannels({ trace, contract, later }: InCase, facts: readonly string[]): void {
  trace.note('in.channels', facts, () =>
    later
      ? `a channel of ${contract.id} is looked for when the call gets there`
      : `${contract.busyChannels} of ${contract.channels} channels are in use`,
  );
}
