import type { z } from 'zod';
import { ok, type Result, refuse } from '../../lib/base/errors.ts';
import { type BoxFact, boxFact } from '../../lib/contract/box-facts.ts';
import {
  type BoxRecord,
  boxRecord,
  type FaxFact,
  faxFact,
  RECORDS_PER_BATCH,
} from '../../lib/contract/facts.ts';

/** One record, fax or other fact of a batch: good, or known by its id only. */
export type BatchItem =
  | { readonly kind: 'good'; readonly record: BoxRecord }
  | { readonly kind: 'fax'; readonly fax: FaxFact }
  | { readonly kind: 'fact'; readonly fact: BoxFact }
  | { readonly kind: 'doubtful'; readonly id: string; readonly say: string; readonly record: unknown };

/** What a batch holds. `nameless` records have no id, so that they can be neither kept nor acknowledged. */
export interface Batch {
  readonly items: readonly BatchItem[];
  readonly nameless: number;
}

/** A batch that is not one at all. */
export interface BatchRefusal {
  readonly code: 'records.notJson' | 'records.shape';
  readonly fault: 'peer';
  readonly say: string;
}

/**
 * Reads a batch record by record, so that one bad record does not hold back the others for ever. Takes any bytes and
 * never throws.
 */
export function readBatch(payload: Uint8Array): Result<Batch, BatchRefusal> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    return refuse({ code: 'records.notJson', fault: 'peer', say: 'The batch of records is not JSON text.' });
  }
  const facts = factsOf(value);
  if (facts === undefined) {
    return refuse({
      code: 'records.shape',
      fault: 'peer',
      say: `A batch is {"v":1,"records":[…],"faxes":[…],"facts":[…]} with 1 to ${RECORDS_PER_BATCH} of all together.`,
    });
  }
  const items: BatchItem[] = [];
  let nameless = 0;
  for (const { is, value: fact } of facts) {
    const item = readFact(is, storable(fact));
    if (item === undefined) nameless++;
    else items.push(item);
  }
  return ok({ items, nameless });
}

interface Fact {
  readonly is: 'record' | 'fax' | 'fact';
  readonly value: unknown;
}

function factsOf(value: unknown): readonly Fact[] | undefined {
  if (typeof value !== 'object' || value === null || !('v' in value) || value.v !== 1) return undefined;
  if (!('records' in value) || !Array.isArray(value.records)) return undefined;
  const records: readonly unknown[] = value.records;
  const faxes: unknown = 'faxes' in value ? value.faxes : [];
  const others: unknown = 'facts' in value ? value.facts : [];
  if (!Array.isArray(faxes) || !Array.isArray(others)) return undefined;
  const count = records.length + faxes.length + others.length;
  if (count < 1 || count > RECORDS_PER_BATCH) return undefined;
  return [
    ...records.map((one): Fact => ({ is: 'record', value: one })),
    ...faxes.map((one: unknown): Fact => ({ is: 'fax', value: one })),
    ...others.map((one: unknown): Fact => ({ is: 'fact', value: one })),
  ];
}

function readFact(is: Fact['is'], value: unknown): BatchItem | undefined {
  const read = readAs(is, value);
  if ('kind' in read) return read;
  if (typeof value !== 'object' || value === null || !('id' in value)) return undefined;
  const id = boxRecord.shape.id.safeParse(value.id);
  if (!id.success) return undefined;
  const issue = read.issues[0];
  const say = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'wrong'}`.slice(0, 300);
  return { kind: 'doubtful', id: id.data, say, record: value };
}

function readAs(is: Fact['is'], value: unknown): BatchItem | z.ZodError {
  switch (is) {
    case 'record': {
      const read = boxRecord.safeParse(value);
      return read.success ? { kind: 'good', record: read.data } : read.error;
    }
    case 'fax': {
      const read = faxFact.safeParse(value);
      return read.success ? { kind: 'fax', fax: read.data } : read.error;
    }
    case 'fact': {
      const read = boxFact.safeParse(value);
      return read.success ? { kind: 'fact', fact: read.data } : read.error;
    }
  }
}

/** Deepest nesting of a record that is looked at; a good one has two levels. */
const DEPTH_LIMIT = 6;

/** PostgreSQL takes neither U+0000 nor half surrogate pairs: they become U+FFFD. */
export function storable(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\u0000', '\ufffd');
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEPTH_LIMIT) return null;
  if (Array.isArray(value)) return value.map((inner) => storable(inner, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [storable(key, depth + 1), storable(inner, depth + 1)]),
  );
}
