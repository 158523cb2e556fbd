import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { type Instant, instant } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { ContractId } from '../../lib/base/ids.ts';
import type { Order } from '../contracts/index.ts';
import { orderSchema } from './orders.ts';
import { contractId, list, moment } from './parts.ts';

/** Longest file that is read. */
export const FILE_BYTES_MOST = 4 * 1_048_576;
/** A file cannot blow itself up by naming its parts again and again. */
const ALIASES_MOST = 100;

const datedOrder = z.strictObject({ at: moment.optional(), order: orderSchema });

/** The format of an office or of orders to it. */
export const officeFileSchema = z.strictObject({
  v: z.literal(1),
  contract: contractId,
  /** In the order of their times; the first one of a new office is its application. */
  orders: list(datedOrder).min(1),
});

/** An order and when it counts; null: when it arrives. */
export interface DatedOrder {
  readonly at: Instant | null;
  readonly order: Order;
}

/** An office by the orders that make it. */
export interface OfficeFile {
  readonly contract: ContractId;
  readonly orders: readonly DatedOrder[];
}

/** Why a file is not taken: `say` names the field and what is asked of it. */
export interface FileRefusal extends CodedError {
  readonly code: 'file.tooLong' | 'file.syntax' | 'file.field';
  readonly fault: 'caller';
}

/** YAML or JSON (which is YAML) by a schema. Never throws. */
export function readFileAs<Schema extends z.ZodType>(
  written: string,
  schema: Schema,
): Result<z.infer<Schema>, FileRefusal> {
  if (Buffer.byteLength(written) > FILE_BYTES_MOST) {
    return refused('file.tooLong', `A file may have ${FILE_BYTES_MOST} bytes.`);
  }
  let value: unknown;
  try {
    value = parse(written, { maxAliasCount: ALIASES_MOST, logLevel: 'error' });
  } catch (error) {
    const where = error instanceof YAMLParseError ? error.message.split('\n')[0] : String(error);
    return refused('file.syntax', `The file is neither YAML nor JSON: ${where?.replace(/:$/, '.')}`);
  }
  return checkAs(value, schema);
}

/** The same for something that is parsed already. */
export function checkAs<Schema extends z.ZodType>(
  value: unknown,
  schema: Schema,
): Result<z.infer<Schema>, FileRefusal> {
  const read = schema.safeParse(value);
  if (read.success) return ok(read.data);
  const { path, message } = deepest(read.error.issues[0], value);
  const field = path.length === 0 ? 'the whole' : path.map(String).join('.');
  return refused('file.field', `${field}: ${message}`);
}

/** An office file as text. */
export function readOfficeFile(written: string): Result<OfficeFile, FileRefusal> {
  const read = readFileAs(written, officeFileSchema);
  return read.ok ? officeOf(read.value) : read;
}

/** An office file that was parsed. Its applications are for the contract that it names. */
export function officeOf(file: z.infer<typeof officeFileSchema>): Result<OfficeFile, FileRefusal> {
  const orders = file.orders.map(({ at, order }) => ({
    at: at === undefined ? null : momentOf(at),
    order: asOrder(order),
  }));
  const other = orders.findIndex(({ order }) => order.kind === 'apply' && order.contract !== file.contract);
  if (other >= 0) {
    const say = `orders.${other}.order.contract: the file is about ${file.contract}; an application in it is for that contract.`;
    return refused('file.field', say);
  }
  return ok({ contract: file.contract as ContractId, orders });
}

/** Text and JSON know no `undefined`, so what the schema has read is an order to the letter; ids get their brands here. */
export function asOrder(read: z.infer<typeof orderSchema>): Order {
  return read as unknown as Order;
}

/** A moment that the schema has let through. */
export function momentOf(written: string): Instant {
  return instant(Date.parse(written));
}

interface Complaint {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** In a choice of shapes, the complaint of the shape that came nearest. `whole` is what was read. */
function deepest(issue: z.core.$ZodIssue | undefined, whole: unknown): Complaint {
  if (issue === undefined) return { path: [], message: 'not as the format asks' };
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) {
    return { path: issue.path, message: inWords(issue, at(whole, issue.path)) };
  }
  const inner = issue.errors.flatMap((each) =>
    each[0] === undefined ? [] : [deepest(each[0], at(whole, issue.path))],
  );
  const best = inner.toSorted((a, b) => b.path.length - a.path.length)[0];
  return best === undefined
    ? { path: issue.path, message: issue.message }
    : { path: [...issue.path, ...best.path], message: best.message };
}

/** The part of what was read that a complaint is about. */
function at(whole: unknown, path: readonly PropertyKey[]): unknown {
  let part = whole;
  for (const step of path) {
    if (typeof part !== 'object' || part === null) return undefined;
    part = (part as Record<PropertyKey, unknown>)[step];
  }
  return part;
}

/** A complaint as a person would put it; a format that has a sentence of its own keeps it. */
function inWords(issue: z.core.$ZodIssue, part: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
    case 'invalid_union':
      if (part !== undefined || !/^Invalid/.test(issue.message)) return plain(issue.message);
      return `is missing${issue.code === 'invalid_type' ? `: ${KINDS[issue.expected] ?? issue.expected}` : ''}`;
    case 'unrecognized_keys':
      return `there is no field ${issue.keys.map((key) => `"${key}"`).join(', ')} here`;
    case 'invalid_value':
      return part === undefined ? 'is missing' : `one of ${issue.values.map(String).join(', ')}`;
    case 'too_big':
      return `at most ${issue.maximum}${sizeOf(issue.origin)}`;
    case 'too_small':
      return `at least ${issue.minimum}${sizeOf(issue.origin)}`;
    default:
      return plain(issue.message);
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text is wanted',
  array: 'a list is wanted',
  object: 'fields are wanted',
  number: 'a number is wanted',
  boolean: 'true or false is wanted',
};

function sizeOf(origin: string): string {
  return origin === 'string' ? ' characters' : origin === 'array' ? ' entries' : '';
}

function plain(message: string): string {
  const kinds = /^Invalid discriminator value. Expected (.*)$/.exec(message)?.[1];
  if (kinds !== undefined) return `one of ${kinds.replaceAll("'", '').replaceAll(' | ', ', ')}`;
  return message.replace(/^Invalid input: expected /, 'wanted is ').replace(/, received /, ', not ');
}

function refused(code: FileRefusal['code'], say: string): Result<never, FileRefusal> {
  return refuse({ code, fault: 'caller', say });
}
