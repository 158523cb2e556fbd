import { type NameAddr, parseNameAddr } from '../name-addr.ts';
import { isToken } from '../text.ts';
import { type Field, listed } from './field.ts';

const tokens = (name: string): Field<readonly string[]> =>
  listed(name, (piece) => (isToken(piece) ? piece : undefined));
const addresses = (name: string): Field<readonly NameAddr[]> => listed(name, parseNameAddr);

/** RFC 3261 §20.32: what the peer must understand. Compared without regard to case. */
export const REQUIRE = tokens('require');
/** RFC 3261 §20.29. */
export const PROXY_REQUIRE = tokens('proxy-require');
/** RFC 3261 §20.37. */
export const SUPPORTED = tokens('supported');
/** RFC 3261 §20.40. */
export const UNSUPPORTED = tokens('unsupported');
/** RFC 3261 §20.5. Methods are compared with regard to case. */
export const ALLOW = tokens('allow');
/** RFC 6665 §8.2.2. */
export const ALLOW_EVENTS = tokens('allow-events');

/** RFC 3261 §20.34. */
export const ROUTE = addresses('route');
/** RFC 3261 §20.30. */
export const RECORD_ROUTE = addresses('record-route');
/** RFC 3327: the way back to a registered contact. */
export const PATH = addresses('path');
/** RFC 3608: the way out for who has registered. */
export const SERVICE_ROUTE = addresses('service-route');
