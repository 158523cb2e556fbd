import { CAUSE, type Trace } from './steps.ts';
import type { ContractView, Decision } from './types.ts';

/** The contract's state is the first rule of all. */
export function contractClosed(
  trace: Trace,
  contract: ContractView | undefined,
  called: string,
): Decision | undefined {
  if (contract === undefined || contract.state === 'ended') {
    const say = `the contract of ${called} has ended`;
    return trace.reject('in.contractEnded', ['A-18'], 404, CAUSE.unallocated, say);
  }
  if (contract.state === 'suspended') {
    const say = `contract ${contract.id} is suspended and takes no calls`;
    return trace.reject('in.suspended', ['A-18'], 480, CAUSE.subscriberAbsent, say);
  }
  return undefined;
}
