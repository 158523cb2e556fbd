import { instant } from '../../lib/base/clock.ts';
import type { CallKind, RatableCall, RatableFax, RatableUsage, RatedFarEnd } from '../rating/types.ts';
import type { DeviceClass } from '../routing/types.ts';

/** Facts that have no column of their own; only those that are there are written. */
interface UsageFacts {
  readonly startedAt?: number;
  readonly networkReleasedAt?: number;
  readonly freePartner?: boolean;
  readonly direction?: RatableFax['direction'];
  readonly client?: RatableFax['client'];
  readonly pages?: number;
  readonly pagesConfirmed?: number;
  readonly refusedSales?: boolean;
  readonly issue?: string;
}

/** The columns of a charge that tell what was rated. */
export interface UsageColumns {
  readonly kind: RatableUsage['kind'];
  readonly service_id: string | null;
  readonly device: DeviceClass;
  readonly destination: RatedFarEnd;
  /** The time of answer; of the start when nobody answered. Decides the period. */
  readonly at_ms: number;
  readonly talk_ms: number;
  readonly answered: boolean;
  readonly number: string | null;
  readonly own_number: string | null;
  /** JSON text, null when there are no more. */
  readonly facts: string | null;
}

/** What was rated, as columns. `startedAtMs` dates a call that nobody answered. */
export function usageColumns(usage: RatableUsage, startedAtMs: number): UsageColumns {
  switch (usage.kind) {
    case 'fax':
      return faxColumns(usage, startedAtMs);
    case 'botItem':
    case 'answeredCall':
    case 'listing': {
      const facts =
        usage.kind === 'answeredCall'
          ? { refusedSales: usage.refusedSales }
          : usage.kind === 'listing'
            ? { issue: usage.issue }
            : {};
      return {
        ...NOTHING_CALLED,
        kind: usage.kind,
        service_id: null,
        at_ms: usage.at,
        talk_ms: 0,
        answered: true,
        own_number: usage.number,
        facts: factsText(facts),
      };
    }
    default:
      return callColumns(usage, startedAtMs);
  }
}

const NOTHING_CALLED = { device: 'app', destination: 'unknown', number: null } as const;

function callColumns(call: RatableCall, startedAtMs: number): UsageColumns {
  const { startedAt, networkReleasedAt, freePartner } = call;
  return {
    kind: call.kind,
    service_id: call.id ?? null,
    device: call.device,
    destination: call.destination,
    at_ms: call.answeredAt ?? startedAtMs,
    talk_ms: call.talkMs,
    answered: call.answeredAt !== null,
    number: call.number ?? null,
    own_number: null,
    facts: factsText({ startedAt, networkReleasedAt, freePartner }),
  };
}

function faxColumns(fax: RatableFax, startedAtMs: number): UsageColumns {
  const { direction, client, pages, pagesConfirmed } = fax;
  return {
    ...NOTHING_CALLED,
    kind: 'fax',
    service_id: fax.id,
    at_ms: fax.answeredAt ?? startedAtMs,
    talk_ms: fax.talkMs,
    answered: fax.answeredAt !== null,
    own_number: null,
    facts: factsText({ direction, client, pages, pagesConfirmed }),
  };
}

function factsText(facts: Readonly<Record<string, unknown>>): string | null {
  for (const name in facts) if (facts[name] !== undefined) return JSON.stringify(facts);
  return null;
}

/** A row of `charge`, as far as this file reads it. */
export interface UsageRow extends Omit<UsageColumns, 'facts'> {
  readonly facts: unknown;
}

/** The use that a row is about: rating it gives the row's charge again. */
export function usageFrom(row: UsageRow): RatableUsage {
  const facts = (row.facts ?? {}) as UsageFacts;
  const at = instant(row.at_ms);
  const number = row.own_number ?? '';
  switch (row.kind) {
    case 'fax':
      return {
        kind: 'fax',
        direction: facts.direction ?? 'send',
        client: facts.client ?? 'browser',
        id: row.service_id ?? '',
        answeredAt: row.answered ? at : null,
        talkMs: row.talk_ms,
        pages: facts.pages ?? 0,
        pagesConfirmed: facts.pagesConfirmed ?? 0,
      };
    case 'botItem':
      return { kind: 'botItem', number, at };
    case 'answeredCall':
      return { kind: 'answeredCall', number, at, refusedSales: facts.refusedSales ?? false };
    case 'listing':
      return { kind: 'listing', number, at, issue: facts.issue ?? '' };
    default:
      return callFrom(row, row.kind, facts);
  }
}

function callFrom(row: UsageRow, kind: CallKind, facts: UsageFacts): RatableCall {
  const { startedAt, networkReleasedAt, freePartner } = facts;
  return {
    kind,
    device: row.device,
    destination: row.destination,
    answeredAt: row.answered ? instant(row.at_ms) : null,
    talkMs: row.talk_ms,
    ...(row.number === null ? {} : { number: row.number }),
    ...(row.service_id === null ? {} : { id: row.service_id }),
    ...(startedAt === undefined ? {} : { startedAt: instant(startedAt) }),
    ...(networkReleasedAt === undefined ? {} : { networkReleasedAt: instant(networkReleasedAt) }),
    ...(freePartner === undefined ? {} : { freePartner }),
  };
}
