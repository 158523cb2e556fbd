import type { GatewayId } from '../base/ids.ts';

/** The one tenant of this service. */
export const TENANT = 'engawa';

/** What stands before the gateway's id in each of its topics. */
export const GATEWAY_TOPICS = `v1/${TENANT}/gw/`;

/**
 * Topics of one gateway: MQTT 3.1.1, QoS 1. `down` is written by the cloud, `up` by the gateway. All of a direction lie
 * beside each other on one level, so that each end has one subscription: on some brokers every subscription may die by
 * itself, and the echo proves only the one that it comes by.
 */
export interface GatewayTopics {
  /** What the gateway subscribes to: everything that is for it. */
  readonly down: string;
  /** down, but written by the gateway: its own echo, which proves that messages reach it. */
  readonly echo: string;
  /** down, retained: the signed desired configuration. */
  readonly desired: string;
  /** up, retained: which configuration runs, and why one was refused. */
  readonly reported: string;
  /** up, retained, and the last will: presence. */
  readonly status: string;
  /** up: call records. */
  readonly records: string;
  /** down: ids of records that the cloud has committed. */
  readonly recordsAck: string;
  /** down, retained: how many messages wait in the mailboxes of the gateway's IDs. */
  readonly mailboxes: string;
  /** down, retained: what may still be spent, for the time in which the service is away. */
  readonly spend: string;
  /** up, retained: phones, DHCP and warnings of the customer's LAN. */
  readonly lan: string;
  /** down, never retained: what the box is to do at once. */
  readonly commands: string;
  /** up: what became of a command. */
  readonly commandResults: string;
  /** down, retained: the sealed order which system the box is to run. */
  readonly update: string;
  /** up, retained: which system runs, and what became of the last order. */
  readonly updateReport: string;
}

/** The topics of `gateway`. */
export function gatewayTopics(gateway: GatewayId): GatewayTopics {
  const base = `${GATEWAY_TOPICS}${gateway}`;
  return {
    down: `${base}/down/+`,
    echo: `${base}/down/echo`,
    desired: `${base}/down/desired`,
    recordsAck: `${base}/down/ack`,
    mailboxes: `${base}/down/mailboxes`,
    spend: `${base}/down/spend`,
    commands: `${base}/down/cmd`,
    reported: `${base}/up/reported`,
    status: `${base}/up/status`,
    records: `${base}/up/cdr`,
    lan: `${base}/up/lan`,
    commandResults: `${base}/up/result`,
    update: `${base}/down/update`,
    updateReport: `${base}/up/update`,
  };
}
