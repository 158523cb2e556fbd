import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { ok, type Result, refuse } from '../base/errors.ts';
import type { GatewayId } from '../base/ids.ts';
import { openSealed, seal } from './sealed.ts';

const epochMs = z.int().min(0).max(8.64e15);
const micros = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Longest message that is read. */
export const SPEND_LIMIT_BYTES = 32_768;

/** What a call to numbers that begin so costs: each begun unit. */
export const spendRate = z.strictObject({
  /** Beginning of a number in national form; empty for all others. */
  prefix: z.string().regex(/^[0-9]{0,10}$/),
  unitMs: z.int().min(1).max(Number.MAX_SAFE_INTEGER),
  microYen: micros,
});
export type SpendRate = z.infer<typeof spendRate>;

/**
 * cloud → gateway on `spend`, retained and sealed: what the box must know to hold a ceiling of spending while the service is
 * away. [A-36] [S3-032] The service reckons as before when it is back: this decides only whether a call begins, never what it
 * costs.
 */
export const spendReport = z.strictObject({
  v: z.literal(1),
  gateway: z.string().regex(/^gw-[0-9]{6}$/),
  /**
   * When the cloud reckoned it: every record that it had acknowledged by then is in it, charged or not. What the box has not sent
   * is not. A report that is older than the last is refused.
   */
  at: epochMs,
  /** The period that it is about ends here; then the whole limit holds. */
  periodEndsAt: epochMs,
  /** The IDs of the box. Without a ceiling both are null; with one it is this box's part of what its contract shares. */
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

/** What the cloud publishes on `down/spend`. */
export function sealSpend(report: SpendReport, privateKey: KeyObject): Buffer {
  return seal('spend', JSON.stringify(spendReport.parse(report)), privateKey);
}

/** Opens what came on `down/spend`. Takes any bytes and never throws. */
export function openSpend(
  bytes: Uint8Array,
  options: { readonly gateway: GatewayId; readonly publicKey: KeyObject },
): Result<SpendReport> {
  const opened = openSealed('spend', bytes, {
    publicKey: options.publicKey,
    limitBytes: SPEND_LIMIT_BYTES,
  });
  if (!opened.ok) return opened;
  const parsed = spendReport.safeParse(opened.value);
  if (!parsed.success) {
    const say = 'This box does not know that kind of report of spending.';
    return refuse({ code: 'spend.unknown', fault: 'peer', say });
  }
  if (parsed.data.gateway !== options.gateway) {
    const say = `The report of spending is for ${parsed.data.gateway}, this is ${options.gateway}.`;
    return refuse({ code: 'spend.otherGateway', fault: 'peer', say });
  }
  return ok(parsed.data);
}

/** A report that the box has kept, or undefined when it is none of this generation. Takes any text and never throws. */
export function parseKeptSpend(text: string): SpendReport | undefined {
  try {
    const parsed = spendReport.safeParse(JSON.parse(text));
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
