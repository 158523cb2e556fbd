import { z } from 'zod';
import { instant } from '../../lib/base/clock.ts';
import type { RatableUsage } from '../rating/types.ts';
import type { Accounts } from './accounts.ts';
import { storable } from './box-batch.ts';

const epochMs = z.int().min(0).max(8.64e15).transform(instant);
const talkMs = z.int();
const name = z.string().min(1).max(80);
const farEnd = z.enum([
  ...(['geographic', 'mobile', 'ip050', 'tollFree', 'naviDial', 'premium', 'emergency'] as const),
  ...(['special1xy', 'international', 'm2m', 'unknown', 'payphone'] as const),
]);

const call = z.strictObject({
  kind: z.enum(['out', 'in', 'internal', 'forwarded', 'forwardedToAnswering', 'tollFreeIn']),
  device: z.enum(['adapter', 'deskPhone', 'app']),
  destination: farEnd,
  answeredAt: epochMs.nullable(),
  talkMs,
  number: z.string().max(40).optional(),
  id: name.optional(),
  startedAt: epochMs.optional(),
  networkReleasedAt: epochMs.optional(),
  freePartner: z.boolean().optional(),
});
const fax = z.strictObject({
  kind: z.literal('fax'),
  direction: z.enum(['send', 'receive']),
  client: z.enum(['app', 'browser', 'machine']),
  id: name,
  answeredAt: epochMs.nullable(),
  talkMs,
  pages: z.int().min(0).max(100_000),
  pagesConfirmed: z.int().min(0).max(100_000),
});
const botItem = z.strictObject({ kind: z.literal('botItem'), number: name, at: epochMs });
const answeredCall = z.strictObject({
  kind: z.literal('answeredCall'),
  number: name,
  at: epochMs,
  refusedSales: z.boolean(),
});
const listing = z.strictObject({
  kind: z.literal('listing'),
  number: name,
  issue: z.string().regex(/^[0-9]{4}-[0-9]{2}$/),
  at: epochMs,
});

const feedRecord = z.strictObject({
  /** Made where the use happened; the same use always has the same id. */
  id: name,
  contract: name,
  startedAt: epochMs,
  /** The number of the contract that it is about, where the sender knows it. */
  number: name.optional(),
  usage: z.discriminatedUnion('kind', [call, fax, botItem, answeredCall, listing]),
});

/** One use as another part of the service reports it: a switch, a fax terminal, the answer bot, operators. */
export interface FeedRecord {
  readonly id: string;
  readonly contract: string;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly number?: string;
  readonly usage: RatableUsage;
}

/** Why a record is not believed: what a person must look at. */
export interface FeedDoubt {
  readonly code:
    | 'feed.schema'
    | 'feed.unknownContract'
    | 'feed.foreignId'
    | 'feed.unknownNumber'
    | 'feed.future'
    | 'feed.negativeTalk'
    | 'feed.times';
  readonly field: string;
  readonly rule: string;
  readonly say: string;
}

/** A record that was read: believed, or not and why. */
export type ReadFeed =
  | { readonly kind: 'good'; readonly record: FeedRecord }
  | {
      readonly kind: 'doubtful';
      /** Undefined when the record has none that could be read. */
      readonly id: string | undefined;
      readonly contract: string | undefined;
      readonly doubt: FeedDoubt;
      readonly record: unknown;
    };

/** A sender's clock may be this far ahead of ours. */
const AHEAD_MS = 10 * 60_000;
const LONGEST_MS = 7 * 24 * 3_600_000;

/** Reads one record and judges it by what the contracts hold. Takes anything and never throws. */
export function readFeed(value: unknown, accounts: Accounts, nowMs: number): ReadFeed {
  const parsed = feedRecord.safeParse(value);
  if (!parsed.success) return unreadable(storable(value), parsed.error);
  const record = cleaned(parsed.data as FeedRecord);
  const doubt = doubtOfFeed(record, accounts, nowMs);
  if (doubt === undefined) return { kind: 'good', record };
  return { kind: 'doubtful', id: record.id, contract: record.contract, doubt, record };
}

/** A record is copied only when one of its few texts needs it: nearly none does, and there are many. */
function cleaned(record: FeedRecord): FeedRecord {
  const { id, contract, number, usage } = record;
  const texts = [
    id,
    contract,
    number,
    'number' in usage ? usage.number : undefined,
    'id' in usage ? usage.id : undefined,
  ];
  const clean = texts.every(
    (text) => text === undefined || (text.isWellFormed() && !text.includes('\u0000')),
  );
  return clean ? record : (storable(record) as FeedRecord);
}

function unreadable(record: unknown, error: z.ZodError): ReadFeed {
  const issue = error.issues[0];
  const field = issue?.path.join('.') ?? '';
  const say = `${field === '' ? 'the record' : field}: ${issue?.message ?? 'wrong'}`.slice(0, 300);
  const part = (key: 'id' | 'contract'): string | undefined => {
    if (typeof record !== 'object' || record === null || !(key in record)) return undefined;
    const text = name.safeParse((record as Record<string, unknown>)[key]);
    return text.success ? text.data : undefined;
  };
  return {
    kind: 'doubtful',
    id: part('id'),
    contract: part('contract'),
    doubt: { code: 'feed.schema', field, rule: 'a record has the fields of its kind and no others', say },
    record,
  };
}

function doubtOfFeed(record: FeedRecord, accounts: Accounts, nowMs: number): FeedDoubt | undefined {
  const { contract, usage } = record;
  if (!accounts.knows(contract)) {
    const say = `There is no contract ${contract}.`;
    return { code: 'feed.unknownContract', field: 'contract', rule: 'a use belongs to a contract', say };
  }
  const id = 'id' in usage ? usage.id : undefined;
  if (id !== undefined && !accounts.hasId(contract, id)) {
    const say = `${id} is no ID of ${contract}.`;
    return {
      code: 'feed.foreignId',
      field: 'usage.id',
      rule: 'an ID belongs to the contract that pays',
      say,
    };
  }
  const own = 'issue' in usage || 'at' in usage ? usage.number : record.number;
  if (own !== undefined && !accounts.hasNumber(contract, own)) {
    const field = own === record.number ? 'number' : 'usage.number';
    const say = `${own} is no number of ${contract}.`;
    return { code: 'feed.unknownNumber', field, rule: 'a number belongs to the contract that pays', say };
  }
  return doubtOfTimes(record, nowMs);
}

function doubtOfTimes({ startedAt, usage }: FeedRecord, nowMs: number): FeedDoubt | undefined {
  const latest = nowMs + AHEAD_MS;
  const at = 'at' in usage ? usage.at : usage.answeredAt;
  const field = 'at' in usage ? 'usage.at' : 'usage.answeredAt';
  const rule = 'what is reported has happened';
  if (startedAt > latest) {
    return { code: 'feed.future', field: 'startedAt', rule, say: 'The use begins in the future.' };
  }
  if (at !== null && at > latest)
    return { code: 'feed.future', field, rule, say: 'The use is in the future.' };
  if ('at' in usage) return undefined;
  if (usage.talkMs < 0 || usage.talkMs > LONGEST_MS) {
    return {
      code: 'feed.negativeTalk',
      field: 'usage.talkMs',
      rule: 'talk time is between nothing and a week',
      say: `A talk time of ${usage.talkMs} ms cannot be.`,
    };
  }
  if (at !== null && at < startedAt) {
    const say = 'The call is answered before it begins.';
    return { code: 'feed.times', field, rule: 'an answer follows the beginning', say };
  }
  if (at === null && usage.talkMs > 0) {
    const say = 'Nobody answered, and yet somebody talked.';
    return { code: 'feed.times', field: 'usage.talkMs', rule: 'talk follows an answer', say };
  }
  return undefined;
}
