-- What is not as it should be, and lasted. Of one code about one thing one is open.
CREATE TABLE alerts (
  id              TEXT PRIMARY KEY,
  code            TEXT NOT NULL,
  about           TEXT NOT NULL,
  within          TEXT NOT NULL, -- JSON: what it is part of
  severity        TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'error')),
  fields          TEXT NOT NULL, -- JSON: what stands in its sentences
  opened_at       INTEGER NOT NULL,
  acknowledged_at INTEGER,
  acknowledged_by TEXT,
  told            INTEGER NOT NULL DEFAULT 0 CHECK (told IN (0, 1)),
  resolved_at     INTEGER,
  CHECK ((acknowledged_at IS NULL) = (acknowledged_by IS NULL))
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX alerts_open_once ON alerts (code, about) WHERE resolved_at IS NULL;
CREATE INDEX alerts_by_end ON alerts (resolved_at) WHERE resolved_at IS NOT NULL;

-- Nobody is told of these until then: of what is open, and of the next of its kind about the same thing.
CREATE TABLE alert_silences (
  code   TEXT NOT NULL,
  about  TEXT NOT NULL,
  until  INTEGER NOT NULL,
  by     TEXT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (code, about)
) STRICT, WITHOUT ROWID;

-- What is to be sent still: written with what it tells of, gone when it has arrived.
CREATE TABLE alert_messages (
  alert   TEXT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
  event   TEXT NOT NULL CHECK (event IN ('opened', 'resolved')),
  channel TEXT NOT NULL,
  at      INTEGER NOT NULL,
  tries   INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER NOT NULL,
  PRIMARY KEY (alert, event, channel)
) STRICT, WITHOUT ROWID;

CREATE INDEX alert_messages_due ON alert_messages (channel, next_at);
