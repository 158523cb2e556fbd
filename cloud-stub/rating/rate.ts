import { instant } from '../../lib/base/clock.ts';
import { japanDate } from '../../lib/base/japan-time.ts';
import { formatYen, type MicroYen, microYen } from '../../lib/base/units.ts';
import type { TraceLine } from '../routing/types.ts';
import { findPrice, priceTable } from './price-table.ts';
import {
  type CallPrice,
  type Charge,
  type RatableCall,
  type Rating,
  type Tariff,
  WHOLE_CALL_MS,
} from './types.ts';

const NOTHING = microYen(0);

/**
 * What one call costs, and why. Exact micro-yen: a call is never rounded, only its invoice category is.
 *
 * Every started unit counts whole, from the first one; the price is that of the device, the class of the far
 * end and the time of answer; internal and incoming calls are free [S0-050]. A call without a price is a
 * refusal, so that nothing is free by accident.
 */
export function rate(call: RatableCall, tariff: Tariff): Rating {
  if (!(call.talkMs >= 0) || !Number.isSafeInteger(Math.ceil(call.talkMs))) return badCall(call);
  if (call.answeredAt === null || call.talkMs === 0) return unanswered(call);
  if (call.kind === 'internal') {
    return free('call.internal', line('rate.internal', ['S0-050'], 'calls inside the office are free'));
  }
  if (call.kind === 'in') {
    return free(
      'call.incoming',
      line('rate.incoming', ['S0-050'], 'whoever calls in pays; the office does not'),
    );
  }
  const price = findPrice(priceTable(tariff), call.device, call.destination, call.number, call.answeredAt);
  if (price === undefined) return noPrice(call, tariff, call.answeredAt);
  const units = startedUnits(call.talkMs, price.unitMs);
  const amount = units * price.pricePerUnit;
  if (!Number.isSafeInteger(amount)) return badCall(call);
  const charge: Charge = { amount: microYen(amount), units, item: price.item, category: price.category };
  return {
    ok: true,
    charge,
    trace: [
      priceLine(call, price),
      line('rate.units', factsOf(price, call), sumSentence(price, units, charge.amount)),
    ],
  };
}

/** Units begun in `talkMs`: 180,000 ms of 180,000 are one, one millisecond more begins the second. */
export function startedUnits(talkMs: number, unitMs: number): number {
  return talkMs <= 0 ? 0 : Math.ceil(talkMs / unitMs);
}

function priceLine(call: RatableCall, price: CallPrice): TraceLine {
  const at = call.answeredAt === null ? '' : `, answered on ${japanDate(call.answeredAt)} in Japan`;
  return line(
    'rate.price',
    [...price.facts, 'A-65'],
    `${price.item}: from ${DEVICE_WORDS[call.device]} to ${call.destination}${at}`,
  );
}

function factsOf(price: CallPrice, call: RatableCall): readonly string[] {
  return call.talkMs % price.unitMs === 0 ? price.facts : [...price.facts, 'A-44'];
}

/** `8 yen per started 3 min × 1 = 8 yen [S0-046]`. */
function sumSentence(price: CallPrice, units: number, amount: MicroYen): string {
  const source = price.facts[0] === undefined ? '' : ` [${price.facts[0]}]`;
  return `${formatYen(price.pricePerUnit)} yen ${perUnit(price.unitMs)} × ${units} = ${formatYen(amount)} yen${source}`;
}

function perUnit(unitMs: number): string {
  if (unitMs === WHOLE_CALL_MS) return 'per call';
  if (unitMs % 60_000 === 0) return `per started ${unitMs / 60_000} min`;
  return `per started ${unitMs / 1_000} s`;
}

const DEVICE_WORDS = { adapter: 'an analog adapter', deskPhone: 'a desk phone', app: 'the app' } as const;

function free(item: string, why: TraceLine): Rating {
  return { ok: true, charge: { amount: NOTHING, units: 0, item, category: 'free' }, trace: [why] };
}

function unanswered(call: RatableCall): Rating {
  const say = call.answeredAt === null ? 'nobody answered: no charge' : 'no talk time: no charge';
  return free('call.unanswered', line('rate.unanswered', ['A-44'], say));
}

function noPrice(call: RatableCall, tariff: Tariff, answeredAt: number): Rating {
  const say =
    `The tariff "${tariff.name}" has no price from ${DEVICE_WORDS[call.device]} to ${call.destination} on ` +
    `${japanDate(instant(answeredAt))}; add a dated price to the catalogue, then rate the call again.`;
  return { ok: false, code: 'rating.noPrice', say, trace: [line('rate.noPrice', ['A-10'], say)] };
}

function badCall(call: RatableCall): Rating {
  const say = `A call cannot last ${call.talkMs} ms; look at the record's talkMs.`;
  return { ok: false, code: 'rating.badCall', say, trace: [line('rate.badCall', ['A-44'], say)] };
}

function line(rule: string, facts: readonly string[], say: string): TraceLine {
  return { rule, facts, say };
}
