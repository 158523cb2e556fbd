import type { Instant } from '../../lib/base/clock.ts';
import type { DeviceClass, NumberClass } from '../routing/types.ts';
import type { CallPrice, Tariff } from './types.ts';

type Cells = Readonly<Record<string, readonly CallPrice[]>>;
/** Prices by device and destination class; a price for the device itself stands before one for any device. */
export type PriceTable = Readonly<Record<DeviceClass, Cells>>;

const tables = new WeakMap<Tariff, PriceTable>();

/** The table of a tariff, made once for each tariff object: finding a price reads two keys and compares two numbers. */
export function priceTable(tariff: Tariff): PriceTable {
  const known = tables.get(tariff);
  if (known !== undefined) return known;
  const made: PriceTable = {
    adapter: cells(tariff, 'adapter'),
    deskPhone: cells(tariff, 'deskPhone'),
    app: cells(tariff, 'app'),
  };
  tables.set(tariff, made);
  return made;
}

/** The price of a call, or undefined when none holds: nothing is free by accident. */
export function findPrice(
  table: PriceTable,
  device: DeviceClass,
  destination: NumberClass,
  number: string | undefined,
  at: Instant,
): CallPrice | undefined {
  const candidates = table[device][destination];
  if (candidates === undefined) return undefined;
  for (const price of candidates) {
    if (at < price.validFrom || (price.validUntil !== null && at >= price.validUntil)) continue;
    if (price.numbers !== undefined && (number === undefined || !price.numbers.includes(number))) continue;
    return price;
  }
  return undefined;
}

function cells(tariff: Tariff, device: DeviceClass): Cells {
  const found: Record<string, CallPrice[]> = Object.create(null) as Record<string, CallPrice[]>;
  for (const wanted of [device, 'any'] as const) {
    for (const price of tariff.prices) {
      if (price.device !== wanted) continue;
      for (const destination of price.destinations) {
        const cell = found[destination] ?? [];
        found[destination] = cell;
        cell.push(price);
      }
    }
  }
  // The newest price first: when a new row is added, the old one still serves the calls of its time.
  for (const cell of Object.values(found)) {
    cell.sort((a, b) => rank(a, device) - rank(b, device) || b.validFrom - a.validFrom);
  }
  return found;
}

/** For one number, then for the device, then for any device. */
function rank(price: CallPrice, device: DeviceClass): number {
  return (price.numbers === undefined ? 2 : 0) + (price.device === device ? 0 : 1);
}
