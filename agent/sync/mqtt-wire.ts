import { Socket } from 'node:net';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { REACH_LIMIT_MS } from '../../lib/contract/broker-link.ts';
import type { Enrolment } from '../../lib/contract/enrolment.ts';
import type { ByteTap } from '../ports.ts';
import { tapPackets } from './wire-tap.ts';

/** Why a connection ended, as far as a technician can do something about it. */
export type WireEnd =
  /** `nobody`: nobody listens there; another node may. */
  | { readonly why: 'away'; readonly say: string; readonly nobody?: boolean }
  | { readonly why: 'refused'; readonly say: string }
  | { readonly why: 'certificate'; readonly say: string };

/** One connection to the broker; when it ends, it is thrown away and another one is made. */
export interface MqttWire {
  /** QoS 1. What the broker does not acknowledge dies with the connection: the owner publishes again. */
  publish(topic: string, payload: string | Buffer, retain: boolean): void;
  /** Ends politely, with a last message; resolves when the socket is closed, after 1 s at most. */
  leave(topic: string, payload: string): Promise<void>;
  /** Ends at once and says nothing more. */
  drop(): void;
}

export interface WireOptions {
  readonly enrolment: Enrolment;
  /** Counts the connections: each goes to the next node, where there are several. */
  readonly attempt?: number;
  readonly will: { readonly topic: string; readonly payload: string };
  readonly subscribe: readonly string[];
  /** Where packets can be watched. */
  readonly tap?: ByteTap | undefined;
  onUp(): void;
  onMessage(topic: string, payload: Buffer): void;
  /** Once, unless the wire was dropped. */
  onEnd(end: WireEnd): void;
}

const TRIES_AGAIN =
  'a service that is starting does so, and the box tries again by itself; tell the operator if it stays so';
const CONNECT_LIMIT_MS = 15_000;
const KEEPALIVE_S = 30;
const LEAVE_LIMIT_MS = 1_000;

/**
 * Opens one connection: MQTT 3.1.1 over TLS, checked against the enrolment's own authority and nothing else. The
 * package's reconnect is off: it waits a fixed time without jitter, and keeps unsent messages only in memory.
 */
export function openWire(options: WireOptions): MqttWire {
  try {
    return openChecked(options);
  } catch (error) {
    // A key or certificate that cannot be read is no reason not to start: the phones need none of them.
    const why = error instanceof Error ? error.message : String(error);
    const say = `The key or certificate of this box cannot be used: ${why}. Claim the box again with a new code: engawa setup.`;
    queueMicrotask(() => options.onEnd({ why: 'certificate', say }));
    return { publish: () => undefined, leave: async () => undefined, drop: () => undefined };
  }
}

function openChecked(options: WireOptions): MqttWire {
  const target = nodeOf(options);
  const client = connect(wireOptions(options, target));
  if (options.tap !== undefined) tapPackets(client, options.tap, target);
  let ended = false;
  let reached = false;
  const where = `${target.host} port ${target.port}`;
  let end: WireEnd = { why: 'away', say: `No connection to ${where}.` };
  const finish = (): void => {
    if (ended) return;
    ended = true;
    client.end(true);
    options.onEnd(end.why === 'away' && !reached ? { ...end, nobody: true } : end);
  };
  client.stream.once('connect', () => {
    reached = true;
  });
  AbortSignal.timeout(REACH_LIMIT_MS).addEventListener('abort', () => {
    if (!reached) finish();
  });
  client.on('error', (error) => {
    end = endBy(error, where);
    finish();
  });
  client.on('close', finish);
  client.on('message', (topic, payload) => {
    if (!ended) options.onMessage(topic, payload);
  });
  client.on('connect', () => {
    // Header and body of a message are two writes: the second would wait 40 ms for the acknowledgement of the first.
    if (client.stream instanceof Socket) client.stream.setNoDelay(true);
    client.subscribe([...options.subscribe], { qos: 1 }, (error, granted) => {
      if (ended) return;
      // A SUBACK of 0x80 comes from brokers that are still starting: tried again like a lost connection.
      const refused = error !== null || (granted ?? []).some((grant) => Number(grant.qos) > 2);
      if (!refused) return options.onUp();
      end = { why: 'away', say: `${where} lets this box in, and hands it nothing yet: ${TRIES_AGAIN}.` };
      finish();
    });
  });
  return {
    publish: (topic, payload, retain) => {
      if (!ended) client.publish(topic, payload, { qos: 1, retain }, ignoreOutcome);
    },
    leave: (topic, payload) => {
      ended = true;
      return leave(client, topic, payload);
    },
    drop: () => {
      ended = true;
      client.end(true);
    },
  };
}

function wireOptions({ enrolment, will }: WireOptions, target: Node): IClientOptions {
  const { mqtt, gateway, caPem, device } = enrolment;
  return {
    protocol: 'mqtts',
    host: target.host,
    port: target.port,
    servername: mqtt.serverName,
    ca: caPem,
    rejectUnauthorized: true,
    protocolVersion: 4,
    clientId: gateway,
    cert: device.certificatePem,
    key: device.privateKeyPem,
    // Nothing of a session is needed: what must be known is retained or sent again, and what is late must not come.
    clean: true,
    keepalive: KEEPALIVE_S,
    connectTimeout: CONNECT_LIMIT_MS,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: true },
  };
}

interface Node {
  readonly host: string;
  readonly port: number;
}

/** Boxes begin at different nodes, by their numbers. */
function nodeOf({ attempt = 0, enrolment }: WireOptions): Node {
  const { host, others = [], port } = enrolment.mqtt;
  const nodes = [{ host, port }, ...others];
  const start = Number(enrolment.gateway.slice(-6)) || 0;
  return nodes[(start + attempt) % nodes.length] ?? { host, port };
}

/** A message that was not delivered is known by the missing acknowledgement of the cloud, not by this callback. */
function ignoreOutcome(): void {}

function leave(client: MqttClient, topic: string, payload: string): Promise<void> {
  return new Promise((resolve) => {
    const force = AbortSignal.timeout(LEAVE_LIMIT_MS);
    const gone = (): void => {
      client.end(true);
      resolve();
    };
    force.addEventListener('abort', gone, { once: true });
    if (!client.connected) return gone();
    client.publish(topic, payload, { qos: 1, retain: true }, () => client.end(false, {}, () => resolve()));
  });
}

/** CONNACK return codes 4 and 5 (MQTT 3.1.1 table 3.1): bad user name or password, not authorised. */
const REFUSED_CODES: readonly unknown[] = [4, 5];
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|ALTNAME/;

/** An alert of theirs about the certificate of ours (RFC 8446 section 6.2): brokers that check it in the handshake say it so. */
const OURS_REFUSED = /_ALERT_(?:CERTIFICATE|BAD_CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)/;

/** What a technician can do about an error of the connection to `where`. */
export function endBy(error: Error & { code?: unknown }, where: string): WireEnd {
  const { code } = error;
  if (REFUSED_CODES.includes(code)) {
    return { why: 'refused', say: `The service at ${where} refuses this gateway: ${error.message}.` };
  }
  if (typeof code === 'string' && OURS_REFUSED.test(code)) {
    const say = `The service at ${where} refuses the certificate of this box, not the other way round: ${error.message}.`;
    return { why: 'refused', say };
  }
  if (typeof code === 'string' && CERTIFICATE.test(code)) {
    return { why: 'certificate', say: `The certificate of ${where} is not trusted: ${error.message}.` };
  }
  return { why: 'away', say: `No connection to ${where}: ${error.message || String(code)}.` };
}
