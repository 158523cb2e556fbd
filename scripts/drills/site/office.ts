import { type Contract, examplePhoneOffice } from '../../../cloud-stub/contracts/index.ts';
import type { ServiceId } from '../../../lib/base/ids.ts';

export const BASE = 'id-000001-1' as ServiceId;
export const ADDITIONAL = 'id-000001-2' as ServiceId;
/** ID of the desk phone. */
export const COUNTER = 'id-000001-4' as ServiceId;
/** Everybody who has an account at the trunk. */
export const MEMBERS = [BASE, ADDITIONAL, COUNTER] as const;
export const NUMBER = '0355550100';

/** The desk phone at its box. */
export const DESK = { device: 'desk-000001', extension: '21', password: 'only-on-this-lan' } as const;

const isMember = (id: ServiceId): boolean => MEMBERS.some((member) => member === id);

/** Two analog phones and a desk phone, which one number rings together. */
export const siteOffice: Contract = {
  ...examplePhoneOffice,
  numbers: examplePhoneOffice.numbers
    .filter(({ number }) => number === NUMBER)
    .map((one) => ({ ...one, rings: one.rings.filter(isMember) })),
  ids: examplePhoneOffice.ids.filter(({ id }) => isMember(id)).map(({ features: _, ...plain }) => plain),
  devices: examplePhoneOffice.devices.filter(({ id, kind }) => kind === 'adapter' || id === DESK.device),
  options: [],
  officeBook: [],
};
