import type { CallView } from '../store/index.ts';

/** One call on a list, without its reasons. */
export interface CallLine {
  readonly call: string;
  readonly startedAt: number;
  readonly direction: 'in' | 'out' | 'internal';
  readonly from: string;
  readonly to: string;
  readonly state: 'up' | 'ended';
  readonly end: string | null;
  readonly talkMs: number;
  readonly amountMicroYen: number | null;
  /** What the records of switch and box disagree on. */
  readonly discrepancies: readonly string[];
}

/** The switch's word first, a box's where the switch has none. */
export function callLine(view: CallView): CallLine {
  const box = view.boxes.find(({ answeredAt }) => answeredAt !== null) ?? view.boxes[0];
  const record = view.switch ?? box;
  return {
    call: view.call,
    startedAt: view.startedAt,
    direction: record?.direction ?? 'internal',
    from: record?.from ?? '',
    to: record?.to ?? '',
    state: record?.endedAt == null ? 'up' : 'ended',
    end: record?.end ?? null,
    talkMs: record?.talkMs ?? 0,
    amountMicroYen: view.charge?.amountMicroYen ?? null,
    discrepancies: view.boxes.flatMap(({ discrepancy }) => (discrepancy === null ? [] : [discrepancy])),
  };
}
