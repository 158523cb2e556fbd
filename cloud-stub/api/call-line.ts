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

/** Why something ended: the id of the rule in a field of its own, where one decided. */
interface Reason {
  readonly because: string | null;
  readonly rule: string | null;
}

/** Everything about a call, with reasons as sentences. */
export function callRecord(view: CallView): object {
  return {
    ...view,
    switch: view.switch === null ? null : { ...view.switch, ...reasonOf(view.switch.because) },
    boxes: view.boxes.map((box) => ({ ...box, ...reasonOf(box.because) })),
  };
}

/** Records keep `out.channels; 2 of 2 channels are in use`, as it goes over the wire. */
function reasonOf(written: string | null): Reason {
  const [, rule, say] = /^([a-z]\w*(?:\.\w+)+)[;:] (.+)$/s.exec(written ?? '') ?? [];
  return rule === undefined || say === undefined ? { because: written, rule: null } : { because: say, rule };
}
