import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { ContractId, GatewayId } from '../../lib/base/ids.ts';
import { type ConfigChange, configDiff } from '../../lib/contract/config-diff.ts';
import { type SiteConfig, siteConfig } from '../../lib/contract/site-config.ts';
import type { Store } from '../store/index.ts';

/** What changed between two revisions of one gateway. */
export interface RevisionDiff {
  readonly gateway: GatewayId;
  readonly from: number;
  readonly to: number;
  readonly changes: readonly ConfigChange[];
}

/**
 * Without `to` the newest revision; without `from` the one that runs, or the one before `to` where that runs already.
 */
export async function revisionDiff(
  store: Pick<Store, 'gateways' | 'offices'>,
  gateway: GatewayId,
  from: number | undefined,
  to: number | undefined,
): Promise<Result<RevisionDiff, CodedError>> {
  const contract = await store.offices.contractOf(gateway);
  if (contract === undefined) return no('config.noGateway', `There is no gateway ${gateway}.`);
  const newest = (await store.gateways.latestDesired(contract, gateway))?.rev;
  if (newest === undefined) return no('config.noRevision', `${gateway} has no configuration yet.`);
  const last = to ?? newest;
  const runs = (await store.gateways.reported(contract, gateway))?.report.appliedRev ?? 0;
  const first = from ?? (runs > 0 && runs < last ? runs : Math.max(1, last - 1));
  const configs = await Promise.all([first, last].map((rev) => configAt(store, contract, gateway, rev)));
  const [before, after] = configs;
  if (before === undefined) return no('config.noRevision', `${gateway} has no revision ${first}.`);
  if (after === undefined) return no('config.noRevision', `${gateway} has no revision ${last}.`);
  return ok({ gateway, from: first, to: last, changes: configDiff(before, after) });
}

async function configAt(
  store: Pick<Store, 'gateways'>,
  contract: ContractId,
  gateway: GatewayId,
  rev: number,
): Promise<SiteConfig | undefined> {
  const envelope = await store.gateways.desiredAt(contract, gateway, rev);
  if (envelope === undefined) return undefined;
  // Of our own making: signed when it was stored. One of an older program may be of another shape.
  const { payload } = JSON.parse(envelope) as { readonly payload: string };
  const parsed = siteConfig.safeParse(JSON.parse(payload));
  return parsed.success ? parsed.data : undefined;
}

function no(code: string, say: string): Result<never, CodedError> {
  return refuse({ code, fault: 'caller', say });
}
