import type { ContractId, GatewayId, PortNumber, ServiceId } from '../../lib/base/ids.ts';
import { japanMidnight } from '../../lib/base/japan-time.ts';
import { emptyIdFeatures } from './features.ts';
import type { Contract, ContractServiceId, Held } from './types.ts';

const base = 'id-000001-1' as ServiceId;
const additional = 'id-000001-2' as ServiceId;
const fax = 'id-000001-3' as ServiceId;
const counter = 'id-000001-4' as ServiceId;
const store = 'id-000001-5' as ServiceId;
const number = '0355550100';
const faxNumber = '0355550109';
const adapter = 'adapter-000001';
const gateway = 'gw-000001' as GatewayId;
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
      gateway,
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

/**
 * The office with the fax machine and two desk phones on its LAN, one of each maker, each with an ID of its own. The contract
 * number rings them too, and desk phones first where apps ring beside them.
 */
export const examplePhoneOffice: Contract = {
  ...exampleFaxOffice,
  numbers: exampleFaxOffice.numbers.map((one) =>
    one.number === number ? { ...one, rings: [...one.rings, counter, store] } : one,
  ),
  ids: [
    ...exampleFaxOffice.ids,
    {
      ...deskId(counter, 'desk-000001', '21', '店頭'),
      features: {
        ...emptyIdFeatures(),
        phone: {
          keys: [
            { does: 'line' },
            { does: 'watch', extension: '22', label: '倉庫' },
            { does: 'watch', extension: '11', label: '受付' },
            { does: 'park', slot: 1, label: '保留1' },
            { does: 'dial', number: '0355550123', label: '仕入先' },
          ],
          rings: [{ number, ring: 2 }],
        },
      },
    },
    {
      ...deskId(store, 'desk-000002', '22', '倉庫'),
      features: {
        ...emptyIdFeatures(),
        phone: {
          keys: [
            { does: 'line' },
            { does: 'watch', extension: '21', label: '店頭' },
            { does: 'park', slot: 1, label: '保留1' },
          ],
        },
      },
    },
  ],
  devices: [
    ...exampleFaxOffice.devices,
    {
      id: 'desk-000001',
      kind: 'deskPhone',
      gateway,
      items: ['device.grandstream.purchase', 'device.grandstream'],
      held,
      model: 'grandstream',
      phone: { mac: 'c074ad000001', type: 'GRP2612' },
    },
    {
      id: 'desk-000002',
      kind: 'deskPhone',
      gateway,
      items: ['device.panasonic.purchase', 'device.panasonic'],
      held,
      model: 'panasonic',
      power: 'ownPoe',
      phone: { mac: '0080f0000002', type: 'KX-HDV230N' },
    },
  ],
  options: [counter, store].map((on) => ({ items: ['option.phoneBook'], on, held })),
  officeBook: [
    { name: '仕入先', number: '0355550123' },
    { name: '山田商店', number: '0312340001' },
  ],
};

function deskId(id: ServiceId, device: string, extension: string, label: string): ContractServiceId {
  return { id, role: 'additional', device, port: null, extension, label, presents: number, held };
}
