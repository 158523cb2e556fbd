/** Retransmission of a 2xx starts here and doubles up to T2 (RFC 3261 §13.3.1.4). */
export const T1_MS = 500;
export const T2_MS = 4_000;
/** No ACK after this long ends the call. */
export const ACK_LIMIT_MS = 32_000;
