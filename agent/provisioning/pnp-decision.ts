import { formatIpv4, type Ipv4, type Ipv4Subnet, isHostOf } from '../../lib/net/ipv4.ts';
import { formatMac, type MacAddress } from '../../lib/net/mac-address.ts';
import type { FetchVerdict } from './phone-record.ts';

export type PnpRule =
  | 'pnp.notLan'
  | 'pnp.noNeighbour'
  | 'pnp.foreignSource'
  | 'pnp.unassigned'
  | 'pnp.notApproved'
  | 'pnp.answered';

/** What the decision asks of the world. */
export interface PnpWorld {
  readonly lan: Ipv4Subnet;
  neighbour(address: Ipv4): MacAddress | undefined;
  isConfigured(mac: MacAddress): boolean;
  isSetUp(mac: MacAddress): boolean;
  isApproved(mac: MacAddress): boolean;
}

/** Whether a phone is told where its files are. The address is no secret; who is not expected gets no answer at all. Pure. */
export function decidePnp(mac: MacAddress, source: Ipv4, world: PnpWorld): FetchVerdict & { rule: PnpRule } {
  const no = (rule: PnpRule, say: string): FetchVerdict & { rule: PnpRule } => ({
    done: 'refused',
    rule,
    say,
  });
  if (!isHostOf(source, world.lan) || source === world.lan.address) {
    return no('pnp.notLan', 'It does not come from this LAN.');
  }
  const neighbour = world.neighbour(source);
  if (neighbour === undefined) {
    return no('pnp.noNeighbour', `The LAN does not tell whose address ${formatIpv4(source)} is.`);
  }
  if (neighbour !== mac) {
    return no(
      'pnp.foreignSource',
      `It speaks for ${formatMac(mac)}, the device that asks is ${formatMac(neighbour)}.`,
    );
  }
  if (!world.isConfigured(mac)) return no('pnp.unassigned', 'No configuration names this device.');
  if (!world.isApproved(mac) && !world.isSetUp(mac)) {
    return no('pnp.notApproved', `Nobody has approved it: engawa approve ${formatMac(mac)}`);
  }
  return { done: 'served', rule: 'pnp.answered', say: 'Was told where its files are.' };
}
