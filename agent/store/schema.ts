/** Marks the file as ours (`PRAGMA application_id`): the letters `ENGA`. */
export const APPLICATION_ID = 0x454e4741;

/**
 * The schema, step by step: entry n brings a file from version n to n + 1 (`PRAGMA user_version`). Entries are never
 * changed once released, only added.
 */
export const schemaSteps: readonly string[] = [
  `
  -- One start of the agent. Fact ids are <gateway>/<boot>/<sequence>.
  CREATE TABLE boot (
    boot TEXT PRIMARY KEY,
    started_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- A leg that has begun and not ended. Written before the call is offered to anybody.
  CREATE TABLE leg (
    id TEXT PRIMARY KEY,
    boot TEXT NOT NULL,
    start TEXT NOT NULL,
    answered_at INTEGER,
    kept TEXT,
    last_seen_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- Records that wait for the cloud's acknowledgement, oldest first by n.
  CREATE TABLE outbox (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    record TEXT NOT NULL,
    put_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE counter (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- Rows that could not be read, for support.
  CREATE TABLE set_aside (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    content TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  `,
  `
  -- Faxes, oldest first by n: the log of the box, and those (waits = 1) that the cloud has not acknowledged.
  CREATE TABLE fax (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    fact TEXT NOT NULL,
    put_at INTEGER NOT NULL,
    waits INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX fax_waiting ON fax (n) WHERE waits = 1;
  `,
];
