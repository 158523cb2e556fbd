/** Names of T.30 control frames (ITU-T T.30 §5.3.6.1). */
export type ControlFrameName = string;

/** A T.30 control frame as the log tells it. */
export interface ControlFrame {
  readonly name: ControlFrameName;
  /** Identification in CSI, TSI and CIG. */
  readonly ident?: string;
  /** bit/s in DCS. */
  readonly bitRate?: number;
  /** Error correction in DCS, or offered in DIS and DTC. */
  readonly ecm?: boolean;
}

/** Parses a T.30 control frame; null when it is none. Never throws. */
export function parseControlFrame(_frame: Uint8Array): ControlFrame | null {
  return null;
}
