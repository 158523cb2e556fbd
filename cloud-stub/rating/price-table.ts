import type { Instant } from '../../lib/base/clock.ts';
import type { DeviceClass } from '../routing/types.ts';
import type { CallKind, CallPrice, RatableCall, RatedFarEnd, Tariff, UsePrice } from './types.ts';

type Cells = ReadonlyMap<RatedFarEnd, readonly CallPrice[]>;
type PricedKind = Exclude<CallKind, 'in' | 'internal'>;

/** A tariff made ready for finding: two keys are read and two numbers compared for a call. */
export interface PriceTable {
  readonly tariff: Tariff;
  /** Prices by device and destination class; a price for the device itself stands before one for any device. */
  readonly out: Readonly<Record<DeviceClass, Cells>>;
  /** Legs for which no device counts. */
  readonly legs: Readonly<Record<Exclude<PricedKind, 'out'>, Cells>>;
  readonly uses: Readonly<Record<UsePrice['use'], readonly UsePrice[]>>;
}

const tables = new WeakMap<Tariff, PriceTable>();

/** The table of a tariff, made once for each tariff object. */
export function priceTable(tariff: Tariff): PriceTable {
  const known = tables.get(tariff);
  if (known !== undefined) return known;
  const made: PriceTable = {
    tariff,
    out: {
      adapter: cells(tariff, 'out', 'adapter'),
      deskPhone: cells(tariff, 'out', 'deskPhone'),
      app: cells(tariff, 'out', 'app'),
    },
    legs: {
      forwarded: cells(tariff, 'forwarded', 'any'),
      forwardedToAnswering: cells(tariff, 'forwardedToAnswering', 'any'),
      tollFreeIn: cells(tariff, 'tollFreeIn', 'any'),
    },
    uses: {
      faxSend: uses(tariff, 'faxSend'),
      faxReceive: uses(tariff, 'faxReceive'),
      botItem: uses(tariff, 'botItem'),
      answeredCall: uses(tariff, 'answeredCall'),
      listing: uses(tariff, 'listing'),
    },
  };
  tables.set(tariff, made);
  return made;
}

/** The price of a call, or undefined when none holds: nothing is free by accident. */
export function findPrice(
  table: PriceTable,
  kind: PricedKind,
  call: RatableCall,
  destination: RatedFarEnd,
  at: Instant,
): CallPrice | undefined {
  const candidates = (kind === 'out' ? table.out[call.device] : table.legs[kind]).get(destination);
  if (candidates === undefined) return undefined;
  for (const price of candidates) {
    if (at < price.validFrom || (price.validUntil !== null && at >= price.validUntil)) continue;
    if (price.numbers !== undefined && (call.number === undefined || !price.numbers.includes(call.number)))
      continue;
    if (price.only === 'freePartner' && call.freePartner !== true) continue;
    return price;
  }
  return undefined;
}

/** The price of a fax or of a piece at a moment. */
export function findUsePrice(table: PriceTable, use: UsePrice['use'], at: Instant): UsePrice | undefined {
  return table.uses[use].find(
    (price) => price.validFrom <= at && (price.validUntil === null || at < price.validUntil),
  );
}

function cells(tariff: Tariff, kind: PricedKind, device: DeviceClass | 'any'): Cells {
  const found = new Map<RatedFarEnd, CallPrice[]>();
  for (const price of tariff.prices) {
    if ((price.direction ?? 'out') !== kind || (price.device !== device && price.device !== 'any')) continue;
    for (const destination of price.destinations) {
      const cell = found.get(destination) ?? [];
      found.set(destination, cell);
      cell.push(price);
    }
  }
  // The newest price first: when a new row is added, the old one still serves the calls of its time.
  for (const cell of found.values()) {
    cell.sort((a, b) => rank(a, device) - rank(b, device) || b.validFrom - a.validFrom);
  }
  return found;
}

/** Under a condition, then for one number, then for the device, then for any device. */
function rank(price: CallPrice, device: DeviceClass | 'any'): number {
  const narrow = price.only !== undefined || price.numbers !== undefined;
  return (narrow ? 0 : 2) + (price.device === device ? 0 : 1);
}

function uses(tariff: Tariff, use: UsePrice['use']): readonly UsePrice[] {
  return (tariff.uses ?? []).filter((price) => price.use === use).sort((a, b) => b.validFrom - a.validFrom);
}
