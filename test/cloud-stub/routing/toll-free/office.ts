import {
  type AnswerGroup,
  type Contract,
  exampleOffice,
  type TimeTable,
  type TollFreeNumber,
} from '../../../../cloud-stub/contracts/index.ts';
import { decide, type RoutingPolicy } from '../../../../cloud-stub/routing/index.ts';
import type { CallRequest, Decision, RoutePlan, Turn } from '../../../../cloud-stub/routing/types.ts';
import { type Instant, instant } from '../../../../lib/base/clock.ts';
import { japanMidnight } from '../../../../lib/base/japan-time.ts';
import { CALL, MAIN, snapshotOf } from '../world.ts';

export const FREE = '0120555010';
export const TOKYO = '0355551111';
export const OSAKA = '0665551111';
export const SAPPORO = '0115551111';
/** A Wednesday, and no holiday. */
export const WEDNESDAY = japanMidnight(2026, 11, 18);
export const CALLER = { tokyo: '0312345678', osaka: '0661234567', mobile: '09012345678' } as const;

const held = { from: instant(0), until: null };

/** An hour of that Wednesday in Japan. */
export function at(hour: number, minute = 0): Instant {
  return instant(WEDNESDAY + (hour * 60 + minute) * 60_000);
}

type Origins = AnswerGroup['origins'];

export function group(
  id: string,
  origins: Origins,
  numbers: readonly string[],
  more: Partial<AnswerGroup> = {},
): AnswerGroup {
  const plain = {
    mobile: true,
    distribution: { by: 'order' },
    busyDetour: [],
    destinationChange: null,
  } as const;
  return { id, origins, numbers, ...plain, ...more };
}

/** Every day between two hours, `value`; else `otherwise`. */
export function daily<Value>(
  fromHour: number,
  untilHour: number,
  value: Value,
  otherwise: Value,
): TimeTable<Value> {
  const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun', 'holiday'] as const;
  const interval = { on: { days }, fromMinute: fromHour * 60, untilMinute: untilHour * 60, value };
  return { intervals: [interval], holidays: 'own', otherwise };
}

export interface TollFreeWorld {
  readonly setting?: Partial<TollFreeNumber>;
  readonly groups: readonly AnswerGroup[];
  /** Opening hours of answer numbers; the others are always open. */
  readonly hours?: Readonly<Record<string, readonly [from: number, until: number]>>;
  readonly product?: Contract['product'];
  readonly more?: Partial<Contract>;
}

/** A contract with one toll-free number; not checked, so that routing can be shown what orders would refuse. */
export function tollFreeOffice({ setting, groups, hours = {}, product, more }: TollFreeWorld): Contract {
  const names = groups.flatMap((one) => [
    ...one.numbers,
    ...one.busyDetour,
    ...(one.destinationChange?.intervals.flatMap((interval) => interval.value ?? []) ?? []),
  ]);
  const lines = product === 'calleePays' ? { numbers: [], ids: [], devices: [] } : {};
  return {
    ...exampleOffice,
    ...(product === undefined ? {} : { product }),
    ...lines,
    tollFree: [
      {
        number: FREE,
        prefix: '0120',
        portedIn: false,
        held,
        presents: false,
        accepts: [{ area: 'japan' }],
        acceptsMobile: true,
        guidance: { connection: 'nobody', restriction: true, afterHours: Object.keys(hours).length > 0 },
        answerNumbers: [...new Set(names)].map((number) => {
          const open = hours[number];
          return { number, hours: open === undefined ? null : daily(open[0], open[1], 'open', 'closed') };
        }),
        groups,
        ...setting,
      },
    ],
    ...more,
  };
}

export interface Asked {
  readonly from?: string;
  readonly withheld?: boolean;
  readonly origin?: Extract<CallRequest, { direction: 'in' }>['origin'];
  readonly media?: Extract<CallRequest, { direction: 'in' }>['media'];
  readonly at?: Instant;
  readonly busy?: number;
  readonly turn?: Turn;
  readonly spent?: number;
  readonly policy?: RoutingPolicy;
  readonly to?: string;
}

/** A call to the toll-free number of an office. */
export function tollFreeCall(office: TollFreeWorld | Contract, asked: Asked = {}): Decision {
  const contract = 'groups' in office && !('id' in office) ? tollFreeOffice(office) : (office as Contract);
  const now = asked.at ?? at(12);
  const { from = CALLER.tokyo, withheld = false, origin, media, turn, spent } = asked;
  const snapshot = {
    ...snapshotOf({ contracts: [contract], busy: asked.busy ?? 0, at: now }),
    turn: (key: string) => (turn?.key === key ? turn : undefined),
    ...(spent === undefined ? {} : { spentMicroYen: () => spent }),
  };
  const more = { ...(origin === undefined ? {} : { origin }), ...(media === undefined ? {} : { media }) };
  const request = { call: CALL, direction: 'in', from, withheld, to: asked.to ?? FREE, ...more } as const;
  return decide(request, snapshot, now, asked.policy);
}

/** Answer numbers that a plan would try while each is busy. */
export function tried(plan: RoutePlan): readonly string[] {
  if (plan.verb !== 'ring' && plan.verb !== 'relay' && plan.verb !== 'forward') return [];
  const first = plan.verb === 'forward' ? plan.to.external : MAIN;
  return plan.onBusy === undefined ? [first] : [first, ...tried(plan.onBusy)];
}

/** Rules in the trace. */
export function rules(decision: Decision): readonly string[] {
  return decision.trace.map((line) => line.rule);
}

/** Facts of one rule of the trace. */
export function factsOf(decision: Decision, rule: string): readonly string[] {
  return decision.trace.find((line) => line.rule === rule)?.facts ?? [];
}
