import type { CarrierCallView } from '../../cloud-stub/carrier/index.ts';
import type { CallView } from '../../cloud-stub/store/index.ts';
import { CONTRACT, Stage } from '../demo/stage.ts';
import { pause, until } from '../demo/story.ts';
import type { Layout } from '../launch/layout.ts';
import { doubled } from './doubled.ts';

/** A call that the switch never saw is charged by the box's record ten minutes later. */
const SETTLED_WITHIN_MS = 720_000;
const LOOK_MS = 2_000;
/** What carrier and switch may differ by about the moment of an answer. */
const ANSWER_DIFFERS_MS = 15_000;

/** What became of the calls on record. */
export interface BooksReport {
  /** Calls that the telephone network saw answered. */
  readonly answeredOutside: number;
  /** Calls on record, those that were not answered and those between extensions too. */
  readonly records: number;
  readonly charges: number;
  readonly legs: number;
  /** Box and switch saw a call differently, and say so: talk times, or who answered. It is charged once all the same. */
  readonly differences: number;
  readonly trouble: readonly string[];
}

/** Keeps what the telephone network saw, which forgets its older calls, and compares it with what is on record. */
export class HourBooks {
  readonly #layout: Layout;
  readonly #sinceMs: number;
  readonly #seen = new Map<string, CarrierCallView>();

  constructor(layout: Layout, sinceMs: number) {
    this.#layout = layout;
    this.#sinceMs = sinceMs;
  }

  /** To be called more often than the network forgets. */
  note(calls: readonly CarrierCallView[]): void {
    for (const call of calls) this.#seen.set(call.call, call);
  }

  /** Waits until every call is over and every record with the service, then compares. */
  async compare(): Promise<BooksReport> {
    const stage = await Stage.open(this.#layout);
    try {
      let lacks = '';
      const settled = await until(SETTLED_WITHIN_MS, async () => {
        this.note(await stage.carrier.calls());
        const { calls, cloud } = await stage.agent();
        const open = [...this.#seen.values()].filter(({ state }) => state !== 'ended').length;
        const over = calls.now === 0 && open === 0 && cloud.connected && cloud.outbox === 0;
        lacks = `${calls.now} calls of the box, ${open} of the network, ${cloud.outbox} records in the outbox`;
        const settled = over && !(await this.#records(stage)).some(waits);
        if (!settled) await pause(LOOK_MS);
        return settled ? true : undefined;
      }).catch(() => undefined);
      const records = await this.#records(stage);
      const trouble = [
        ...(settled === undefined
          ? [`long after the last call there are ${lacks}, or records that wait`]
          : []),
        ...this.#unmatched(records),
        ...records.flatMap(doubtsOf),
        ...doubled(records),
      ];
      return {
        answeredOutside: this.#answered().length,
        records: records.length,
        charges: records.filter(({ charge }) => charge !== null).length,
        legs: records.reduce((sum, { boxes }) => sum + boxes.length, 0),
        differences: records.flatMap(({ boxes }) => boxes).filter(({ discrepancy }) => discrepancy !== null)
          .length,
        trouble,
      };
    } finally {
      stage.close();
    }
  }

  /** All of them, however many an answer has. */
  async #records(stage: Stage): Promise<readonly CallView[]> {
    const found = new Map<string, CallView>();
    for (let since = this.#sinceMs; ; ) {
      const answer = (await stage.cloud(`/contracts/${CONTRACT}/records?since=${since}`)) as {
        readonly records: readonly CallView[];
      };
      const before = found.size;
      for (const record of answer.records) found.set(record.call, record);
      if (found.size === before) return [...found.values()];
      since = Math.max(...answer.records.map(({ startedAt }) => startedAt));
    }
  }

  #answered(): readonly { readonly call: CarrierCallView; readonly atMs: number }[] {
    return [...this.#seen.values()].flatMap((call) => {
      const atMs = call.history.find(({ state }) => state === 'answered')?.atMs;
      return atMs === undefined || atMs < this.#sinceMs ? [] : [{ call, atMs }];
    });
  }

  /** Each call that was answered has a record of its own, and each record that says so a call. */
  #unmatched(records: readonly CallView[]): string[] {
    const left = records.filter(({ switch: record }) => record != null && record.answeredAt !== null);
    const lost: string[] = [];
    const calls = [...this.#answered()].sort((one, other) => one.atMs - other.atMs);
    for (const { call, atMs } of calls) {
      const distance = (record: CallView): number => Math.abs((record.switch?.answeredAt ?? 0) - atMs);
      const [best] = left
        .filter((record) => isOf(record, call))
        .sort((one, other) => distance(one) - distance(other));
      if (best === undefined || distance(best) > ANSWER_DIFFERS_MS) {
        lost.push(
          `no record of the call from ${call.from} to ${call.to}, answered ${new Date(atMs).toISOString()}`,
        );
      } else left.splice(left.indexOf(best), 1);
    }
    // A caller who gives up in the moment of the answer saw none, and the switch did.
    const others = [...this.#seen.values()].filter((call) => calls.every((one) => one.call !== call));
    const foreign = left.filter((record) => {
      const at = others.findIndex((call) => isOf(record, call));
      if (at >= 0) others.splice(at, 1);
      return at < 0;
    });
    return [
      ...lost,
      ...foreign.map(({ call }) => `the record of ${call} is of no call that the network saw`),
    ];
  }
}

function isOf({ switch: record }: CallView, call: CarrierCallView): boolean {
  if (record === null) return false;
  const direction = call.direction === 'fromTrunk' ? 'out' : 'in';
  if (record.direction !== direction || record.to !== call.to) return false;
  return direction === 'out' || record.from === call.from;
}

function waits({ boxes }: CallView): boolean {
  return boxes.some(({ settled }) => settled === 'waiting');
}

function doubtsOf({ call, switch: record, boxes, charge, unrated }: CallView): string[] {
  const answered = record?.answeredAt != null;
  const open = record !== null && record.endedAt === null;
  return [
    ...(open ? [`call ${call} is not ended`] : []),
    ...(answered && charge === null ? [`call ${call} was answered and has no charge`] : []),
    ...(unrated !== null ? [`call ${call} is unrated: ${unrated.say}`] : []),
    ...(answered && boxes.length === 0 ? [`call ${call} has no box record`] : []),
    ...boxes.flatMap(({ settled, record: id }) =>
      settled === 'waiting' ? [`box record ${id} is not settled`] : [],
    ),
  ];
}
