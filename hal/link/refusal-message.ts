import { FieldReader, FieldWriter } from './bytes.ts';

/** Why a board refused a command, by value. A value that is not here reads as `unspecified`. */
const REASONS = ['unspecified', 'unknownCommand', 'badValue', 'noSuchPort', 'notFitted', 'busy'] as const;

export type RefusalReason = (typeof REASONS)[number];

/** REFUSED: which command type the board could not carry out. */
export interface CommandRefusal {
  readonly commandType: number;
  readonly reason: RefusalReason;
}

/** `|type u8|reason u8|`. Example: `27 04`, MEASURE is not fitted. */
export function encodeRefusal(refusal: CommandRefusal): Buffer {
  return new FieldWriter().u8(refusal.commandType).u8(REASONS.indexOf(refusal.reason)).take();
}

export function decodeRefusal(payload: Uint8Array): CommandRefusal | undefined {
  const reader = new FieldReader(payload);
  const refusal = { commandType: reader.u8(), reason: REASONS[reader.u8()] ?? 'unspecified' };
  return reader.short ? undefined : refusal;
}
