-- Shift plans as they were brought, and how many people there were.

-- The last tables of each roster, packed (gzip of the CSV); the newest is in force. A roster that is written in its specification has none.
CREATE TABLE roster_sheets (
  id INTEGER PRIMARY KEY,
  roster TEXT NOT NULL,
  at INTEGER NOT NULL,
  by TEXT NOT NULL,
  hash TEXT NOT NULL, -- SHA-256 of the CSV, hex
  rows INTEGER NOT NULL,
  packed BLOB NOT NULL
) STRICT;
CREATE INDEX sheets_of_roster ON roster_sheets (roster, id);

-- Every quarter of an hour; what nobody was expected for and nobody logged in to has no row.
CREATE TABLE head_counts (
  at INTEGER NOT NULL,
  site TEXT NOT NULL,
  department TEXT NOT NULL,
  allocator TEXT NOT NULL,
  expected INTEGER NOT NULL,
  logged_in INTEGER NOT NULL,
  active INTEGER NOT NULL,
  PRIMARY KEY (at, site, department, allocator)
) STRICT, WITHOUT ROWID;
