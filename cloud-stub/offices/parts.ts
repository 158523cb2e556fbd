import { z } from 'zod';

/** Most characters of any text in a file. */
const TEXT_MOST = 500;
/** Most entries of any list in a file. */
const LIST_MOST = 1_000;

export const text = z.string().min(1).max(TEXT_MOST);
/** Quoted in YAML: a bare 0355550100 is a number there, and loses its zero. */
export const telephone = z
  .string('write it in quotes, as text: "0355550100"')
  .regex(/^[0-9]{3,20}$/, 'digits alone, such as "0355550100"')
  .describe('Telephone number in national form, digits alone, in quotes');
export const contractId = z.string().regex(/^c-[0-9]{6}$/, 'written as c-000001');
export const serviceId = z
  .string()
  .regex(/^id-[0-9]{6}-[0-9]{1,3}$/, 'written as id-000001-1')
  .describe('Service id');
/** A moment with its offset: `2026-10-01T10:00:00+09:00`. */
export const moment = z
  .string('write a time with its offset, in quotes: "2026-10-01T10:00:00+09:00"')
  .regex(
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/,
    'a time with its offset, such as 2026-10-01T10:00:00+09:00',
  )
  .refine((written) => !Number.isNaN(Date.parse(written)), 'no such moment')
  .describe('ISO 8601 with offset');
export const count = z.int().min(0).max(1_000_000);
export const milliseconds = z.int().min(0).max(604_800_000);
export const microYenAmount = z.int().min(0).max(Number.MAX_SAFE_INTEGER).describe('Micro-yen');

/** A list that no file may make endless. */
export function list<Item extends z.ZodType>(item: Item): z.ZodArray<Item> {
  return z.array(item).max(LIST_MOST);
}

/** What holds when. */
export function timeTable<Value extends z.ZodType>(value: Value) {
  const days = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun', 'holiday']);
  const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
  return z.strictObject({
    intervals: list(
      z.strictObject({
        on: z.union([z.strictObject({ days: list(days) }), z.strictObject({ dates: list(date) })]),
        fromMinute: z.int().min(0).max(1_439),
        untilMinute: z.int().min(1).max(1_440),
        value,
      }),
    ),
    holidays: z.enum(['own', 'asWeekday']),
    otherwise: value,
  });
}

export const openOrClosed = z.enum(['open', 'closed']);
export const hours = timeTable(openOrClosed);

const ringMember = z.union([z.strictObject({ id: serviceId }), z.strictObject({ external: telephone })]);
export const ringStep = z.strictObject({ members: list(ringMember), forMs: milliseconds });
export const ringGroup = z.discriminatedUnion('how', [
  z.strictObject({
    id: text,
    how: z.literal('simultaneous'),
    members: list(ringMember),
    forMs: milliseconds,
    deskFirstMs: milliseconds,
  }),
  z.strictObject({ id: text, how: z.literal('relay'), steps: list(ringStep) }),
]);
