import type { LanAddressAnswer } from '../../local-api/index.ts';
import { IN_FORCE_LIMIT_MS } from '../address-verb.ts';
import { failed, type StepResult } from './step.ts';
import type { SetupWorld } from './world.ts';

/** Nobody has it on most LANs: neither makers of routers nor those of phones begin with it. */
const USUAL = '192.168.58.1/24';

/**
 * Where nobody gives addresses the box needs one of its own, before it can give any. Undefined when it has one that will do, else
 * why it has not.
 */
export async function ownAddress(world: SetupWorld): Promise<StepResult | undefined> {
  const { address: before } = await world.must<LanAddressAnswer>('/v1/address');
  const said = world.options.address;
  if (said === undefined && (!before.settable || before.state !== 'linkLocal')) return undefined;
  if (said === undefined)
    world.row('WARN', 'address', 'nobody gives addresses on this LAN, and the box has none');
  const address = said ?? (await world.ask('Address of this box, with its prefix', USUAL));
  if (address === undefined) return undefined;
  const taken = await world.post<LanAddressAnswer>('/v1/address', { address });
  if (!taken.ok) return failed(taken.error.say, 'Fix another one: engawa address 192.168.58.1/24');
  const looked = await world.until(async () => {
    const { address: now } = await world.must<LanAddressAnswer>('/v1/address');
    return now.state === 'inForce' ? now : undefined;
  }, IN_FORCE_LIMIT_MS);
  if (typeof looked === 'object' && 'found' in looked) {
    const { has, device, fixed } = looked.found;
    const how = fixed === null ? 'given by the LAN' : 'fixed';
    world.row('OK', 'address', `${has} on ${device}, ${how}`);
    // DHCP goes on from there, and looks around first.
    await world.wait(world.settleMs);
    return undefined;
  }
  return failed(
    `the port does not take ${address}: another device has it, or there is no cable`,
    'See: engawa address',
  );
}
