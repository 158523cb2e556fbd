import type { GatewayId } from '../../lib/base/ids.ts';
import { gatewayTopics } from '../../lib/contract/topics.ts';

/** What a gateway publishes. */
export type UpKind = 'reported' | 'status' | 'records' | 'lan' | 'commandResult';

/** Which of its up-topics `topic` is; undefined for every topic that is not the gateway's to write. */
export function upKindOf(gateway: GatewayId, topic: string): UpKind | undefined {
  const topics = gatewayTopics(gateway);
  switch (topic) {
    case topics.reported:
      return 'reported';
    case topics.status:
      return 'status';
    case topics.records:
      return 'records';
    case topics.lan:
      return 'lan';
    case topics.commandResults:
      return 'commandResult';
    default:
      return undefined;
  }
}

/** Records and results are events: retained, the broker would hand them to every later subscriber. */
export function mayRetain(kind: UpKind): boolean {
  return kind !== 'records' && kind !== 'commandResult';
}

/** Whether a gateway may read `filter`: its own down-topics, named in full. A filter with wildcards never is. */
export function mayRead(gateway: GatewayId, filter: string): boolean {
  const topics = gatewayTopics(gateway);
  return [topics.desired, topics.recordsAck, topics.commands, topics.mailboxes].includes(filter);
}

const GATEWAY = /^gw-[0-9]{6}$/;

/** A gateway id from the wire. */
export function parseGateway(text: string | undefined): GatewayId | undefined {
  return text !== undefined && GATEWAY.test(text) ? (text as GatewayId) : undefined;
}
