/** One reading of who does not show a number, for the box and for the service. */
export { absenceOf } from '../../lib/voice/sip/identity/absence.ts';
