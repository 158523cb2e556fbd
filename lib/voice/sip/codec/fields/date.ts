import { dateMs } from '../sip-date.ts';
import { type Field, single } from './field.ts';

/** Date, RFC 3261 §20.17, in ms since 1970. */
export const DATE: Field<number> = single('date', dateMs);
