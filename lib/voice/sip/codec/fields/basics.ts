import { parseUint } from '../text.ts';
import { type Field, SECONDS_MAX, single } from './field.ts';

/** Seconds, RFC 3261 §20.19. */
export const EXPIRES: Field<number> = single('expires', (value) => parseUint(value, SECONDS_MAX));
/** Seconds, RFC 3261 §20.23. */
export const MIN_EXPIRES: Field<number> = single('min-expires', (value) => parseUint(value, SECONDS_MAX));
/** RFC 3261 §20.22. */
export const MAX_FORWARDS: Field<number> = single('max-forwards', (value) => parseUint(value, 255));
