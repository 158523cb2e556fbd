import type { Order } from '../../../cloud-stub/contracts/index.ts';
import type { ContractId, ServiceId } from '../../../lib/base/ids.ts';

/** Somebody new applies, with the least that a contract has: a number, and an app. */
export function applicationOf(contract: ContractId): Order {
  return {
    kind: 'apply',
    contract,
    product: 'cloudPhone',
    name: { ja: '試験商店', en: 'Test' },
    legalEntity: 'test',
    address: { inJapan: true, inTokyoWards: true, sharedOffice: false },
    numbers: [{ number: '0355557777' }],
    ids: [{ id: 'id-000777-1' as ServiceId, device: 'app-1', extension: '11' }],
    devices: [{ id: 'app-1', model: 'app' }],
  };
}
