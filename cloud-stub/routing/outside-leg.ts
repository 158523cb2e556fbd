import { classify } from '../numbering/index.ts';
import type { InCase } from './in-case.ts';
import type { NumberClass, OutsideLeg } from './types.ts';

/** Classes that calls are never sent on to: emergency services, machines, and what is no number. */
const NEVER: readonly NumberClass[] = ['emergency', 'm2m', 'special1xy', 'unknown'];

/**
 * A leg to a number outside, showing `presents`; undefined, with a line of trace, when calls are not sent on to it: the
 * contract's own numbers would come in again without an end, and what the office cannot dial it cannot be led to either.
 * [S0-135] [S0-136] [S0-137] [S1-013]
 */
export function outsideLeg(one: InCase, external: string, presents: string): OutsideLeg | undefined {
  const { policy, trace, snapshot, contract, now } = one;
  const target = classify(external, now);
  const to = target.national;
  const own = snapshot.number(to) ?? snapshot.tollFree?.(to);
  if (own?.contract === contract.id) {
    trace.note(
      'in.outside',
      ['S0-135'],
      () => `${to} is the contract's own number: no leg, it would go in a circle`,
    );
    return undefined;
  }
  const open = target.complete && target.service === 'open' && !NEVER.includes(target.class);
  const block =
    policy.blockedPrefixes.find(({ prefix }) => to.startsWith(prefix)) ?? policy.blockedClasses[target.class];
  if (!open || block !== undefined) {
    const facts = block?.facts ?? target.facts;
    trace.note('in.outside', facts, () => `${external} is left out: ${block?.say ?? target.say}`);
    return undefined;
  }
  const leg = { external: to, presents, destination: target.class };
  if (contract.answeringNumbers?.includes(to) !== true) return leg;
  trace.note(
    'in.answering',
    ['S0-052', 'S0-159'],
    () => `${to} is on loan from the answering service: operators answer there`,
  );
  return { ...leg, answering: true };
}

/**
 * A member outside of a ring group or a relay: as {@link outsideLeg}, for companies that have group forwarding, and as
 * many for a number as its kind allows and were ordered. [S1-015] [S1-016] [S1-017]
 */
export function outsideMember(one: InCase, external: string, presents: string): OutsideLeg | undefined {
  const { contract, number, outside, policy, trace } = one;
  if (contract.groupForwarding === false) {
    trace.note(
      'in.outside',
      ['S1-017'],
      () => `${external} is left out: ${contract.id} has no group forwarding`,
    );
    return undefined;
  }
  const leg = outsideLeg(one, external, presents);
  if (leg === undefined || outside.includes(leg.external)) return leg;
  const kind = number.kind ?? 'shared';
  const included = policy.externalTargets[kind];
  const allowed = included === undefined ? undefined : included + (number.extraTargets ?? 0);
  if (allowed !== undefined && outside.length >= allowed) {
    const say = (): string =>
      `${external} is left out: ${number.number} (${kind}) rings at most ${allowed} outside`;
    trace.note('in.outside', ['S1-015', 'S1-016', 'A-38'], say);
    return undefined;
  }
  outside.push(leg.external);
  return leg;
}
