/** What of the switch's record is compared. Times in ms. */
export interface SwitchSide {
  readonly direction: 'in' | 'out';
  /** The ID that called, or that answered; null when nobody answered. */
  readonly id: string | null;
  readonly answeredAtMs: number | null;
  readonly talkMs: number;
  readonly interrupted: boolean;
  /** A device called its own office's number: the other devices of the office have legs in of the same call. */
  readonly inside: boolean;
}

/** What of a box's record is compared. */
export interface BoxSide {
  readonly direction: 'in' | 'out' | 'internal';
  readonly id: string;
  readonly answeredAtMs: number | null;
  readonly talkMs: number;
  readonly interrupted: boolean;
}

/** Both clocks start and stop with a SIP message in between: a difference up to this is the wire's. */
export const TALK_TOLERANCE_MS = 2_000;

/**
 * What differs between the two records of one call, in a sentence, or null. The switch's record is the one that counts;
 * the difference is for a person to look at, never for the price (decision 10).
 */
export function compareRecords(atSwitch: SwitchSide, atBox: BoxSide): string | null {
  if (atSwitch.inside && atBox.direction === 'in') return null;
  if (atBox.direction !== atSwitch.direction) {
    return `The box calls it ${atBox.direction}, the switch ${atSwitch.direction}.`;
  }
  const sameLeg = atSwitch.id === atBox.id;
  if (!sameLeg && atSwitch.direction === 'out') {
    return `The box says that ${atBox.id} called, the switch ${atSwitch.id ?? 'nobody'}.`;
  }
  if (!sameLeg) {
    return atBox.answeredAtMs === null
      ? null
      : `Answered at the box by ${atBox.id}, at the switch by ${atSwitch.id ?? 'nobody'}.`;
  }
  return compareLeg(atSwitch, atBox);
}

function compareLeg(atSwitch: SwitchSide, atBox: BoxSide): string | null {
  if (atSwitch.answeredAtMs !== null && atBox.answeredAtMs === null) {
    return 'Answered at the switch, not at the box.';
  }
  if (atSwitch.answeredAtMs === null && atBox.answeredAtMs !== null) {
    return 'Answered at the box, not at the switch.';
  }
  const differenceMs = atBox.talkMs - atSwitch.talkMs;
  if (Math.abs(differenceMs) > TALK_TOLERANCE_MS) {
    const closed = atSwitch.interrupted ? ' The switch was interrupted.' : '';
    const boxClosed = atBox.interrupted ? ' The box was interrupted.' : '';
    return `Talk time at the box ${atBox.talkMs} ms, at the switch ${atSwitch.talkMs} ms.${closed}${boxClosed}`;
  }
  return null;
}
