import type { GatewayId } from '../../lib/base/ids.ts';

/**
 * Whatever carries messages between the cloud and its gateways. Each keeps the same promises: a gateway is known by its
 * certificate and has its own topics only; what is retained is published again by whoever uses the port, at each
 * `onFresh`; a publication that resolves has been taken by the broker, which says nothing about its arrival.
 */
export interface BrokerPort {
  /** Throws a StartupError when it can never work. A broker that is away is waited for. */
  start(): Promise<void>;
  /** Rejects when the broker is away and the message is not retained; a retained one is asked for again by `onFresh`. */
  publish(topic: string, payload: Buffer | string, retain: boolean): Promise<void>;
  /** Resolves when certificates that were issued or revoked count, also for those who are connected. */
  trustChanged(gateway: GatewayId): Promise<void>;
  stop(): Promise<void>;
}
