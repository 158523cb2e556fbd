import type { Clock } from '../../lib/base/clock.ts';
import { ok } from '../../lib/base/errors.ts';
import { type ContractId, newCallId } from '../../lib/base/ids.ts';
import type { Random } from '../../lib/base/random.ts';
import { periodNamed, periodOf } from '../billing/index.ts';
import type { Rollouts } from '../rollout/index.ts';
import type { ServiceRules, Store } from '../store/index.ts';
import type { Switch } from '../switch/index.ts';
import type { CloudSync } from '../sync/index.ts';
import type { BooksSource } from './books-source.ts';
import { explainWorld } from './explain-world.ts';
import { withLanAlerts } from './phone-lines.ts';
import { revisionDiff } from './revision-diff.ts';
import type { OperatorSource } from './source.ts';
import { OPERATOR, takeOrders } from './take-orders.ts';

/** What the operator's API is answered from. */
export interface OperatorParts {
  readonly store: Store;
  readonly sync: CloudSync;
  readonly updates: Rollouts;
  readonly sip: Pick<Switch, 'figures'>;
  readonly rules: ServiceRules;
  readonly clock: Clock;
  readonly random: Random;
}

/** Joins the rooms into what the operator's API asks for. */
export function operatorSource(parts: OperatorParts): OperatorSource {
  const { store, sync, sip, rules, clock, random, updates } = parts;
  const startedMs = clock.monotonicMs();
  return {
    books: booksSource(store, rules, clock),
    updates,
    downloads: () => sync.downloads(),
    systems: () => store.rollouts.fleet(),
    async health() {
      const database = await store.ping().then(
        () => 'up' as const,
        () => 'down' as const,
      );
      return {
        ok: database === 'up',
        database,
        upMs: Math.round(clock.monotonicMs() - startedMs),
        sync: sync.counters(),
        switch: sip.figures(),
      };
    },
    gateways: () => store.gateways.list(),
    claimTicket: (gateway) => sync.claimTicket(gateway),
    revoke: (gateway, why) => sync.revoke(gateway, why),
    contractOf: (gateway) => store.offices.contractOf(gateway),
    reported: (contract, gateway) => store.gateways.reported(contract, gateway),
    boxes: (contract) => store.boxFacts.views(contract),
    events: (contract, sinceMs) => store.boxFacts.events(contract, sinceMs),
    configDiff: (gateway, from, to) => revisionDiff(store, gateway, from, to),
    contract: (id) => store.offices.one(id),
    lans: (contract) => store.boxLans.list(contract),
    commands: (contract) => store.boxLans.commands(contract),
    command: (gateway, command) => sync.command(gateway, command, OPERATOR),
    records: (contract, sinceMs) => store.reports.calls(contract, sinceMs),
    quarantine: (contract) => store.reports.quarantine(contract as ContractId),
    faxes: (contract, sinceMs) => store.faxes(contract, sinceMs),
    alerts: async (contract) =>
      withLanAlerts(await store.alerts(contract), await store.boxLans.list(contract)),
    period: (name) => (name === undefined ? periodOf(clock.now()) : periodNamed(name)),
    invoiceDraft: (contract, period) => store.closing.draft(contract, period),
    world: (request, at) => explainWorld({ store, rules }, request, at),
    newCall: () => newCallId(clock, random),
    now: () => clock.now(),
    async republish(contract) {
      await store.directory.refresh();
      return sync.publish(contract);
    },
  };
}

function booksSource(store: Store, rules: ServiceRules, clock: Clock): BooksSource {
  const { orders, offices, closing, documents, rerating, quarantine } = store;
  return {
    takeOrders: (file) => takeOrders(file, { orders, offices, rules, now: () => clock.now() }),
    history: (contract) => orders.history(contract),
    async close(period) {
      const opened = await closing.open(period);
      return opened.ok ? ok(await closing.work(period)) : opened;
    },
    closing: (period) => closing.state(period),
    documents: (contract) => documents.list(contract),
    credit: (contract, order) => documents.credit(contract, order),
    rerate: (contract, period, request) => rerating.rerate(contract, period, request),
    decideDoubtful: (contract, order) => quarantine.decide(contract, order),
  };
}
