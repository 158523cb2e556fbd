import type { Brand } from './brand.ts';
import type { Clock } from './clock.ts';
import { type Random, randomHex } from './random.ts';

/** One call, from where it starts to where it ends; carried on the trunk in `X-Engawa-Call`. */
export type CallId = Brand<string, 'CallId'>;
/** One gateway box, for example `gw-000001`. */
export type GatewayId = Brand<string, 'GatewayId'>;
/** One contract (契約), for example `c-000001`. */
export type ContractId = Brand<string, 'ContractId'>;
/** One ID of the service (ベースID, 追加ID): a device's entitlement and SIP account, for example `id-000001-1`. [S0-062] */
export type ServiceId = Brand<string, 'ServiceId'>;
/** An analog port of a board, counted from 1 as printed on the box. */
export type PortNumber = Brand<number, 'PortNumber'>;
/** A fact (call record, warning) as the box numbered it: `<gateway>/<boot>/<sequence>`. */
export type FactId = Brand<string, 'FactId'>;

/** Shape of a call id: `<epochMs in base 36>-<16 hex>`. Sorts by start time, made by whoever starts the call. */
const CALL_ID = /^[0-9a-z]{6,12}-[0-9a-f]{16}$/;

/** A fresh call id. */
export function newCallId(clock: Clock, random: Random): CallId {
  return `${clock.now().toString(36)}-${randomHex(random, 8)}` as CallId;
}

/** A call id taken from the wire, or undefined when it is not one of ours. */
export function parseCallId(text: string | undefined): CallId | undefined {
  return text !== undefined && text.length <= 40 && CALL_ID.test(text) ? (text as CallId) : undefined;
}
