import { z } from 'zod';
import type { Instant } from '../../lib/base/clock.ts';
import { ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { ContractId, ServiceId } from '../../lib/base/ids.ts';
import { type Period, periodNamed } from '../billing/index.ts';
import type { Order } from '../contracts/index.ts';
import {
  asOrder,
  callManner,
  callMedia,
  callOrigin,
  contractId,
  type FileRefusal,
  list,
  moment,
  momentOf,
  orderSchema,
  readFileAs,
  serviceId,
  telephone,
  text,
} from '../offices/index.ts';
import type { CallManner, CallMedia } from '../routing/types.ts';

const seconds = z.number().min(0).max(604_800);
const pages = z.int().min(0).max(10_000);
const dialString = z.string('write it in quotes, as text').regex(/^[0-9*#]{1,40}$/, 'digits, * and #');
const member = z.union([serviceId, telephone]);

const talk = {
  /** Who answers; must be somebody whom the plan rings. Absent: nobody. */
  answeredBy: member.optional(),
  /** Talk time; where nobody answers, how long the caller stays with the cloud. */
  talkS: seconds.optional(),
};

const eventSchema = z.discriminatedUnion('what', [
  z.strictObject({ at: moment, what: z.literal('order'), order: orderSchema }),
  z.strictObject({
    at: moment,
    what: z.literal('switch'),
    number: telephone,
    switch: z.enum(['forwarding', 'afterHours', 'bot', 'ivr']),
    on: z.boolean(),
  }),
  z.strictObject({
    at: moment,
    what: z.literal('callIn'),
    from: z.string('write it in quotes, as text').regex(/^[0-9]{0,20}$/, 'digits alone, or nothing'),
    to: telephone,
    withheld: z.boolean().optional(),
    origin: callOrigin.optional(),
    media: callMedia.optional(),
    /** Pushed in menus. */
    digits: z
      .string('write it in quotes, as text')
      .regex(/^[0-9*#]{0,40}$/)
      .optional(),
    ...talk,
  }),
  z.strictObject({
    at: moment,
    what: z.literal('callOut'),
    id: serviceId,
    dialled: dialString,
    manner: callManner.optional(),
    ...talk,
  }),
  z.strictObject({
    at: moment,
    what: z.literal('fax'),
    id: serviceId,
    direction: z.enum(['send', 'receive']),
    client: z.enum(['app', 'browser', 'machine']),
    pages,
    pagesConfirmed: pages.optional(),
    talkS: seconds,
  }),
  z.strictObject({ at: moment, what: z.literal('botItem'), number: telephone }),
  z.strictObject({
    at: moment,
    what: z.literal('answeredCall'),
    number: telephone,
    refusedSales: z.boolean().optional(),
  }),
  z.strictObject({ at: moment, what: z.literal('listing'), number: telephone, issue: text }),
]);

const scenarioSchema = z.strictObject({
  v: z.literal(1),
  contract: contractId,
  /** IDs that are not registered: nobody can reach them. */
  away: list(serviceId).optional(),
  /** The last period to bill, by its name; absent: that of the last event. */
  until: z.string().optional(),
  events: list(eventSchema).min(1),
});

type ReadEvent = z.infer<typeof eventSchema>;

/** A call from outside, as a scenario tells it. */
export interface CallInEvent {
  readonly what: 'callIn';
  readonly at: Instant;
  readonly from: string;
  readonly to: string;
  readonly withheld: boolean;
  readonly origin?: Extract<ReadEvent, { what: 'callIn' }>['origin'];
  readonly media?: CallMedia;
  readonly digits: string;
  readonly answeredBy: string | null;
  readonly talkMs: number | null;
}

/** A call that an ID makes. */
export interface CallOutEvent {
  readonly what: 'callOut';
  readonly at: Instant;
  readonly id: ServiceId;
  readonly dialled: string;
  readonly manner?: CallManner;
  readonly answeredBy: string | null;
  readonly talkMs: number | null;
}

/** One event of a scenario. */
export type ScenarioEvent =
  | { readonly what: 'order'; readonly at: Instant; readonly order: Order }
  | CallInEvent
  | CallOutEvent
  | {
      readonly what: 'fax';
      readonly at: Instant;
      readonly id: ServiceId;
      readonly direction: 'send' | 'receive';
      readonly client: 'app' | 'browser' | 'machine';
      readonly pages: number;
      readonly pagesConfirmed: number;
      readonly talkMs: number;
    }
  | { readonly what: 'botItem'; readonly at: Instant; readonly number: string }
  | {
      readonly what: 'answeredCall';
      readonly at: Instant;
      readonly number: string;
      readonly refusedSales: boolean;
    }
  | { readonly what: 'listing'; readonly at: Instant; readonly number: string; readonly issue: string };

/** An office by its orders, and what happens to it. */
export interface Scenario {
  readonly contract: ContractId;
  readonly away: readonly ServiceId[];
  readonly until: Period | null;
  readonly events: readonly ScenarioEvent[];
}

/** A scenario as YAML or JSON. A refusal names the field and the rule. Never throws. */
export function readScenario(written: string): Result<Scenario, FileRefusal> {
  const read = readFileAs(written, scenarioSchema);
  if (!read.ok) return read;
  const { contract, away, until } = read.value;
  const events = read.value.events.map(eventOf);
  const early = events.findIndex((event, index) => index > 0 && event.at < (events[index - 1]?.at ?? 0));
  if (early > 0) return bad(`events.${early}.at`, 'events stand in the order of their times');
  const last = until === undefined ? null : periodNamed(until);
  if (last === undefined) return bad('until', 'a period is named by the month in which it closes: "2026-12"');
  return ok({
    contract: contract as ContractId,
    away: (away ?? []) as unknown as readonly ServiceId[],
    until: last,
    events,
  });
}

function eventOf(read: ReadEvent): ScenarioEvent {
  const at = momentOf(read.at);
  switch (read.what) {
    case 'order':
      return { what: 'order', at, order: asOrder(read.order) };
    case 'switch':
      return {
        what: 'order',
        at,
        order: { kind: 'switch', number: read.number, what: read.switch, on: read.on },
      };
    case 'callIn':
    case 'callOut': {
      const { talkS, answeredBy, ...rest } = read;
      const common = { at, answeredBy: answeredBy ?? null, talkMs: talkS === undefined ? null : toMs(talkS) };
      // Read from text: what is not there is absent, as these types want it.
      return rest.what === 'callIn'
        ? ({ withheld: false, digits: '', ...rest, ...common } as CallInEvent)
        : ({ ...rest, ...common } as unknown as CallOutEvent);
    }
    case 'fax': {
      const { talkS, id, pagesConfirmed, ...rest } = read;
      return {
        ...rest,
        at,
        id: id as ServiceId,
        talkMs: toMs(talkS),
        pagesConfirmed: pagesConfirmed ?? read.pages,
      };
    }
    case 'answeredCall':
      return { ...read, at, refusedSales: read.refusedSales ?? false };
    case 'botItem':
    case 'listing':
      return { ...read, at };
  }
}

function toMs(wholeOrPart: number): number {
  return Math.round(wholeOrPart * 1_000);
}

function bad(field: string, rule: string): Result<never, FileRefusal> {
  return refuse({ code: 'file.field', fault: 'caller', say: `${field}: ${rule}` });
}
