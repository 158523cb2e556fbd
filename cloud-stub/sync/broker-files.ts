import type { GatewayId } from '../../lib/base/ids.ts';
import { GATEWAY_TOPICS, gatewayTopics } from '../../lib/contract/topics.ts';
import { certificateName } from './issuer.ts';
import { PACKET_LIMIT_BYTES } from './packet-meter.ts';

/** A foreign broker that is served: what it is called, and where it listens. */
export interface BrokerPlace {
  readonly host: string;
  readonly port: number;
  /** Folder with `ca.pem`, `server.pem`, `server-key.pem` and the files that the cloud keeps there. */
  readonly folder: string;
}

/** Lists of who may come in, by the kind of the broker. */
export type BrokerKind = 'mosquitto' | 'nats';

/** File that changes when a certificate is issued or revoked, by kind. */
export const TRUST_FILE = { mosquitto: 'gateways.crl', nats: 'gateways.conf' } as const;

/**
 * mosquitto.conf. It keeps nothing on disk: its PUBACK never was a promise, and what it must have is published again. The
 * client id is bound to the certificate, so that no gateway throws out another one. The service is one of its clients, and what a
 * thousand gateways say when all come back waits for it: what is over the limit is dropped without a word, and the service's own
 * echo with it.
 */
export function mosquittoConf({ host, port, folder }: BrokerPlace): string {
  return [
    'per_listener_settings false',
    'persistence false',
    'allow_anonymous false',
    `listener ${port} ${host}`,
    `cafile ${folder}/ca.pem`,
    `certfile ${folder}/server.pem`,
    `keyfile ${folder}/server-key.pem`,
    `crlfile ${folder}/${TRUST_FILE.mosquitto}`,
    'require_certificate true',
    'use_identity_as_username true',
    'use_username_as_clientid true',
    `acl_file ${folder}/gateways.acl`,
    'max_inflight_messages 20',
    'max_queued_messages 20000',
    'max_queued_bytes 33554432',
    `message_size_limit ${PACKET_LIMIT_BYTES}`,
    `max_packet_size ${PACKET_LIMIT_BYTES}`,
    'sys_interval 0',
    'set_tcp_nodelay true',
    'log_dest stderr',
    'log_type error',
    'log_type warning',
    '',
  ].join('\n');
}

/** Its rights: the cloud has everything, a gateway what is its own. `%u` is the name in the certificate. */
export function mosquittoAcl(cloudName: string): string {
  return [
    `user ${cloudName}`,
    `topic readwrite ${GATEWAY_TOPICS}#`,
    `pattern read ${GATEWAY_TOPICS}%u/down/+`,
    `pattern write ${GATEWAY_TOPICS}%u/up/+`,
    `pattern write ${GATEWAY_TOPICS}%u/down/echo`,
    '',
  ].join('\n');
}

/** One node of a NATS cluster. */
export interface NatsNode extends BrokerPlace {
  readonly name: string;
  /** Where the nodes speak to each other, unencrypted: a network of their own. */
  readonly clusterPort: number;
  readonly routes: readonly string[];
}

/**
 * nats-server.conf of one node. Consumers have one replica and live in memory: with three on disk, as is usual, a thousand
 * subscriptions are a thousand Raft groups, and SUBACKs fail. That a consumer may die with its node is what echoes are for.
 */
export function natsConf({ clusterPort, folder, host, name, port, routes }: NatsNode): string {
  return `server_name: ${name}
listen: "${host}:4222"
jetstream { store_dir: "${folder}/jetstream-${name}", max_memory_store: 512MB, max_file_store: 4GB }
cluster {
  name: engawa
  listen: "${host}:${clusterPort}"
  routes: [${routes.map((route) => `"nats-route://${route}"`).join(', ')}]
}
mqtt {
  listen: "${host}:${port}"
  ack_wait: "10s"
  max_ack_pending: 200
  consumer_replicas: 1
  consumer_memory_storage: true
  tls {
    ca_file: "${folder}/ca.pem"
    cert_file: "${folder}/server.pem"
    key_file: "${folder}/server-key.pem"
    verify_and_map: true
    timeout: 10
  }
}
max_payload: ${PACKET_LIMIT_BYTES}
include "${TRUST_FILE.nats}"
`;
}

/**
 * Who may come in, for NATS: one user for each good certificate, by the name that no other certificate has, so that a
 * gateway's earlier certificate is no user any more. Topics are subjects there: dots for slashes.
 */
export function natsUsers(
  cloudName: string,
  good: readonly { readonly gateway: GatewayId; readonly serial: string }[],
): string {
  const gateways = good.map(({ gateway, serial }) => {
    const topics = gatewayTopics(gateway);
    const up = subject(topics.status).replace(/[^.]+$/, '*');
    const rights = `publish: ["${up}", "${subject(topics.echo)}"], subscribe: ["${subject(topics.down)}", "$MQTT.sub.>"]`;
    return `  { user: "${certificateName(gateway, serial)}", permissions: { ${rights} } }`;
  });
  return `authorization {
  users: [
  { user: "${cloudName}" }
${gateways.join('\n')}
  ]
}
`;
}

function subject(topic: string): string {
  return topic.replaceAll('.', '//').replaceAll('/', '.').replaceAll('+', '*');
}
