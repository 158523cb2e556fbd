import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { connect, type MqttClient } from 'mqtt';
import type { Clock, Timer } from '../../lib/base/clock.ts';
import { StartupError } from '../../lib/base/errors.ts';
import type { GatewayId } from '../../lib/base/ids.ts';
import type { Logger } from '../../lib/base/log.ts';
import type { Random } from '../../lib/base/random.ts';
import { type Link, type LinkInput, REACH_LIMIT_MS, stepLink } from '../../lib/contract/broker-link.ts';
import { GATEWAY_TOPICS } from '../../lib/contract/topics.ts';
import { parseGateway, type UpKind, upKindOf } from './access.ts';
import { type BrokerKind, mosquittoAcl, natsUsers, TRUST_FILE } from './broker-files.ts';
import type { BrokerPort } from './broker-port.ts';
import type { SyncCounters } from './counters.ts';
import { LIST_LIVES_MS } from './issuer.ts';
import { readText, replaceFile } from './secret-files.ts';
import type { Trust } from './trust.ts';

const CONNECT_LIMIT_MS = 15_000;
const KEEPALIVE_S = 60;
/** Everything that gateways publish, and our own echo: one subscription, which the echo proves. */
const UP = `${GATEWAY_TOPICS}+/up/+`;
const ECHO = `${GATEWAY_TOPICS}cloud/up/echo`;
/** Lists are written anew so often, without a change too: their dates end. */
const LISTS_EVERY_MS = 6 * 3_600_000;
/** After a failure. Not at once: a command that fails late may have restarted the broker, and everybody connects anew. */
const LISTS_AGAIN_MS = 300_000;
/** A broker has to take its list anew after a third of the list's life: two thirds are left to get it done. */
const LIST_TERM_MS = LIST_LIVES_MS / 3;
/** File with the digest of what the broker has taken. */
const APPLIED_FILE = 'gateways.applied';

/** A broker that runs beside the cloud. */
export interface ExternalBrokerOptions {
  readonly kind: BrokerKind;
  /** Its nodes; after trouble with one, the next is tried. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  /** Where its lists of gateways are written. */
  readonly folder: string;
  /**
   * Makes it take the lists anew. For NATS a reload will do. mosquitto reads its list of revoked certificates when it is
   * told to, never by itself, and a reload changes nothing for those who are connected: it has to be started again.
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
  readonly trust: Pick<Trust, 'good' | 'revoked' | 'revocationList'>;
  readonly counters: SyncCounters;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly up: (gateway: GatewayId, kind: UpKind, payload: Buffer) => void;
  /** Connected to a broker that may know nothing: `sinceMs` is before anything of it was heard. */
  readonly onFresh: (sinceMs: number) => Promise<void>;
}

type TimerName = 'link' | 'echo' | 'lists';

/** What a broker goes by. */
interface Lists {
  /** Texts by the names of their files. */
  readonly files: Readonly<Record<string, string>>;
  /** Another text whenever the broker has to take them anew. */
  readonly stand: string;
}

/** The cloud as a client of a foreign broker: mosquitto, or a cluster of NATS servers. */
export class ExternalBroker implements BrokerPort {
  readonly #needs: ExternalBrokerNeeds;
  readonly #timers = new Map<TimerName, Timer>();
  #link: Link = { at: 'stopped' };
  #client: MqttClient | undefined;
  #opened = 0;
  #openedAt = 0;
  #echoes = 0;
  #lists: Promise<void> = Promise.resolve();
  #running = false;

  constructor(needs: ExternalBrokerNeeds) {
    this.#needs = needs;
  }

  /** Throws when the lists cannot be written. A broker that does not take them is waited for: calls do not depend on it. */
  async start(): Promise<void> {
    await mkdir(this.#needs.broker.folder, { recursive: true });
    this.#running = true;
    await this.trustChanged().catch((error: unknown) => {
      if (error instanceof StartupError) throw error;
    });
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

  /**
   * Writes the lists, and has the broker take them when it has not taken these. One at a time. Rejects when the broker could
   * not be brought to it; that is tried again, by whoever asks next or by itself.
   */
  trustChanged(): Promise<void> {
    const done = this.#lists.then(() => this.#renewLists());
    this.#lists = done.then(
      () => this.#lookAgain(LISTS_EVERY_MS),
      (error: unknown) => {
        this.#needs.log.error({ err: error }, 'the lists of the broker could not be renewed; tried again');
        this.#lookAgain(LISTS_AGAIN_MS);
      },
    );
    return done;
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#disarm('lists');
    this.#feed({ type: 'stop' });
    await this.#lists;
  }

  #lookAgain(delayMs: number): void {
    if (!this.#running) return;
    // A failure was logged, and has armed the next try.
    this.#arm('lists', delayMs, () => void this.trustChanged().catch(() => undefined));
  }

  async #renewLists(): Promise<void> {
    const { broker } = this.#needs;
    const { files, stand } = await (broker.kind === 'nats' ? this.#natsLists() : this.#mosquittoLists());
    const marker = join(broker.folder, APPLIED_FILE);
    const digest = createHash('sha256').update(stand).digest('hex');
    const taken = (await readText(marker)) === digest;
    // Until `apply` resolves nobody knows what is in force: one of several nodes may have the new list, also when the next
    // change leads back to the old one.
    if (!taken) await replaceFile(marker, 'not yet\n');
    for (const [name, text] of Object.entries(files)) await replaceFile(join(broker.folder, name), text);
    if (taken) return;
    await broker.apply();
    await replaceFile(marker, digest);
  }

  async #natsLists(): Promise<Lists> {
    const users = natsUsers(this.#needs.serverName, await this.#needs.trust.good());
    return { files: { [TRUST_FILE.nats]: users }, stand: users };
  }

  /** The list is another one each time, by its date: what counts is whom it holds, and in which third of a list's life it was made. */
  async #mosquittoLists(): Promise<Lists> {
    const { clock, serverName, trust } = this.#needs;
    const acl = mosquittoAcl(serverName);
    const term = Math.floor(clock.now() / LIST_TERM_MS);
    // Asked for first: the list may then hold one more than is noted as taken, and never one less.
    const revoked = await trust.revoked();
    const list = await trust.revocationList();
    return {
      files: { 'gateways.acl': acl, [TRUST_FILE.mosquitto]: list },
      stand: [acl, term, ...revoked].join('\n'),
    };
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
          this.#arm('link', effect.delayMs, () => this.#feed({ type: 'timer' }));
          break;
        case 'armEcho':
          this.#arm('echo', effect.delayMs, () => this.#feed({ type: 'echoTimer' }));
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

  #arm(name: TimerName, delayMs: number, run: () => void): void {
    this.#disarm(name);
    this.#timers.set(name, this.#needs.clock.after(delayMs, `broker.${name}`, run));
  }

  #disarm(name: TimerName): void {
    this.#timers.get(name)?.cancel();
    this.#timers.delete(name);
  }
}
