import { type Contract, emptyIdFeatures, exampleOffice } from '../../../cloud-stub/contracts/index.ts';
import { decide, type RoutingPolicy } from '../../../cloud-stub/routing/index.ts';
import type {
  CallManner,
  Decision,
  DeviceClass,
  RoutingSnapshot,
} from '../../../cloud-stub/routing/types.ts';
import { type Instant, instant } from '../../../lib/base/clock.ts';
import { BASE, CALL, MAIN, NOW, snapshotOf } from './world.ts';

const held = { from: instant(0), until: null };
const [main] = exampleOffice.numbers;
const [base] = exampleOffice.ids;
const [adapter] = exampleOffice.devices;
if (main === undefined || base === undefined || adapter === undefined)
  throw new Error('example office is not whole');

export const IP050 = '05055550100';

/** The example office with its first ID on another device, with options. */
export function officeOn(
  kind: DeviceClass,
  options: readonly string[] = [],
  more: Partial<Contract> = {},
): Contract {
  return {
    ...exampleOffice,
    devices: [{ ...(adapter ?? { id: '', gateway: null, items: [], held, kind }), kind }],
    options: [{ items: options, on: BASE, held }],
    ...more,
  };
}

/** A contract of the 050 business service with one app, in both modes. */
export function ip050Office(more: Partial<Contract> = {}): Contract {
  const ids = [
    { ...base, presents: IP050, features: { ...emptyIdFeatures(), handset: '09011112222' } },
  ] as Contract['ids'];
  return {
    ...officeOn('app'),
    product: 'ip050',
    numbers: [{ number: IP050, role: 'contract', kind: 'ip050', rings: [BASE], portedIn: false, held }],
    ids,
    mobileMode: { held, billingStation: held },
    ...more,
  };
}

export interface Dialling {
  readonly manner?: CallManner;
  readonly policy?: RoutingPolicy;
  readonly more?: Partial<RoutingSnapshot>;
  readonly busy?: number;
  readonly at?: Instant;
  /** Contracts beside the caller's. */
  readonly others?: readonly Contract[];
}

/** A call by the first ID of a contract. */
export function dial(
  contract: Contract,
  dialled: string,
  { manner, policy, more, busy, at = NOW, others = [] }: Dialling = {},
): Decision {
  const snapshot = { ...snapshotOf({ contracts: [contract, ...others], busy: busy ?? 0, at }), ...more };
  const request = {
    call: CALL,
    direction: 'out',
    id: BASE,
    dialled,
    ...(manner === undefined ? {} : { manner }),
  } as const;
  return decide(request, snapshot, at, policy);
}

/** A toll-free number of the office, with its options. */
export function withTollFree(
  contract: Contract,
  number: string,
  presents: boolean,
  options: readonly string[],
): Contract {
  return {
    ...contract,
    options: [...contract.options, { items: options, on: number, held }],
    tollFree: [
      {
        number,
        prefix: '0120',
        portedIn: false,
        held,
        presents,
        accepts: [{ area: 'japan' }],
        acceptsMobile: true,
        guidance: { connection: 'nobody', restriction: true, afterHours: false },
        answerNumbers: [{ number: MAIN, hours: null }],
        groups: [],
      },
    ],
  };
}
