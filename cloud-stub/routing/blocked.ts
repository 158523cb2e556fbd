import type { NumberBlock } from '../catalogue/index.ts';
import type { OutgoingCase } from './outgoing-case.ts';
import { CAUSE } from './steps.ts';
import type { Decision } from './types.ts';

/** Numbers that the service, the far end or the operator do not let through, in this order; undefined: none of them. */
export function blocked(one: OutgoingCase): Decision | undefined {
  return byService(one) ?? byOldApp(one) ?? byFarEnd(one) ?? byPartners(one) ?? byOperator(one);
}

/** The service's own list. It goes before the length of a number: docomo's remote control has ten digits. [S3-003]…[S3-013] */
export function byService({ trace, dialled, rules, mode }: OutgoingCase): Decision | undefined {
  const block = rules.blocks.find((entry) => (entry.mode ?? mode) === mode && matches(entry, dialled));
  if (block === undefined) return undefined;
  const say = `${dialled.national}: ${block.say}`;
  return trace.reject(`out.blocked.${block.id}`, block.facts, 403, CAUSE.rejected, say);
}

function matches({ numbers }: NumberBlock, { national, special }: OutgoingCase['dialled']): boolean {
  if ('special' in numbers) return special !== undefined && special === numbers.special;
  return numbers.begin.some((digits) => national.startsWith(digits));
}

/** Shared-cost and toll-free numbers, which decide one by one whether they accept the service's callers. [S3-008] */
function isChoosy({ rules, dialled }: OutgoingCase): boolean {
  return rules.acceptanceDiffers && (dialled.class === 'tollFree' || dialled.class === 'naviDial');
}

/** Old apps do not reach such numbers. [S3-009] */
function byOldApp(one: OutgoingCase): Decision | undefined {
  const { trace, dialled, manner, rules } = one;
  const { client } = manner;
  if (!isChoosy(one) || (client?.os !== 'android' && client?.os !== 'ios')) return undefined;
  const least = rules.appLeast[client.os];
  if (least === undefined || !older(client.version, least)) return undefined;
  const say = `${dialled.national}: the app ${client.version} is older than ${least}, which such numbers need; update it`;
  return trace.reject('out.blocked.oldApp', ['S3-009'], 403, CAUSE.rejected, say);
}

/** `1.7.10` is not older than `1.8.0` by its last part. What is no version counts as nought. */
function older(version: string, least: string): boolean {
  const parts = version.split('.');
  for (const [at, wanted] of least.split('.').entries()) {
    const has = Number(parts[at] ?? 0) || 0;
    if (has !== Number(wanted)) return has < Number(wanted);
  }
  return false;
}

/** Numbers that are known not to accept the service's callers. [S3-008] [S3-009] */
function byFarEnd(one: OutgoingCase): Decision | undefined {
  if (!isChoosy(one)) return undefined;
  const { trace, dialled, policy } = one;
  const known = policy.notAccepting.find((begin) => dialled.national.startsWith(begin));
  if (known === undefined) return undefined;
  const say = `${dialled.national} does not accept calls from 050 numbers`;
  return trace.reject('out.blocked.notAccepted', ['S3-008', 'S3-009'], 403, CAUSE.rejected, say);
}

/** 050 numbers of carriers without an agreement: on neither list of partners. [S3-010] [S3-035] */
function byPartners(one: OutgoingCase): Decision | undefined {
  const { trace, dialled, policy, rules } = one;
  const { paid } = policy.partners;
  if (!rules.partnersOnly || dialled.class !== 'ip050' || paid === 'every' || isFreePartner(one))
    return undefined;
  if (paid.some((begin) => dialled.national.startsWith(begin))) return undefined;
  const say = `${dialled.national} belongs to a provider that this service has no agreement with`;
  return trace.reject('out.blocked.noAgreement', ['S3-010', 'S3-035'], 403, CAUSE.rejected, say);
}

/** The provider's own 050 numbers and those of its free partners. [S3-033] */
export function isFreePartner({ dialled, policy, rules, snapshot }: OutgoingCase): boolean {
  if (!rules.partnersOnly || dialled.class !== 'ip050') return false;
  const { national } = dialled;
  return (
    policy.partners.free.some((begin) => national.startsWith(begin)) ||
    snapshot.number(national) !== undefined
  );
}

function byOperator({ trace, policy, dialled }: OutgoingCase): Decision | undefined {
  const byPrefix = policy.blockedPrefixes.find((block) => dialled.national.startsWith(block.prefix));
  const open = policy.openNumbers.includes(dialled.national);
  const block = byPrefix ?? (open ? undefined : policy.blockedClasses[dialled.class]);
  if (block === undefined) return undefined;
  const rule = byPrefix === undefined ? `out.blocked.${dialled.class}` : 'out.blocked.prefix';
  return trace.reject(rule, block.facts, 403, CAUSE.rejected, `${dialled.national}: ${block.say}`);
}
