import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type FirmwarePhone,
  type FirmwareTurn,
  japanHour,
  planFirmware,
} from '../../../agent/provisioning/firmware-plan.ts';
import type { MacAddress } from '../../../lib/net/mac-address.ts';

const HOUR = 3_600_000;
/** Three in the morning in Japan. */
const NIGHT = Date.UTC(2026, 10, 21, 18, 0, 0);
const NOON = NIGHT + 9 * HOUR;
const TARGET = { model: 'GRP2614', version: '1.0.5.60', file: 'grp2614fw.bin' };

function phone(index: number, changes: Partial<FirmwarePhone> = {}): FirmwarePhone {
  return {
    mac: `c074ad00000${index}` as MacAddress,
    model: 'GRP2614',
    version: '1.0.5.48',
    versionSinceMs: NIGHT - 100 * HOUR,
    registered: true,
    ...changes,
  };
}
const macs = (turns: readonly FirmwareTurn[]): string[] => turns.map((turn) => turn.mac.slice(-1));

describe('firmware, one phone first and at night', () => {
  const office = [1, 2, 3].map((index) => phone(index));

  it('nobody begins by day', () => {
    expect(planFirmware([TARGET], office, [], NOON).turns).toEqual([]);
    expect([japanHour(NIGHT), japanHour(NOON)]).toEqual([3, 12]);
  });

  it('one begins at night, and nobody else while it has not proved itself', () => {
    const first = planFirmware([TARGET], office, [], NIGHT);
    expect(macs(first.turns)).toEqual(['1']);
    expect(macs(planFirmware([TARGET], office, first.turns, NIGHT + HOUR).turns)).toEqual(['1']);
    const back = [phone(1, { version: TARGET.version, versionSinceMs: NIGHT + HOUR }), phone(2), phone(3)];
    expect(macs(planFirmware([TARGET], back, first.turns, NIGHT + 1.5 * HOUR).turns)).toEqual(['1']);
  });

  it('the others follow the next night', () => {
    const before = planFirmware([TARGET], office, [], NIGHT).turns;
    const back = [phone(1, { version: TARGET.version, versionSinceMs: NIGHT + HOUR }), phone(2), phone(3)];
    expect(macs(planFirmware([TARGET], back, before, NIGHT + 24 * HOUR).turns)).toEqual(['1', '2', '3']);
  });

  it('a first phone that does not come back stops everybody, and is named', () => {
    const before = planFirmware([TARGET], office, [], NIGHT).turns;
    const later = planFirmware([TARGET], office, before, NIGHT + 49 * HOUR);
    expect([later.turns, macs(later.stuck)]).toEqual([[], ['1']]);
  });

  it('never one whose version is unknown, that is not registered, of another model, or up to date', () => {
    const others = [
      phone(1, { version: null }),
      phone(2, { registered: false }),
      phone(3, { model: 'GXP2170' }),
      phone(4, { version: TARGET.version, versionSinceMs: NIGHT }),
    ];
    expect(planFirmware([TARGET], others, [], NIGHT).turns).toEqual([]);
  });

  it('another target ends the turns of the old one', () => {
    const before = planFirmware([TARGET], office, [], NIGHT).turns;
    const next = { ...TARGET, version: '1.0.5.61' };
    expect(planFirmware([next], office, before, NOON).turns).toEqual([]);
  });

  it('whatever the office: by day no new turn, and never two without a proof', () => {
    const somePhone = fc.record({
      version: fc.constantFrom('1.0.5.48', TARGET.version, null),
      registered: fc.boolean(),
      sinceHours: fc.integer({ min: 0, max: 60 }),
    });
    fc.assert(
      fc.property(fc.array(somePhone, { maxLength: 9 }), fc.integer({ min: 0, max: 23 }), (shapes, hour) => {
        const nowMs = NIGHT + hour * HOUR;
        const phones = shapes.map(({ sinceHours, ...shape }, index) =>
          phone(index, { ...shape, versionSinceMs: nowMs - sinceHours * HOUR }),
        );
        const { turns } = planFirmware([TARGET], phones, [], nowMs);
        const proved = shapes.some(
          (each) => each.version === TARGET.version && each.registered && each.sinceHours >= 12,
        );
        const night = japanHour(nowMs) >= 2 && japanHour(nowMs) < 5;
        expect(turns.length).toBeLessThanOrEqual(night ? (proved ? 4 : 1) : 0);
      }),
    );
  });
});
