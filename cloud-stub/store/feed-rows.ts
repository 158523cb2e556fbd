import { instant } from '../../lib/base/clock.ts';
import type { RatingStream } from '../rating/index.ts';
import type { Charge, RatableUsage } from '../rating/types.ts';
import type { Account } from './accounts.ts';
import { billedWith } from './charges.ts';
import type { FeedRecord } from './feed-record.ts';
import { type UsageColumns, usageColumns } from './usage-row.ts';

/** What a batch is rated with besides the prices, as it stands when the transaction begins. */
export interface FeedState {
  /** Last closed period by contract; a contract that is not listed has none. */
  readonly closed: ReadonlyMap<string, string>;
  /** Pieces used up by `<contract> <period>`. */
  readonly used: ReadonlyMap<string, Readonly<Record<string, number>>>;
  /** Counted uses by {@link useKey} that are in the books already, where that decides a price. */
  readonly known: ReadonlySet<string>;
  account(contract: string): Account;
  /** Name of the period of a moment. */
  periodOf(atMs: number): string;
}

/** A batch made ready: lines of COPY, and what has no price. */
export interface FeedRows {
  readonly copy: string;
  readonly unpriced: readonly FeedRecord[];
}

/** Columns of the staging table, in the order of the lines. */
export const STAGED_COLUMNS = [
  ...['contract_id', 'call_id', 'kind', 'service_id', 'device', 'destination', 'at_ms', 'talk_ms'],
  ...['answered', 'number', 'own_number', 'facts', 'amount_micro_yen', 'units', 'item', 'category'],
  ...['counter', 'pieces', 'late'],
] as const;

/** What a use is known by in the whole service. */
export function useKey(contract: string, id: string): string {
  return `${contract} ${id}`;
}

/** A charge, and how many pieces of what is included the use took. */
export interface Rated {
  readonly charge: Charge;
  readonly counter: string | null;
  readonly pieces: number | null;
}

/**
 * Rates a batch and writes it as lines of COPY. What is counted against something included is rated in the order of the
 * batch, on top of what is used up: closing settles it in the order of the answers. What comes again counts nothing: its row is there, and the claim drops it.
 */
export function feedRows(records: readonly FeedRecord[], state: FeedState): FeedRows {
  const streams = new Map<string, RatingStream>();
  const counted = new Set(state.known);
  const unpriced: FeedRecord[] = [];
  let copy = '';
  for (const record of records) {
    const columns = usageColumns(record.usage, record.startedAt);
    const rated = rateOne(record, columns.at_ms, state, streams, counted);
    if (rated === undefined) unpriced.push(record);
    else copy += copyLine(record, columns, rated, state.closed);
  }
  return { copy, unpriced };
}

function rateOne(
  { contract, id, usage }: FeedRecord,
  atMs: number,
  state: FeedState,
  streams: Map<string, RatingStream>,
  counted: Set<string>,
): Rated | undefined {
  const account = state.account(contract);
  if (!isCounted(usage) || counted.has(useKey(contract, id))) {
    const charge = account.rater.chargeOf(usage, account.allowance);
    return charge && { charge, counter: null, pieces: null };
  }
  const key = `${contract} ${state.periodOf(atMs)}`;
  let stream = streams.get(key);
  if (stream === undefined) {
    stream = account.rater.stream({ grants: account.allowance.grants, used: state.used.get(key) ?? {} });
    streams.set(key, stream);
  }
  const rated = rateCounted(stream, usage);
  if (rated !== undefined) counted.add(useKey(contract, id));
  return rated;
}

/** Rates a use on a stream, and tells what it took from which counter. Undefined when it has no price. */
export function rateCounted(stream: RatingStream, usage: RatableUsage): Rated | undefined {
  const before = stream.allowance().used;
  const charge = stream.chargeOf(usage);
  if (charge === undefined) return undefined;
  for (const [counter, count] of Object.entries(stream.allowance().used)) {
    const pieces = count - (before[counter] ?? 0);
    if (pieces !== 0) return { charge, counter, pieces };
  }
  return { charge, counter: null, pieces: null };
}

/** Kinds of use that are counted against something included in a fee or a price. */
export const COUNTED = ['fax', 'botItem', 'answeredCall', 'listing'] as const;

/** Whether the price of a use depends on how much was used before it. */
export function isCounted(usage: Pick<RatableUsage, 'kind'>): boolean {
  return COUNTED.some((kind) => kind === usage.kind);
}

function copyLine(
  { id, contract, number }: FeedRecord,
  columns: UsageColumns,
  { charge, counter, pieces }: Rated,
  closed: ReadonlyMap<string, string>,
): string {
  const last = closed.get(contract) ?? '';
  const late = last !== '' && billedWith(charge.category, instant(columns.at_ms)) <= last;
  return `${text(contract)}\t${text(id)}\t${columns.kind}\t${text(columns.service_id)}\t${columns.device}\t${
    columns.destination
  }\t${columns.at_ms}\t${columns.talk_ms}\t${columns.answered ? 't' : 'f'}\t${text(columns.number)}\t${text(
    columns.own_number ?? number ?? null,
  )}\t${text(columns.facts)}\t${charge.amount}\t${charge.units}\t${text(charge.item)}\t${
    charge.category
  }\t${text(counter)}\t${pieces ?? '\\N'}\t${late ? 't' : 'f'}\n`;
}

const SPECIAL = /[\\\t\n\r]/;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** A field of COPY's text format (PostgreSQL, COPY, "Text Format"). */
export function text(value: string | null): string {
  if (value === null) return '\\N';
  if (!SPECIAL.test(value)) return value;
  return value.replace(/[\\\t\n\r]/g, (found) => ESCAPES[found] ?? found);
}
