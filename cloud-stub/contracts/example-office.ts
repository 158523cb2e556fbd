import type { ContractId, GatewayId, PortNumber, ServiceId } from '../../lib/base/ids.ts';
import { japanMidnight } from '../../lib/base/japan-time.ts';
import type { Contract, Held } from './types.ts';

const base = 'id-000001-1' as ServiceId;
const additional = 'id-000001-2' as ServiceId;
const fax = 'id-000001-3' as ServiceId;
const number = '0355550100';
const faxNumber = '0355550109';
const adapter = 'adapter-000001';
/** An old customer: whatever the clock of a demo machine says, the office has long been open. */
const held: Held = { from: japanMidnight(2024, 4, 26), until: null };

/** The office that the demo and the tests serve: one number, two IDs on the two ports of one analog adapter. */
export const exampleOffice: Contract = {
  id: 'c-000001' as ContractId,
  name: { ja: '縁側商店', en: 'Engawa Shoten' },
  state: 'active',
  model: 'current',
  emergency: 'supported',
  identityVerified: true,
  numbers: [{ number, role: 'contract', rings: [base, additional], portedIn: false, held }],
  ids: [
    {
      id: base,
      role: 'base',
      device: adapter,
      port: 1 as PortNumber,
      extension: '11',
      label: '受付',
      presents: number,
      held,
    },
    {
      id: additional,
      role: 'additional',
      device: adapter,
      port: 2 as PortNumber,
      extension: '12',
      label: '奥',
      presents: number,
      held,
    },
  ],
  devices: [
    {
      id: adapter,
      kind: 'adapter',
      gateway: 'gw-000001' as GatewayId,
      items: ['device.adapter.initial', 'device.adapter'],
      held,
    },
  ],
  options: [],
};

/** The same office with a fax machine: a third ID on port 3 of the adapter, and a number of its own that rings it alone. */
export const exampleFaxOffice: Contract = {
  ...exampleOffice,
  numbers: [
    ...exampleOffice.numbers,
    { number: faxNumber, role: 'additional', rings: [fax], portedIn: false, held },
  ],
  ids: [
    ...exampleOffice.ids,
    {
      id: fax,
      role: 'additional',
      device: adapter,
      port: 3 as PortNumber,
      extension: '13',
      label: 'ファクス',
      presents: faxNumber,
      held,
    },
  ],
};
