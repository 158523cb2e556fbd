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
  `
  -- Space set aside for call records: only its size counts.
  CREATE TABLE reserve (
    n INTEGER PRIMARY KEY,
    filler BLOB NOT NULL
  ) STRICT;

  -- What the service is told beside call records and faxes: may be dropped, oldest first, and is then counted.
  CREATE TABLE fact (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    fact TEXT NOT NULL,
    put_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX fact_kind ON fact (kind, n);

  -- Commands of the service: carried out once, also over a restart. Result is null while it runs.
  CREATE TABLE command (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    result TEXT
  ) STRICT, WITHOUT ROWID;

  -- Single texts under a name, such as what may still be spent.
  CREATE TABLE kept (
    name TEXT PRIMARY KEY,
    text TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
];
