import type { GatewayId } from '../base/ids.ts';

/** The one tenant of this service. */
export const TENANT = 'engawa';

/** Topics of one gateway: MQTT 3.1.1, QoS 1. `down` is written by the cloud, `up` by the gateway. */
export interface GatewayTopics {
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
  /** up, retained: phones, DHCP and warnings of the customer's LAN. */
  readonly lan: string;
  /** down, never retained: what the box is to do at once. */
  readonly commands: string;
  /** up: what became of a command. */
  readonly commandResults: string;
}

/** The topics of `gateway`. */
export function gatewayTopics(gateway: GatewayId): GatewayTopics {
  const base = `v1/${TENANT}/gw/${gateway}`;
  return {
    desired: `${base}/cfg/desired`,
    reported: `${base}/cfg/reported`,
    status: `${base}/status`,
    records: `${base}/cdr`,
    recordsAck: `${base}/ack/cdr`,
    mailboxes: `${base}/mailboxes`,
    lan: `${base}/lan`,
    commands: `${base}/cmd`,
    commandResults: `${base}/cmd/result`,
  };
}
