import type { KeyObject } from 'node:crypto';
import type { Timer } from '../../lib/base/clock.ts';
import type { GatewayId } from '../../lib/base/ids.ts';
import type { BoxFact } from '../../lib/contract/box-facts.ts';
import { type Link, type LinkInput, stepLink } from '../../lib/contract/broker-link.ts';
import type { Enrolment } from '../../lib/contract/enrolment.ts';
import type { ReportedConfig } from '../../lib/contract/facts.ts';
import { type Presence, RECORDS_PER_BATCH, type RecordBatch } from '../../lib/contract/facts.ts';
import { parseMailboxes } from '../../lib/contract/mailboxes.ts';
import type { SiteConfig } from '../../lib/contract/site-config.ts';
import { openSpend } from '../../lib/contract/spend.ts';
import { type GatewayTopics, gatewayTopics } from '../../lib/contract/topics.ts';
import type { AgentStatus } from '../status.ts';
import { parseAck } from './ack.ts';
import { CommandDesk } from './command-desk.ts';
import { ConfigDesk } from './config-desk.ts';
import { LanReporter } from './lan-reporter.ts';
import { type MqttWire, openWire, type WireEnd } from './mqtt-wire.ts';
import { watchOutbox } from './outbox-watch.ts';
import { type Sender, type SenderInput, stepSender } from './record-sender.ts';
import type { Sync, SyncOptions } from './room.ts';

/** A connection that is away for less is not worth a warning: a broker restarts. */
const AWAY_GRACE_MS = 10_000;
/** A batch stays well below what a broker takes, records included. */
const FACTS_BYTES = 65_536;
/** Of a batch without records and faxes. */
const EMPTY_BYTES = 16;
/** How often the outbox's size and age are judged. */
const OUTBOX_WATCH_MS = 30_000;
const SILENT = 'The connection to the service stands, but nothing comes by it; connecting anew.';

type TimerName = 'link' | 'echo' | 'sender' | 'away' | 'outbox';

/** Carries out what the machines of link and sender decide, and hands on what comes. No decision is made here. */
export class SyncRoom implements Sync {
  readonly #options: SyncOptions;
  readonly #gateway: GatewayId;
  readonly #configKey: KeyObject;
  readonly #topics: GatewayTopics;
  readonly #listeners: (() => void)[] = [];
  readonly #timers = new Map<TimerName, Timer>();
  readonly #configs: ConfigDesk;
  readonly #commands: CommandDesk;
  readonly #lan: LanReporter;
  #link: Link = { at: 'stopped' };
  #linkSince: number;
  #sender: Sender = { at: 'offline' };
  #wire: MqttWire | undefined;
  #connection = 0;
  #echoes = 0;
  #storeFailed = false;

  constructor(options: SyncOptions, configKey: KeyObject) {
    this.#options = options;
    this.#gateway = options.enrolment.gateway as GatewayId;
    this.#configKey = configKey;
    this.#topics = gatewayTopics(this.#gateway);
    const { clock, log, carryOut } = options;
    const memory = options.commands;
    const desk = { gateway: this.#gateway, publicKey: configKey, clock, log, carryOut, memory };
    this.#commands = new CommandDesk(desk);
    this.#configs = new ConfigDesk({
      ...{ gateway: this.#gateway, configKey, config: options.config, apply: options.apply },
      ...{ healthSeen: options.healthSeen, holdOff: options.holdOff, health: options.health, clock, log },
      changed: () => this.#changed(),
      report: () => this.#publishReported(),
    });
    this.#lan = new LanReporter(clock, options.lanReport, (report) =>
      this.#wire?.publish(this.#topics.lan, JSON.stringify(report), true),
    );
    this.#linkSince = options.clock.now();
    options.updates?.onChange(() => this.#publishUpdate());
  }

  start(): void {
    this.#configs.start();
    this.#options.outbox.onAdded(() => {
      this.#judgeOutbox();
      this.#feedSender({ type: 'added' });
    });
    this.#watchOutbox();
    this.#armAway('The service has not been reached yet.');
    this.#feedLink({ type: 'start' });
  }

  async stop(): Promise<void> {
    const wire = this.#wire;
    this.#wire = undefined;
    this.#lan.disconnected();
    this.#configs.stop();
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    this.#sender = { at: 'offline' };
    const wasUp = this.#link.at === 'connected';
    this.#link = { at: 'stopped' };
    if (wasUp) await wire?.leave(this.#topics.status, this.#presence(false));
    else wire?.drop();
  }

  cloud(): AgentStatus['cloud'] {
    const { outbox, clock } = this.#options;
    const oldestAt = outbox.oldestAt();
    return {
      connected: this.#link.at === 'connected',
      sinceMs: this.#linkSince,
      outbox: outbox.size(),
      oldestMs: oldestAt === null ? 0 : Math.max(0, clock.now() - oldestAt),
    };
  }

  reported(): ReportedConfig {
    return this.#configs.reported;
  }

  running(): SiteConfig | undefined {
    return this.#configs.running;
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  #feedLink(input: LinkInput): void {
    const { clock, random } = this.#options;
    const was = this.#link.at;
    const { link, effects } = stepLink(this.#link, input, clock.monotonicMs(), random.fraction());
    this.#link = link;
    if ((was === 'connected') !== (link.at === 'connected')) this.#linkSince = clock.now();
    for (const effect of effects) {
      switch (effect.do) {
        case 'open':
          this.#open();
          break;
        case 'close':
          this.#wire?.drop();
          this.#wire = undefined;
          break;
        case 'arm':
          this.#arm('link', effect.delayMs, () => this.#feedLink({ type: 'timer' }));
          break;
        case 'disarm':
          this.#disarm('link');
          break;
        case 'echo':
          this.#wire?.publish(this.#topics.echo, String(++this.#echoes), false);
          break;
        case 'armEcho':
          this.#arm('echo', effect.delayMs, () => this.#feedLink({ type: 'echoTimer' }));
          break;
        case 'disarmEcho':
          this.#disarm('echo');
          break;
        case 'silent':
          this.#lost({ why: 'away', say: SILENT });
          break;
      }
    }
    if (was === 'proving' && link.at === 'connected') this.#onProved();
    if (was !== link.at) this.#changed();
  }

  #open(): void {
    this.#connection++;
    this.#wire = (this.#options.openWire ?? openWire)({
      enrolment: this.#identity(),
      attempt: this.#connection,
      will: { topic: this.#topics.status, payload: this.#presence(false) },
      tap: this.#options.tap,
      subscribe: [this.#topics.down],
      onUp: () => this.#feedLink({ type: 'up' }),
      onMessage: (topic, payload) => this.#onMessage(topic, payload),
      onEnd: (end) => this.#onEnd(end),
    });
  }

  #identity(): Enrolment {
    return this.#options.identity?.() ?? this.#options.enrolment;
  }

  /** Messages reach us: what is to be told is told now. */
  #onProved(): void {
    const { health, log } = this.#options;
    log.info({ connection: this.#connection }, 'connected to the service');
    this.#disarm('away');
    for (const code of ['cloud.away', 'cloud.refused', 'cloud.certificate']) health.clear(code);
    this.#tellStanding();
    this.#feedSender({ type: 'up' });
    this.#options.reached?.();
  }

  hurry(): void {
    this.#feedLink({ type: 'hurry' });
  }

  resync(): void {
    if (this.#link.at !== 'connected') return;
    this.#tellStanding();
    // What is out is sent again; the cloud knows it by its ids.
    this.#feedSender({ type: this.#sender.at === 'waiting' ? 'timer' : 'added' });
  }

  /** Everything that stands retained at the broker. */
  #tellStanding(): void {
    this.#wire?.publish(this.#topics.status, this.#presence(true), true);
    this.#publishReported();
    this.#publishUpdate();
    this.#lan.connected();
  }

  #onEnd(end: WireEnd): void {
    this.#lost(end);
    const nodes = 1 + (this.#identity().mqtt.others?.length ?? 0);
    this.#feedLink(end.why === 'away' && end.nobody === true ? { type: 'nobody', nodes } : { type: 'down' });
  }

  #lost(end: WireEnd): void {
    const { health, log } = this.#options;
    log.warn({ why: end.why, say: end.say }, 'no connection to the service');
    for (const why of ['refused', 'certificate'] as const) {
      if (end.why === why) health.raise(`cloud.${why}`, end.say);
      else health.clear(`cloud.${why}`);
    }
    if (!this.#timers.has('away')) this.#armAway(end.say);
    this.#lan.disconnected();
    this.#feedSender({ type: 'down' });
  }

  #onMessage(topic: string, payload: Buffer): void {
    if (topic === this.#topics.echo) {
      if (payload.toString('latin1') === String(this.#echoes)) this.#feedLink({ type: 'echoed' });
    } else if (topic === this.#topics.desired) {
      // An empty retained message is the broker's way to say that there is none any more.
      if (payload.length > 0) this.#configs.received(payload);
    } else if (topic === this.#topics.recordsAck) {
      const ids = parseAck(payload);
      if (ids === undefined) this.#options.log.warn({ bytes: payload.length }, 'not an acknowledgement');
      else this.#onAck(ids);
    } else if (topic === this.#topics.spend) {
      this.#onSpend(payload);
    } else if (topic === this.#topics.mailboxes) {
      const found = parseMailboxes(payload);
      if (found === undefined) this.#options.log.warn({ bytes: payload.length }, 'not a list of mailboxes');
      else this.#options.mailboxes?.(found);
    } else if (topic === this.#topics.update) this.#options.updates?.received(payload);
    else if (topic === this.#topics.commands) void this.#onCommand(payload);
  }

  #onSpend(payload: Buffer): void {
    const { log, spend } = this.#options;
    const opened = openSpend(payload, { gateway: this.#gateway, publicKey: this.#configKey });
    if (!opened.ok) {
      log.warn({ code: opened.error.code, say: opened.error.say }, 'not a report of spending for this box');
    } else if (spend?.(opened.value) === false) {
      log.warn({ at: opened.value.at }, 'a report of spending is older than the last one; it is not taken');
    }
  }

  /** A connection that ended meanwhile takes the answer with it; the operator asks again. */
  async #onCommand(payload: Buffer): Promise<void> {
    const result = await this.#commands.receive(payload);
    if (result !== undefined) this.#wire?.publish(this.#topics.commandResults, JSON.stringify(result), false);
  }

  #armAway(say: string): void {
    this.#arm('away', AWAY_GRACE_MS, () => {
      this.#timers.delete('away');
      if (this.#link.at !== 'connected') this.#options.health.raise('cloud.away', say);
    });
  }

  #presence(online: boolean): string {
    const presence: Presence = { v: 1, online, boot: this.#options.boot, connection: this.#connection };
    return JSON.stringify(presence);
  }

  #publishReported(): void {
    this.#wire?.publish(this.#topics.reported, JSON.stringify(this.#configs.reported), true);
  }

  #publishUpdate(): void {
    const report = this.#link.at === 'connected' ? this.#options.updates?.report() : undefined;
    if (report !== undefined) this.#wire?.publish(this.#topics.updateReport, JSON.stringify(report), true);
  }

  #feedSender(input: SenderInput): void {
    const { sender, effects } = stepSender(this.#sender, input, this.#options.random.fraction());
    this.#sender = sender;
    for (const effect of effects) {
      switch (effect.do) {
        case 'send':
          this.#sendBatch();
          break;
        case 'arm':
          this.#arm('sender', effect.delayMs, () => this.#feedSender({ type: 'timer' }));
          break;
        case 'disarm':
          this.#disarm('sender');
          break;
      }
    }
  }

  #sendBatch(): void {
    const { outbox } = this.#options;
    const records = this.#guardStore(() => outbox.next(RECORDS_PER_BATCH), []);
    const faxes = this.#guardStore(() => outbox.nextFaxes(RECORDS_PER_BATCH - records.length), []);
    const left = RECORDS_PER_BATCH - records.length - faxes.length;
    const most = this.#guardStore(() => outbox.nextFacts(left), []);
    const facts = fitting(most, FACTS_BYTES - JSON.stringify([records, faxes]).length);
    if (left < RECORDS_PER_BATCH || facts.length > 0) {
      const others = {
        ...(faxes.length === 0 ? {} : { faxes: [...faxes] }),
        ...(facts.length === 0 ? {} : { facts: [...facts] }),
      };
      const batch: RecordBatch = { v: 1, records: [...records], ...others };
      this.#wire?.publish(this.#topics.records, JSON.stringify(batch), false);
    }
    this.#feedSender({ type: 'sent', ids: [...records, ...faxes, ...facts].map(({ id }) => id) });
  }

  #onAck(ids: readonly string[]): void {
    // Rows that the disk does not let go are sent again; the cloud knows them by their ids.
    if (this.#guardStore(() => this.#options.outbox.acknowledge(ids), -1) < 0) return;
    this.#judgeOutbox();
    this.#feedSender({ type: 'acknowledged', ids });
    this.#changed();
  }

  #guardStore<Value>(body: () => Value, otherwise: Value): Value {
    const { health } = this.#options;
    try {
      const value = body();
      if (this.#storeFailed) health.clear('store.write');
      this.#storeFailed = false;
      return value;
    } catch (error) {
      this.#storeFailed = true;
      const why = error instanceof Error ? error.message : String(error);
      health.raise('store.write', `The outbox cannot be used: ${why}. Check the disk.`);
      return otherwise;
    }
  }

  #watchOutbox(): void {
    this.#judgeOutbox();
    this.#arm('outbox', OUTBOX_WATCH_MS, () => this.#watchOutbox());
  }

  #judgeOutbox(): void {
    const { outbox, health } = this.#options;
    const { oldestMs } = this.cloud();
    watchOutbox({ size: outbox.size(), oldestMs, noRoom: outbox.noRoom() }, health);
  }

  #arm(name: TimerName, delayMs: number, run: () => void): void {
    this.#disarm(name);
    this.#timers.set(name, this.#options.clock.after(delayMs, `sync.${name}`, run));
  }

  #disarm(name: TimerName): void {
    this.#timers.get(name)?.cancel();
    this.#timers.delete(name);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** As many of the first ones as fit, at least one where nothing else goes: else it would never go. */
function fitting(facts: readonly BoxFact[], bytes: number): readonly BoxFact[] {
  let left = bytes;
  const fits = facts.findIndex((fact) => {
    left -= JSON.stringify(fact).length;
    return left < 0;
  });
  return fits < 0 ? facts : facts.slice(0, Math.max(fits, bytes >= FACTS_BYTES - EMPTY_BYTES ? 1 : 0));
}
