import type { LineMeasurement } from '../board.ts';

/** What is on the two wires beside the board and the phone. Volts, kΩ, REN. */
export interface LineCondition {
  readonly hazardousAcVrms: number;
  readonly hazardousDcV: number;
  readonly foreignAcVrms: number;
  readonly foreignDcV: number;
  readonly leakageKohm: number;
  /** Ringer equivalence of all phones on the line; 0 is no phone. */
  readonly ren: number;
  /** The receiver lies beside the phone. */
  readonly receiverOffHook: boolean;
}

/** A dry line with one phone. */
export const HEALTHY_LINE: LineCondition = {
  hazardousAcVrms: 0,
  hazardousDcV: 0,
  foreignAcVrms: 0.2,
  foreignDcV: 0.1,
  leakageKohm: 5_000,
  ren: 1,
  receiverOffHook: false,
};

/** Above these a test stops (GR-909: 50 Vrms and 135 V DC hazardous, 10 Vrms and 6 V DC foreign). */
const HAZARDOUS = { acVrms: 50, dcV: 135 } as const;
const FOREIGN = { acVrms: 10, dcV: 6 } as const;

const NOTHING_MEASURED: LineMeasurement = {
  hazardousAcVrms: null,
  hazardousDcV: null,
  foreignAcVrms: null,
  foreignDcV: null,
  leakageKohm: null,
  receiverOffHook: false,
  renHundredths: null,
  loopCurrentMa: null,
  skipped: [],
};

/** GR-909 in its order: what is dangerous or foreign, or a phone off hook, makes the later tests meaningless. */
export function measureLine(
  line: LineCondition,
  now: { readonly inCall: boolean; readonly offHook: boolean },
): LineMeasurement {
  const receiverOffHook = now.offHook || line.receiverOffHook;
  if (now.inCall) return { ...NOTHING_MEASURED, receiverOffHook, skipped: ['call in progress'] };
  const hazardous = { hazardousAcVrms: line.hazardousAcVrms, hazardousDcV: line.hazardousDcV };
  if (line.hazardousAcVrms > HAZARDOUS.acVrms || line.hazardousDcV > HAZARDOUS.dcV) {
    return { ...NOTHING_MEASURED, ...hazardous, skipped: ['hazardous voltage'] };
  }
  const voltages = { ...hazardous, foreignAcVrms: line.foreignAcVrms, foreignDcV: line.foreignDcV };
  if (line.foreignAcVrms > FOREIGN.acVrms || line.foreignDcV > FOREIGN.dcV) {
    return { ...NOTHING_MEASURED, ...voltages, skipped: ['foreign voltage'] };
  }
  if (receiverOffHook) {
    const loopCurrentMa = 23.5;
    return { ...NOTHING_MEASURED, ...voltages, receiverOffHook, loopCurrentMa, skipped: ['off-hook'] };
  }
  const renHundredths = Math.round(line.ren * 100);
  return {
    ...NOTHING_MEASURED,
    ...voltages,
    leakageKohm: line.leakageKohm,
    renHundredths,
    loopCurrentMa: 0,
  };
}
