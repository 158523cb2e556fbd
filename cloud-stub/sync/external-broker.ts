import { mkdir } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { connect, type MqttClient } from 'mqtt';
import type { Clock, Timer } from '../../lib/base/clock.ts';
import type { GatewayId } from '../../lib/base/ids.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { Random } from '../../lib/base/random.ts';
import { type Link, type LinkInput, REACH_LIMIT_MS, stepLink } from '../../lib/contract/broker-link.ts';
import { GATEWAY_TOPICS } from '../../lib/contract/topics.ts';
import { parseGateway, type UpKind, upKindOf } from './access.ts';
import { type BrokerKind, mosquittoAcl, natsUsers, TRUST_FILE } from './broker-files.ts';
import type { BrokerPort } from './broker-port.ts';
import type { SyncCounters } from './counters.ts';
import { readText, replaceFile } from './secret-files.ts';
import type { Trust } from './trust.ts';

const CONNECT_LIMIT_MS = 15_000;
const KEEPALIVE_S = 60;
/** Everything that gateways publish, and our own echo: one subscription, which the echo proves. */
const UP = `${GATEWAY_TOPICS}+/up/+`;
const ECHO = `${GATEWAY_TOPICS}cloud/up/echo`;

/** A broker that runs beside the cloud. */
export interface ExternalBrokerOptions {
  readonly kind: BrokerKind;
  /** Its nodes; after trouble with one, the next is tried. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  /** Where its lists of gateways are written. */
  readonly folder: string;
  /**
   * Makes it take the lists anew. For NATS a reload will do. mosquitto 2.0 reads its list of revoked certificates only when
   * it starts, and a reload changes nothing for those who are connected: it has to be started again.
   */
  readonly apply: () => Promise<void>;
}

/** What the port needs from outside. */
export interface ExternalBrokerNeeds {
  readonly broker: ExternalBrokerOptions;
  readonly serverName: string;
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
  readonly trust: Trust;
  readonly counters: SyncCounters;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly up: (gateway: GatewayId, kind: UpKind, payload: Buffer) => void;
  /** Connected to a broker that may know nothing: `sinceMs` is before anything of it was heard. */
  readonly onFresh: (sinceMs: number) => Promise<void>;
}

/** The cloud as a client of a foreign broker: mosquitto, or a cluster of NATS servers. */
export class ExternalBroker implements BrokerPort {
  readonly #needs: ExternalBrokerNeeds;
  readonly #timers = new Map<'link' | 'echo', Timer>();
  #link: Link = { at: 'stopped' };
  #client: MqttClient | undefined;
  #opened = 0;
  #openedAt = 0;
  #echoes = 0;
  #lists: Promise<void> = Promise.resolve();

  constructor(needs: ExternalBrokerNeeds) {
    this.#needs = needs;
  }

  async start(): Promise<void> {
    await mkdir(this.#needs.broker.folder, { recursive: true });
    await this.trustChanged();
    this.#feed({ type: 'start' });
  }

  publish(topic: string, payload: Buffer | string, retain: boolean): Promise<void> {
    const client = this.#client;
    if (client === undefined || this.#link.at !== 'connected') {
      return retain ? Promise.resolve() : Promise.reject(new Error('the broker is away'));
    }
    return new Promise((resolve, reject) => {
      client.publish(topic, payload, { qos: 1, retain }, (error) => {
        // A retained message that was lost with the connection is published again with the next one.
        if (error == null || retain) resolve();
        else reject(error);
      });
    });
  }

  /** Writes the lists, and has the broker take them when they are others than before. One at a time. */
  trustChanged(): Promise<void> {
    const done = this.#lists.then(() => this.#writeLists());
    this.#lists = done.catch((error: unknown) => {
      this.#needs.log.error({ err: error }, 'the lists of the broker could not be renewed');
    });
    return done;
  }

  async stop(): Promise<void> {
    this.#feed({ type: 'stop' });
    await this.#lists;
  }

  async #writeLists(): Promise<void> {
    const { broker, serverName, trust } = this.#needs;
    const file = join(broker.folder, TRUST_FILE[broker.kind]);
    const fresh =
      broker.kind === 'nats' ? natsUsers(serverName, await trust.good()) : await trust.revocationList();
    if (broker.kind === 'mosquitto') {
      await replaceFile(join(broker.folder, 'gateways.acl'), mosquittoAcl(serverName));
      // The list itself is another one each time, by its date: what it holds is in a line of its own.
      const stamp = join(broker.folder, 'gateways.revoked');
      const revoked = `${(await trust.revoked()).join('\n')}\n`;
      const same = (await readText(stamp)) === revoked;
      await replaceFile(file, fresh);
      await replaceFile(stamp, revoked);
      if (!same) await broker.apply();
      return;
    }
    if ((await readText(file)) === fresh) return;
    await replaceFile(file, fresh);
    await broker.apply();
  }

  #feed(input: LinkInput): void {
    const { clock, log, random } = this.#needs;
    const was = this.#link.at;
    const { link, effects } = stepLink(this.#link, input, clock.monotonicMs(), random.fraction());
    this.#link = link;
    for (const effect of effects) {
      switch (effect.do) {
        case 'open':
          this.#open();
          break;
        case 'close':
          this.#client?.end(true);
          this.#client = undefined;
          break;
        case 'echo':
          this.#client?.publish(ECHO, String(++this.#echoes), { qos: 1 }, () => undefined);
          break;
        case 'arm':
          this.#arm('link', effect.delayMs, { type: 'timer' });
          break;
        case 'armEcho':
          this.#arm('echo', effect.delayMs, { type: 'echoTimer' });
          break;
        case 'disarm':
          this.#disarm('link');
          break;
        case 'disarmEcho':
          this.#disarm('echo');
          break;
        case 'silent':
          log.warn('nothing comes from the broker; connecting anew');
          break;
      }
    }
    if (was === 'proving' && link.at === 'connected') this.#fresh();
  }

  #fresh(): void {
    const { log, onFresh } = this.#needs;
    log.info({ connection: this.#opened }, 'connected to the broker');
    onFresh(this.#openedAt).catch((error: unknown) => {
      log.error({ err: error }, 'the broker could not be told everything; connecting anew');
      this.#feed({ type: 'down' });
    });
  }

  #open(): void {
    const { broker, caPem, certPem, clock, keyPem, log, serverName } = this.#needs;
    const node = broker.nodes[this.#opened++ % broker.nodes.length];
    if (node === undefined) return;
    this.#openedAt = clock.now();
    const client = connect({
      ...{ protocol: 'mqtts', host: node.host, port: node.port, servername: serverName },
      ...{ ca: caPem, cert: certPem, key: keyPem, rejectUnauthorized: true },
      ...{ protocolVersion: 4, clientId: serverName, clean: true, keepalive: KEEPALIVE_S },
      ...{ connectTimeout: CONNECT_LIMIT_MS, reconnectPeriod: 0, resubscribe: false, queueQoSZero: false },
    });
    this.#client = client;
    let reached = false;
    const down = (): void => {
      if (this.#client !== client) return;
      client.end(true);
      this.#feed(reached ? { type: 'down' } : { type: 'nobody', nodes: broker.nodes.length });
    };
    client.stream.once('connect', () => {
      reached = true;
    });
    AbortSignal.timeout(REACH_LIMIT_MS).addEventListener('abort', () => {
      if (!reached) down();
    });
    client.on('error', (error) => {
      log.warn({ node: `${node.host}:${node.port}`, say: error.message }, 'no connection to the broker');
      down();
    });
    client.on('close', down);
    client.on('message', (topic, payload) => {
      if (this.#client === client) this.#message(topic, payload);
    });
    client.on('connect', () => {
      // Header and body of a message are two writes: the second would wait 40 ms for the acknowledgement of the first.
      if (client.stream instanceof Socket) client.stream.setNoDelay(true);
      client.subscribe(UP, { qos: 1 }, (error, granted) => {
        const refused = error !== null || (granted ?? []).some((grant) => Number(grant.qos) > 2);
        if (refused) down();
        else if (this.#client === client) this.#feed({ type: 'up' });
      });
    });
  }

  #message(topic: string, payload: Buffer): void {
    if (topic === ECHO) {
      if (payload.toString('latin1') === String(this.#echoes)) this.#feed({ type: 'echoed' });
      return;
    }
    const gateway = parseGateway(topic.slice(GATEWAY_TOPICS.length).split('/')[0]);
    const kind = gateway && upKindOf(gateway, topic);
    if (gateway === undefined || kind === undefined) {
      this.#needs.counters.forbiddenPublishes++;
      return;
    }
    this.#needs.up(gateway, kind, Buffer.from(payload));
  }

  #arm(name: 'link' | 'echo', delayMs: number, input: LinkInput): void {
    this.#disarm(name);
    this.#timers.set(
      name,
      this.#needs.clock.after(delayMs, `broker.${name}`, () => this.#feed(input)),
    );
  }

  #disarm(name: 'link' | 'echo'): void {
    this.#timers.get(name)?.cancel();
    this.#timers.delete(name);
  }
}
