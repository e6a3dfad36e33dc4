-- Releases of the agent. The payload is a file beside the store, called by its hash.
CREATE TABLE releases (
  sha256    TEXT PRIMARY KEY,
  version   TEXT NOT NULL,
  arch      TEXT NOT NULL,
  bytes     INTEGER NOT NULL,
  manifest  TEXT NOT NULL,
  signature TEXT NOT NULL,
  added_at  INTEGER NOT NULL,
  UNIQUE (version, arch)
) STRICT, WITHOUT ROWID;

CREATE TABLE rollouts (
  id          INTEGER PRIMARY KEY,
  version     TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('running', 'paused', 'stopped', 'done')),
  rings       TEXT NOT NULL, -- JSON: names in order
  ring        INTEGER NOT NULL,
  through_at  INTEGER,
  at_once     INTEGER NOT NULL,
  soak_ms     INTEGER NOT NULL,
  most_failed INTEGER NOT NULL,
  started_at  INTEGER NOT NULL,
  why         TEXT
) STRICT;

-- One at a time.
CREATE UNIQUE INDEX rollouts_one ON rollouts ((1)) WHERE state IN ('running', 'paused');

CREATE TABLE rolled_out (
  rollout INTEGER NOT NULL REFERENCES rollouts (id),
  tc      TEXT NOT NULL REFERENCES tcs (id) ON DELETE CASCADE,
  state   TEXT NOT NULL CHECK (state IN ('offered', 'starting', 'updated', 'failed', 'rolledBack')),
  text    TEXT NOT NULL,
  at      INTEGER NOT NULL,
  tries   INTEGER NOT NULL,
  PRIMARY KEY (rollout, tc)
) STRICT, WITHOUT ROWID;
