export { type ClaimOptions, claim, ENROLMENT_FILE } from './claim.ts';
export type { DeskAddress } from './exchange.ts';
export { renew } from './renew.ts';
