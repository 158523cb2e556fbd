import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import type { Enrolment } from '../../../lib/contract/enrolment.ts';

/** A box as the broker sees it: the foreign client `mqtt` over TLS, checked against the service's own authority. */
export interface GatewayClient {
  readonly client: MqttClient;
  /** What came, oldest first. */
  readonly received: { readonly topic: string; readonly payload: string }[];
  /** The QoS that was granted, 128 for a refusal. */
  subscribe(filter: string): Promise<number>;
  publish(topic: string, payload: string | Buffer, retain?: boolean): Promise<void>;
  /** The next message on `topic` after the first `skip` ones; undefined when none comes in time. */
  next(topic: string, skip?: number, limitMs?: number): Promise<string | undefined>;
  closed(limitMs?: number): Promise<boolean>;
  end(): Promise<void>;
}

/** Connects, or rejects with the broker's reason. */
export function connectGateway(
  enrolment: Enrolment,
  changed: Partial<IClientOptions> = {},
): Promise<GatewayClient> {
  const client = mqtt.connect({
    protocol: 'mqtts',
    host: enrolment.mqtt.host,
    port: enrolment.mqtt.port,
    servername: enrolment.mqtt.serverName,
    ca: enrolment.caPem,
    rejectUnauthorized: true,
    protocolVersion: 4,
    clientId: enrolment.gateway,
    cert: enrolment.device.certificatePem,
    key: enrolment.device.privateKeyPem,
    clean: true,
    keepalive: 60,
    reconnectPeriod: 0,
    connectTimeout: 5_000,
    ...changed,
  });
  return new Promise((resolve, reject) => {
    client.once('connect', () => resolve(wrap(client)));
    client.once('error', (error) => {
      client.end(true);
      reject(error);
    });
    client.once('close', () => reject(new Error('closed before it was connected')));
  });
}

function wrap(client: MqttClient): GatewayClient {
  const received: { topic: string; payload: string }[] = [];
  client.on('message', (topic, payload) => received.push({ topic, payload: payload.toString() }));
  client.on('error', () => undefined);
  return {
    client,
    received,
    async subscribe(filter) {
      const granted = await new Promise<number>((resolve, reject) => {
        client.subscribe(filter, { qos: 1 }, (error, grants) => {
          if (error === null) resolve(grants?.[0]?.qos ?? 128);
          else if (client.connected) resolve(128);
          else reject(error);
        });
      });
      return granted;
    },
    async publish(topic, payload, retain = false) {
      await client.publishAsync(topic, payload, { qos: 1, retain });
    },
    async next(topic, skip = 0, limitMs = 20_000) {
      const deadline = performance.now() + limitMs;
      for (;;) {
        const found = received.filter((message) => message.topic === topic)[skip];
        if (found !== undefined) return found.payload;
        if (performance.now() > deadline) return undefined;
        await pause(10);
      }
    },
    async closed(limitMs = 20_000) {
      const deadline = performance.now() + limitMs;
      while (client.connected && performance.now() < deadline) await pause(10);
      return !client.connected;
    },
    end: () => client.endAsync(true),
  };
}

/** Waits. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Asks until the answer is yes, for `limitMs`. */
export async function eventually(ask: () => Promise<boolean> | boolean, limitMs = 30_000): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  while (performance.now() < deadline) {
    if (await ask()) return true;
    await pause(20);
  }
  return false;
}
