import { type Contract, exampleOffice } from '../../../cloud-stub/contracts/index.ts';
import type { FeedRecord } from '../../../cloud-stub/store/index.ts';
import { type Clock, type Instant, instant, systemClock } from '../../../lib/base/clock.ts';
import type { ContractId, GatewayId, ServiceId } from '../../../lib/base/ids.ts';
import { japanMidnight } from '../../../lib/base/japan-time.ts';

/** The period that the samples are about: 2026-10-26 … 2026-11-25. */
export const PERIOD = '2026-11';
export const PERIOD_FROM: Instant = japanMidnight(2026, 10, 26);
export const PERIOD_UNTIL: Instant = japanMidnight(2026, 11, 26);

/** A clock that stands still between two looks, with the timers of the real one. */
export function clockAt(at: Instant): Clock {
  return { ...systemClock, now: () => at };
}

/** Some offices like the example one, with names of their own; office 0 is the example itself. */
export function officeNumber(n: number): Contract {
  if (n === 0) return exampleOffice;
  const six = String(n + 1).padStart(6, '0');
  const rename = (text: string): string => text.replaceAll('000001', six);
  const number = `03555${String(n).padStart(5, '0')}`;
  const { ids, devices, numbers } = exampleOffice;
  return {
    ...exampleOffice,
    id: rename(exampleOffice.id) as ContractId,
    numbers: numbers.map((entry) => ({
      ...entry,
      number,
      rings: entry.rings.map((id) => rename(id) as ServiceId),
    })),
    ids: ids.map((entry) => ({
      ...entry,
      id: rename(entry.id) as ServiceId,
      device: rename(entry.device),
      presents: number,
    })),
    devices: devices.map((entry) => ({
      ...entry,
      id: rename(entry.id),
      gateway: rename(entry.gateway ?? '') as GatewayId,
    })),
  };
}

/** The nth record of a stream that touches `contracts` offices: calls, faxes, bot items, toll-free calls. */
export function feedRecord(n: number, contracts = 1): FeedRecord {
  const office = n % contracts;
  const six = String(office + 1).padStart(6, '0');
  const at = instant(PERIOD_FROM + ((n * 7_919_000) % (PERIOD_UNTIL - PERIOD_FROM - 600_000)));
  const answeredAt = instant(at + 4_000);
  const base = { id: `use-${n}`, contract: `c-${six}`, startedAt: at };
  const id = `id-${six}-1`;
  switch (n % 5) {
    case 0:
      return {
        ...base,
        usage: {
          kind: 'fax',
          direction: 'send',
          client: 'browser',
          id,
          answeredAt,
          talkMs: 40_000,
          pages: 2,
          pagesConfirmed: 2,
        },
      };
    case 1:
      return {
        ...base,
        usage: {
          kind: 'tollFreeIn',
          device: 'adapter',
          destination: 'mobile',
          answeredAt,
          talkMs: 61_000,
          id,
        },
      };
    default: {
      const talkMs = 1_000 + (n % 97) * 5_000;
      return {
        ...base,
        usage: {
          kind: 'out',
          device: 'adapter',
          destination: 'geographic',
          answeredAt,
          talkMs,
          number: '0355550123',
          id,
        },
      };
    }
  }
}

/** The first `count` records. */
export function feedRecords(count: number, contracts = 1): readonly FeedRecord[] {
  return Array.from({ length: count }, (_, n) => feedRecord(n, contracts));
}
