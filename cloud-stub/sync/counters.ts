/** What the broker has counted since its start. Every refusal of a gateway's doing has its own. */
export interface SyncCounters {
  connections: number;
  /** Refused before they were a gateway: TLS, time, size, password, names. */
  refusedConnections: number;
  forbiddenPublishes: number;
  forbiddenSubscribes: number;
  /** Packets over the size limit; each ends its connection. */
  oversizedPackets: number;
  /** Connections ended for publishing too fast. */
  tooFast: number;
  /** Up-messages that were not taken because too many waited. */
  droppedUp: number;
  /** Up-messages that could not be read. */
  badUp: number;
  /** Up-messages that failed in the database; the box sends them again. */
  failedUp: number;
  batches: number;
  recordsStored: number;
  recordsDuplicate: number;
  recordsQuarantined: number;
  /** Records without an id that could be acknowledged. */
  recordsNameless: number;
  acksSent: number;
}

/** All zero. */
export function newCounters(): SyncCounters {
  return {
    connections: 0,
    refusedConnections: 0,
    forbiddenPublishes: 0,
    forbiddenSubscribes: 0,
    oversizedPackets: 0,
    tooFast: 0,
    droppedUp: 0,
    badUp: 0,
    failedUp: 0,
    batches: 0,
    recordsStored: 0,
    recordsDuplicate: 0,
    recordsQuarantined: 0,
    recordsNameless: 0,
    acksSent: 0,
  };
}
