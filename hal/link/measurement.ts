import type { LineMeasurement } from '../board.ts';
import { type FieldReader, FieldWriter } from './bytes.ts';

/** "Not taken" in a 16-bit field. */
const NOT_TAKEN = 0xffff;

/**
 * Reasons why a value was not taken, by bit number. The values are taken in GR-909's order, and an off-hook phone
 * makes leakage and ringer tests meaningless, so these are skipped rather than wrong.
 */
const SKIP_REASONS = ['off-hook', 'call in progress', 'hazardous voltage', 'foreign voltage', 'not fitted'];

/**
 * A GR-909 style measurement, after the request number of MEASURED. 0xffff in a value: not taken.
 *
 * ```
 *  0         2         4         6         8         10       11        13       15
 * |hazAC dVrms|hazDC dV|forAC dVrms|forDC dV|leak kΩ|offHook u8|REN u16|loop dmA|skipped u8|     all u16 but the two u8
 * ```
 * Voltages in tenths of a volt (magnitude), leakage in kΩ (65534 = that or more), REN in hundredths, loop current in
 * tenths of a mA.
 */
export function encodeMeasurement(measurement: LineMeasurement): Buffer {
  const skipped = SKIP_REASONS.reduce(
    (bits, reason, bit) => (measurement.skipped.includes(reason) ? bits | (1 << bit) : bits),
    0,
  );
  return new FieldWriter()
    .u16(scaled(measurement.hazardousAcVrms, 10))
    .u16(scaled(measurement.hazardousDcV, 10))
    .u16(scaled(measurement.foreignAcVrms, 10))
    .u16(scaled(measurement.foreignDcV, 10))
    .u16(scaled(measurement.leakageKohm, 1))
    .u8(measurement.receiverOffHook ? 1 : 0)
    .u16(scaled(measurement.renHundredths, 1))
    .u16(scaled(measurement.loopCurrentMa, 10))
    .u8(skipped)
    .take();
}

export function decodeMeasurement(reader: FieldReader): LineMeasurement {
  const hazardousAcVrms = unscaled(reader.u16(), 10);
  const hazardousDcV = unscaled(reader.u16(), 10);
  const foreignAcVrms = unscaled(reader.u16(), 10);
  const foreignDcV = unscaled(reader.u16(), 10);
  const leakageKohm = unscaled(reader.u16(), 1);
  const receiverOffHook = reader.u8() !== 0;
  const renHundredths = unscaled(reader.u16(), 1);
  const loopCurrentMa = unscaled(reader.u16(), 10);
  const bits = reader.u8();
  const skipped = SKIP_REASONS.filter((_reason, bit) => (bits & (1 << bit)) !== 0);
  return {
    hazardousAcVrms,
    hazardousDcV,
    foreignAcVrms,
    foreignDcV,
    leakageKohm,
    receiverOffHook,
    renHundredths,
    loopCurrentMa,
    skipped,
  };
}

function scaled(value: number | null, factor: number): number {
  return value === null ? NOT_TAKEN : Math.min(NOT_TAKEN - 1, Math.max(0, Math.round(value * factor)));
}

function unscaled(field: number, factor: number): number | null {
  return field === NOT_TAKEN ? null : field / factor;
}
