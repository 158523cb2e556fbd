import type { PhoneConfig } from '../../../lib/contract/lan-config.ts';
import { lanConfig } from '../../../lib/contract/lan-config.ts';

/** A desk phone of the sample office. */
export function phoneOf(changes: Partial<PhoneConfig> = {}): PhoneConfig {
  const [phone] = lanConfig.parse({
    phones: [
      {
        mac: 'c074ad2bd859',
        vendor: 'grandstream',
        model: 'GRP2614',
        label: '受付',
        serviceId: 'id-000001-3',
        extension: '21',
        sip: { user: 'id-000001-3', password: 'a-secret-of-the-office' },
        presents: '0355550100',
        ringsFor: ['0355550100'],
        keys: [{ does: 'line' }, { does: 'watch', extension: '11' }],
        ...changes,
      },
    ],
  }).phones;
  if (phone === undefined) throw new Error('no phone');
  return phone;
}

export const PANASONIC: Partial<PhoneConfig> = {
  vendor: 'panasonic',
  model: 'KX-HDV230N',
  label: '会議室',
  serviceId: 'id-000001-4',
  extension: '22',
};

export const grandstreamAgent = (mac: string): string =>
  `Grandstream Model HW GRP2614 V1.2A SW 1.0.5.48 DevId ${mac}`;
export const panasonicAgent = (mac: string): string => `Panasonic_KX-HDV230N/07.101 (${mac})`;
