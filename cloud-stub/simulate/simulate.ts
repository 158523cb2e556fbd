import { type Instant, isoInstant } from '../../lib/base/clock.ts';
import { type CodedError, ok, type Result, refuse } from '../../lib/base/errors.ts';
import type { CallId } from '../../lib/base/ids.ts';
import { billPeriods, type Issuer, newSeries, periodOf } from '../billing/index.ts';
import { catalogue } from '../catalogue/index.ts';
import {
  type Contract,
  japanCalendar,
  type Order,
  type OrderHistory,
  record,
  routingSnapshot,
  subscriptionsOf,
} from '../contracts/index.ts';
import { areas } from '../numbering/index.ts';
import {
  addSpend,
  allowanceOf,
  momentOf,
  type NamedUsage,
  noSpend,
  rateInOrder,
  tariffOf,
} from '../rating/index.ts';
import type { RatableUsage } from '../rating/types.ts';
import { decide, explain, RoutingMemory, unansweredLegs } from '../routing/index.ts';
import type { CallRequest, RoutingSnapshot } from '../routing/types.ts';
import { usesOfCall } from './call-usage.ts';
import type { CallInEvent, CallOutEvent, Scenario, ScenarioEvent } from './scenario.ts';
import type {
  SimulatedCharge,
  SimulatedDecision,
  SimulatedOrder,
  Simulation,
  SimulationRefusal,
} from './types.ts';

/** Who the invoices of a simulation are from. The number is nobody's. */
const ISSUER: Issuer = { name: '縁側電話', registrationNumber: 'T0000000000000', address: '' };
const calendar = japanCalendar();

/**
 * Goes through a scenario: judges its orders, decides its calls, rates what they leave and bills the periods. Pure: no
 * clock, no database; the same scenario gives the same answer to the byte. Stops at the first event that cannot be.
 */
export function simulate(scenario: Scenario): Result<Simulation, SimulationRefusal> {
  const run = new Run(scenario);
  for (const [index, event] of scenario.events.entries()) {
    const done = run.take(index, event);
    if (!done.ok) {
      const { error } = done;
      const facts = 'facts' in error && Array.isArray(error.facts) ? error.facts.map(String) : [];
      const cited = facts.map((fact) => ` [${fact}]`).join('');
      const say = `events.${index} (${event.what}): ${error.code}: ${error.say}${cited}`;
      return refuse({ code: error.code, fault: 'caller', say, event: index, facts });
    }
  }
  return run.bill();
}

type Step = Result<null, CodedError>;

/** A use that waits for its price, and where it came from. */
interface Waiting extends NamedUsage {
  readonly event: number;
}

class Run {
  readonly #scenario: Scenario;
  readonly #memory = new RoutingMemory();
  readonly #orders: SimulatedOrder[] = [];
  readonly #decisions: SimulatedDecision[] = [];
  readonly #uses: Waiting[] = [];
  /** Ends of calls that hold a channel. */
  #channels: readonly Instant[] = [];
  #history: OrderHistory = [];
  #contract: Contract | null = null;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
  }

  take(index: number, event: ScenarioEvent): Step {
    switch (event.what) {
      case 'order':
        return this.#order(index, event.at, event.order);
      case 'callIn':
      case 'callOut':
        return this.#contract === null ? this.#nobody() : this.#call(index, event, this.#contract);
      case 'fax': {
        const { at, what, ...facts } = event;
        return this.#use(index, { ...facts, kind: what, answeredAt: at });
      }
      case 'botItem':
      case 'answeredCall':
      case 'listing': {
        const { what, ...facts } = event;
        return this.#use(index, { ...facts, kind: what } as RatableUsage);
      }
    }
  }

  /** Rates every use and closes one period after the other. */
  bill(): Result<Simulation, SimulationRefusal> {
    const contract = this.#contract;
    const { events, until } = this.#scenario;
    const [first, last] = [events[0], events.at(-1)];
    if (contract === null || first === undefined || last === undefined) {
      const say = 'events: nothing happens in this scenario; the first event is an application';
      return refuse({ code: 'simulate.noContract', fault: 'caller', say, event: 0, facts: [] });
    }
    const billed = billPeriods({
      contract: { id: contract.id, name: contract.name },
      issuer: ISSUER,
      catalogue,
      subscriptions: subscriptionsOf(contract),
      tariff: tariffOf(catalogue, contract.product),
      uses: this.#uses,
      first: periodOf(first.at),
      last: until ?? periodOf(last.at),
      numbers: newSeries('E'),
    });
    if (!billed.ok) return refuse({ ...billed.error, event: events.length - 1, facts: [] });
    const { ratings, invoices } = billed.value;
    const charges = this.#uses.map(({ id, event, usage }): SimulatedCharge => {
      const moment = momentOf(usage);
      const rating = ratings.get(id);
      const common = {
        use: id,
        event,
        kind: usage.kind,
        at: moment === 0 ? null : isoInstant(moment),
        trace: rating?.trace ?? [],
      };
      if (rating?.ok === true) return { ...common, charge: rating.charge };
      return { ...common, unpriced: { code: rating?.code ?? 'rating.noPrice', say: rating?.say ?? '' } };
    });
    return ok({
      v: 1,
      contract: contract.id,
      orders: this.#orders,
      decisions: this.#decisions,
      charges,
      invoices,
    });
  }

  #order(index: number, at: Instant, order: Order): Step {
    if (order.kind === 'apply' && order.contract !== this.#scenario.contract) {
      const say = `the scenario is about ${this.#scenario.contract}; its application is for that contract`;
      return refuse({ code: 'simulate.contract', fault: 'caller', say });
    }
    const done = record(this.#history, this.#contract, order, { now: at, catalogue, calendar, areas });
    if (!done.ok) return done;
    const { history, outcome } = done.value;
    this.#history = history;
    this.#contract = outcome.contract;
    const { notes, promises } = outcome;
    this.#orders.push({ event: index, at: isoInstant(at), kind: order.kind, notes, promises });
    return ok(null);
  }

  #call(index: number, event: CallInEvent | CallOutEvent, contract: Contract): Step {
    const { at } = event;
    const name = `event-${index}`;
    const request = requestOf(event, name as CallId);
    const snapshot = this.#snapshot(contract, at);
    const decision = decide(request, snapshot, at);
    this.#memory.remember(decision, at);
    const unanswered = unansweredLegs(decision.plan, event.what === 'callIn' ? event.digits : '');
    this.#decisions.push({
      event: index,
      at: isoInstant(at),
      request,
      decision,
      legs: unanswered.legs,
      ends: unanswered.end,
      text: explain(decision),
    });
    const used = usesOfCall({
      name,
      at,
      direction: request.direction,
      decision,
      unanswered,
      device: (id) =>
        contract.devices.find((one) => one.id === contract.ids.find((each) => each.id === id)?.device)?.kind,
      answeredBy: event.answeredBy,
      talkMs: event.talkMs,
    });
    if (!used.ok) return used;
    const { uses, channelUntil } = used.value;
    this.#uses.push(...uses.map((use) => ({ ...use, event: index })));
    if (channelUntil !== null) this.#channels = [...this.#channels, channelUntil];
    const { change } = decision;
    return change === undefined
      ? ok(null)
      : this.#order(index, at, { kind: 'changeId', id: change.id, presents: change.presents });
  }

  #nobody(): Step {
    const say = 'the first event is an application';
    return refuse({ code: 'simulate.noContract', fault: 'caller', say });
  }

  #use(index: number, usage: RatableUsage): Step {
    if (this.#contract === null) return this.#nobody();
    this.#uses.push({ id: `event-${index}`, event: index, usage });
    return ok(null);
  }

  #snapshot(contract: Contract, now: Instant): RoutingSnapshot {
    this.#channels = this.#channels.filter((until) => until > now);
    const live = {
      busyChannels: () => this.#channels.length,
      reachable: (id: Contract['ids'][number]['id']) => !this.#scenario.away.includes(id),
    };
    const snapshot = this.#memory.over(routingSnapshot([contract], live, now), now);
    return {
      ...snapshot,
      spentMicroYen: () => (contract.ceiling === undefined ? 0 : this.#spent(contract, now)),
    };
  }

  /** Chargeable use of the running period so far. */
  #spent(contract: Contract, now: Instant): number {
    const { from } = periodOf(now);
    const uses = this.#uses.filter(({ usage }) => momentOf(usage) >= from);
    const allowance = allowanceOf(catalogue, subscriptionsOf(contract));
    const { ratings } = rateInOrder(uses, tariffOf(catalogue, contract.product), allowance);
    let spend = noSpend;
    for (const rating of ratings.values()) if (rating.ok) spend = addSpend(spend, rating.charge, null).spend;
    return spend.microYen;
  }
}

function requestOf(event: CallInEvent | CallOutEvent, call: CallId): CallRequest {
  if (event.what === 'callOut') {
    const { id, dialled, manner } = event;
    return { call, direction: 'out', id, dialled, ...(manner === undefined ? {} : { manner }) };
  }
  const { from, to, withheld, origin, media } = event;
  const request = { call, direction: 'in', from, to, withheld } as const;
  // Read from text: in what the network says, what is not there is absent.
  const word =
    origin === undefined
      ? {}
      : { origin: origin as NonNullable<Extract<CallRequest, { direction: 'in' }>['origin']> };
  return { ...request, ...word, ...(media === undefined ? {} : { media }) };
}
