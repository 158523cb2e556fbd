import type { Instant } from '../../lib/base/clock.ts';
import { japanDate } from '../../lib/base/japan-time.ts';
import { formatYen, type MicroYen, microYen } from '../../lib/base/units.ts';
import type { TraceLine } from '../routing/types.ts';
import type { FreeRule, Outcome } from './outcome.ts';
import type { RatingPolicy } from './policy.ts';
import type { CallKind, RatableCall, RatableFax, RatableUsage } from './types.ts';
import { WHOLE_CALL_MS } from './types.ts';

type Timed = Extract<Outcome, { how: 'timed' }>;
type Fax = Extract<Outcome, { how: 'fax' }>;
type Counted = Extract<Outcome, { how: 'counted' }>;

/** Item, rule, facts and sentence of what costs nothing. */
export const FREE: Readonly<
  Record<FreeRule, { readonly item: string; readonly rule: string; readonly facts: readonly string[] }>
> = {
  unanswered: { item: 'call.unanswered', rule: 'rate.unanswered', facts: ['A-44'] },
  internal: { item: 'call.internal', rule: 'rate.internal', facts: ['S0-050'] },
  incoming: { item: 'call.incoming', rule: 'rate.incoming', facts: ['S0-050'] },
  failedFax: { item: 'fax.send', rule: 'rate.failedFax', facts: ['A-64'] },
  trial: { item: 'answering.trial', rule: 'rate.trial', facts: ['S4-003', 'S4-018'] },
};

const DEVICE_WORDS = { adapter: 'an analog adapter', deskPhone: 'a desk phone', app: 'the app' } as const;

/** Why an outcome is what it is, one sentence a step. */
export function explain(usage: RatableUsage, outcome: Outcome, policy: RatingPolicy): readonly TraceLine[] {
  switch (outcome.how) {
    case 'refused':
      return [];
    case 'free': {
      const { rule, facts } = FREE[outcome.rule];
      return [line(rule, facts, freeSentence(outcome.rule, usage))];
    }
    case 'timed':
      return timedLines(usage as RatableCall, outcome, policy);
    case 'fax':
      return faxLines(usage as RatableFax, outcome, policy);
    case 'counted':
      return countedLines(outcome);
  }
}

function freeSentence(rule: FreeRule, usage: RatableUsage): string {
  switch (rule) {
    case 'unanswered':
      return 'answeredAt' in usage && usage.answeredAt === null
        ? 'nobody answered: no charge'
        : 'no talk time: no charge';
    case 'internal':
      return 'calls inside the office are free';
    case 'incoming':
      return 'whoever calls in pays; the office does not';
    case 'failedFax':
      return 'the far machine confirmed no page: no charge';
    case 'trial':
      return 'in the free trial: no charge';
  }
}

function timedLines(call: RatableCall, outcome: Timed, policy: RatingPolicy): readonly TraceLine[] {
  const { price, talkMs, chargedMs, grant } = outcome;
  const lines = [
    line(
      'rate.price',
      [...price.facts, 'A-65'],
      `${price.item}: ${whereSentence(call)}${when(call.answeredAt)}`,
    ),
  ];
  if (call.networkReleasedAt !== undefined && talkMs !== call.talkMs) {
    const say = `charged until the network let go: ${seconds(talkMs)}, not ${seconds(call.talkMs)}`;
    lines.push(line('rate.networkRelease', ['S3-051'], say));
  }
  if (grant !== undefined) {
    const free = `${grant.item}: the first ${seconds(grant.count * 1_000)} of a call are free`;
    const rest = chargedMs === 0 ? 'all of it' : `${seconds(chargedMs)} are charged (${policy.tenMinutes})`;
    lines.push(line('rate.freeMinutes', [...grant.facts, 'S0-091'], `${free}; ${rest}`));
  }
  const whole = chargedMs % price.unitMs === 0;
  lines.push(line('rate.units', whole ? price.facts : [...price.facts, 'A-44'], sumSentence(outcome)));
  return lines;
}

function whereSentence(call: RatableCall): string {
  const words: Readonly<Record<CallKind, string>> = {
    out: `from ${DEVICE_WORDS[call.device]} to ${call.destination}`,
    forwarded: `forwarded to ${call.destination}`,
    forwardedToAnswering: `forwarded to the answering service, ${call.destination}`,
    tollFreeIn: `toll-free, from ${call.destination}`,
    in: 'incoming',
    internal: 'internal',
  };
  return words[call.kind];
}

function faxLines(fax: RatableFax, outcome: Fax, policy: RatingPolicy): readonly TraceLine[] {
  const { price, grant, before, chargedPages, pieces } = outcome;
  const what = fax.direction === 'send' ? 'sending' : 'receiving';
  const lines = [line('rate.price', price.facts, `${price.item}: ${what} a fax${when(fax.answeredAt)}`)];
  if (fax.direction === 'receive') return lines;
  if (fax.pagesConfirmed < fax.pages) {
    const say = `the far machine confirmed ${fax.pagesConfirmed} of ${fax.pages} pages (${policy.failedFax})`;
    lines.push(line('rate.confirmedPages', ['A-64'], say));
  }
  if (grant !== undefined) {
    const say = `${grant.item}: sheets ${before + 1} to ${before + pieces} of ${grant.count} free ones; ${chargedPages} pages are charged`;
    lines.push(line('rate.freeSheets', [...grant.facts, 'S0-104', 'S0-105', 'A-50'], say));
  }
  lines.push(line('rate.units', [...price.facts, 'A-44'], sumSentence(outcome)));
  return lines;
}

function countedLines(outcome: Counted): readonly TraceLine[] {
  const { price, grant, before, included, pieces } = outcome;
  const number = pieces === 0 ? 'not counted' : `number ${before + 1} of the period`;
  const facts = [...price.facts, ...(grant?.facts ?? [])];
  const count = line('rate.count', facts, `${price.item}: ${number}, ${included} are included`);
  return [count, line('rate.units', price.facts, sumSentence(outcome))];
}

/** `8 yen per started 3 min × 1 = 8 yen [S0-046]`. */
function sumSentence({ price, units, amount }: Timed | Fax | Counted): string {
  const source = price.facts[0] === undefined ? '' : ` [${price.facts[0]}]`;
  const unit =
    'blockSize' in price && price.blockSize > 1 ? `per ${price.blockSize} pieces` : perUnit(price.unitMs);
  return `${formatYen(price.pricePerUnit)} yen ${unit} × ${units} = ${formatYen(microYen(amount) as MicroYen)} yen${source}`;
}

function perUnit(unitMs: number): string {
  if (unitMs === WHOLE_CALL_MS) return 'per call';
  if (unitMs % 60_000 === 0) return `per started ${unitMs / 60_000} min`;
  return `per started ${unitMs / 1_000} s`;
}

const DAY_MS = 86_400_000;
/** The day that was written last: the calls of a stream mostly share theirs, and writing a day costs the most of all. */
let written = { day: Number.NaN, text: '' };

function when(at: Instant | null): string {
  if (at === null) return '';
  const day = Math.floor((at + 9 * 3_600_000) / DAY_MS);
  if (day !== written.day) written = { day, text: `, answered on ${japanDate(at)} in Japan` };
  return written.text;
}

function seconds(ms: number): string {
  return `${ms / 1_000} s`;
}

function line(rule: string, facts: readonly string[], say: string): TraceLine {
  return { rule, facts, say };
}

/** The one sentence of a refusal. */
export function explainRefusal(
  usage: RatableUsage,
  code: 'rating.noPrice' | 'rating.badCall',
  tariff: string,
): TraceLine {
  if (code === 'rating.badCall') return line('rate.badCall', ['A-44'], badSentence(usage));
  const at = 'at' in usage ? usage.at : usage.answeredAt;
  const day = at === null ? '' : ` on ${japanDate(at)}`;
  const say =
    `The tariff "${tariff}" has no price ${whatSentence(usage)}${day}; ` +
    'add a dated price to the catalogue, then rate it again.';
  return line('rate.noPrice', ['A-10'], say);
}

function badSentence(usage: RatableUsage): string {
  if (usage.kind === 'fax') {
    return `A fax cannot take ${usage.talkMs} ms for ${usage.pagesConfirmed} of ${usage.pages} pages; look at talkMs and pages.`;
  }
  const talkMs = 'talkMs' in usage ? usage.talkMs : 0;
  const release = 'networkReleasedAt' in usage ? ' and networkReleasedAt' : '';
  return `A call cannot last ${talkMs} ms; look at the record's talkMs${release}.`;
}

function whatSentence(usage: RatableUsage): string {
  switch (usage.kind) {
    case 'fax':
      return `for ${usage.direction === 'send' ? 'sending' : 'receiving'} a fax`;
    case 'botItem':
      return `for an item of the answer bot on ${usage.number}`;
    case 'answeredCall':
      return `for a call that an operator answered for ${usage.number}`;
    case 'listing':
      return `for a directory listing of ${usage.number}`;
    default:
      return whereSentence(usage);
  }
}
