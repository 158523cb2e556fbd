/** Carries the {@link CallId} of a call on the trunk, both ways. */
export const CALL_HEADER = 'X-Engawa-Call';
/** On an INVITE from the cloud: which number of the contract was called. Decides the ringing cadence. [S0-056] */
export const CALLED_NUMBER_HEADER = 'X-Engawa-Called';
/** On a refusal from the cloud: `<rule>; <sentence>`: why, for the box's log and the technician. */
export const WHY_HEADER = 'X-Engawa-Why';
