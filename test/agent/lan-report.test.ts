import { describe, expect, it } from 'vitest';
import { lanReport } from '../../agent/lan-report.ts';
import type { LanSide } from '../../agent/lan-side.ts';
import { newRecord } from '../../agent/provisioning/phone-record.ts';
import { VirtualClock } from '../../lib/base/virtual-clock.ts';
import { LAN_REPORT_LIMITS, lanReport as schema } from '../../lib/contract/lan-facts.ts';
import type { MacAddress } from '../../lib/net/mac-address.ts';

function phone(index: number, windowUntilMs: number | null = null) {
  const mac = `c074ad${index.toString(16).padStart(6, '0')}` as MacAddress;
  const rest = { config: null, registered: false, fresh: true, windowUntilMs } as const;
  return { ...newRecord(mac), ...rest, state: 'unassigned' as const };
}

function side(phones: readonly ReturnType<typeof phone>[]): LanSide {
  return { provisioning: { phones: () => phones }, dhcp: { status: null } } as unknown as LanSide;
}

describe('the report of the LAN', () => {
  const clock = new VirtualClock();
  const warning = { severity: 'error', say: 'x'.repeat(400), remedy: '', sinceMs: 5.5 } as const;
  const health = {
    list: () => [
      { ...warning, code: 'W-LAN-801' },
      { ...warning, code: 'W-BRD-101' },
    ],
  };

  it('names so many phones, counts the others, and tells warnings of the LAN only', () => {
    const phones = Array.from({ length: 100 }, (_, index) => phone(index));
    const report = schema.parse(lanReport(side(phones), health, clock));
    expect([report.phones.length, report.omitted]).toEqual([
      LAN_REPORT_LIMITS.phones,
      100 - LAN_REPORT_LIMITS.phones,
    ]);
    expect(report.warnings.map(({ code }) => code)).toEqual(['W-LAN-801']);
  });

  it('says the end of a window in whole seconds: clocks that drift by parts of one are no news', () => {
    const at = (windowUntilMs: number): unknown =>
      lanReport(side([phone(1, windowUntilMs)]), health, clock).phones[0]?.windowUntil;
    expect([at(1_000_100), at(1_000_101.7)]).toEqual([1_000_000, 1_000_000]);
  });
});
