-- Desktops that were taken out from under somebody, and what they were given instead; once for each desktop.

CREATE TABLE swaps (
  desktop TEXT PRIMARY KEY REFERENCES desktops (id),
  pool TEXT NOT NULL,
  origin TEXT NOT NULL CHECK (origin IN ('operator', 'person', 'rule', 'drain')),
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL,
  session TEXT,
  person TEXT,
  user TEXT,
  seat TEXT,
  to_desktop TEXT,
  claimed_ms INTEGER,
  took_ms INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX swaps_by_time ON swaps (at);
CREATE INDEX swaps_of_session ON swaps (session) WHERE took_ms IS NULL;

-- What a desktop in quarantine wrote on its serial console.
CREATE TABLE console_logs (
  desktop TEXT PRIMARY KEY REFERENCES desktops (id),
  at INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A swap under a session, until the picture of the other desktop is there: JSON.
ALTER TABLE sessions ADD COLUMN swap TEXT;
