import type { GatewayId } from '../../lib/base/ids.ts';
import { gatewayTopics } from '../../lib/contract/topics.ts';

/** What a gateway publishes. */
export type UpKind = 'reported' | 'status' | 'records' | 'lan' | 'commandResult' | 'updateReport';

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
    case topics.updateReport:
      return 'updateReport';
    default:
      return undefined;
  }
}

/** Records and results are events: retained, the broker would hand them to every later subscriber. */
export function mayRetain(kind: UpKind): boolean {
  return kind !== 'records' && kind !== 'commandResult';
}

/** Whether a gateway may subscribe to `filter`: all that is for it, or one of it by name, and nothing else. */
export function mayRead(gateway: GatewayId, filter: string): boolean {
  return filter === gatewayTopics(gateway).down || (isFor(gateway, filter) && !/[+#]/.test(filter));
}

/** Whether a message on `topic` is for the gateway. */
export function isFor(gateway: GatewayId, topic: string): boolean {
  const { down } = gatewayTopics(gateway);
  return topic.startsWith(down.slice(0, -1)) && !topic.slice(down.length - 1).includes('/');
}

/** Whether it is the gateway's own echo, the one message for it that it writes itself. */
export function isEcho(gateway: GatewayId, topic: string): boolean {
  return topic === gatewayTopics(gateway).echo;
}

const GATEWAY = /^gw-[0-9]{6}$/;

/** A gateway id from the wire. */
export function parseGateway(text: string | undefined): GatewayId | undefined {
  return text !== undefined && GATEWAY.test(text) ? (text as GatewayId) : undefined;
}
