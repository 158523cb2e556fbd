import { z } from 'zod';

const epochMs = z.int().min(0).max(8.64e15);
const micros = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Longest message that is read. */
export const SPEND_LIMIT_BYTES = 16_384;

/** What a call to numbers that begin so costs: each begun unit. */
export const spendRate = z.strictObject({
  /** Beginning of a number in national form; empty for all others. */
  prefix: z.string().regex(/^[0-9]{0,10}$/),
  unitMs: z.int().min(1).max(Number.MAX_SAFE_INTEGER),
  microYen: micros,
});
export type SpendRate = z.infer<typeof spendRate>;

/**
 * cloud → gateway on `spend`, retained: what the box must know to hold a ceiling of spending while the service is away.
 * [S3-032] The service reckons as before when it is back: this decides only whether a call begins, never what it costs.
 */
export const spendReport = z.strictObject({
  v: z.literal(1),
  /** When the cloud wrote it. What the box has not sent by then is not in it. */
  at: epochMs,
  /** The period that it is about ends here; then the whole limit holds. */
  periodEndsAt: epochMs,
  /** The IDs of the box. Without a ceiling both are null. */
  ids: z
    .array(
      z.strictObject({
        serviceId: z.string().max(40),
        remainingMicroYen: micros.nullable(),
        limitMicroYen: micros.nullable(),
      }),
    )
    .max(40),
  rates: z.array(spendRate).max(200),
});
export type SpendReport = z.infer<typeof spendReport>;

/** What came on `spend`, or undefined when it is not that. Takes any bytes and never throws. */
export function parseSpend(bytes: Uint8Array): SpendReport | undefined {
  if (bytes.length > SPEND_LIMIT_BYTES) return undefined;
  try {
    const parsed = spendReport.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Pure: what a call costs by these rates, at least; the longest beginning counts, and what has no rate costs nothing. */
export function costOf(rates: readonly SpendRate[], dialled: string, talkMs: number): number {
  const number = nationalOf(dialled);
  let best: SpendRate | undefined;
  for (const rate of rates) {
    if (number.startsWith(rate.prefix) && rate.prefix.length >= (best?.prefix.length ?? 0)) best = rate;
  }
  if (best === undefined) return 0;
  return Math.max(1, Math.ceil(talkMs / best.unitMs)) * best.microYen;
}

/** Without the caller-display prefixes, which cost nothing and change nothing. */
function nationalOf(dialled: string): string {
  const rest = dialled.replace(/^(?:18[46])+/, '');
  return rest.startsWith('+81') ? `0${rest.slice(3)}` : rest;
}
