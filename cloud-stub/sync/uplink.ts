import type { z } from 'zod';
import { BoundedQueue } from '../../lib/base/bounded-queue.ts';
import { unreachable } from '../../lib/base/errors.ts';
import type { ContractId, GatewayId } from '../../lib/base/ids.ts';
import type { Logger } from '../../lib/base/log.ts';
import { type CommandResult, commandResult } from '../../lib/contract/command.ts';
import {
  type Presence,
  presence,
  type RecordAck,
  type ReportedConfig,
  reportedConfig,
} from '../../lib/contract/facts.ts';
import { type LanReport, lanReport } from '../../lib/contract/lan-facts.ts';
import { gatewayTopics } from '../../lib/contract/topics.ts';
import { type UpdateReport, updateReport } from '../../lib/contract/update.ts';
import type { UpKind } from './access.ts';
import type { SyncCounters } from './counters.ts';

/** Messages of one gateway that wait at most: a box sends its next batch after the acknowledgement. */
const WAITING_LIMIT = 32;
/** Gateways whose messages are worked on at a time, below the number of database connections. */
const WORKERS = 6;

/** What happened to a batch, as the store says it. */
export interface BatchOutcome {
  readonly ids: readonly string[];
  readonly stored: number;
  readonly duplicates: number;
  readonly quarantined: number;
  readonly nameless: number;
}

/** Where facts go. Every promise resolves after the commit. */
export interface FactSink {
  contractOf(gateway: GatewayId): Promise<ContractId | undefined>;
  reported(contract: ContractId, gateway: GatewayId, report: ReportedConfig): Promise<void>;
  presence(contract: ContractId, gateway: GatewayId, presence: Presence): Promise<void>;
  lan(contract: ContractId, gateway: GatewayId, report: LanReport): Promise<void>;
  commandResult(contract: ContractId, gateway: GatewayId, result: CommandResult): Promise<void>;
  updateReport(contract: ContractId, gateway: GatewayId, report: UpdateReport): Promise<void>;
  /** Undefined when the payload is no batch at all. */
  records(contract: ContractId, gateway: GatewayId, payload: Buffer): Promise<BatchOutcome | undefined>;
}

/** What the uplink needs from outside. */
export interface UplinkNeeds {
  readonly sink: FactSink;
  readonly publish: (topic: string, payload: string, retain: boolean) => Promise<void>;
  readonly counters: SyncCounters;
  readonly log: Logger;
}

interface Message {
  readonly kind: UpKind;
  readonly payload: Buffer;
}

/**
 * Facts of the gateways on their way into the database: one at a time for each gateway, in order, a few gateways at a
 * time. What fails is not acknowledged, so that the box sends it again; what is acknowledged is committed (decision 9).
 */
export class Uplink {
  readonly #needs: UplinkNeeds;
  readonly #waiting = new Map<GatewayId, BoundedQueue<Message>>();
  readonly #ready: GatewayId[] = [];
  #working = 0;
  #stopped = false;
  #idle: (() => void)[] = [];

  constructor(needs: UplinkNeeds) {
    this.#needs = needs;
  }

  push(gateway: GatewayId, kind: UpKind, payload: Buffer): void {
    if (this.#stopped) return;
    let queue = this.#waiting.get(gateway);
    if (queue === undefined) {
      queue = new BoundedQueue<Message>(WAITING_LIMIT);
      this.#waiting.set(gateway, queue);
      this.#ready.push(gateway);
    }
    if (!queue.push({ kind, payload })) {
      this.#needs.counters.droppedUp++;
      this.#needs.log.warn({ gateway, kind }, 'too many messages wait; one was dropped');
    }
    this.#pump();
  }

  /** Takes nothing more, and resolves when what runs has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#ready.length = 0;
    if (this.#working > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #pump(): void {
    while (this.#working < WORKERS) {
      const gateway = this.#ready.shift();
      if (gateway === undefined) return;
      this.#working++;
      void this.#workOff(gateway).finally(() => {
        this.#working--;
        if (this.#working === 0) for (const resolve of this.#idle.splice(0)) resolve();
        this.#pump();
      });
    }
  }

  /** One message, then the back of the line: a busy gateway does not keep the others waiting. */
  async #workOff(gateway: GatewayId): Promise<void> {
    const queue = this.#waiting.get(gateway);
    const message = queue?.shift();
    if (message !== undefined) await this.#takeSafely(gateway, message);
    if (queue === undefined || queue.length === 0) this.#waiting.delete(gateway);
    else if (!this.#stopped) this.#ready.push(gateway);
  }

  async #takeSafely(gateway: GatewayId, message: Message): Promise<void> {
    try {
      await this.#take(gateway, message);
    } catch (error) {
      this.#needs.counters.failedUp++;
      this.#needs.log.warn({ gateway, kind: message.kind, err: error }, 'a message could not be kept');
    }
  }

  async #take(gateway: GatewayId, { kind, payload }: Message): Promise<void> {
    const { sink } = this.#needs;
    const contract = await sink.contractOf(gateway);
    if (contract === undefined) return;
    switch (kind) {
      case 'reported':
        return this.#read(gateway, kind, reportedConfig, payload, (one) =>
          sink.reported(contract, gateway, one),
        );
      case 'status':
        return this.#read(gateway, kind, presence, payload, (one) => sink.presence(contract, gateway, one));
      case 'lan':
        return this.#read(gateway, kind, lanReport, payload, (one) => sink.lan(contract, gateway, one));
      case 'commandResult':
        return this.#read(gateway, kind, commandResult, payload, (one) =>
          sink.commandResult(contract, gateway, one),
        );
      case 'updateReport':
        return this.#read(gateway, kind, updateReport, payload, (one) =>
          sink.updateReport(contract, gateway, one),
        );
      case 'records':
        return this.#records(contract, gateway, payload);
      default:
        return unreachable(kind);
    }
  }

  /** Hands on what is as its schema says. */
  async #read<Value>(
    gateway: GatewayId,
    kind: UpKind,
    schema: z.ZodType<Value>,
    payload: Buffer,
    take: (value: Value) => Promise<void>,
  ): Promise<void> {
    const read = schema.safeParse(parseJson(payload));
    if (!read.success) return this.#bad(gateway, kind, `up.${kind}`);
    await take(read.data);
  }

  async #records(contract: ContractId, gateway: GatewayId, payload: Buffer): Promise<void> {
    const { counters, log, publish, sink } = this.#needs;
    const outcome = await sink.records(contract, gateway, payload);
    if (outcome === undefined) return this.#bad(gateway, 'records', 'up.records');
    counters.batches++;
    counters.recordsStored += outcome.stored;
    counters.recordsDuplicate += outcome.duplicates;
    counters.recordsQuarantined += outcome.quarantined;
    counters.recordsNameless += outcome.nameless;
    if (outcome.quarantined + outcome.nameless > 0) {
      log.warn({ gateway, quarantined: outcome.quarantined, nameless: outcome.nameless }, 'doubtful records');
    }
    if (outcome.ids.length === 0) return;
    const ack: RecordAck = { v: 1, ids: [...outcome.ids] };
    await publish(gatewayTopics(gateway).recordsAck, JSON.stringify(ack), false);
    counters.acksSent++;
  }

  #bad(gateway: GatewayId, kind: UpKind, code: string): void {
    this.#needs.counters.badUp++;
    this.#needs.log.warn({ gateway, kind, code }, 'a message could not be read');
  }
}

function parseJson(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'), storable) as unknown;
  } catch {
    return undefined;
  }
}

/** PostgreSQL takes neither U+0000 nor half surrogate pairs: they become U+FFFD. */
function storable(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed().replaceAll('\u0000', '\ufffd') : value;
}
